"""tobit in do-files, specs and logs, against R's survreg (3.8-3; on record in fixtures/mroz), whose covariance is the same.

The window: [R] tobit, whose example has t with N - df_m degrees of freedom, /sigma by its own interval, and from Stata 15 on
its square by the interval of its logarithm.
"""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from conftest import FIXTURES
from parity.package.verify import verify
from parity.stata.do import run_do
from parity.stata_language.request import Declined
from parity.study.command import request_of, spec_of
from parity.study.load import load_study
from parity.study.spec import Spec
from parity.translate.python import py_lines
from parity.translate.r import r_lines

X = ("nwifeinc", "educ", "exper", "expersq", "age", "kidslt6", "kidsge6", "_cons")
LINE = f"tobit hours {' '.join(X[:-1])}, ll(0)"
LOAD = "import delimited data.csv, clear\n"
#: sigma and its standard error, survreg's scale and that times the error of its logarithm.
SIGMA = (1122.021668, 41.5791042)


@pytest.fixture(scope="module")
def recorded():
    found = {p.term: p for p in load_study(FIXTURES / "mroz").published if p.spec == "hours_tobit" and p.parentheses}
    return {n: tuple(float(v) for v in (p.estimate, p.parentheses)) for n, p in found.items()} | {
        "_cons": tuple(float(v) for v in (found["(Intercept)"].estimate, found["(Intercept)"].parentheses))
    }


def run(code: str):
    return run_do(LOAD + code, folder=FIXTURES / "mroz")


def test_coefficients_and_what_follows_from_them(recorded):
    after = (
        'di _b[/sigma] " " e(ll) " " e(N_lc) " " e(N_unc) " " e(df_r)\ntest educ exper\nmargins, dydx(educ)\npredict index\n'
    )
    found = run(f"{LINE}\n{after}")
    (e,) = found.estimations
    assert [c.term for c in e.coefficients] == [*X, "/sigma"]
    for c in e.coefficients[:-1]:
        b, se = recorded[c.term]
        assert (c.b, c.se) == (pytest.approx(b, rel=1e-8), pytest.approx(se, rel=1e-8))
        assert c.p == pytest.approx(2 * stats.t.sf(abs(b / se), 746), rel=1e-5)
    assert (e.coefficients[-1].b, e.coefficients[-1].se) == (pytest.approx(SIGMA[0]), pytest.approx(SIGMA[1]))
    said, test, margins = found.printed
    assert list(map(float, said.values["text"].split())) == pytest.approx(
        [SIGMA[0], -3819.09455877, 325, 428, 746], rel=1e-6
    )
    assert (test.numbers["df"], test.numbers["df_r"]) == (2, 746)
    assert margins.numbers["estimate"] == pytest.approx(recorded["educ"][0]) and not found.findings
    data = pd.read_csv(FIXTURES / "mroz" / "data.csv").assign(_cons=1.0)
    assert found.data["index"].values == pytest.approx(data[list(X)] @ [recorded[n][0] for n in X], rel=1e-5)


def test_predictions_of_a_censored_outcome(recorded):
    """By integrating the normal density, [R] tobit postestimation; ystar also has what is held at the ends."""
    after = "".join(f"predict {n}, {n}({ends})\n" for n, ends in (("pr", "0,."), ("e", "0,2000"), ("ystar", "0,2000")))
    found = run(f"{LINE}\npredict index\n{after}")
    assert not found.findings
    z, weights = np.polynomial.legendre.leggauss(60)
    for row in (0, 500):
        index = float(found.data["index"].values[row])
        y = 1000 + 1000 * z
        density = stats.norm.pdf(y, index, SIGMA[0]) * weights * 1000
        inside, above = density.sum(), stats.norm.sf(2000, index, SIGMA[0])
        assert found.data["pr"].values[row] == pytest.approx(stats.norm.sf(0, index, SIGMA[0]), rel=1e-6)
        assert found.data["e"].values[row] == pytest.approx(density @ y / inside, rel=1e-6)
        assert found.data["ystar"].values[row] == pytest.approx(density @ y + 2000 * above, rel=1e-6)


def test_a_limit_that_no_outcome_reaches_is_remarked():
    found = run("tobit hours educ, ll(-1) ul(5000)\ntobit hours educ, ll(0) ul(4950)\n")
    assert [f.text for f in found.findings] == [
        "ll(-1) censors no row: the smallest hours is 0", "ul(5000) censors no row: the largest hours is 4950"
    ]  # fmt: skip


