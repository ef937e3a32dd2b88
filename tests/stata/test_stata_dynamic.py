"""Dynamic panels in do-files and studies, against what Stata printed of abdata.dta (fixtures/employment)."""

from __future__ import annotations

import pytest

from conftest import FIXTURES
from parity.stata.do import run_do
from parity.study.command import request_of, spec_of
from parity.study.load import load_study

COLUMNS = {"n": "emp", "w": "wage", "k": "capital", "ys": "output"}
MADE = "".join(f"gen {new} = log({old})\n" for new, old in COLUMNS.items())
YEARS = "".join(f"gen yr{year} = year == {year}\n" for year in range(1980, 1985))
START = f"import delimited data.csv, clear\n{MADE}{YEARS}xtset firm year\n"
ONE = "xtabond n l(0/1).w l(0/2).(k ys) yr1980-yr1984 year, lags(2) vce(robust) noconstant"
SYSTEM = "xtdpdsys n l(0/2).(w k) yr1980-yr1984 year, vce(robust)"
ALONE = "xtdpd L(0/2).n L(0/1).w L(0/2).(k ys) yr1980-yr1984 year, noconstant dgmmiv(n)"
BOTH = (
    "xtdpd L(0/1).n L(0/2).(w k) yr1980-yr1984 year, div(L(0/1).(w k) yr1980-yr1984 year) "
    "dgmmiv(n, lag(3 .)) lgmmiv(n, lag(2)) hascons"
)

FLOATS = "".join(f"gen {old}_ = {old}\ngen {new} = log({old}_)\n" for new, old in COLUMNS.items())
#: Stata 18, xtabond2 on abdata.dta, recorded by StatsPAI (MIT licence), tests/reference_parity/_fixtures:
#: b and se of L.n and w; e(N), e(j), e(ar1), e(ar2), e(chi2), and, of more moments than coefficients,
#: e(sargan) and e(hansen).
XTABOND2 = {
    "n L.n w k, gmm(L.n, lag(1 .)) iv(w k, equation(diff)) noleveleq noconstant robust":
        (
            0.49514069377, 0.12712410857, -0.60703388113, 0.14266618063,
            751.0, 30.0, -3.9501182672, -0.61836788812, 531.04421989, 163.64716114, 59.516110456,
        ),
    "n L.n w k, gmm(L.n, lag(1 .) collapse) iv(w k) twostep robust":
        (
            0.51038020739, 0.14813659128, -0.36838557509, 0.15447911294,
            891.0, 11.0, -1.8127598907, -0.50814937224, 3515.1483612, 97.784362808, 29.448633652,
        ),
    "n L.n w k, gmm(L.n, lag(1 .)) iv(w k) orthogonal twostep robust":
        (
            0.68872255142, 0.077574264979, -0.22166177333, 0.082112261081,
            891.0, 38.0, -2.2439671513, -0.60315064762, 8892.6713763, 149.41404163, 62.496982925,
        ),
    "n L.n w k, gmm(L.n, lag(1 .)) iv(w k, eq(diff)) noleveleq nocons orthogonal twostep robust":
        (
            0.33316404844, 0.12929225478, -0.4744345807, 0.1010358024,
            751.0, 30.0, -1.6161637324, -0.57558380963, 498.14596217, 99.526069553, 52.615435997,
        ),
    "n L.n w k, iv(L2.n w k, equation(diff)) noleveleq noconstant robust":
        (
            0.094525974691, 0.14541811337, -0.54897098369, 0.14882966117,
            611.0, 3.0, -0.1646899659, -0.84242716933, 207.76356207,
        ),
}  # fmt: skip


def published(spec: str) -> dict[str, tuple[str, str]]:
    study = load_study(FIXTURES / "employment")
    return {p.term: (p.estimate, p.parentheses) for p in study.published if p.spec == spec and p.estimate}  # type: ignore[misc]


def called(term: str) -> str:
    """Stata's name of a term here."""
    for old, new in ((" ", ""), ("l(", ""), (")", "")):
        term = term.replace(old, new)
    name, _, lag = term.partition(",")
    return "_cons" if term == "(Intercept" else f"L{'' if lag == '1' else lag}.{name}" if lag else name


