"""What a do-file types itself: a value, rows by their place, a statistic; `Full sample` above less; stars at N."""

from __future__ import annotations

import pytest

from estimates_table import READ, WRITE, data_into, esttab
from parity.package.verify import verify

TWO = f"{READ}eststo: regress y x w\neststo: regress y x w if z > 0\n"


@pytest.fixture
def ask(tmp_path):
    data_into(tmp_path)

    def of(code, change=lambda text: text, call=WRITE):
        (tmp_path / "main.do").write_text(code + call)
        (tmp_path / "t.csv").write_text(change(esttab(tmp_path, code)))
        report = verify(tmp_path)
        off = [(c.label, c.verdict) for e in report.exhibits for c in e.cells if c.verdict != "reproduced"]
        return off, [(f.id, f.line, f.text) for f in report.findings], report.exit_code

    return of


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("replace y = 4 in 3", [2]), ("qui replace y = y * 1.1 in 3", [2]), ("replace y = 4 if _n == 3", [2]),
        ("replace y = cond(_n == 3, 4, y)", [2]), ("replace y = max(y, 9) in 3", [2]),
        ("recode g (2=4) in 3", [2]), ("recode g (2=4)", []), ("replace y = max(y, x) in 3", []),
        ("gen id = _n\nreplace y = -4.5 if id == 17", [3]), ('gen s = "a"\nreplace s = "b" in 3', [3]), ("drop in 3", [2]),
        ("keep in 1/150", [2]), ("replace y = 0 if x > 0", []), ("replace y = z in 3", []), ("replace y = . in 3", []),
        ("bysort g: replace y = 4 if _n == 1", []), ('gen s = "x"\nreplace s = "in 3" if x > 0', []),
        ("\n".join(f"replace y = {i} in {i}" for i in range(1, 9)), [2, 3, 4, 5, 6]),
    ],
)  # fmt: skip
def test_a_value_or_a_row_by_hand_is_said_and_leaves_the_run_green(ask, lines, said):
    _, found, code = ask(f"{READ}{lines}\neststo: regress y x w\n")
    typed = [(line, text) for id, line, text in found if id == "typed-data"]
    assert [line for line, _ in typed] == said and code == 0, found
    assert len(said) < 5 or "and 3 more such lines" in typed[-1][1]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("matrix M = (999)\nestadd scalar N = M[1,1], replace", "typed-number"),
        ("estadd scalar N = e(N) * 0 + 999, replace", "replaced-statistic"),
        ("matrix M = (999)\nmatrix M = e(b)\nestadd scalar b = M[1,1]", ""),
    ],
)
def test_a_statistic_that_the_do_file_puts_in_the_place_of_its_own(ask, typed, wrong):
    code = TWO.replace("w\neststo", f"w\n{typed}\neststo")
    off, found, _ = ask(code, lambda text: text.replace('"N","200"', '"N","999"') if wrong else text)
    assert [id for id, *_ in found] == ([wrong] if wrong else []), found
    assert off == ([("N", "differs")] if wrong == "typed-number" else [])


def heads(*names):
    return lambda text: text.replace('"","y","y"', ",".join(f'"{n}"' for n in ("", *names)))


@pytest.mark.parametrize(
    ("names", "second", "found", "code"),
    [
        (("Positive z", "Full sample"), "", "note-sample", 1), (("Full sample", "Positive z"), "", "", 0),
        (("Full sample", "(All observations)"), "", "", 0), (("All", "全样本"), "", "note-sample", 1),
        (("Full sample", "Young"), " if z > -9", "", 0), (("Young", "Full sample"), " if z > 1", "sample-unverified", 0),
    ],
)  # fmt: skip
def test_a_full_sample_of_a_command_that_leaves_rows_out(ask, names, second, found, code):
    """second: another condition of the first command, under which nobody can tell."""
    _, said, exit_code = ask(TWO.replace("x w\n", f"x w{second}\n", 1), heads(*names))
    assert ([id for id, *_ in said], exit_code) == ([found] if found else [], code), said


def test_tables_of_collections_are_said_not_to_be_read_and_leave_no_doubt(ask):
    lines = (
        "collect clear\ncollect: regress y x\ncollect layout (colname) (cmdset)\ncollect export t.docx, replace\ndtable y x"
    )
    off, found, code = ask(f"{READ}{lines}\neststo: regress y x w\n")
    ((id, line, text),) = [f for f in found if f[0] != "code-without-exhibit"]
    assert (off, code, id, line) == ([], 0, "collection-not-read", 5) and "(1 more such here)" in text


def test_stars_at_a_number_without_p_differ(ask):
    off, _, code = ask(TWO, lambda text: text.replace('"N","200"', '"N","200**"'))
    assert (off, code) == ([("N", "differs")], 1)