@pytest.mark.parametrize("asked", ["e(0,educ)", "residuals", "ystar(educ,.)", "pr(1,0)"])
def test_a_prediction_that_is_not_made_is_not_computed_here(asked):
    """The outcome less the index is no residual of a censored one."""
    found = run(f"tobit hours educ, ll(0)\npredict other, {asked}\n")
    (said,) = found.findings
    assert said.id == "prediction" and np.isnan(found.data["other"].values).all()


def test_limits_at_the_ends_of_the_outcome():
    ends = run(
        "tobit hours educ, ll ul\ntobit hours educ, ll(0) ul(4950)\ntobit hours educ i.city, ul(2000) vce(cluster age)\n"
    )
    one, other, clustered = ends.estimations
    assert [c.b for c in one.coefficients] == [c.b for c in other.coefficients]
    numbers = clustered.results.filled().numbers
    assert numbers["F"] > 0 and numbers["N_clust"] == 31 and "chi2" not in numbers


@pytest.mark.parametrize(
    ("text", "keys"),
    [("tobit y x, ll(0) ul(100.5) r", {"lower": 0, "upper": 100.5, "vcov": "HC1"}),
     ("tobit y x if g < 1, ul", {"upper": "max", "where": "g < 1"}),
     ("tobit y x [pw=w], ll(-1)", {"lower": -1, "weights": {"pweight": "w"}, "vcov": "HC1"})],
)  # fmt: skip
def test_what_a_command_is_as_a_spec(text, keys):
    found = spec_of(text, "", "")
    assert {key: found[key] for key in keys} == keys and found["model"] == "tobit"
    assert "slopes" in found["convention"].values()
    Spec.model_validate({"id": "s", **found})


@pytest.mark.parametrize(
    ("text", "said"),
    [("tobit y x", "censored nowhere"), ("tobit y x, ll(floor)", "limit of each row"),
     ("tobit y x, vce(opg) ll", "drawn or computed"),
     ("tobit y x, ll vce(cluster g h)", "too many variables"),
     ("tobit y x [aw=w], ll", "no engine"), ("tobit y x, ll(0) offset(z)", "offset")],
)  # fmt: skip
def test_what_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        spec_of(text, "", "")


def test_lines():
    assert "tobit(y ~ x, left = 0, right = Inf, data = subset(d, " in "\n".join(
        r_lines(request_of("tobit y x if z > 1, ll(0)", "", ""))
    )
    for text in ("tobit y x, ll", "tobit y x, ll(0) r"):
        with pytest.raises(Declined):
            r_lines(request_of(text, "", ""))
    with pytest.raises(Declined, match="no package of Python"):
        py_lines(request_of("tobit y x, ll(0)", "", ""))


# ---------------------------------------------------------------- a log

RULE, CROSS = "-" * 78, "-" * 13 + "+" + "-" * 64


def window(recorded, version: int) -> str:
    """As Stata prints it."""
    reach, rows = stats.t.ppf(0.975, 746), []
    for name in X:
        b, se = recorded[name]
        p = 2 * stats.t.sf(abs(b / se), 746)
        rows.append(
            f"{name:>12} | {b:10.5f}  {se:9.5f} {b / se:8.2f} {p:7.3f}   {b - reach * se:10.4f}  {b + reach * se:10.4f}"
        )
    (s, e), blank = SIGMA, " " * 16
    last = f"{'/sigma':>12} | {s:10.4f}  {e:9.5f} {blank}   {s - reach * e:10.4f}  {s + reach * e:10.4f}"
    if version > 14:
        half = math.exp(reach * 2 * e / s)
        last = f"{'var(e.hours)':>12}| {s * s:10.0f}  {2 * s * e:9.2f} {blank}   {s * s / half:10.0f}  {s * s * half:10.0f}"
    return "\n".join([
        f"Tobit regression{'':>40}Number of obs = {753:>6}", f"{'':>59}Uncensored = {428:>6}",
        f"Limits: Lower = {0:>4}{'':>36}Left-censored = {325:>6}",
        f"        Upper = +inf{'':>35}Right-censored = {0:>6}", "",
        f"{'':>56}LR chi2(7)    = 271.59", f"{'':>56}Prob > chi2   = 0.0000",
        f"Log likelihood = -3819.0946{'':>29}Pseudo R2     = 0.0343", "", RULE,
        f"{'hours':>12} | Coefficient  Std. err.      t    P>|t|     [95% conf. interval]", CROSS, *rows, CROSS, last, RULE,
    ])  # fmt: skip


