"""xtabond and xtdpdsys in do-files and studies, against what Stata printed of abdata.dta (fixtures/employment)."""

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


def published(spec: str) -> dict[str, tuple[str, str]]:
    study = load_study(FIXTURES / "employment")
    return {p.term: (p.estimate, p.parentheses) for p in study.published if p.spec == spec and p.estimate}  # type: ignore[misc]


def called(term: str) -> str:
    """Stata's name of a term here."""
    for old, new in ((" ", ""), ("l(", ""), (")", "")):
        term = term.replace(old, new)
    name, _, lag = term.partition(",")
    return "_cons" if term == "(Intercept" else f"L{'' if lag == '1' else lag}.{name}" if lag else name


@pytest.mark.parametrize(("line", "spec", "said"), [(ONE, "one_step", "611 140 41"), (SYSTEM, "system", "751 140 47")])
def test_a_command_of_a_do_file_has_stata_s_numbers(line, spec, said):
    found = run_do(f'{START}{line}\ndi e(N) " " e(N_g) " " e(zrank)\n', folder=FIXTURES / "employment")
    (e,) = found.estimations
    given = {c.term: (c.b, c.se) for c in e.coefficients}
    recorded = {called(term): numbers for term, numbers in published(spec).items()}
    assert set(given) == set(recorded) and not found.findings
    for term, (b, se) in recorded.items():
        assert given[term] == (pytest.approx(float(b), rel=4e-6, abs=1e-7), pytest.approx(float(se), rel=4e-6)), term
    assert found.printed[-1].values["text"] == said


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
    ],
)
def test_what_isn_t_covered_is_declined_by_name(line, said):
    with pytest.raises(ValueError, match=said):
        request_of(line, "firm", "year")
