"""Tests below a window of xtabond2, and `estat abond` and `estat sargan`: as printed of abdata.dta."""

from __future__ import annotations

import shutil

import pytest
from scipy import stats

from conftest import FIXTURES
from parity.logs.windows import windows_of
from parity.package.verify import verify
from parity.printed.lines import output_lines
from parity.stata.do import run_do
from test_package_dynamic import DATA, MADE
from test_package_likelihoods import RULE, log, row, window

#: Roodman (2009), Stata Journal 9(1): difference GMM of one step, robust; and Stata 18 as StatsPAI recorded it (MIT),
#: of two steps: head, then z of AR(1), z of AR(2), Sargan, Hansen, degrees of freedom.
PRINTED = {
    "xtabond2 n L.n L2.n w L.w L(0/2).(k ys) yr*, gmm(L.n) iv(L(0/1).w L(0/2).(k ys) yr*) nolevel robust": (
        ("one-step difference", 611, 41, 16, 1727.45, 4, 4.36, 6), (-3.60, -0.52, 67.59, 31.38, 25),
    ),
    "xtabond2 n L.n w k, gmm(L.n, lag(1 .)) iv(w k) orthogonal twostep robust": (
        ("two-step system", 891, 38, 3, 8892.67, 6, 6.36, 8),
        (-2.2439671513, -0.60315064762, 149.41404163, 62.496982925, 34),
    ),
}  # fmt: skip
#: Of the first, as they are printed there: its p-values are of more digits than the statistics.
PS = (0.000, 0.606, 0.000, 0.177)
YEARS = "\n".join(f"gen yr{year} = year == {year}" for year in range(1976, 1985))


def head(kind: str, n: int, instruments: int, df: int, chi2: float, least: int, mean: float, most: int) -> str:
    return f"""Dynamic panel-data estimation, {kind} GMM
{RULE}
Group variable: firm                            Number of obs      = {n:9d}
Time variable : year                            Number of groups   =       140
Number of instruments = {instruments:<24d}Obs per group: min = {least:9d}
{f"Wald chi2({df})":<13} = {chi2:9.2f}                                      avg = {mean:9.2f}
Prob > chi2   =     0.000                                      max = {most:9d}"""


def foot(first: float, second: float, sargan: float, hansen: float, df: int, ps) -> str:
    one, two, three, four = ps or (
        *(2 * stats.norm.sf(abs(z)) for z in (first, second)), *(stats.chi2.sf(c, df) for c in (sargan, hansen))
    )  # fmt: skip
    return f"""Warning: Uncorrected two-step standard errors are unreliable.

Instruments for first differences equation
  Standard
    D.(w k yr1976 yr1977)
  GMM-type (missing=0, separate instruments for each period unless collapsed)
    L(1/.).L.n
{RULE}
Arellano-Bond test for AR(1) in first differences: z = {first:6.2f}  Pr > z = {one:6.3f}
Arellano-Bond test for AR(2) in first differences: z = {second:6.2f}  Pr > z = {two:6.3f}
{RULE}
Sargan test of overid. restrictions: {f"chi2({df})":<10} = {sargan:6.2f}  Prob > chi2 = {three:6.3f}
  (Not robust, but not weakened by many instruments.)
Hansen test of overid. restrictions: {f"chi2({df})":<10} = {hansen:6.2f}  Prob > chi2 = {four:6.3f}
  (Robust, but weakened by many instruments.)"""


@pytest.mark.parametrize("line", PRINTED)
def test_below_a_window_of_xtabond2(tmp_path, line):
    shutil.copy(FIXTURES / "employment" / "data.csv", tmp_path)
    code = f"{DATA}\n{MADE}\n{YEARS}\n{line}\n"
    (tmp_path / "main.do").write_text(code)
    (e,) = run_do(code, tmp_path).estimations
    above, below = PRINTED[line]
    rows = [row(c.term, c.b, c.se, c.t, c.p, c.low, c.high) for c in e.coefficients]
    shown = window(head(*above), "Coefficient", "Robust", rows)
    text = f"{line}\n\n{shown}\n{foot(*below, PS if 'nolevel' in line else None)}"

    def off(printed: str) -> list[tuple[str, str]]:
        log(tmp_path, DATA, printed)
        cells = [c for exhibit in verify(tmp_path).exhibits for c in exhibit.cells]
        assert len(cells) == 8 + 10 + 6 * len(rows)
        return [(c.label, c.verdict) for c in cells if c.verdict != "reproduced"]

    assert off(text) == []
    first, hansen = f"z = {below[0]:6.2f}", f" = {below[3]:6.2f}"
    altered = text.replace(first, "z =  -5.01").replace(hansen, " =  81.38")
    fewer = f"Wald chi2({above[3] - 1})"
    assert off(altered.replace(f"Wald chi2({above[3]})", fewer)) == [
        (fewer, "differs"), ("AR(1) z", "differs"), ("Hansen chi2", "differs")
    ]  # fmt: skip


