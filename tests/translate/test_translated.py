"""The script that runs the lines of public commands: what it counts as alike, and that it tells what isn't."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import ROOT
from parity.compare.floor import NO_FLOOR, Floor
from parity.stata_language.request import Declined
from parity.study.command import request_of
from parity.translate.python import py_lines
from parity.translate.r import r_lines
from translated import case_text, cases_of, compared, judged, run
from translated_terms import of_lines, of_stata

DO_FILE = """set type double
import delimited data.csv, asdouble
egen id = group(firm)
xtset id year
drop if mod(_n, 17) == 3 & id > 1
gen late = year > 1944
gen n = floor(inv / 50)
logit late value capital
logit late value capital if id != 3, vce(cluster id)
poisson n value capital, vce(robust)
reghdfe inv c.L.value#c.capital L2.capital, absorb(id year) vce(cluster year)
xtreg inv value capital, fe vce(robust)
areg inv value i.late, absorb(id)
newey inv L.value if id == 1, lag(1)
gen z = sin(_n) + capital / 100
gen z2 = cos(_n)
drop if id == 3 & year > 1935
xtivreg2 inv capital (value = z z2), fe
xtivreg2 inv capital (value = z z2), fe small robust
xtivreg2 inv (value L.capital = z z2 L2.capital), fe robust
xtivreg2 inv (value = z z2), fe cluster(id)
"""


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    package = tmp_path_factory.mktemp("package")
    shutil.copy(ROOT / "docs/examples/do_file/data.csv", package)
    (package / "a.do").write_text(DO_FILE, encoding="utf-8")
    return list(cases_of(package))


def test_every_line_gives_the_numbers_of_its_command(cases):
    assert len(cases) == 11
    counts, _, bad = compared(cases)
    assert not bad, "\n".join(bad)
    assert counts["Python"]["alike"] == 11
    if shutil.which("Rscript"):  # with fixest or without
        assert counts["no fixest"]["alike"] == 2
        assert counts["R"]["alike"] + counts["R"]["not here"] == 11 and counts["R"]["alike"] in (4, 11)


def test_a_number_that_is_off_in_the_eighth_digit_is_told(cases):
    each = next(c for c in cases if c.command.startswith("areg"))
    off = replace(each, ours={t: (b, se * (1 + 2e-8)) for t, (b, se) in each.ours.items()})
    counts, _, bad = compared([off])
    assert counts["Python"]["differs"] == 1 and "off 2.0e-08" in bad[-1]
    assert any(case_text(off, "Python") in told for told in bad)


@pytest.mark.parametrize(
    ("stata", "there"),
    [
        ("1.late#c.value", "value:factor(late)1"), ("3.era", "C(era)[T.3.0]"), ("3.era", "era::3"), ("_cons", "(Intercept)"),
        ("cL.x#c.z", "L_x:z"), ("cL2.x#c.z", "l(x, 2):z"),
        ("L.x", "l(x, 1)"), ("L2.x", "L2_x"), ("2.g", 'relevel(factor(g), ref = "3")2'),
        ("2.g", "C(g, contr.treatment(base=3))[T.2]"), ("c.x#c.x", "I(x^2)"), ("c.x#c.x#c.x", "I(x ** 3)"),
        ("1.late#c.x#c.x", "factor(late)1:I(x^2)"), ("1.a#0.b_c", "interaction(a, b_c)1.0"),
        ("1.a#0.b", "C(a_b)[T.(1.0, 0.0)]"), ("x", "fit_x"),
    ],
)  # fmt: skip
def test_terms_are_the_same_under_any_name(stata, there):
    assert of_stata(stata) == of_lines(there)


def test_a_square_is_another_term_than_its_variable():
    assert len({of_stata("x"), of_stata("c.x#c.x"), of_stata("c.x#c.x#c.x"), of_stata("cL.x#cL.x"), of_stata("L.x")}) == 5


def test_what_the_lines_cannot_do_is_declined_by_name():
    """ivreghdfe's constant counts beside nested effects: its lines were off by a degree of freedom, and said nothing."""
    request = request_of("ivreghdfe y (x = z), absorb(g t) cluster(g)", "g", "t")
    for write in (r_lines, py_lines):
        with pytest.raises(Declined, match="counts the constant"):
            write(request)


def test_a_standard_error_of_zero_is_zero_in_the_lines_too(cases):
    """By the comparison's own rule: beside its homoskedastic one. What is no zero there is told."""
    each = next(c for c in cases if c.command.startswith("areg"))
    (term, (b, _)), *others = each.ours.items()
    tiny = 1e-9 * each.spread[term]
    none = replace(each, ours={term: (b, tiny), **dict(others)})
    numbers = {"".join(name for name, _ in t) + "".join(f"::{v}" for _, v in t if v): each.ours[t] for t in each.ours}
    first = next(iter(numbers))
    assert judged(none, "Python", numbers | {first: (b, 3 * tiny)}) == ("alike", "")
    assert judged(none, "Python", numbers | {first: (b * (1 + 1e-7), 3 * tiny)})[0] == "differs"
    assert judged(none, "Python", numbers | {first: (b, 1e-4 * each.spread[term])})[0] == "differs"


def in_python(each, lines=None):
    """A case with its lines in Python alone, or with others."""
    return replace(each, lines={"Python": tuple(each.lines["Python"] if lines is None else lines)})


def verdicts(cases) -> dict[str, list[str]]:
    """By language what each case's lines come to, all run in one process."""
    found = {}
    for language in ("R", "Python"):
        here = {f"c{i}": each for i, each in enumerate(cases) if language in each.lines}
        if not here or (language == "R" and not shutil.which("Rscript")):
            continue
        with tempfile.TemporaryDirectory() as folder:
            for name, each in here.items():
                each.frame.to_csv(Path(folder) / f"{name}.csv", index=False, float_format="%.17g")
            answers = run(language, here, Path(folder))
        found[language] = [judged(each, language, answers[name])[0] for name, each in here.items()]
    return found


