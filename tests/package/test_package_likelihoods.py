"""Logs of logit, probit and poisson: margins, odds ratios and incidence-rate ratios held against the data."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from statsmodels.datasets import spector

from conftest import FIXTURES
from parity.package.verify import verify
from parity.stata.do import run_do

RULE = "-" * 78
DATA = "import delimited s.csv, asdouble clear"


@pytest.fixture
def folder(tmp_path):
    data = spector.load_pandas().data
    data.columns = [c.lower() for c in data.columns]
    data.to_csv(tmp_path / "s.csv", index=False)
    pd.read_csv(FIXTURES / "recreation" / "data.csv").to_csv(tmp_path / "r.csv", index=False)
    return tmp_path


def row(label: str, *numbers: float) -> str:
    b, se, t, p, low, high = numbers
    return f"{label:>12} | {b:10.7f}  {se:9.7f} {t:8.2f} {p:7.3f}   {low:10.7f}  {high:10.7f}"


def window(head: str, first: str, said: str, rows: list[str]) -> str:
    return "\n".join([
        *head.split("\n"), "", RULE, f"{'':>13}|{said:>23}",
        f"{'':>13}| {first:>11} std. err.      z    P>|z|     [95% conf. interval]", "-" * 13 + "+" + "-" * 64,
        *rows, RULE,
    ])  # fmt: skip


def log(folder, *said: str) -> None:
    body = "\n\n".join(f". {text}" for text in said)
    (folder / "main.log").write_text(
        f"      name:  <unnamed>\n       log:  main.log\n  log type:  text\n\n{body}\n\n. log close\n"
        "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n closed on:   1 Jan 2024, 10:00:00\n"
    )


def numbers(folder, code: str):
    done = run_do(code, folder)
    return done.estimations[0], [p for p in done.printed if p.kind == "margins"]


def cells(report, place: int = 0):
    return {(c.label, c.quantity): c.verdict for c in report.exhibits[place].cells if c.row >= 0}


@pytest.mark.parametrize("layout", ["levels in rows", "levels below their factor"])
def test_margins_of_a_logit(folder, layout):
    line, after = "logit grade gpa tuce i.psi", "margins, dydx(*)"
    code = f"{DATA}\n{line}\n{after}\n"
    (folder / "main.do").write_text(code)
    _, found = numbers(folder, code)
    rows = [row(p.values["term"], *(p.numbers[k] for k in ("estimate", "se", "t", "p", "lb", "ub"))) for p in found]
    if layout != "levels in rows":
        rows = [*rows[:2], "             |", "         psi |", rows[2].replace("1.psi", "   1 ")]
    head = "Average marginal effects                                    Number of obs = 32\nModel VCE: OIM\n\n" \
           "Expression: Pr(grade), predict()\ndy/dx wrt:  gpa tuce 1.psi"  # fmt: skip
    shown = window(head, "dy/dx ", "Delta-method", rows)
    log(folder, DATA, line, f"{after}\n\n{shown}")
    report = verify(folder)
    assert [e.kind for e in report.exhibits] == ["margins"]
    assert len(cells(report)) == 18 and set(cells(report).values()) == {"reproduced"}, cells(report)
    printed = f"{found[0].numbers['estimate']:10.7f}"
    wrong = shown.replace(printed, printed[:-3] + "999").replace("of obs = 32", "of obs = 33")
    log(folder, DATA, line, f"{after}\n\n{wrong}")
    told = [(c.label, c.quantity) for e in verify(folder).exhibits for c in e.cells if c.verdict != "reproduced"]
    assert told == [("gpa", "dy/dx"), ("Number of obs", "nobs")]


def test_margins_of_levels(folder):
    line, after = "logit grade gpa tuce i.psi", "margins psi, atmeans"
    code = f"{DATA}\n{line}\n{after}\n"
    (folder / "main.do").write_text(code)
    _, found = numbers(folder, code)
    rows = [row(p.values["term"], *(p.numbers[k] for k in ("estimate", "se", "t", "p", "lb", "ub"))) for p in found]
    rows = ["         psi |", *(r.replace(".psi", "    ") for r in rows)]
    shown = window("Predictive margins                             Number of obs = 32\nModel VCE: OIM\n\n"
                   "Expression: Pr(grade), predict()\nAt: gpa   = 3.117188 (mean)\n    tuce  =  21.9375 (mean)\n"
                   "    0.psi =    .5625 (mean)\n    1.psi =     .436 (mean)", "Margin ", "Delta-method", rows)  # fmt: skip
    log(folder, DATA, line, f"{after}\n\n{shown}")
    found = cells(report := verify(folder))
    assert len(found) == 12 and set(found.values()) == {"reproduced"}, found
    spots = [c.verdict for c in report.exhibits[0].cells if c.row < 0]
    assert spots == ["reproduced"] * 4 + ["differs"]  # the number of observations, and means: .4375 is due


RATIOS = {
    ("logit grade gpa tuce psi, or", "Odds ratio"): ("s.csv", "s.csv"),
    ("logistic grade gpa tuce psi, vce(robust)", "Odds ratio"): ("s.csv", "s.csv"),
    ("poisson trips quality ski income, irr", "IRR"): ("r.csv", "r.csv"),
    ("poisson trips quality ski income, irr vce(robust)", "IRR"): ("r.csv", "r.csv"),
}


@pytest.mark.parametrize(("line", "first"), RATIOS)
def test_ratios_in_print(folder, line, first):
    """exp(b), its standard error by the delta method, z and p of the coefficient, the interval's ends as exp of its ends."""
    data = DATA.replace("s.csv", RATIOS[line, first][0])
    code = f"{data}\n{line}\n"
    (folder / "main.do").write_text(code)
    e, _ = numbers(folder, code)
    rows = [
        row(c.term, math.exp(c.b), math.exp(c.b) * c.se, c.t, c.p, math.exp(c.low), math.exp(c.high)) for c in e.coefficients
    ]
    head = f"{'Logistic regression':<56}Number of obs = {e.estimated.numbers['N']:>6.0f}"
    shown = window(head, first, "Robust" if "robust" in line else "", rows)
    log(folder, data, f"{line}\n\n{shown}")
    report = verify(folder)
    found = cells(report)
    assert len(found) == 24 and set(found.values()) == {"reproduced"}, found
    if ("robust" in line) == ("logistic" in line):  # a number that is wrong, of one line of either model; it takes seconds
        return
    printed = f"{math.exp(e.coefficients[1].b) * e.coefficients[1].se:9.7f}"
    log(folder, data, f"{line}\n\n{shown.replace(printed, printed[:-3] + '999')}")
    assert [k for k, v in cells(verify(folder)).items() if v != "reproduced"] == [(e.coefficients[1].term, "se")]


