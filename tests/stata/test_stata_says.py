"""What data steps say of themselves, and what shows the data: as public logs have it, line by line."""

from __future__ import annotations

import pytest

from parity.stata.do import run_do

ROWS = "clear\ninput x str3 s id t\n1 a 1 1\n. b 1 2\n3 c 2 1\n3 d 2 2\nend\n"
GAPS = ROWS + "replace t = 4 in 4\n"


def said(source: str, folder) -> list[str]:
    found = run_do(source, folder)
    return [s.values["text"] for s in found.said if not s.quietly]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("gen y = x", ["(1 missing value generated)"]),
        ("gen y = id", []),
        ("gen y = s if x < 2", ["(3 missing values generated)"]),
        ("egen y = mean(x) if id == 1", ["(2 missing values generated)"]),
        ("egen y = total(x)", []),
        ("replace x = 3", ["(2 real changes made)"]),
        ("replace x = . if id == 2", ["(2 real changes made, 2 to missing)"]),
        ("replace x = 3 if x == 3", ["(0 real changes made)"]),
        ('replace s = "long" in 1', ["variable s was str3 now str4", "(1 real change made)"]),
        ("gen byte b = 1\nreplace b = 300 in 1", ["variable b was byte now int", "(1 real change made)"]),
        ("drop if id == 1", ["(2 observations deleted)"]),
        ("keep if id > 5", ["(4 observations deleted)"]),
        ("keep in 1/3", ["(1 observation deleted)"]),
        ("drop s", []),
        ("duplicates drop", ["(0 observations are duplicates)"]),
        ("duplicates drop id, force", ["(2 observations deleted)"]),
        ("sample 1, count", ["(3 observations deleted)"]),
        ("sample 1 if id == 1, count", ["(1 observation deleted)"]),
        ("sample 9, count", ["(0 observations deleted)"]),
        ("egen y = rank(x), by(id) fieldstrust", []),
        ("egen y = rank(x), by(id) field", ["(1 missing value generated)"]),
        ("expand 2", ["(4 observations created)"]),
        ("expand x", ["(4 observations created)"]),
        ("recode x (3 = 4)", ["(2 changes made to x)"]),
        ("recode x (3 = 4) (. = .a), gen(y)", ["(3 differences between x and y)"]),
        ("destring x, replace", ["x already numeric; no replace"]),
        ("destring s, replace", ["s: contains nonnumeric characters; no replace"]),
        ('replace s = "7"\ndestring s, gen(n)', ["(4 real changes made)", "s: all characters numeric; n generated as byte"]),
        ("tostring id, replace", ["id was float now str1"]),
        ("reg x t\npredict e, residuals", ["(1 missing value generated)"]),
        ("gen int n = 7\nreplace n = n / 10", ["variable n was int now float", "(4 real changes made)"]),
        ("gen long n = 7\nreplace n = n / 10", ["variable n was long now double", "(4 real changes made)"]),
        ("gen byte n = 7\nreplace n = 3e9 + 1", ["variable n was byte now double", "(4 real changes made)"]),
        ("compress id", ["variable id was float now byte"]),
        ("xtset id t", ["Panel variable: id (strongly balanced)", "Time variable: t, 1 to 2"]),
        ("quietly replace x = 1", []),
        ("capture drop in 1", []),
        ("bysort id: gen y = x[1]", []),
        ("bysort id: drop if _n == 1", ["(2 observations deleted)"]),
    ],
)
def test_data_steps_say_what_they_did(source, lines, tmp_path):
    assert said(ROWS + source, tmp_path) == lines


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("", "strongly balanced"),
        ("replace t = 4 in 4", "weakly balanced"),
        ("drop in 4", "unbalanced"),
    ],
)
def test_a_panel_is_balanced_or_not(change, word, tmp_path):
    found = run_do(ROWS + f"{change}\nxtset id t\nlocal w `r(balanced)'\ndisplay \"`w' \" r(imin) r(tmax)", tmp_path)
    assert found.printed[-1].values["text"].startswith(word + " 1")


