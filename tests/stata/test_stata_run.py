"""Do-files on data: values after each command, worked out by hand or stated in the manuals."""

from __future__ import annotations

import time

import numpy as np
import pytest

from small_do import PANEL, column, run

nan = float("nan")


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("gen y = x > 3", [0, 1, 1, 1, 1]),  # missing is larger than any number
        ("gen y = x > 3 if x < .", [0, 1, nan, 1, 1]),
        ("gen y = x[_n-1]", [nan, 1, 4, nan, 9]),
        ("bys id (t): gen y = x[_n-1]", [nan, 1, 4, nan, 9]),
        ("bys id: gen y = _N", [3, 3, 3, 2, 2]),
        ("gen y = sum(x)", [1, 5, 5, 14, 30]),
        ("xtset id t\ngen y = L.x", [nan, 1, nan, nan, 9]),  # a gap is a gap
        ("xtset id t\ngen y = F.x", [4, nan, nan, 16, nan]),
        ("xtset id t\ngen y = D.x", [nan, 3, nan, nan, 7]),
        ("gen y = -x^2", [-1, -16, nan, -81, -256]),
        ("egen y = mean(x), by(id)", [2.5, 2.5, 2.5, 12.5, 12.5]),
        ("egen y = total(x), by(id)", [5, 5, 5, 25, 25]),
        ("egen y = rank(x)", [1, 2, nan, 3, 4]),
        ("egen y = group(s)", [1, 2, nan, 1, 3]),
        ("egen y = tag(id)", [1, 0, 0, 1, 0]),
        ("egen y = rowtotal(x t)", [2, 6, 4, 10, 18]),
        ("egen y = rowmean(x t)", [1, 3, 4, 5, 9]),
        ("replace x = x[_n-1] if missing(x)\nrename x y", [1, 4, 4, 9, 16]),
        ("gen y = 1 in 1\nreplace y = y[_n-1] * 2 in 2/l", [1, 2, 4, 8, 16]),  # row after row
        ("recode x (1/4 = 1) (9 = 2) (. = 0) (else = 3), gen(y)", [1, 1, 0, 2, 3]),
        ("xtile y = x, n(2)", [1, 1, nan, 2, 2]),
        ("encode s, gen(y)", [1, 2, nan, 1, 3]),
        ("gen y = cond(x, 1, 0, -1)", [1, 1, -1, 1, 1]),
        ("gen y = inlist(x, 1, .)", [1, 0, 1, 0, 0]),
        ("gen y = inrange(x, 4, .)", [0, 1, 0, 1, 1]),
        ("gen y = max(x, 5)", [5, 5, 5, 9, 16]),
        ("gen y = length(s)", [1, 1, 0, 1, 1]),
        ("gen y = _n if s == \"a\"", [1, nan, nan, 4, nan]),
        ("sum x\ngen y = x - r(mean)", [-6.5, -3.5, nan, 1.5, 8.5]),
        ("local k 2\nforvalues i = 1/3 {\n local k = `k' * `i'\n}\ngen y = `k'", [12] * 5),
        ("gen y = 0\nforeach v of varlist x t {\n replace y = y + `v' if `v' < .\n}", [2, 6, 4, 10, 18]),
        ("gen y = .a\nreplace y = 1 if y == .", [nan] * 5),
        ("gen y = .a\nreplace y = 1 if y > .", [1] * 5),
        ("gsort -x\ngen y = x", [16, 9, 4, 1, nan]),
        ("gen byte y = 200", [nan] * 5),
        ("gen int y = 1.9", [1] * 5),
        ("winsor2 x, cuts(0 75) suffix(_c)\nrename x_c y", [1, 4, nan, 9, 12.5]),
    ],
)  # fmt: skip
def test_a_column(source, wanted, tmp_path):
    session = run(PANEL + source, tmp_path)
    assert [f.text for f in session.findings if f.taints] == []
    np.testing.assert_allclose(column(session, "y"), wanted, rtol=1e-7)


def test_generate_makes_floats_and_a_literal_is_a_double(tmp_path):
    session = run(
        "set obs 1\ngen x = 0.1\ngen byte same = x == 0.1\ngen byte as_float = x == float(0.1)\ngen double z = 0.1", tmp_path
    )
    assert session.data["x"].kind == "float" and column(session, "x") == [float(np.float32(0.1))]
    assert (column(session, "same"), column(session, "as_float"), column(session, "z")) == ([0], [1], [0.1])


