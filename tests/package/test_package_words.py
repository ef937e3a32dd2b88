"""What is said around right numbers: heads and feet of windows, loops that a log echoes, counts and samples in notes."""

from __future__ import annotations

import pytest

from conftest import FIXTURES
from estimates_table import READ, WRITE, data_into, esttab
from package_altered import altered, bed_of
from parity.logs.window_words import foot_words, head_words
from parity.package.verify import verify
from parity.package.window_says import stated
from parity.printed.lines import Line

MADE, LOG = FIXTURES / "packages" / "made", "logs/main.log"
IV = "Instrumental variables 2SLS regression"


@pytest.fixture(scope="module")
def bed():
    return bed_of(MADE)


def found(bed, before, after):
    exhibits, findings = altered(bed, LOG, before, after)
    assert {c.verdict for e in exhibits for c in e.cells} == {"reproduced"}
    return [(f.id, f.text) for f in findings]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("Group variable: nr", "Group variable: year", "group variable `year`; its command's is `nr`"),
        ("Fixed-effects (within) regression", "Random-effects GLS regression", "headed `Random-effects GLS regression`"),
        ("HDFE Linear regression", "Linear regression", "headed `Linear regression`; its command is `reghdfe"),
        ("Linear regression     ", "Newey-West regression", "headed `Newey-West regression"),
        (IV, IV.replace("2SLS", "LIML"), "its command asks for 2SLS"),
        ("      t    P>|t|", "      z    P>|z|", "columns say `z`; its command gives t"),
        ("      t    P>|t|", "      t    P>|z|", "columns say `z`; its command gives t"),
        ("      z    P>|z|", "      t    P>|t|", "columns say `t`; its command gives z"),
        ("|               Robust", "|           Robust HC3", "says `Robust HC3` above its standard errors"),
        ("\nLinear reg", "\n(sum of wgt is 4,360)\nLinear reg", "a sum of weights; its command has no weights"),
    ],
)
def test_the_head_of_a_window(bed, before, after, says):
    ((kind, text),) = found(bed, before, after)
    assert kind == "note-window" and says in text and "code/" in text


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("( 2)  exper = 0", "( 2)  union = 0", "states `union = 0`; its command has `exper = 0`"),
        ("( 2)  exper = 0", "( 2)  exper = 1", "states `exper = 1`; its command has `exper = 0`"),
        ("( 2)  exper = 0", "( 2)  2*exper = 0", "states `2*exper = 0`"),
        ("( 2)  exper = 0", "( 2)  educ - exper = 0", "states `educ - exper = 0`"),
        (" ( 2)  exper = 0\n", "", "states 1 restriction; its command has 2"),
        ("( 2)  exper = 0", "( 2)  exp~r = 0", ""),
        ("( 2)  exper = 0", "( 2)  [lwage]exper = 0", ""),
    ],
)
def test_the_restrictions_of_a_test(bed, before, after, says):
    notes = found(bed, before, after)
    assert [kind for kind, _ in notes] == ["note-window"] * bool(says) and all(says in text for _, text in notes)


def test_a_linear_combination_states_its_terms(tmp_path):
    data_into(tmp_path)
    code = f"{READ}regress y x w\nlincom x - 2*w\n"
    (tmp_path / "main.do").write_text(code)
    from parity.stata.do import run_do

    (said,) = [p.values for p in run_do(code, tmp_path).printed if p.kind == "lincom"]
    assert said["constraints"] == [{"x": 1.0, "w": -2.0, "=": pytest.approx(0.0, abs=1e-9)}]
    row = "-------------+" + "-" * 64
    for term, denied in (("x - 2*w", False), ("x - 2*z", True), ("x + 2*w", True)):
        number = f"{said['estimate']:.7f} {said['se']:.7f} {said['t']:.2f} {said['p']:.3f} {said['lb']:.7f} {said['ub']:.7f}"
        heading = "           y | Coefficient  std. err.      t    P>|t|     [95% conf. interval]"
        lines = [*(f". {line}\n" for line in code.splitlines()), f" ( 1)  {term} = 0", "", "-" * 78, heading, row]
        (tmp_path / "main.log").write_text("\n".join([*lines, f"         (1) | {number}", "-" * 78, ""]))
        report = verify(tmp_path)
        assert report.summary.reproduced == report.summary.cells == 6
        assert [f.id for f in report.denied] == ["note-window"] * denied, term


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("educ = 0", {"educ": 1, "=": 0}),
        ("- educ + .5*2.region#c.x = -1.5", {"educ": -1, "2.region#c.x": 0.5, "=": -1.5}),
        ("[y1]x - [y2]x = 0", {"y1:x": 1, "y2:x": -1, "=": 0}),
        ("Constraint 2 dropped", None),
        ("a b = 0", None),
    ],
)
def test_a_restriction_as_it_is_printed(text, form):
    assert stated(text) == form


