"""Options of commands that change data are read, in full or abbreviated, or the command isn't run; none is passed over."""

from __future__ import annotations

import openpyxl
import pytest

from parity.stata.commands import _loaded
from parity.stata.session import Session
from parity.stata_language.data_options import listed
from small_do import PANEL, column, run

nan = float("nan")
#: They judge their options themselves.
OWN = {"predict", "tabulate", "tab1", "tab2", "gstats"}
#: Commands that run on PANEL; `!` stands where an option goes.
COMMANDS = (
    "gen y = x!", "replace x = 1!", "keep if x > 1!", "drop x!", "sort x!", "gsort -x!", "order t!", "aorder!",
    "duplicates drop!", "duplicates tag id, gen(y)!", "expand 2!", "isid id t!", "compress!", "collapse x, by(id)!",
    "gcollapse x, by(id)!", "contract id!", "fillin id t!", "reshape wide x s, i(id) j(t)!", "rename x y!",
    "label variable x hello!", "encode s, gen(y)!", "destring s, replace force!", "tostring x, replace!",
    "recode x (1=2), gen(y)!", "format x %9.2f!", "clonevar y = x!", "mvdecode x, mv(9)!", "split s!", "recast double x!",
    "separate x, by(id)!", "xtset id t!", "tsset id t!", "carryforward x, gen(y)!", "ipolate x t, gen(y)!",
    "rangestat (mean) x, interval(t -1 0)!",
    "xtile y = x, nq(2)!", "winsor2 x!", "winsor x, gen(y) p(.1)!", "egen y = mean(x)!", "egen y = total(x), by(id)!",
    "egen y = group(id s)!", "egen y = rowtotal(x t)!", "egen y = mode(x)!", "egen y = rank(x)!", "save kept!",
)  # fmt: skip


def kinds(session: Session) -> list[str]:
    return [f.id for f in session.findings]


def test_every_command_that_changes_data_says_what_it_reads():
    changing = {name for name, known in _loaded().items() if known.changes_data}
    assert changing - OWN <= listed(), "add the command's options to stata_language/data_options.py"


@pytest.mark.parametrize("text", COMMANDS)
def test_an_option_that_is_not_read_stops_the_command(text, tmp_path):
    comma = " " if "," in text else ", "
    assert "option-not-read" not in kinds(run(PANEL + text.replace("!", ""), tmp_path))
    for option in ("nonesuch", "nonesuch(3)"):
        for prefix in ("", "capture "):  # who catches errors doesn't expect this one
            session = run(PANEL + prefix + text.replace("!", f"{comma}{option}"), tmp_path)
            assert kinds(session) == ["option-not-read"]
            assert option in session.findings[0].text


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("gsort -x, m", "x", [nan, 16, 9, 4, 1]),
        ("gsort id -t, gen(n)", "n", [1, 2, 3, 4, 5]),
        ("egen y = rank(x), f", "y", [4, 3, nan, 2, 1]),
        ("egen y = rowtotal(x), m", "y", [1, 4, nan, 9, 16]),
        ("egen y = std(t), mean(5) sd(0)", "y", [5, 5, 5, 5, 5]),
        ("egen y = mode(x), min", "y", [1, 1, 1, 1, 1]),
        ("winsor2 x, cuts(0 100) r", "x", [1, 4, nan, 9, 16]),
        ("recode x (1=2), pre(new)", "newx", [2, 4, nan, 9, 16]),
        ("isid id t\ngsort -x\nisid id t, s", "x", [1, 4, nan, 9, 16]),
    ],
)  # fmt: skip
def test_abbreviations(text, name, wanted, tmp_path):
    session = run(PANEL + text, tmp_path)
    assert kinds(session) == []
    assert column(session, name) == pytest.approx(wanted, nan_ok=True)


def test_places_of_new_variables(tmp_path):
    assert list(run(PANEL + "gen y = 1, before(t)\ngen z = 1, a(t)", tmp_path).data.columns) == [
        "id", "y", "t", "z", "x", "s"]  # fmt: skip


def test_keys_must_not_be_missing(tmp_path):
    assert "should never be missing" in run(PANEL + "isid id x", tmp_path).findings[0].text
    assert kinds(run(PANEL + "isid id x, missok", tmp_path)) == []


def test_the_smallest_type(tmp_path):
    session = run(PANEL + "egen a = group(id), auto\negen b = group(id)", tmp_path)
    assert (session.data["a"].kind, session.data["b"].kind) == ("byte", "float")


def test_value_labels_of_the_other_file(tmp_path):
    made = PANEL + 'label define l 1 "one"\nlabel values id l\nsave other\nlabel drop l\n'
    for text in ("merge 1:1 id t using other", "append using other", "joinby id t using other"):
        assert run(made + text, tmp_path).data.value_labels.get("l") == {1.0: "one"}
        assert "l" not in run(made + text + ", nol", tmp_path).data.value_labels
    assert "l" not in run(made + "use other, clear nolabel", tmp_path).data.value_labels
    assert "mine" in run(made + "joinby id t using other, unm(both) _merge(mine)", tmp_path).data.columns


def test_options_of_the_old_merge(tmp_path):
    made = PANEL + "keep if t < 3\ngen z = 7\nsave other\nrename z w\nkeep if t == 1\nkeep id t x\n"
    session = run(made + "merge id t using other, unique keep(z) nokeep _merge(m) sort", tmp_path)
    assert kinds(session) == []
    assert list(session.data.columns) == ["id", "t", "x", "z", "m"]
    assert column(session, "m") == [3, 3]