@pytest.mark.parametrize(("line", "first"), [("logit grade gpa tuce psi, or", "Odds ratio"),
                                             ("poisson trips quality ski income, irr", "IRR")])  # fmt: skip
def test_coefficients_under_the_heading_of_ratios_differ(folder, line, first):
    data = DATA.replace("s.csv", RATIOS[line, first][0])
    code = f"{data}\n{line}\n"
    (folder / "main.do").write_text(code)
    e, _ = numbers(folder, code)
    rows = [row(c.term, c.b, c.se, c.t, c.p, c.low, c.high) for c in e.coefficients]
    log(folder, data, f"{line}\n\n{window('', first, '', rows)}")
    found = cells(verify(folder))
    assert found and not {v for (_, q), v in found.items() if q in ("coef", "se")} & {"reproduced"}, found


STEPS = ("Iteration 0:   log likelihood =  -20.59173", "Iteration 1:   log likelihood = -13.259769",
         "Iteration 2:   log likelihood = -12.889634")  # fmt: skip
LEGEND = ("Average marginal effects                                    Number of obs = 32", "Model VCE: OIM", "",
          "Expression: Pr(grade), predict()", "dy/dx wrt:  gpa tuce", "            psi")  # fmt: skip
#: A line -> what stands for it, and what is said of it.
WRONG = {
    "log likelihood =  -20.59173": ("log likelihood =  -20.59183", "that of the constant alone is -20.5917"),
    "-13.259769": ("-12.259769", "falls from -12.259769"),
    "-12.889634": ("-12.889644", "its command's is -12.88963"),
    "VCE: OIM": ("VCE: Robust", "its model has OIM"), "Pr(grade)": ("Pr(psi)", "the outcome of its model is `grade`"),
    "            psi": ("", "names 2 of the 3 variables"), "Average": ("Conditional", "its command takes every row"),
}  # fmt: skip


