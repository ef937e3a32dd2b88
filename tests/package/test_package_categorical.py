"""Logs and tables of mlogit, ologit and oprobit: equations of outcomes, cuts, and what stands around them.

The numbers of the windows are Stata's: of multinomial logit Stata 11's in statsmodels' suite (0.15.0,
discrete/tests/results/results_discrete.py, Anes), of ordered logit those on record in fixtures/mroz.
"""

from __future__ import annotations

import pandas as pd
import pytest
from scipy import special
from statsmodels.discrete.tests.results.results_discrete import Anes

from conftest import FIXTURES
from parity.package.estimates import estimates_of
from parity.package.verify import verify
from parity.stata.do import run_do
from parity.study.load import load_study

STATA = Anes.mnlogit_basezero
X = ["logpopul", "selfLR", "age", "educ", "income", "_cons"]
RULE, CROSS = "-" * 78, "-" * 13 + "+" + "-" * 64
ANES = "import delimited d.csv, case(preserve) clear"
MADE = "gen logpopul = log(popul + 0.1)"
LABELS = ["strong D", "weak D", "lean D", "independent", "lean R", "weak R", "strong R"]


def log(folder, *said: str) -> None:
    head = "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n"
    body = "\n\n".join(f". {text}" for text in said)
    (folder / "main.log").write_text(f"{head}\n{body}\n\n. log close\n{head} closed on:   1 Jan 2024, 10:00:00\n")


def row(label: str, b: float, se: float) -> str:
    z = b / se
    p = 2 * special.ndtr(-abs(z))
    return f"{label:>12} | {b:10.5f}  {se:9.5f} {z:8.2f} {p:7.3f}   {b - 1.959964 * se:10.4f}  {b + 1.959964 * se:10.4f}"


def mlogit_window(names: list[str]) -> str:
    rows = [f"{names[0]:<12} |  (base outcome)", CROSS]
    for j, name in enumerate(names[1:]):
        rows += [f"{name:<12} |", *(row(x, STATA.params[i, j], STATA.bse[i, j]) for i, x in enumerate(X)), CROSS]
    return "\n".join([
        f"Multinomial logistic regression{'':>25}Number of obs = {944:>6}",
        f"{'':>56}LR chi2(30)   = {STATA.llr:>6.2f}", f"{'':>56}Prob > chi2   = 0.0000",
        f"Log likelihood = {STATA.llf:.4f}{'':>29}Pseudo R2     = {STATA.prsquared:.4f}", "",
        RULE, f"{'PID':>12} | Coefficient  Std. err.      z    P>|z|     [95% conf. interval]", CROSS,
        *rows[:-1], RULE,
    ])  # fmt: skip


def anes(folder) -> None:
    pd.read_csv(FIXTURES / "anes96" / "data.csv").to_csv(folder / "d.csv", index=False)


def verdicts(report, place: int = 0) -> dict:
    return {(c.term or c.label, c.quantity): c.verdict for c in report.exhibits[place].cells}


@pytest.mark.parametrize("labelled", [False, True])
def test_a_window_of_equations(tmp_path, labelled):
    anes(tmp_path)
    line = "mlogit PID logpopul selfLR age educ income, baseoutcome(0)"
    defined = " ".join(f'{j} "{text}"' for j, text in enumerate(LABELS))
    lines = [ANES, MADE, *([f"label define p {defined}", "label values PID p"] if labelled else []), line]
    (tmp_path / "main.do").write_text("\n".join(lines) + "\n")
    names = [t.replace(" ", "_") for t in LABELS] if labelled else list("0123456")
    shown = mlogit_window(names)
    log(tmp_path, *lines[:-1], f"{line}\n\n{shown}")
    report = verify(tmp_path)
    found = verdicts(report)
    assert len(report.exhibits[0].cells) == 36 * 6 + 5
    assert set(found.values()) == {"reproduced"}, [k for k, v in found.items() if v != "reproduced"]
    assert not report.exhibits[0].notes
    # the same number in another equation is another number
    age = [f"{STATA.params[2, j]:10.5f}" for j in (0, 1)]
    swapped = shown.replace(age[0], "@").replace(age[1], age[0]).replace("@", age[1])
    log(tmp_path, *lines[:-1], f"{line}\n\n{swapped}")
    wrong = [k for k, v in verdicts(verify(tmp_path)).items() if v != "reproduced"]
    assert wrong == [(f"{names[1]}:age", "coef"), (f"{names[2]}:age", "coef")]


