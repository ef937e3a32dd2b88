"""One standalone Python script for one spec: header, imports, helpers, data, sample, fit, convention, result."""

from __future__ import annotations

import shlex

from parity.base.r_text import comment, one_line
from parity.export.place import data_line, eigenvalues_line, run_from
from parity.export.py_columns import columns_for
from parity.export.py_convention import convention
from parity.export.py_helpers import helpers_of, imports_of
from parity.export.py_linearmodels import linearmodels_fit
from parity.export.py_model import choose, repeats_rows
from parity.export.py_pyfixest import pyfixest_fit
from parity.export.py_sample import reading, rows
from parity.export.py_statsmodels import statsmodels_fit
from parity.export.py_text import narrow, py_string
from parity.export.r_sample import uses_dummies
from parity.export.r_script import convention_text, heading
from parity.study.spec import Spec
from parity.study.study import Study


def py_script(study: Study, spec: Spec, engine: str | None = None) -> str:
    """The text of the script. engine: pyfixest, linearmodels or statsmodels; default the one a person would take.

    Raises `InputError` where the spec has no script in Python.
    """
    package = choose(spec, engine)
    columns = columns_for(study, spec, in_formula=package == "pyfixest")
    fits = {
        "pyfixest": lambda: pyfixest_fit(spec, columns),
        "linearmodels": lambda: linearmodels_fit(study, spec, columns),
        "statsmodels": lambda: statsmodels_fit(spec, columns),
    }
    fitted = fits[package]()
    sample = rows(study, spec, columns)
    if repeats_rows(spec):
        weight = py_string(columns.weight)
        sample.append(
            f"d = d.loc[d.index.repeat(d[{weight}].astype(int))].reset_index(drop=True)  # a row of weight 3 is three"
        )
    labels = {"(Intercept)": ""} if not spec.formula.effects and spec.formula.intercept else {}
    sections = [
        ("data", reading(study, spec, columns)),
        ("sample", sample),
        (f"estimate: {'numpy' if spec.categorical else package}, {one_line(str(spec.vcov))}", list(fitted.lines)),
        (f"convention: {one_line(convention_text(spec))}", convention(spec, columns, fitted)),
        ("result", _result(bool(columns.label) or uses_dummies(spec), bool(labels), spec.own_df)),
    ]
    body = "\n\n".join("\n".join([f"# ---- {title}", *narrow(lines)]) for title, lines in sections)
    helpers = helpers_of(body)
    path = shlex.quote(f"{spec.id}.py")
    run = [
        "#",
        *comment(f"Run from {run_from(study)}: python {path} [data file]"),
        *comment(data_line(study)),
        *eigenvalues_line(spec),
    ]
    head = "\n".join([*heading(study, spec), *run, "\n".join(imports_of("\n".join([*helpers, body])))])
    return "\n\n\n".join([head, *helpers, body]) + "\n"


def _result(labelled: bool, intercept: bool, own_df: bool) -> list[str]:
    names = "label.get(name, name)" if labelled else "name"
    if intercept:
        names = f'"(Intercept)" if name in ("const", "Intercept") else {names}'
    return [
        "terms, b, se = list(b.index), np.asarray(b), np.asarray(se)",
        "t = b / se",
        "p = 2 * stats.t.sf(abs(t), df)",
        "half = stats.t.ppf(0.975, df) * se",
        'print("# result\\nterm\\tcoef\\tse\\tt\\tp\\tlow\\thigh' + ('\\tdf")' if own_df else '")'),
        f"for name, *numbers in zip(terms, b, se, t, p, b - half, b + half{', df' if own_df else ''}):",
        f"    name = {names}",
        '    print(" ".join(name.splitlines()), *(f"{number:.17g}" for number in numbers), sep="\\t")',
        'print(f"N\\t{N:.17g}")' if own_df else 'print(f"N\\t{N:.17g}\\ndf\\t{df:.17g}")',
    ]
