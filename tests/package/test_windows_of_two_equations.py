"""Windows of ivprobit and arima: every number, under the names of Stata's versions. The layout: [R] ivprobit, [TS] arima.

Numbers are those of the commands' own e(), rounded; rho, sigma and the test below them are made here by hand.
"""

from __future__ import annotations

import math

import pytest
from statsmodels.tsa.statespace.tests.results.results_sarimax import wpi1_data

from conftest import FIXTURES
from parity.package.verify import verify
from parity.stata.do import run_do
from stata_rows import BLANK, CROSS, RULE, digits, row

IVPROBIT = "import delimited data.csv, clear\nivprobit inlf educ exper age (nwifeinc = huseduc)"
ARIMA = "import delimited wpi.csv, clear\ntsset t\narima wpi, arima(1,1,1)"


def derived(label: str, value: float, se: float, low: float, high: float) -> str:
    return f"{label:>12} | {digits(value):>10} {digits(se):>10} {'':>24} {digits(low):>9}   {digits(high):>9}"


def head(title: str, n: int, model: str, ll: float) -> list[str]:
    line, columns = f"Log likelihood = {ll:.4f}", "      Coef.   Std. Err.      z    P>|z|     [95% Conf. Interval]"
    model = [f"{title:<48}Number of obs     = {n:>10}", f"{'':<48}{model}", f"{line:<48}Prob > chi2       =     0.0000"]
    return [*model, "", RULE, f"             |{columns}", CROSS]


def of_ivprobit(found, version: int, first: bool) -> str:
    c, e = {c.term: c for c in found.coefficients}, found.results.numbers
    a, s = c["/athrho"], c["/lnsigma"]
    rho, sigma = math.tanh(a.b), math.exp(s.b)
    errors = (rho, a.se * (1 - rho**2), math.tanh(a.low), math.tanh(a.high))
    spread = (sigma, sigma * s.se, math.exp(s.low), math.exp(s.high))
    body = head("Probit model with endogenous regressors", 753, f"Wald chi2(4)      = {e['chi2']:>10.2f}", e["ll"])
    body += ["inlf         |"] * first + [row(t, c[t]) for t in c if ":" not in t and t[0] != "/"] + [CROSS]
    if first:
        body += ["nwifeinc     |", *(row(t.partition(":")[2], c[t]) for t in c if ":" in t), CROSS]
    if version < 15:
        names = ("/athrho", "/lnsigma") if version < 14 else ("/athrho2_1", "/lnsigma2")
        body += [row(names[0], a), row(names[1], s), CROSS, derived("rho", *errors), derived("sigma", *spread)]
    else:
        body += ["corr(e.nwi~c,|", derived("e.inlf)", *errors), derived("sd(e.nwi~c)", *spread)]
    tested = f"chi2(1) = {e['chi2_exog']:.2f}     Prob > chi2 = {e['p_exog']:.4f}"
    return "\n".join([*body, RULE, f"Wald test of exogeneity ({'/athrho' if version < 15 else 'corr'} = 0): {tested}"])


def of_arima(found) -> str:
    c, e = {c.term: c for c in found.coefficients}, found.results.numbers
    body = head("ARIMA regression", 123, f"Wald chi2(2)      = {e['chi2']:>10.2f}", e["ll"])
    body += [
        "wpi          |",
        row("_cons", c["_cons"]),
        CROSS,
        "ARMA         |",
        "          ar |",
        row("L1.", c["ARMA:L.ar"]),
        BLANK,
    ]
    return "\n".join([*body, "          ma |", row("L1.", c["ARMA:L.ma"]), CROSS, row("/sigma", c["/sigma"]), RULE])


def verdicts(folder, code: str, window: str):
    (folder / "main.do").write_text(code + "\n")
    lines, frame = code.splitlines(), "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n"
    said = "".join(f". {line}\n\n" for line in lines)
    (folder / "main.log").write_text(f"{frame}\n{said}{window}\n\n. log close\n{frame}")
    found = verify(folder)
    (exhibit,) = found.exhibits
    return exhibit.cells, [f.text for f in found.findings]


@pytest.mark.parametrize(("version", "first"), [(13, True), (14, False), (16, False)])
def test_a_window_of_ivprobit(tmp_path, version, first):
    (tmp_path / "data.csv").write_bytes((FIXTURES / "mroz" / "data.csv").read_bytes())
    code = IVPROBIT + ", first" * first
    (found,) = run_do(code, folder=tmp_path).estimations
    text = of_ivprobit(found, version, first)
    cells, findings = verdicts(tmp_path, code, text)
    assert {c.verdict for c in cells} == {"reproduced"}, [(c.label, c.reason) for c in cells]
    assert len(cells) == 5 * 6 + 6 * 5 * first + 12 * (version < 15) + 8 + 4 + 3 and not findings
    if version == 14:
        wrong = text.replace(f"{found.results.numbers['chi2_exog']:.2f} ", "9.99 ")
        (cell,) = (c for c in verdicts(tmp_path, code, wrong)[0] if c.verdict != "reproduced")
        assert cell.label == "chi2 of the effects"


def test_a_window_of_arima(tmp_path):
    (tmp_path / "wpi.csv").write_text("t,wpi\n" + "".join(f"{1960 + i},{w}\n" for i, w in enumerate(wpi1_data)))
    (found,) = run_do(ARIMA, folder=tmp_path).estimations
    cells, findings = verdicts(tmp_path, ARIMA, of_arima(found))
    assert {c.verdict for c in cells} == {"reproduced"} and len(cells) == 4 * 6 + 4 and not findings
    lag = row("L1.", {c.term: c for c in found.coefficients}["ARMA:L.ma"])
    wrong = of_arima(found).replace(lag, lag.replace(lag.split()[2], "-.6234567"))
    altered, _ = verdicts(tmp_path, ARIMA, wrong)
    assert [(c.label, c.quantity) for c in altered if c.verdict != "reproduced"] == [("L1.ma", "coef")]
    assert [c.verdict for c in altered if c.verdict != "reproduced"] == ["differs"]