def test_replace_promotes_integers_and_keeps_floats(tmp_path):
    session = run(
        "set obs 1\ngen byte a = 1\nreplace a = 1000\ngen byte b = 1\nreplace b = 0.5\ngen f = 1\nreplace f = 0.1", tmp_path
    )
    assert [session.data[n].kind for n in "abf"] == ["int", "float", "float"]


def test_summarize_and_percentiles(tmp_path):
    """Percentiles take the mean of two neighbours where the rank is whole: [R] summarize."""
    session = run("set obs 10\ngen x = _n\nsum x, detail", tmp_path)
    found = session.r.numbers
    assert (found["N"], found["mean"], found["p50"], found["p10"], found["p25"]) == (10, 5.5, 5.5, 1.5, 3)
    assert found["Var"] == pytest.approx(55 / 6) and found["kurtosis"] == pytest.approx(1.7757575757575759)


def test_collapse_reshape_and_back(tmp_path):
    session = run(PANEL + "keep id t x\ncollapse (mean) m = x (sum) s = x (count) n = x (max) x, by(id)", tmp_path)
    assert [column(session, n) for n in ("id", "m", "s", "n", "x")] == [[1, 2], [2.5, 12.5], [5, 25], [2, 2], [4, 16]]
    session = run(PANEL + "keep id t x\nreshape wide x, i(id) j(t)", tmp_path)
    assert list(session.data.columns) == ["id", "x1", "x2", "x4"] and column(session, "x2") == [4, 16]
    session = run(PANEL + "keep id t x\nreshape wide x, i(id) j(t)\nreshape long x, i(id) j(t)", tmp_path)
    assert column(session, "t") == [1, 2, 4, 1, 2, 4] and session.data.sorted_by == ("id", "t")


WIDE = "clear\ninput sex inc80 inc81 id ue80 ue81 z\n0 5 6 1 0 1 9\n1 7 8 2 0 0 9\nend\n"


@pytest.mark.parametrize(
    ("source", "order"),
    [  # [D] reshape, example 1, has id year sex inc ue, and back id inc80 ue80 inc81 ue81 sex
        ("reshape long inc ue, i(id) j(year)", "id year sex inc ue z"),
        ("reshape long ue inc, i(id) j(year)", "id year sex inc ue z"),
        ("drop ue81\nreshape long ue inc, i(id) j(year)", "id year sex inc z ue"),
        ("reshape long inc ue, i(id sex) j(year)", "id sex year inc ue z"),
        ("reshape long ue inc, i(id) j(year)\nreshape wide", "id inc80 ue80 inc81 ue81 sex z"),
        ("reshape long ue inc, i(id) j(year)\norder z sex\nreshape wide inc ue, i(sex id) j(year)",
         "sex id inc80 ue80 inc81 ue81 z"),
    ],
)  # fmt: skip
def test_reshape_orders_its_columns_as_its_source_does(source, order, tmp_path):
    assert " ".join(run(WIDE + source, tmp_path).data.columns) == order


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (WIDE + "gen inc = 1\nreshape long inc, i(id) j(year)", "variable inc already defined"),
        (WIDE + "replace sex = . in 1\nreshape wide inc80, i(id) j(sex)", "variable sex contains missing values"),
        (WIDE + 'gen s = ""\nreshape wide inc80, i(id) j(s) string', "variable s contains missing values"),
    ],
)
def test_reshape_refuses_what_stata_refuses(source, said, tmp_path):
    assert said in run(source, tmp_path).findings[-1].text


def test_merge_says_whence_each_row_comes(tmp_path):
    source = PANEL + "tempfile b\npreserve\nclear\ninput id z\n2 20\n3 30\nend\nsave `b'\nrestore\nmerge m:1 id using `b'"
    session = run(source, tmp_path)
    assert column(session, "id") == [1, 1, 1, 2, 2, 3] and column(session, "_merge") == [1, 1, 1, 3, 3, 2]
    np.testing.assert_array_equal(column(session, "z"), [nan, nan, nan, 20, 20, 30])
    wrong = run(source.replace("m:1", "1:1"), tmp_path)
    assert "do not uniquely identify observations in the master data" in wrong.findings[-1].text