def test_which_of_collinear_years_is_left_out_is_not_known(tmp_path):
    """A later xtabond2 leaves 1979 out where that of 2009 left 1984 out: other numbers of years, all else the same."""
    shutil.copy(FIXTURES / "employment" / "data.csv", tmp_path)
    line = next(iter(PRINTED))
    code = f"{DATA}\n{MADE}\n{YEARS}\n"
    others = " ".join(f"yr{year}" for year in (*range(1976, 1979), *range(1980, 1985), 1979))
    (e,) = run_do(f"{code}{line.replace(' yr*,', f' {others},', 1)}\n", tmp_path).estimations
    assert e.estimated.omitted == ("yr1976", "yr1977", "yr1979")
    (tmp_path / "main.do").write_text(f"{code}{line}\n")
    rows = [row(c.term, c.b, c.se, c.t, c.p, c.low, c.high) for c in e.coefficients]
    rows.insert(-5, f"{'yr1979':>12} | {0:10}  (omitted)")
    above, below = PRINTED[line]
    text = f"{line}\n\n{window(head(*above), 'Coefficient', 'Robust', rows)}\n{foot(*below, PS)}"

    def verdicts(printed: str) -> dict[str, set[str]]:
        log(tmp_path, DATA, printed)
        found: dict[str, set[str]] = {}
        for exhibit in verify(tmp_path).exhibits:
            for cell in exhibit.cells:
                found.setdefault("years" if cell.label.startswith("yr") else "others", set()).add(cell.verdict)
                assert not cell.label.startswith("yr") or cell.verdict == "reproduced" or "collinear" in cell.reason
        return found

    assert verdicts(text) == {"years": {"not verified"}, "others": {"reproduced"}}
    lag = next(c for c in e.coefficients if c.term == "L.n")
    assert "differs" in verdicts(text.replace(f"{lag.b:10.7f}", f"{lag.b + 0.1:10.7f}", 1))["others"]
    hansen = f"{'chi2(25)':<10} = {below[3]:6.2f}  Prob > chi2 =  0.177"
    p = stats.chi2.sf(below[3], 22)
    counted = text.replace(hansen, hansen.replace("25", "22").replace("0.177", f"{p:.3f}"))
    assert counted != text and verdicts(counted)["others"] == {"reproduced", "not verified"}
    assert "differs" in verdicts(text.replace(hansen, hansen.replace("25", "23")))["others"]


XTABOND = f"{DATA}\n{MADE}\n{YEARS}\nxtabond n l(0/1).w l(0/2).(k ys) yr1980-yr1984 year, lags(2) noconstant"
#: [XT] xtabond postestimation, after one step with robust errors and without.
ABOND = """Arellano-Bond test for zero autocorrelation in first-differenced errors

  +-----------------------+
  |Order |  z     Prob > z|
  |------+----------------|
  |   1  |-3.5996  0.0003 |
  |   2  |-.51603  0.6058 |
  +-----------------------+
   H0: no autocorrelation"""
SARGAN = """Sargan test of overidentifying restrictions
        H0: overidentifying restrictions are valid

        chi2(25)     =  65.81806
        Prob > chi2  =    0.0000"""


@pytest.mark.parametrize(
    ("option", "test", "printed", "wrong"),
    [(" vce(robust)", "estat abond", ABOND, ("-.51603", "-.61603")), ("", "estat sargan", SARGAN, ("65.8", "66.8"))],
)
def test_tests_after_xtabond(tmp_path, option, test, printed, wrong):
    shutil.copy(FIXTURES / "employment" / "data.csv", tmp_path)
    (tmp_path / "main.do").write_text(f"{XTABOND}{option}\nquietly {test}\n{test}\n")

    def verdicts(text: str) -> list[str]:
        log(tmp_path, DATA, f"{test}\n\n{text}")
        return [c.verdict for exhibit in verify(tmp_path).exhibits for c in exhibit.cells]

    assert verdicts(printed) == ["reproduced"] * (4 if "abond" in test else 2)
    assert sorted(verdicts(printed.replace(*wrong))) == ["differs"] + ["reproduced"] * (3 if "abond" in test else 1)