@pytest.mark.parametrize(
    ("line", "spec", "said"),
    [
        (ONE, "one_step", "611 140 41"),
        (SYSTEM, "system", "751 140 47"),
        (ALONE, "lags_alone", "611 140 27"),
        (BOTH, "system_third", "751 140 38"),
    ],
)
def test_a_command_of_a_do_file_has_stata_s_numbers(line, spec, said):
    found = run_do(f'{START}{line}\ndi e(N) " " e(N_g) " " e(zrank)\n', folder=FIXTURES / "employment")
    (e,) = found.estimations
    given = {c.term: (c.b, c.se) for c in e.coefficients}
    recorded = {called(term): numbers for term, numbers in published(spec).items()}
    assert set(given) == set(recorded) and not found.findings
    for term, (b, se) in recorded.items():
        assert given[term] == (pytest.approx(float(b), rel=4e-6, abs=1e-7), pytest.approx(float(se), rel=4e-6)), term
    assert found.printed[-1].values["text"] == said


def test_xtabond2_has_its_recorded_numbers():
    names = ("N", "j", "ar1", "ar2", "chi2", "sargan", "hansen")
    lines = []
    for line, numbers in XTABOND2.items():
        lines += [f"xtabond2 {line}", *(f"di %21.15g e({name})" for name in names[: len(numbers) - 4])]
    start = f"import delimited data.csv, clear\n{FLOATS}xtset firm year\n"
    found = run_do(start + "\n".join(lines) + "\n", folder=FIXTURES / "employment")
    printed = iter(float(p.values["text"]) for p in found.printed[-sum(len(v) - 4 for v in XTABOND2.values()) :])
    assert not found.findings
    for estimation, (line, numbers) in zip(found.estimations, XTABOND2.items(), strict=True):
        given = {c.term: (c.b, c.se) for c in estimation.coefficients}
        shown = [*given["L.n"], *given["w"], *(next(printed) for _ in numbers[4:])]
        assert shown == pytest.approx(numbers, rel=2e-8), line


def test_xtabond2_is_a_spec():
    keys = spec_of(
        "xtabond2 y n k i.year, gmm(y k, lag(3 .)) gmmstyle(n, l(2 4) c eq(d)) iv(i.year z, eq(lev)) iv(k) h(1) tw rob",
        "firm",
        "year",
    )
    assert keys["model"] == "system_gmm" and keys["vcov"] == {"cluster": ["firm"]}
    assert keys["dynamic"] == {
        "gmm": {"y": [3], "k": [3], "n": [2, 4]}, "collapse": ["n"], "standard": ["k"], "instruments": ["i(year)", "z"],
        "equation": {"n": "difference", "i(year)": "level", "z": "level"}, "weight": "identity", "levels": "both",
        "variance": "n", "steps": 2,
    }  # fmt: skip


def test_a_command_is_a_spec():
    keys = spec_of("xtdpdsys n w k, twostep maxldep(3) vce(robust)", "firm", "year")
    assert (keys["formula"], keys["model"], keys["convention"]) == ("n ~ l(n, 1) + w + k", "system_gmm", "xtabond")
    assert keys["dynamic"] == {"gmm": {"n": [2, 4]}, "steps": 2} and keys["vcov"] == {"cluster": ["firm"]}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("xtdpdsys n w, pre(k)", "option pre"),
        ("xtdpdsys n w, endogenous(k)", "option endogenous"),
        ("xtabond n w, inst(k)", "option inst"),
        ("xtabond n w if w > 1", "under `if`"),
        ("xtabond n L.n w", "write lags"),
        ("xtdpd n L.n w, dgmmiv(n) fodeviation", "option fodeviation"),
        ("xtdpd n L.n w, dgmmiv(n) div(w, nodifference)", "nodifference inside"),
        ("xtdpd n L.n w, dgmmiv(n) lgmmiv(n, lag(3))", "begin elsewhere"),
        ("xtdpd n L.n w, div(w)", "dgmmiv.. or lgmmiv.. required"),
        ("xtabond2 n L.n w, gmm(n, lag(2 .) passthru)", "passthru inside"),
        ("xtabond2 n L.n w, gmm(n, lag(0 .))", "same period"),
        ("xtabond2 n L.n w, gmm(n) pca", "pca has no engine"),
        ("xtabond2 n L.n w, gmm(n) robust cluster(sector)", "clustered by sector"),
        ("xtabond2 n L.n w, gmm(n) small robust", "another factor in another version"),
        ("xtabond2 n L.n w, gmm(n, lag(1 2)) gmm(n, lag(3 4))", "one variable in two gmm"),
        ("xtabond2 n L.n w if w > 1, gmm(n)", "under `if`"),
        ("xtabond2 n L.n w, gmm(i.w)", "a factor's levels"),
        ("xtabond2 n L.n w, gmm(n) fod", "option fod"),
    ],
)
def test_what_isn_t_covered_is_declined_by_name(line, said):
    with pytest.raises(ValueError, match=said):
        request_of(line, "firm", "year")
