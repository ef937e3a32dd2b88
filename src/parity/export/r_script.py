"""One standalone R script for one spec: header, helpers, data, sample, fit, covariance, convention, result."""

from __future__ import annotations

import shlex

from parity.base.errors import InputError
from parity.base.r_text import comment, one_line
from parity.conventions.profiles import PROFILES
from parity.export.place import bundled, data_line, eigenvalues_line, run_from
from parity.export.r_convention import convention, shown_counts
from parity.export.r_covariance import covariance, packages
from parity.export.r_helpers import helpers_of
from parity.export.r_instruments import instrumented_covariance, instrumented_fit
from parity.export.r_likelihood import likelihood_covariance, likelihood_fit
from parity.export.r_model import fitting, weighted
from parity.export.r_outcomes import outcomes_covariance, outcomes_fit
from parity.export.r_sample import columns, reading, rows
from parity.study.formula import columns_of
from parity.study.models import OF_INSTRUMENTS
from parity.study.spec import Spec
from parity.study.study import Study

RESULT = (
    "se <- sqrt(diag(V))",
    "t <- b / se",
    "p <- 2 * pt(-abs(t), df)",
    "half <- qt(0.975, df) * se",
    'cat("# result\\nterm\\tcoef\\tse\\tt\\tp\\tlow\\thigh\\n")',
    'row <- paste0("%s", strrep("\\t%.17g", 6), "\\n")',
    'cat(sprintf(row, terms, b, se, t, p, b - half, b + half), sep = "")',
    'cat(sprintf("N\\t%.17g\\ndf\\t%.17g\\n", N, df))',
)


def _result(spec: Spec) -> list[str]:
    """The table; where each coefficient has degrees of freedom of its own, with a column of them."""
    if not spec.own_df:
        return list(RESULT)
    lines = list(RESULT[:-1])
    more = {
        "\\tlow\\thigh": "\\tlow\\thigh\\tdf",
        'strrep("\\t%.17g", 6)': 'strrep("\\t%.17g", 7)',
        "b + half)": "b + half, df)",
    }
    for short, long in more.items():
        lines = [line.replace(short, long) for line in lines]
    return [*lines, 'cat(sprintf("N\\t%.17g\\n", N))']


def script(study: Study, spec: Spec) -> str:
    """The text of the script."""
    if spec.own_df and spec.vcov.kind == "CR3" and weighted(spec):
        message = f"spec {spec.id}: Satterthwaite's degrees of freedom of CR3 with weights have no script in R"
        raise InputError.at("--to", "r", message)
    applied = convention(spec)
    sections = [
        ("data", [*reading(study, spec), *columns(study, spec)]),
        ("sample", rows(study, spec)),
        ("estimate", _fit(spec)),
        (f"covariance: {one_line(str(spec.vcov))}, without factor", _covariance(study, spec)),
        (f"convention: {one_line(convention_text(spec))}", applied),
        ("result", [shown_counts(applied), *one_line_terms(spec), *_result(spec)]),
    ]
    body = "\n\n".join("\n".join([f"# ---- {title}", *lines]) for title, lines in sections)
    libraries = [f"suppressPackageStartupMessages(library({p}))" for p in packages(spec)]
    start = [*libraries, 'invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))']
    parts = ["\n".join(_header(study, spec)), "\n".join(start), *helpers_of(body), body]
    return "\n\n".join(parts) + "\n"


def _fit(spec: Spec) -> list[str]:
    if spec.categorical:
        return outcomes_fit(spec)
    if spec.likelihood:
        return likelihood_fit(spec)
    return instrumented_fit(spec) if spec.model in OF_INSTRUMENTS else fitting(spec)


def _covariance(study: Study, spec: Spec) -> list[str]:
    if spec.categorical:
        return outcomes_covariance(spec)
    if spec.likelihood:
        return likelihood_covariance(spec)
    return instrumented_covariance(spec) if spec.model in OF_INSTRUMENTS else covariance(study, spec)


def one_line_terms(spec: Spec) -> list[str]:
    """The table has a line per term, so line breaks and tabs in a column's name are printed as spaces."""
    names = columns_of(spec.formula)
    return [] if all(name.isprintable() for name in names) else ['terms <- gsub("[[:cntrl:]]+", " ", terms)']


def convention_text(spec: Spec) -> str:
    """The profile, and the settings that differ from it."""
    chosen, profile = spec.convention, PROFILES[spec.convention.profile]
    changed = [
        f"{name} = {value}" for name, value in chosen.model_dump().items() if value != getattr(profile, name)
    ]  # fmt: skip
    return ", ".join([chosen.profile, *changed])


def heading(study: Study, spec: Spec) -> list[str]:
    """Comment lines that say what is estimated; the same in R and Python."""
    weights = f"{'analytic' if spec.weights.analytic else 'frequency'}, {spec.weights.column}" if spec.weights else ""
    facts = {
        "formula": str(spec.formula),
        "model": spec.model.replace("_", " ") if spec.model != "ols" else "",
        "sample": str(spec.where) if spec.where else "",
        "weights": weights,
        "covariance": str(spec.vcov),
        "convention": convention_text(spec),
    }
    lines = comment(study.header.title) + (comment(spec.title) if spec.title else [])
    if study.header.made:
        lines += comment("The data are made, not observed.")
    lines.append("#")
    for name, text in facts.items():
        if text:
            lines += comment(text, f"  {name:<11} ", "                ")
    return lines


def _header(study: Study, spec: Spec) -> list[str]:
    lines = heading(study, spec)
    path = shlex.quote(f"build/scripts/{study.id}/{spec.id}.R" if bundled(study) else f"{spec.id}.R")
    lines += ["#", *comment(f"Run from {run_from(study)}: Rscript {path} [data file]")]
    return [*lines, *comment(data_line(study)), *eigenvalues_line(spec)]