def test_a_sheet_has_the_rows_that_are_formatted(tmp_path):
    """Stata counts rows up to the last one that holds a cell, empty or not; and shows numbers as %10.0g."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["a", "b"], [1, "x"], [2, "y"]):
        sheet.append(row)
    sheet["A5"].number_format = "0.00"
    book.save(tmp_path / "t.xlsx")
    found = run_do("import excel t.xlsx, firstrow clear\nreplace a = 3 if missing(a)", tmp_path)
    assert [s.values["text"] for s in found.said] == ["(2 vars, 4 obs)", "(2 real changes made)"]
    assert found.data["a"].format == "%10.0g"


def test_rows_are_listed_as_displayed(tmp_path):
    source = ROWS + 'label define l 1 "one" 2 "two"\nlabel values id l\nformat x %4.1f\nlist x id s if id == 2'
    shown = run_do(source, tmp_path).printed[-1]
    assert shown.kind == "list" and shown.values["numbers"] == [3, 4]
    assert shown.values["rows"] == [["3.0", "two", "c"], ["3.0", "two", "d"]]
    plain = run_do(source + "\nl id in 1, nolabel", tmp_path).printed[-1]
    assert plain.values["rows"] == [["1"]]


def test_describe_knows_types_formats_and_sizes(tmp_path):
    found = run_do(ROWS + 'describe\ndisplay r(N) " " r(k) " " r(width)', tmp_path)
    assert found.printed[0].values["columns"]["s"] == ("str3", "%9s", "", "")
    assert found.printed[0].values["columns"]["x"] == ("float", "%9.0g", "", "")
    assert found.printed[1].values["text"] == "4 4 15"


def test_what_looks_at_the_data_leaves_its_results(tmp_path):
    source = ROWS + 'label variable x "Capital stock"\nlookfor capital\nlocal a `r(varlist)\'\ninspect x\n'
    found = run_do(source + 'display "`a\' " r(N_pos) " " r(N_unique)\ncodebook x', tmp_path)
    assert found.printed[1].values["text"] == "x 3 2"
    book = found.printed[2].values
    assert (book["unique"], book["missing"], book["max"]) == (2, 1, 3.0)


@pytest.mark.parametrize(
    ("shown", "text"),
    [  # from public logs: list of a float, display
        ("%9.0g 14795382", "1.48e+07"),
        ("%9.0g 1234567", "1234567"),
        ("123456789", "1.235e+08"),
        ("1e10", "1.000e+10"),
        ("1/3", ".33333333"),
        ("_pi", "3.1415927"),
        ("%9.0g 1/3", ".3333333"),
        ("%9.0g .0123456789", ".0123457"),
        ("%9.0g .00000123456", "1.23e-06"),
        ("%12.0g 2147483620", "2147483620"),
        ("%9.0gc 1234567", "1,234,567"),
    ],
)
def test_numbers_are_shown_with_the_digits_that_fit(shown, text, tmp_path):
    assert run_do(f"display {shown}", tmp_path).printed[0].values["text"] == text


@pytest.mark.parametrize(
    ("command", "left"),
    [  # what r(N) is behind a command that follows `summarize x` with its three values: Stata's "Stored results" of each
        ("replace x = 9 in 1", "3"), ("generate y = 1", "3"), ("drop s", "3"), ("label variable x \"X\"", "3"),
        ("sort x", "3"), ("rename s u", "3"), ("list x", "3"), ("display 5", "3"), ("local a = 7", "3"),
        ("preserve", "3"), ("order t", "3"), ("format x %9.2f", "3"), ("encode s, gen(c)", "3"), ("graph bar x", "3"),
        ("assert id < 3", "3"), ("expand 2", "3"),
        ("count", "4"), ("describe", "4"), ("summarize id", "4"), ("tabulate id", "4"), ("distinct x", "3"),
        ("distinct id", "4"), ("unique x", "4"), ("inspect id", "4"), ("correlate id t", "4"),
        ("xtset id t", "."), ("codebook id", "."), ("levelsof id", "4"), ("duplicates report", "4"), ("lookfor x", "."),
        ("merge 1:1 id t using m", "."), ("tabstat id", "."), ("regress x t", "."),
        ("kdensity x", None), ("misstable summarize", None), ("histogram x", None), ("mystery", None),
    ],
)  # fmt: skip
def test_each_command_keeps_or_replaces_r(command, left, tmp_path):
    source = ROWS + f'save m\nsummarize x\n{command}\nlocal n = r(N)\ndisplay "N is `n\'"'
    found = run_do(source, tmp_path)
    last = found.printed[-1].values["text"] if found.printed[-1].kind == "display" else None
    assert last == (None if left is None else f"N is {left}"), found.findings


def test_estadd_names_estimates_behind_its_colon(tmp_path):
    source = ROWS + 'eststo one: reg x t\neststo reg: reg x id\nestadd local fe "No" : one\nestadd local fe "Yes" : reg\n'
    found = run_do(source + "esttab one reg using t.tex", tmp_path)
    assert [c.texts["fe"] for c in found.tables[0].columns] == ["No", "Yes"] and len(found.estimations) == 2


def test_columns_are_made_of_groups_and_labels_of_columns(tmp_path):
    found = run_do(ROWS + "separate x, by(id) gen(g)\nlabmask t, values(s)\nunab all : x i* g?\nlocal k : word count `all'\n"
                   "display \"`all'\"\ndecode t, gen(d)\ngcollapse (mean) x, by(id)", tmp_path)  # fmt: skip
    assert found.printed[-1].values["text"] == "x id g1 g2"
    assert found.data["x"].values.tolist() == [1.0, 3.0] and not found.findings
    merged = run_do(ROWS + "gcollapse (mean) m = x, by(id) merge", tmp_path)
    assert [f.id for f in merged.findings] == ["unknown-command"]


def test_tabstat_saves_what_it_prints(tmp_path):
    source = ROWS + "tabstat x t, stat(n mean) by(id) save\nmatrix T = r(StatTotal)\nmatrix A = r(Stat2)\n"
    found = run_do(source + 'display T[1,1] " " T[2,2] " " A[2,1]', tmp_path)
    assert found.printed[-1].values["text"] == "3 1.5 3"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ('di in gr _n "Two-sample test" _n', "Two-sample test"),
        ('di in smcl in gr %12s abbrev("x", 12) " {c |}"', "x {c |}"),
        ('di in red "a" in ye "b"', "ab"),
        ('di _n in green "a" _col(5) as result %4.2f 3', "a3.00"),
        ("di x y", "12"),
    ],
)
def test_colours_of_older_versions_are_no_variables(tmp_path, typed, shown):
    """`in green` before what is displayed: programs of version 6 have it in every line. [P] display"""
    done = run_do(f"set obs 1\ngen x = 1\ngen y = 2\n{typed}\n", tmp_path)
    assert not done.findings
    assert [p.values["text"].strip() for p in done.printed if p.kind == "display"] == [shown]