def test_steps_and_legend_of_another_model(folder):
    line, after = "logit grade gpa tuce psi", "margins, dydx(*)"
    code = f"{DATA}\n{line}\n{after}\n"
    (folder / "main.do").write_text(code)
    e, found = numbers(folder, code)
    rows = [row(c.term, c.b, c.se, c.t, c.p, c.low, c.high) for c in e.coefficients]
    of_model = "\n".join(STEPS) + "\n\n" + window(f"{'Logistic regression':<56}Number of obs = 32", "Coefficient", "", rows)
    rows = [row(p.values["term"], *(p.numbers[k] for k in ("estimate", "se", "t", "p", "lb", "ub"))) for p in found]
    of_margins = window("\n".join(LEGEND), "dy/dx ", "Delta-method", rows)

    def said(change) -> list[str]:
        log(folder, DATA, f"{line}\n\n{change(of_model)}", f"{after}\n\n{change(of_margins)}")
        return [f.text for f in verify(folder).findings if f.id == "note-window"]

    def altered(text: str) -> str:
        for right, (wrong, _) in WRONG.items():
            text = text.replace(right, wrong)
        return text

    assert said(lambda text: text) == []
    told = said(altered)
    assert len(told) == len(WRONG) and all(any(due in text for text in told) for _, due in WRONG.values()), told


def test_a_log_that_repeats_a_command_of_another(folder):
    """Without do-files each log is on its own: the data of the second were opened by hand."""
    line = "logit grade gpa tuce psi"
    e, _ = numbers(folder, f"{DATA}\n{line}\n")
    rows = [row(c.term, c.b, c.se, c.t, c.p, c.low, c.high) for c in e.coefficients]
    shown = f"{line}\n\n{window('Logistic regression                Number of obs = 32', 'Coefficient', '', rows)}"
    log(folder, DATA, shown)
    (folder / "main.log").rename(folder / "first.log")
    log(folder, shown)
    report = verify(folder)
    assert [e.file for e in report.exhibits] == ["first.log", "main.log"]
    assert set(cells(report, 0).values()) == {"reproduced"}
    assert set(cells(report, 1).values()) <= {"reproduced", "explained"}  # read by hand they are floats


def test_margins_of_labelled_levels_at_several_places(folder):
    """Rows are called by value labels, each place of the legend has its values; below, a likelihood-ratio test."""
    label = ['label define took 0 "old way" 1 "new way"', "label values psi took"]
    lines = ["logit grade gpa tuce i.psi", "estimates store A", "margins psi, at(gpa=(2(1)3)) atmeans"]
    test = ["quietly logit grade gpa", "lrtest A"]
    code = "\n".join([DATA, *label, *lines[:2], lines[2], *test])
    done = run_do(code, folder)
    found = [p for p in done.printed if p.kind == "margins"]
    lr = next(p.numbers for p in done.printed if p.kind == "lrtest")
    said = [[row(f"{i}  {way}", *(p.numbers[k] for k in ("estimate", "se", "t", "p", "lb", "ub")))
             for way, p in zip(("old way", "new way"), found[2 * i - 2 : 2 * i], strict=True)] for i in (1, 2)]  # fmt: skip
    legend = "\n".join(f"{i}._at:  gpa   = {i + 1:>8}\n        tuce  =  21.9375 (mean)\n        0.psi =    .5625 (mean)\n"
                       f"        1.psi =    .4375 (mean)" for i in (1, 2))  # fmt: skip
    head = f"Adjusted predictions                             Number of obs = 32\nModel VCE: OIM\n\n" \
           f"Expression: Pr(grade), predict()\n{legend}"  # fmt: skip
    shown = window(head, "Margin ", "Delta-method", ["     _at#psi |", *said[0], *said[1]])
    tested = f"Likelihood-ratio test\nAssumption: . nested within A\n\n LR chi2(2) = {lr['chi2']:6.2f}\n" \
             f"Prob > chi2 = {lr['p']:.4f}"  # fmt: skip

    def verdicts(text: str, of_test: str) -> list[str]:
        log(folder, DATA, *label, *lines[:2], f"{lines[2]}\n\n{text}", test[0], f"{test[1]}\n\n{of_test}")
        return [c.verdict for e in verify(folder).exhibits for c in e.cells]

    assert set(verdicts(shown, tested)) == {"reproduced"} and len(verdicts(shown, tested)) == 24 + 1 + 8 + 2
    wrong = shown.replace("gpa   =        3", "gpa   =        4")
    assert verdicts(wrong, tested.replace("chi2(2)", "chi2(3)")).count("differs") == 2