def test_programs_take_arguments_and_have_locals_of_their_own(tmp_path):
    program = "program define doubled\n args v by\n gen `v' = `by' * 2\n local a inner\nend\n"
    source = f'set obs 1\nlocal a outer\n{program}doubled y 21\ngen z = "`a\'"'
    session = run(source, tmp_path)
    assert column(session, "y") == [42] and column(session, "z") == ["outer"]


@pytest.mark.parametrize(
    ("source", "kind", "word"),
    [
        ("foo bar, baz", "unknown-command", "foo"),
        ("gen q = regexthis(1)", "unknown-function", "Stata may have it"),
        ("shell rm -rf /", "never-run", "shell"),
        ("!rm x", "never-run", "another program"),
        ("ssc install reghdfe", "never-run", "installs"),
        ("mata: x = 1", "never-run", "mata"),
        ("python:\nimport os\nend", "never-run", "python"),
        ('use "/etc/passwd", clear', "file-absent", "passwd"),
        ('use "https://a.b/c.dta", clear', "outside-folder", "address"),
        ('use "../../../../etc/hosts", clear', "file-absent", "hosts"),
        ("gen y = $nothing + 1", "undefined-macro", "$nothing"),
        ("gen y = x / z", "stata-error", "x not found"),
        ("set obs 3\ngen a = 1\nsort a\ngen y = _n", "unstable-sort", "anew"),
        ("set obs 2\ngen x = _n\nreplace x = . in 2\nkeep if x > 1", "missing-is-large", "larger"),
        ("foreach v in a {\nsum x", "unbalanced-braces", "never closed"),
        ("set obs 2\ngen long_name = 1\ngen y = long_n", "abbreviated-name", "long_name"),
    ],
)
def test_findings(source, kind, word, tmp_path):
    found = [f for f in run(source, tmp_path).findings if f.id == kind]
    assert found and word in found[0].text, run(source, tmp_path).findings


def test_every_statement_ends_as_run_or_as_a_finding(tmp_path):
    session = run("gen x = 1\nfoo\nset obs 2\ngen y = 2\nuse nowhere, clear\ngen z = 1", tmp_path)
    assert [(d.line, d.status) for d in session.done] == [
        (1, "run"),
        (2, "finding"),
        (3, "run"),
        (4, "run"),
        (5, "lost"),
        (6, "lost"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "while 1 {\nlocal x 1\n}",
        "program define p\np\nend\np",
        "local a `a'`a'\nforvalues i = 1/200 {\nlocal a `a'xxxxxxxxxx`a'\n}",
        "forvalues i = 1/999999999 {\ndi `i'\n}",
        "forvalues i = 1/10000 {\nforvalues j = 1/10000 {\nlocal x `i'\n}\n}",
        "set obs 999999999999",
        "(" * 5000,
        "set obs 1\ngen x = " + "-" * 3000 + "1",
        "do a.do",
        "{" * 3000,
    ],
)
def test_hostile_texts_end_with_a_word(source, tmp_path):
    (tmp_path / "a.do").write_text(source)
    started = time.monotonic()
    session = run(source, tmp_path, seconds=2)
    assert time.monotonic() - started < 10
    # three thousand minus signs are too deep for some stacks and -1 for others
    assert session.findings or column(session, "x") == [1]


def test_nothing_is_written_beside_the_do_file(tmp_path):
    (tmp_path / "inner").mkdir()
    run(
        'set obs 1\ngen x = 1\nsave "../escaped.dta", replace\nsave inner/kept, replace\nsave "/tmp/absolute.dta", replace',
        tmp_path / "inner",
    )
    assert not (tmp_path / "escaped.dta").exists()
    outside = [p for p in tmp_path.rglob("*.dta") if "scratch" not in p.parts]
    assert outside == []


def test_absolute_paths_of_another_machine_are_mapped_onto_the_folder(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "A b.csv").write_text("id,x\n1,2.5\n2,3\n")
    session = run('global root "C:/Users/me/paper"\nimport delimited "$root/data/a b.csv", clear', tmp_path)
    assert column(session, "x") == [2.5, 3] and session.files.mapped == {"C:/Users/me/paper/data/a b.csv": "data/A b.csv"}


def test_a_file_of_stata_and_back(tmp_path):
    session = run(PANEL + 'label define l 1 "one"\nlabel values id l\nsave b, replace\nclear\nuse b', tmp_path)
    assert (
        session.data["s"].kind == "str4"
        and session.data["x"].kind == "float"
        and session.data.labels_of("id") == {1.0: "one"}
    )