def test_words_of_heads_and_feet():
    lines = ["Random-effects GLS regression         Number of obs = 60", "Group variable (i): country     No. of groups = 6"]
    lines += ["Time variable (t): yr"]
    said = [(s.name, s.text) for s in head_words([Line(1, t) for t in lines])]
    assert said == [("title", lines[0][:29]), ("group variable", "country"), ("time variable", "yr")]
    foot = ["Instrumented:  educ hours", "Instruments:   exper 2.region", "               nearc4", "", ". estat overid"]
    said = [(s.name, s.text) for s in foot_words([Line(i, t) for i, t in enumerate(foot)])]
    assert said == [("endogenous", "educ hours"), ("instruments", "exper 2.region nearc4")]


@pytest.mark.parametrize(
    ("foot", "denied"),
    [
        ("Instrumented:  x\nInstruments:   w z", ""),
        ("Endogenous: x\nExogenous:  w z", ""),
        ("Instrumented:  x w\nInstruments:   z", "calls `w` instrumented"),
        ("Instrumented:  xhat\nInstruments:   w z", "calls `xhat` instrumented"),
        ("Instrumented:\nInstruments:   w z", "doesn't call `x` instrumented"),
        ("Instrumented:  x\nInstruments:   w v", "calls `v` an instrument"),
        ("Instrumented:         x\nIncluded instruments: w\nExcluded instruments: z", ""),
        ("Instrumented:         x\nIncluded instruments: z\nExcluded instruments: z", "calls `z` an included instrument"),
    ],
)
def test_what_the_foot_of_instrumental_variables_says(tmp_path, foot, denied):
    data_into(tmp_path)
    from parity.stata.do import run_do

    code = f"{READ}ivregress 2sls y w (x = z)\n"
    (e,) = run_do(code, tmp_path).estimations
    form = "{:>12} | {:10.7f} {:10.7f} {:8.2f} {:7.3f} {:11.7f} {:11.7f}"
    rows = [form.format(c.term, c.b, c.se, c.t, c.p, c.low, c.high) for c in e.coefficients]
    rule, heading = "-" * 78, "           y | Coefficient  Std. err.      z    P>|z|     [95% conf. interval]"
    window = [f"{IV}          Number of obs   =        200", "", rule, heading, "-" * 13 + "+" + "-" * 64, *rows, rule]
    (tmp_path / "main.do").write_text(code)
    (tmp_path / "main.log").write_text("\n".join([*(f". {line}\n" for line in code.splitlines()), *window, foot, ""]))
    report = verify(tmp_path)
    assert report.summary.reproduced == report.summary.cells == 19
    assert [f.id for f in report.denied] == ["note-window"] * bool(denied) and all(denied in f.text for f in report.denied)


# ---------------------------------------------------------------- loops


def test_the_head_of_a_loop_that_a_log_echoes(bed):
    head = "foreach v in union married {"
    notes = found(bed, head, head.replace("married", "black"))
    assert {kind for kind, _ in notes} == {"note-command"} and len(notes) == 2
    assert "shows `foreach v in union black` around these numbers; the code has `foreach v in union married`" in notes[0][1]
    assert not found(bed, head, "foreach v  in union   married{")


# ---------------------------------------------------------------- counts and samples of tables

TWO = f"{READ}eststo: regress y x w\neststo: regress y x w if h > 1, vce(cluster g)\n"
SEXES = f"""{READ}generate female = z > 0
generate year = 1980 + h
label define ms 0 "Single" 1 "Married"
generate ms = v > 0
label values ms ms
eststo: regress y x w if female == 1 & year < 1983
"""


