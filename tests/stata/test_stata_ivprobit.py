"""ivprobit in do-files and as a spec: coefficients are those of the spec's engines; names, e(), refusals: [R] ivprobit."""

from __future__ import annotations

import pytest
from scipy import stats

from conftest import FIXTURES
from parity.stata.do import run_do
from parity.stata_language.request import Declined
from parity.study.command import request_of, spec_of
from parity.study.load import load_study
from parity.study.spec import Spec
from parity.translate.python import py_lines
from parity.translate.r import r_lines

LINE = "ivprobit inlf educ exper expersq age kidslt6 kidsge6 (nwifeinc = huseduc)"
LOAD = "import delimited data.csv, clear\n"


def run(code: str):
    return run_do(LOAD + code, folder=FIXTURES / "mroz")


def test_coefficients_in_stata_s_order_and_what_follows():
    after = 'di e(chi2_exog) " " e(p_exog) " " e(df_m) " " _b[/athrho] " " _se[/athrho]\ntest educ exper\npredict index\n'
    found = run(f"{LINE}\n{after}")
    (e,) = found.estimations
    names = [c.term for c in e.coefficients]
    assert names[:8] == ["nwifeinc", "educ", "exper", "expersq", "age", "kidslt6", "kidsge6", "_cons"]
    assert names[8:] == [f"nwifeinc:{n}" for n in (*names[1:7], "huseduc", "_cons")] + ["/athrho", "/lnsigma"]
    said, test = found.printed
    chi2, p, df, athrho, se = map(float, said.values["text"].split())
    assert chi2 == pytest.approx((athrho / se) ** 2, rel=1e-5) and p == pytest.approx(stats.chi2.sf(chi2, 1), rel=1e-5)
    assert (df, test.numbers["df"]) == (7, 2) and not found.findings
    index = sum(c.b * (found.data[c.term].values if c.term != "_cons" else 1.0) for c in e.coefficients[:8])
    assert found.data["index"].values == pytest.approx(index)


def test_any_value_but_nought_is_one():
    (plain, other) = run(f"{LINE}\nreplace inlf = 7 if inlf == 1\n{LINE}, vce(robust)\n").estimations
    assert [c.b for c in plain.coefficients] == pytest.approx([c.b for c in other.coefficients])


def test_the_spec_is_the_command_s():
    keys = spec_of(f"{LINE} if age > 30, vce(cluster age)", "", "")
    spec = Spec.model_validate({"id": "s", **keys})
    bundled = load_study(FIXTURES / "mroz").spec("work_ivprobit")
    assert (spec.model, spec.formula, spec.vcov.cluster) == ("ivprobit", bundled.formula, ("age",))
    request = request_of(LINE, "", "")
    for lines in (r_lines, py_lines):
        with pytest.raises(Declined, match="no package of"):
            lines(request)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (f"{LINE}, twostep", "minimum chi-squared"),
        ("ivprobit inlf age (nwifeinc educ = huseduc motheduc)", "several endogenous"),
        (f"{LINE}, asis", "predicted perfectly"),
        (f"{LINE}, vce(opg)", "vce(opg)"),
        (f"{LINE}, noconstant", "not allowed"),
        ("ivprobit inlf educ", "(endogenous = instruments)"),
    ],
)
def test_what_is_refused(command, said):
    found = run(f"{command}\n")
    assert said in " ".join(f.text for f in found.findings)


@pytest.mark.parametrize("after", ["predict p, pr", "margins, dydx(educ)"])
def test_what_is_not_computed_after_it(after):
    (finding,) = run(f"{LINE}\n{after}\n").findings
    assert "after ivprobit is not computed here" in finding.text