TREND = """clear
set obs 300
set type double
gen t = _n
tsset t
gen level = 100 + t / 10 + sin(t) / 50
gen y = level + cos(3 * t)
newey y L(1/2).level L.y, lag(4)
"""


def test_levels_beside_their_lags_lose_no_digits_in_newey(tmp_path):
    """The plain lines, whose sandwich multiplies by (X'X)^-1 twice, are off in the ninth digit there."""
    (tmp_path / "a.do").write_text(TREND, encoding="utf-8")
    (each,) = cases_of(tmp_path)
    fit = next(line for line in each.lines["Python"] if line.startswith("fit = "))
    at = each.lines["Python"].index(fit)
    plain = in_python(each, (*each.lines["Python"][: at + 1], "fit.summary()"))
    in_r = {"R": ["alike"]} if shutil.which("Rscript") else {}
    assert verdicts([each, plain]) == in_r | {"Python": ["alike", "differs"]}


def test_levels_beside_their_lags_lose_no_digits_beside_instruments(tmp_path):
    more = "gen z = sin(5 * t)\ngen w = z + cos(t)\nivregress 2sls y L(1/3).level (w = z), robust small\n"
    (tmp_path / "a.do").write_text(TREND.rpartition("newey")[0] + more, encoding="utf-8")
    (each,) = cases_of(tmp_path)
    assert each.floors["Python"] == each.floors["R"] == NO_FLOOR
    assert verdicts([each]) == ({"R": ["alike"]} if shutil.which("Rscript") else {}) | {"Python": ["alike"]}


NESTED = """set obs 60
set type double
gen d = int((_n - 1) / 20)
gen h = int((_n - 1) / 4)
gen k = mod(_n, 3)
gen x = sin(7 * _n)
gen y = x + cos(_n)
reghdfe y x, absorb(d h)
reghdfe y x, absorb(h) vce(cluster d k)
"""


def test_where_the_lines_say_that_they_differ_they_do_so_in_that_way(tmp_path):
    (tmp_path / "a.do").write_text(NESTED, encoding="utf-8")
    nested, twice = cases_of(tmp_path)
    assert "# h lies within d, which reghdfe takes for redundant" in nested.lines["Python"]
    unproven = py_lines(request_of("reghdfe y x, absorb(d h)", "", ""))  # without data nothing proves it
    assert verdicts([in_python(nested), in_python(nested, unproven)]) == {"Python": ["alike", "named"]}
    (x,) = (term for term in nested.ours if term == of_stata("x"))
    b, se = nested.ours[x]
    for answer in ({"x": [b * (1 + 1e-6), se]}, {"x": [b * (1 + 1e-6), 2 * se]}):  # of errors alone it is said
        assert judged(nested, "Python", answer)[0] == "differs"
    b, se = twice.ours[x]
    for was, what in ((True, "named"), (False, "differs")):
        assert judged(replace(twice, repaired=was), "Python", {"x": [b, 1.1 * se]})[0] == what


def test_rounding_is_allowed_for_as_in_a_run_and_none_beside_orthonormal_columns(cases):
    by = {c.command.split()[0]: c for c in cases}
    areg, newey = by["areg"], by["newey"]
    assert 0 < areg.floors["Python"].largest < 1e-9  # pyfixest's normal equations, on columns that are fine
    assert newey.floors["R"] == newey.floors["Python"] == NO_FLOOR
    near = replace(areg, floors={"Python": Floor(3e-8, 3e-8, 3e-8)})
    off = {"".join(n for n, _ in t) + "".join(f"::{v}" for _, v in t if v): [b, se * (1 + 2e-8)]
           for t, (b, se) in areg.ours.items()}  # fmt: skip
    assert judged(near, "Python", off)[0] == "named" and judged(areg, "Python", off)[0] == "differs"


BESIDE_DUMMIES = """set obs 300
set type double
gen g = int((_n - 1) / 20)
gen h = mod(_n, 4)
gen same = 2 * (h == 3)
gen level = 10 * g + sin(_n) / 100
gen y = level + h + cos(3 * _n)
"""


def test_a_level_beside_dummies_keeps_its_digits_and_collinear_columns_leave(tmp_path):
    """pyfixest's cross-products square the condition of the columns: its own line is off in the eighth digit."""
    commands = [f"regress y level i.g i.h same, {options}\n" for options in ("", "robust", "cluster(g)")]
    (tmp_path / "a.do").write_text(BESIDE_DUMMIES + "".join(commands), encoding="utf-8")
    found = list(cases_of(tmp_path))
    assert len(found) == 3 and all(each.floors["Python"] == NO_FLOOR for each in found)
    plain = [py_lines(request_of(each.command, "", "")) for each in found]
    assert all(lines[0] == "import pyfixest as pf" and "sm.OLS" not in "".join(lines) for lines in plain)
    both = [*map(in_python, found), *map(in_python, found, plain)]
    assert verdicts(both) == {"Python": ["alike"] * 3 + ["differs"] * 3}


def test_columns_that_are_fine_keep_the_short_line(tmp_path):
    (tmp_path / "a.do").write_text(BESIDE_DUMMIES + "regress y i.g i.h, robust\n", encoding="utf-8")
    (each,) = cases_of(tmp_path)
    assert "sm.OLS" not in "".join(each.lines["Python"]) and verdicts([in_python(each)]) == {"Python": ["alike"]}