@pytest.mark.parametrize("version", [14, 18])
def test_a_window(tmp_path, recorded, version):
    pd.read_csv(FIXTURES / "mroz" / "data.csv").to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "main.do").write_text(f"{LOAD}{LINE}\n")
    head = "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n"
    text = f"{head}\n. {LOAD}\n. {LINE}\n\n{window(recorded, version)}\n\n. log close\n{head}"
    (tmp_path / "main.log").write_text(text)
    (exhibit,) = verify(tmp_path).exhibits
    assert len(exhibit.cells) == 8 * 6 + 4 + 9
    assert {c.verdict for c in exhibit.cells} == {"reproduced"}, exhibit.cells


def changed(tmp_path, text: str):
    """What is found of a log with this window: labels of cells that aren't reproduced, and findings."""
    (tmp_path / "data.csv").write_bytes((FIXTURES / "mroz" / "data.csv").read_bytes())
    (tmp_path / "main.do").write_text(f"{LOAD}{LINE}\n")
    head = "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n"
    (tmp_path / "main.log").write_text(f"{head}\n. {LOAD}\n. {LINE}\n\n{text}\n\n. log close\n{head}")
    found = verify(tmp_path)
    (exhibit,) = found.exhibits
    wrong = {c.label for c in exhibit.cells if c.verdict != "reproduced"}
    return wrong, [f.text for f in found.findings if f.id == "note-window"]


@pytest.mark.parametrize(
    ("version", "old", "new", "wrong", "said"),
    [
        (18, "Lower =    0", "Lower = -inf", set(), "no lower limit; its command has ll()"),
        (18, "Upper = +inf", "Upper = 4950", {"Upper"}, "upper limit `4950`; its command has no ul()"),
        (18, "var(e.hours)", " var(e.educ)", {"var(e.educ)"}, "variance of `educ`; its command's outcome is `hours`"),
        (18, "var(e.hours)|", "sigma        |\n       _cons |", {"_cons"}, ""),
        (14, "      /sigma |", "sigma        |\n       _cons |", set(), ""),
    ],
)
def test_a_window_of_another_limit_outcome_or_parameter(tmp_path, recorded, version, old, new, wrong, said):
    text = window(recorded, version)
    assert old in text
    found, notes = changed(tmp_path, text.replace(old, new))
    assert found == wrong and len(notes) == bool(said) and said in "".join(notes)


#: Below the window up to Stata 14, and not in its head.
FEET = (
    "  Obs. summary:        {}  left-censored observations at hours<={}\n"
    "                       {}     uncensored observations\n{:>26} right-censored observations",
    "           {}  left-censored observations at hours <= {}\n           {}     uncensored observations\n"
    "{:>14} right-censored observations",
)


@pytest.mark.parametrize("foot", FEET)
@pytest.mark.parametrize(
    ("numbers", "wrong"),
    [
        ((325, 0, 428, 0), ()),
        ((321, 0, 432, 0), ("Left-censored", "Uncensored")),
        ((325, 7, 428, 1), ("Limits: Lower", "Right-censored")),
    ],
)
def test_counts_below_a_window(tmp_path, recorded, foot, numbers, wrong):
    (tmp_path / "data.csv").write_bytes((FIXTURES / "mroz" / "data.csv").read_bytes())
    (tmp_path / "main.do").write_text(f"{LOAD}{LINE}\n")
    head = "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n"
    of_head = re.compile(r"Limits|  +Upper|.*Uncensored")
    body = "\n".join(line for line in window(recorded, 14).split("\n") if not of_head.match(line))
    (tmp_path / "main.log").write_text(
        f"{head}\n. {LOAD}\n. {LINE}\n\n{body}\n{foot.format(*numbers)}\n\n. log close\n{head}"
    )
    (exhibit,) = verify(tmp_path).exhibits
    assert len(exhibit.cells) == 8 * 6 + 4 + 9
    assert tuple(c.label for c in exhibit.cells if c.verdict != "reproduced") == wrong