def test_a_window_of_cuts(tmp_path):
    pd.read_csv(FIXTURES / "mroz" / "data.csv").to_csv(tmp_path / "d.csv", index=False)
    of = {p.term: p for p in load_study(FIXTURES / "mroz").published if p.spec == "work_ordered"}
    names = ["kidslt6", "kidsge6", "age", "educ", "exper", "nwifeinc"]
    rows = [row(n, float(of[n].estimate), float(of[n].parentheses)) for n in names]
    cuts = []
    for name in ("/cut1", "/cut2"):
        b, se = float(of[name].estimate), float(of[name].parentheses)
        low, high = b - 1.959964 * se, b + 1.959964 * se
        cuts.append(f"{name:>12} | {b:10.5f}  {se:9.5f}                    {low:10.4f}  {high:10.4f}")
    line = f"ologit lfstatus {' '.join(names)}"
    lines = ["import delimited d.csv, asdouble clear", "gen lfstatus = inlf + (hours >= 1250)", line]
    (tmp_path / "main.do").write_text("\n".join(lines) + "\n")
    shown = "\n".join([
        f"Ordered logistic regression{'':>29}Number of obs = {753:>6}", "", RULE,
        f"{'lfstatus':>12} | Coefficient  Std. err.      z    P>|z|     [95% conf. interval]", CROSS, *rows, CROSS, *cuts,
        RULE,
    ])  # fmt: skip
    for text in (shown, shown.replace("/cut1", "_cut1").replace("/cut2", "_cut2")):
        log(tmp_path, *lines[:-1], f"{line}\n\n{text}")
        report = verify(tmp_path)
        found = verdicts(report)
        assert len(report.exhibits[0].cells) == 6 * 6 + 2 * 4 + 1 and set(found.values()) == {"reproduced"}, found
    swapped = shown.replace("/cut1", "@").replace("/cut2", "/cut1").replace("@", "/cut2")
    log(tmp_path, *lines[:-1], f"{line}\n\n{swapped}")
    assert "reproduced" not in {v for (term, _), v in verdicts(verify(tmp_path)).items() if term.startswith("/cut")}


def test_margins_of_an_outcome(tmp_path):
    anes(tmp_path)
    lines = [ANES, MADE, "mlogit PID logpopul selfLR age educ income, baseoutcome(0)"]
    after = "margins, dydx(*) predict(outcome(6))"
    (tmp_path / "main.do").write_text("\n".join([*lines, after]) + "\n")
    rows = [row(x, STATA.margeff_dydx_overall[i, 6], STATA.margeff_dydx_overall_se[i, 6]) for i, x in enumerate(X[:-1])]
    shown = "\n".join([
        f"Average marginal effects{'':>32}Number of obs = {944:>6}", "Model VCE: OIM", "",
        "Expression: Pr(PID==6), predict(outcome(6))", "dy/dx wrt:  logpopul selfLR age educ income", "",
        RULE, f"{'':>13}|            Delta-method",
        f"{'':>13}|      dy/dx   std. err.      z    P>|z|     [95% conf. interval]",
        CROSS, *rows, RULE,
    ])  # fmt: skip
    log(tmp_path, *lines, f"{after}\n\n{shown}")
    found = {
        (c.label, c.quantity): c.verdict for c in verify(tmp_path).exhibits[0].cells if c.row is not None and c.row >= 0
    }
    assert len(found) == 30 and set(found.values()) == {"reproduced"}, found