def test_the_box_of_orders_is_read_to_its_last_line():
    found = windows_of(output_lines(ABOND), "main.log", "estat")
    assert not found.outside and [len(w.rows) for w in found.windows] == [2]


def test_what_has_no_such_test_is_told(tmp_path):
    shutil.copy(FIXTURES / "employment" / "data.csv", tmp_path)
    found = run_do(f"{XTABOND} vce(robust)\nestat sargan\nestat abond, artests(3)\nregress n w\nestat abond\n", tmp_path)
    said = " ".join(f.text for f in found.findings)
    assert "cannot calculate Sargan test with vce(robust)" in said and "orders beyond the second" in said
    assert "estat abond not valid" in said


def subsets(*groups: tuple[str, int, float, float, int, float, float]) -> str:
    lines = ["", "Difference-in-Hansen tests of exogeneity of instrument subsets:"]
    for name, df, chi2, p, more, added, of_added in groups:
        lines += [
            f"  {name}",
            f"    Hansen test excluding group:     {f'chi2({df})':<10} = {chi2:6.2f}  Prob > chi2 = {p:6.3f}",
            f"    Difference (null H = exogenous): {f'chi2({more})':<10} = {added:6.2f}  Prob > chi2 = {of_added:6.3f}",
        ]
    return "\n".join(lines)


IV = "iv(w L.w k L.k L2.k ys L.ys L2.ys yr1976 yr1977 yr1978 yr1979 yr1980 yr1981 yr1982 yr1983 yr1984)"
#: As printed: the examples of Roodman (2009), the system's without `small`, and one of pydynpd's documentation.
SUBSETS = {
    "xtabond2 n L.n L2.n w L.w L(0/2).(k ys) yr*, gmm(L.n) iv(L(0/1).w L(0/2).(k ys) yr*) nolevel robust": (
        (-3.60, -0.52, 67.59, 31.38, 25), PS, subsets((IV, 11, 12.01, 0.363, 14, 19.37, 0.151)),
    ),
    "xtabond2 n L(1/2).n w k , gmm(n, lag(2 4)) gmm(w, lag(1 3)) iv(k ) nolevel twostep robust": (
        (-1.19, -0.81, 91.61, 47.86, 32), (0.235, 0.417, 0.000, 0.035), subsets(
            ("gmm(n, lag(2 4))", 15, 23.75, 0.069, 17, 24.11, 0.117),
            ("gmm(w, lag(1 3))", 14, 17.25, 0.243, 18, 30.61, 0.032),
            ("iv(k)", 31, 38.33, 0.171, 1, 9.53, 0.002),
        ),
    ),
    "xtabond2 n L.n L(0/1).(w k) yr*, gmm(L.(n w k)) iv(yr*, equation(level)) robust": (
        (-5.46, -0.25, 186.90, 110.70, 100), (0.000, 0.804, 0.000, 0.218), subsets(
            ("GMM instruments for levels", 79, 84.33, 0.320, 21, 26.37, 0.193),
            (f"iv({' '.join(f'yr{y}' for y in range(1976, 1985))}, eq(level))", 93, 107.79, 0.140, 7, 2.91, 0.893),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("line", SUBSETS)
def test_tests_of_instrument_subsets(tmp_path, line):
    shutil.copy(FIXTURES / "employment" / "data.csv", tmp_path)
    code = f"{DATA}\n{MADE}\n{YEARS}\n{line}\n"
    (tmp_path / "main.do").write_text(code)
    (e,) = run_do(code, tmp_path).estimations
    numbers, ps, more = SUBSETS[line]
    rows = [row(c.term, c.b, c.se, c.t, c.p, c.low, c.high) for c in e.coefficients]
    above = f"Dynamic panel-data estimation, one-step GMM       Number of obs      = {e.results.filled().numbers['N']:9.0f}"
    shown = window(above, "Coefficient", "Robust", rows)

    def off(below: str) -> list[tuple[str, str]]:
        log(tmp_path, DATA, f"{line}\n\n{shown}\n{foot(*numbers, ps)}\n{below}")
        cells = [c for exhibit in verify(tmp_path).exhibits for c in exhibit.cells]
        assert sum("Hansen" in c.label or "null H" in c.label for c in cells) == 3 + 3 * more.count("Prob")
        return [(c.label[:20], c.verdict) for c in cells if c.verdict != "reproduced"]

    earlier = [("Sargan chi2", "not verified")] * ("yr*, eq" in line)
    assert off(more) == earlier
    first = more.split("=")[2].split()[0]
    assert off(more.replace(first, "99.99"))[len(earlier) :] == [("Hansen test excludin", "differs")]