def test_estimations_become_requests_with_their_doubts(tmp_path):
    session = run(
        PANEL + "xtset id t\neststo m: xtreg x t, fe vce(robust)\ngen u = runiform()\nreg x u, r\nheckman x s", tmp_path
    )
    first, second, third = session.fits
    assert first.request.cluster == ("id",) and first.name == "m" and not first.doubts
    assert second.doubts == {"random"} and third.declined


@pytest.mark.parametrize(
    ("source", "names", "kinds"),
    [  # as data sets kept after these commands in a public suite have them
        ("gen double d = 3\ngen double e = 300\ngen float f = 5\ngen double h = 0.5\ncompress", ["d", "e", "f", "h"],
         ["byte", "int", "byte", "double"]),
        ("destring s2, gen(n)\ngen z = 1", ["id", "t", "x", "s", "s2", "n", "z"], None),
        ("gen long l = id\nrecode l (1 = 5), gen(m)\nrecode l (1 = 0.5), gen(h)", ["m", "h"], ["long", "double"]),
        ("save o\nrename x w\nappend using o, gen(mark)", ["id", "t", "w", "s", "s2", "mark", "x"], None),
    ],
)  # fmt: skip
def test_types_and_places_of_made_variables(source, names, kinds, tmp_path):
    session = run(PANEL + 'gen s2 = "7"\n' + source, tmp_path)
    if kinds is None:
        assert list(session.data.columns) == names
    else:
        assert [session.data[n].kind for n in names] == kinds


def test_row_totals_are_rounded_after_every_variable(tmp_path):
    session = run("set obs 1\ngen double a = 59.435615539550781\ngen byte b = 6\negen t = rowtotal(a b)", tmp_path)
    assert column(session, "t") == [float(np.float32(np.float32(59.435615539550781) + 6))]


def test_a_selection_of_the_do_file_editor_is_no_absent_file(tmp_path):
    # what it holds follows in the log, a command at a time
    assert run('do "/var/folders/96/x/T//SD23940.000000"', tmp_path).findings == []
    assert [f.id for f in run('do "absent.do"', tmp_path).findings] == ["file-absent"]


def test_a_comparison_of_literals_fills_every_row(tmp_path):
    assert column(run("set obs 3\ngen z = 1 != .", tmp_path), "z") == [1, 1, 1]


def test_winsorising_by_two_replaces_reads_the_percentiles_of_one_summarize(tmp_path):
    # generate and replace are not r-class: what summarize left stays
    source = PANEL + "summarize x, detail\ngen y = x\nreplace y = r(p25) if x < r(p25)\n"
    session = run(source + "replace y = r(p75) if x > r(p75) & x < .\ngen n = r(N)", tmp_path)
    assert column(session, "y")[:2] == [2.5, 4] and column(session, "y")[3:] == [9, 12.5]
    assert column(session, "n") == [4] * 5


def test_a_file_of_an_address_is_the_packages_own(tmp_path):
    """Where the package holds the one file that is called so; the finding says it, and nothing is fetched."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "c.csv").write_text("x\n1\n2\n")
    code = 'import delimited "https://a.b/raw/c.csv?raw=true", clear\nsum x\nimport delimited "https://a.b/d.csv", clear\n'
    session = run(code, tmp_path)
    assert [(f.id, f.line) for f in session.findings] == [("file-elsewhere", 1), ("outside-folder", 3)]
    assert (
        "data/c.csv" in session.findings[0].text
        and next(s for s in session.shown if s.kind == "summarize").values["mean"] == 1.5
    )


@pytest.mark.parametrize(
    ("line", "seen"), [("sysuse cars, clear", "file-elsewhere"), ("webuse nowhere, clear", "never-run")]
)
def test_data_of_stata_that_the_package_holds(tmp_path, line, seen):
    """What `sysuse` and `webuse` load is never fetched: the package's own file of that name is read, which is said."""
    import pandas as pd

    pd.DataFrame({"mpg": [1.0, 2.0]}).to_stata(tmp_path / "cars.dta", write_index=False)
    session = run(line, tmp_path)
    assert [f.id for f in session.findings] == [seen]
    assert (session.data is not None and session.data.rows == 2) == (seen == "file-elsewhere")