@pytest.fixture(scope="module")
def estimated():
    """Stata's names and parity's numbers of a multinomial logit."""
    code = f"import delimited data.csv, case(preserve) clear\n{MADE}\nmlogit PID age educ income if PID < 3\n"
    (e,) = estimates_of(run_do(code, FIXTURES / "anes96"), {})
    return e


def cell(e, term: str, places: int = 4) -> tuple[str, str]:
    b = e.terms[term]["coef"]
    stars = "*" * sum(e.terms[term]["p"] < c for c in (0.1, 0.05, 0.01))
    return f"{b:.{places}f}{stars}", f"({e.terms[term]['se']:.{places}f})"


def tables(e, layout: str, turned: bool) -> str:
    """As esttab writes it: equations below each other, or beside. turned: the numbers of one in the place of the other."""
    held = ["1", "2"][:: -1 if turned else 1]
    names = ["age", "educ", "income", "_cons"]
    if layout == "below":
        rows = [",(1)", ",PID", "0,", *(line for n in names for line in (f"{n},0", ",(.)"))]
        for name, of in zip(("1", "2"), held, strict=True):
            rows.append(f"{name},")
            for n in names:
                rows += [f"{n},{cell(e, f'{of}:{n}')[0]}", f",{cell(e, f'{of}:{n}')[1]}"]
    else:
        rows = [",(1),", ",PID,", ",1,2"]
        for n in names:
            both = [cell(e, f"{of}:{n}") for of in held]
            rows += [f"{n},{both[0][0]},{both[1][0]}", f",{both[0][1]},{both[1][1]}"]
    last = f"Observations,{e.number('nobs'):.0f}" + ("," if layout == "beside" else "")
    return "\n".join([*rows, last, "Standard errors in parentheses", "* p<0.1, ** p<0.05, *** p<0.01"]) + "\n"


@pytest.mark.parametrize("layout", ["below", "beside"])
@pytest.mark.parametrize("turned", [False, True])
def test_tables_of_equations(tmp_path, estimated, layout, turned):
    """Numbers of one equation below the name of the other are not verified."""
    anes(tmp_path)
    call = f"esttab using t.csv, se plain{' unstack' if layout == 'beside' else ''}"
    (tmp_path / "main.do").write_text(f"{ANES}\neststo: mlogit PID age educ income if PID < 3\n{call}\n")
    (tmp_path / "t.csv").write_text(tables(estimated, layout, turned))
    (exhibit,) = verify(tmp_path).exhibits
    counted = [c for c in exhibit.cells if c.quantity in ("coef", "se") and c.printed not in ("0", "(.)")]
    right = [c for c in counted if c.verdict == "reproduced"]
    assert len(counted) == 16
    assert len(right) == (0 if turned else 16), [(c.label, c.term, c.quantity, c.verdict) for c in counted]


@pytest.mark.parametrize("turned", [False, True])
def test_outreg2_s_columns_of_equations(tmp_path, estimated, turned):
    """outreg2 gives each equation a column, below the outcome's name."""
    anes(tmp_path)
    (tmp_path / "main.do").write_text(
        f"{ANES}\nmlogit PID age educ income if PID < 3\noutreg2 using t.txt, replace dec(4)\n"
    )
    held = ["1", "2"][:: -1 if turned else 1]
    rows = ["\t(1)\t(2)", "VARIABLES\t1\t2", "\t\t"]
    for name in ("age", "educ", "income", "_cons"):
        b, se = zip(*(cell(estimated, f"{of}:{name}") for of in held), strict=True)
        rows += ["\t".join([name.replace("_cons", "Constant"), *b]), "\t".join(["", *se])]
    n = f"{estimated.number('nobs'):.0f}"
    rows += ["\t\t", f"Observations\t{n}\t{n}", "Standard errors in parentheses", "*** p<0.01, ** p<0.05, * p<0.1"]
    (tmp_path / "t.txt").write_text("\n".join(rows) + "\n")
    (exhibit,) = verify(tmp_path).exhibits
    found = [c.verdict for c in exhibit.cells if c.quantity in ("coef", "se")]
    assert len(found) == 16 and found.count("reproduced") == (0 if turned else 16), exhibit.cells