@pytest.fixture
def said(tmp_path):
    """Findings about the notes of a table, by id, with a title above it and a note below."""
    data_into(tmp_path)

    def ask(code, title="", note=""):
        (tmp_path / "main.do").write_text(code + WRITE)
        above = f'"{title}"\n' if title else ""
        (tmp_path / "t.csv").write_text(above + esttab(tmp_path, code) + (f'"{note}"\n' if note else ""))
        report = verify(tmp_path)
        assert report.summary.reproduced == report.summary.cells > 0
        assert report.exit_code == any(f.id.startswith("note-") for f in report.findings)
        return {f.id: f.text for f in report.findings if f.id.startswith("note-") or f.id == "sample-unverified"}

    return ask


@pytest.mark.parametrize(
    ("note", "says"),
    [
        ("Notes: 999 observations.", "the note says `999 observations`; its columns have 200, 100"),
        ("Notes: N = 999.", "`N = 999`"),
        ("Notes: The sample of 1,999 firm-year observations.", "1,999"),
        ("Notes: Number of observations: 999.", "999"),
        ("注：样本量为999。", "999"),
        ("Notes: 200 observations.", ""),
        ("Notes: 100 observations in column 2.", ""),
        ("Notes: 12 observations are dropped.", ""),
        ("Notes: groups with fewer than 10 observations are left out.", ""),
        ("Notes: about 1,000 observations.", ""),
        ("Notes: the sample has 300 observations in both columns.", ""),
        ("Notes: 31 clusters.", "`31 clusters`"),
        ("Notes: standard errors in 20 clusters.", ""),
    ],
)
def test_counts_in_notes(said, note, says):
    notes = said(TWO, note=note)
    assert set(notes) == ({"note-count"} if says else set()) and all(says in text for text in notes.values())


@pytest.mark.parametrize(
    ("title", "note", "says"),
    [
        ("Table 1: Wages, women only", "", ""),
        ("Table 1: Wages, men only", "", "the title says `men only`; in its sample `female` is 1"),
        ("Table 1: Wages", "Notes: Sample: males.", "the note says `Sample: males`"),
        ("Table 1: Wages", "Notes: The sample is restricted to married women.", "`ms` is Single, Married"),
        ("Table 1: Wages (Single only)", "", "`ms` is Single, Married"),
        ("Table 1: Wages", "Notes: Sample period 1980-1982.", ""),
        ("Table 1: Wages", "Notes: Sample period 1980-1981.", "its sample has years from 1980 to 1982"),
        ("Table 1: Wages", "Notes: the reform of 1980-1981 is controlled for.", ""),
        ("Table 1: Wages, OLS only", "", ""),
    ],
)
def test_samples_in_titles_and_notes(said, title, note, says):
    notes = said(SEXES, title, note)
    assert set(notes) == ({"note-sample"} if says else set()) and all(says in text for text in notes.values())


def test_a_sample_that_no_variable_tells_is_said(said):
    notes = said(TWO, "Table 1: Wages, women only")
    assert set(notes) == {"sample-unverified"} and "no variable of the data tells" in notes["sample-unverified"]


def test_labels_exchanged_are_no_other_command_with_the_same_numbers(tmp_path):
    """`a` and `b` are copies: the command that uses them has the table's numbers in their order, and is another's."""
    data_into(tmp_path)
    code = f"{READ}generate a = x\ngenerate b = w\nregress y a b\neststo clear\neststo: regress y x w\n"
    (tmp_path / "main.do").write_text(code + WRITE)
    table = esttab(tmp_path, f"{READ}regress y x w\n")
    (tmp_path / "t.csv").write_text(table.replace('"x"', '"?"').replace('"w"', '"x"').replace('"?"', '"w"'))
    (exhibit,) = verify(tmp_path).exhibits
    assert exhibit.columns[0].command.line == 6
    causes = {(c.label, x.id) for c in exhibit.cells for x in c.causes}
    assert causes == {("x", "labels-swapped"), ("w", "labels-swapped")}