@pytest.mark.parametrize(
    ("span", "wanted"),
    [("B2:B3", [5, 8]), ("B2", [5, 8, 11]), ("B2:", [5, 8, 11]), (":C2", [1, 4]), ("AA1:AB2", [])],
)
def test_cells_of_a_workbook(span, wanted, tmp_path):
    book = openpyxl.Workbook()
    for i in range(4):
        book.active.append([3 * i + j + 1 for j in range(3)])
    book.save(tmp_path / "book.xlsx")
    session = run(f"import excel using book.xlsx, cellra({span}) clear", tmp_path)
    assert kinds(session) == []
    first = next(iter(session.data.columns.values()), None)
    assert [v for v in first.values.tolist() if v == v] == wanted if first is not None else wanted == []
    assert kinds(run("import excel using book.xlsx, cellrange(2) clear", tmp_path)) != []


def test_rows_of_a_text_file_that_are_asked_for(tmp_path):
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n3,4\n")
    assert kinds(run("import delimited rows.csv, clear", tmp_path)) == []
    assert kinds(run("import delimited rows.csv, clear rowrange(3)", tmp_path)) == ["option-not-read"]


@pytest.mark.parametrize(
    ("typed", "name", "wanted"),
    [
        ("import delimited ids.csv, clear stringcols(1)", "id", ["001", "002"]),
        ('clear\ninput str8 v\n"1,000$"\n"2"\nend\ndestring v, replace ignore("$,") force', "v", [1000, 2]),
        ('clear\ninput str8 v g\n" a b " 1\n"c d" 2\nend\nsplit v if g == 1', "v1", ["a", ""]),
        (PANEL + "contract id [fw=t]", "_freq", [7, 3]),
        (PANEL + "mark touse if x > 1", "touse", [0, 1, 1, 1, 1]),
        (PANEL + "gen touse = 1\nmarkout touse s", "touse", [0, 0, 0, 0, 0]),
        (PANEL + "gen touse = 1\nmarkout touse s, strok", "touse", [1, 1, 0, 1, 1]),
    ],
)
def test_options_are_read_whole(typed, name, wanted, tmp_path):
    (tmp_path / "ids.csv").write_text("id,x\n001,2\n002,3\n")
    session = run(typed, tmp_path)
    assert kinds(session) == []
    assert column(session, name) == wanted


@pytest.mark.parametrize(
    "typed",
    [
        'import delimited ids.csv, clear delimiters(";,")',
        'import delimited ids.csv, clear delimiters("whitespace", collapse)',
        'import delimited ids.csv, clear delimiters(" ", collapse)',
        "clear\ninput id x1 x2\n1 2 3\nend\nreshape long x, i(id) j(t 1)", PANEL + "xtset id t, delta(15 minutes)",
        'import excel using ids.xlsx, clear allstring("%9.2f")',
        PANEL + "sort x in 1/3", PANEL + "egen y = mean(x) [aw=t]", PANEL + "winsor2 x [aw=t]",
    ],
)  # fmt: skip
def test_what_is_read_in_part_stops_the_command(typed, tmp_path):
    openpyxl.Workbook().save(tmp_path / "ids.xlsx")
    (tmp_path / "ids.csv").write_text("id,x\n001,2\n002,3\n")
    assert kinds(run(typed, tmp_path)) == ["option-not-read"]


@pytest.mark.parametrize("typed", ["infile id x using ids.csv, clear", "import delimited a b using ids.csv, clear",
                                   "import delimited a using ids.csv, clear",
                                   "insheet a b using ids.csv, clear"])  # fmt: skip
def test_lists_of_variables_for_a_text_are_not_passed_over(typed, tmp_path):
    (tmp_path / "ids.csv").write_text("id,x\n001,2\n002,3\n")
    session = run(PANEL + typed, tmp_path)
    assert kinds(session) == ["unknown-command"]
    assert session.data is None


def test_files_are_named_with_and_without_using(tmp_path):
    (tmp_path / "ids.csv").write_text("id,x\n001,2\n002,3\n")
    for typed in ("import delimited ids.csv", "import delimited using ids.csv", "insheet using ids.csv"):
        for more in (", clear", ', clear delimiter(",")', ", clear delim(comma)"):
            assert kinds(run(f"{typed}{more}", tmp_path)) == [], (typed, more)


@pytest.mark.parametrize(
    ("delta", "form", "wanted"),
    [("15 minutes", "%tc", 9e5), ("(2*3) hours", "%tc", 216e5), ("1 day", "%td", 1), ("1 week", "%td", 7), ("2", "%ty", 2)],
)
def test_units_of_time_between_periods(delta, form, wanted, tmp_path):
    session = run(
        f"{PANEL}gen double w = t * {wanted}\ndrop t\nrename w t\nformat t {form}\nxtset id t, delta({delta})", tmp_path
    )
    assert kinds(session) == []
    assert session.data.panel.delta == wanted


def test_an_assertion_of_a_merge_is_of_all_its_rows(tmp_path):
    made = "clear\ninput id y\n1 1\n7 2\nend\nsave other\n" + PANEL
    session = run(f"{made}merge m:1 id using other, assert(match master) keep(match master) nogenerate", tmp_path)
    assert kinds(session) == ["stata-error"]
    assert "matched as asserted" in session.findings[0].text
    assert kinds(run(f"{made}merge m:1 id using other, assert(1 2 3) keep(1 3) nogen", tmp_path)) == []