def test_a_window_whose_data_are_absent_is_no_other_command_of_its_words(folder):
    line = "logit grade gpa tuce psi"
    e, _ = numbers(folder, f"{DATA}\n{line}\n")
    rows = [row(c.term, c.b, c.se, c.t, c.p, c.low, c.high) for c in e.coefficients]
    head = f"{'Logistic regression':<56}Number of obs = 32"
    here = window(head, "Coefficient", "", rows)
    other = window(head.replace("32", "30"), "Coefficient", "", [rows[0].replace("2.8261126", "2.8260"), *rows[1:]])
    log(folder, "use gone, clear", f"{line}\n\n{other.replace('0.095', '0.093')}", DATA, f"{line}\n\n{here}")
    first, second = verify(folder).exhibits
    assert {c.verdict for c in first.cells} == {"not verified"} and "gone" in first.cells[0].reason
    assert {c.verdict for c in second.cells} == {"reproduced"}


#: A row's label, its term and what it is called -> whether it is told.
ROWS = [("2._at#psi", "2._at#psi", "2._at#psi"), ("2._at", "2._at#gpa", "2._at#gpa"),
        ("new way.psi", "1.psi", "new way.psi"), ("1.psi", "1.psi", "new way.psi"), ("new w...psi", "1.psi", "new way.psi"),
        ("new way #High mi..", "1.psi#2.w", "new way.psi#High mileage.w")]  # fmt: skip


@pytest.mark.parametrize(("label", "term", "called"), ROWS)
def test_rows_of_margins_by_their_labels(label, term, called):
    """Levels by value or label, cut or not; below the heading of the variable whose effects the rows are."""
    from parity.package.model_lookups import of_margins
    from parity.stata.do import Printed

    said = [Printed("margins", "main.do", 1, {"term": t, "called": c, "estimate": e}, False, 0, ())
            for t, c, e in (("9._at#x", "9._at#x", 1.0), (term, called, 2.0), ("0.psi", "old way.psi", 3.0))]  # fmt: skip
    assert of_margins(said)(1, label, "Margin") == 2.0
    assert of_margins([*said, said[1]])(1, label, "Margin") is None  # two rows that it may be


def test_estimates_that_are_shown_again(folder):
    """`logit, or` below a logit: its ratios; and a model of the constant alone, whose chi-squared is nought."""
    line = "logit grade gpa tuce psi, nolog"
    alone, e = run_do(f"{DATA}\nlogit grade\n{line}", folder).estimations
    ratios = [row(c.term, math.exp(c.b), math.exp(c.b) * c.se, c.t, c.p, math.exp(c.low), math.exp(c.high))
              for c in e.coefficients]  # fmt: skip
    head = f"{'Logistic regression':<56}Number of obs = 32\n{'':<56}LR chi2"
    constant = [row(c.term, c.b, c.se, c.t, c.p, c.low, c.high) for c in alone.coefficients]
    first = window(f"{head}(0)    =   0.00", "Coefficient", "", constant)
    again = window(f"{head}(3)    =  15.40", "Odds ratio", "", ratios)
    log(folder, DATA, f"logit grade\n\n{first}", f"quietly {line}", f"logit, or\n\n{again}")
    report = verify(folder)
    assert [len(e.cells) for e in report.exhibits] == [8, 26]
    assert {c.verdict for e in report.exhibits for c in e.cells} == {"reproduced"}, report.exhibits
    assert not [f for f in report.findings if f.id == "note-command"]
