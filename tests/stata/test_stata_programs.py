"""What old do-files and a package's own programs need: for, markout, gsort, preserve within programs, `_n` under by."""

from __future__ import annotations

import pytest

from parity.stata.do import run_do


@pytest.fixture
def do(tmp_path):
    (tmp_path / "d.csv").write_text("id,t,x,y\n1,1,3,1\n1,2,1,2\n2,1,5,3\n2,2,4,.\n", encoding="utf-8")

    def of(text: str):
        return run_do(f"import delimited d.csv\n{text}", tmp_path)

    return of


def column(done, name):
    return done.data[name].values.tolist()


def test_for_repeats_a_command_for_each_word(do):
    done = do("for num 1/3 \\ any a b c: gen Y = x * X\nfor var x y: replace X = -X if X < 3 \\ gen lX = X")
    assert not done.findings
    assert [column(done, n) for n in "abc"] == [[k * v for v in (3, 1, 5, 4)] for k in (1, 2, 3)]
    assert column(done, "x") == [3, -1, 5, 4] and column(done, "lx") == [3, -1, 5, 4]
    assert column(done, "y")[:3] == [-1, -2, 3]


def test_a_word_of_for_may_hold_the_name_of_another_list(do):
    done = do("for any Yes XY \\ num 4/5: gen X = Y")
    assert [float(done.data.columns[name].values[0]) for name in ("Yes", "XY")] == [4, 5] and not done.findings


def test_for_of_lists_of_different_length_is_said(do):
    (found,) = do("for num 1/3 \\ any a b: gen Y = X").findings
    assert "different lengths" in found.text


def test_gsort_leaves_the_data_sorted_by_its_first_keys(do):
    done = do("gsort +id -x\nby id: gen first = _n == 1")
    assert not done.findings
    assert column(done, "x") == [3, 1, 5, 4] and column(done, "first") == [1, 0, 1, 0]
    assert "not sorted" in do("gsort -id x\nby id: gen n = _n").findings[0].text


def test_a_group_counts_its_own_rows_in_any_command(do):
    done = do("bysort id: assert _N == 2\nbysort id (t): summarize x if _n == 1")
    assert not done.findings
    assert [p.numbers["mean"] for p in done.printed] == [3, 5]


def test_what_a_program_preserves_comes_back_at_its_end(do):
    program = "program define look\n  preserve\n  keep if id == 1\n  {}\n  exit\nend\nlook\ncount"
    assert do(program.format("count")).printed[-1].numbers["N"] == 4
    assert do(program.format("restore, not")).printed[-1].numbers["N"] == 2


def test_a_program_of_the_package_is_run(do, tmp_path):
    (tmp_path / "ado").mkdir()
    (tmp_path / "ado" / "twice.ado").write_text(
        "program define twice\n  syntax varname, gen(string)\n  helper `varlist' `gen'\nend\n"
        "program define helper\n  gen `2' = 2 * `1'\nend\n", encoding="utf-8",
    )  # fmt: skip
    done = do("twice x, gen(z)\n")
    assert not [f for f in done.findings if f.id == "unknown-command"]
    assert column(done, "z") == [6, 2, 10, 8]
    (tmp_path / "twice.ado").write_text("program define twice\nend\n", encoding="utf-8")
    assert do("twice x, gen(z)\n").findings[0].id == "unknown-command", "of two, none is the one"


def test_markout_leaves_out_missing_values(do):
    done = do("program define mark2\n  syntax varname [if], by(varname)\n  marksample touse\n  markout `touse' `by'\n"
              "  count if `touse'\nend\nmark2 x if id < 3, by(y)")  # fmt: skip
    assert done.printed[-1].numbers["N"] == 3


def test_options_and_functions_by_their_old_names(do):
    done = do("tab t, g(d)\ngen p = normprob(0)")
    assert not done.findings
    assert column(done, "d2") == [0, 1, 0, 1] and column(done, "p") == [0.5] * 4


def test_variables_that_a_command_without_engine_leaves_are_in_doubt(do):
    """What follows psmatch2 is no fault of its author's."""
    done = do("psmatch2 t x, outcome(y)\nsum y if _support == 1\ngen w = _weight\nmerror x, gen(made)\n")
    assert not [f for f in done.findings if f.id == "stata-error"]
    assert done.data["w"].doubts


def test_an_estimation_without_engine_leaves_the_data_as_they_are(do):
    """Its name is known, so that what follows is in no doubt; a program of the same name is the program."""
    done = do("xtprobit y x, vce(robust)\ngen w = x\nprogram define total\n  global mine `1'\nend\ntotal x")
    assert [f.id for f in done.findings] == ["no-engine"] and "panel probit" in done.findings[0].text
    assert not done.data["w"].doubts and done.session.macros.globals["mine"] == "x"


def test_editors_and_help_are_harmless(do):
    done = do("br\nbrowse x\ned x if t == 1\nh regress\n_dots 0, title(loop) reps(9)\n_dots 1 0")
    assert not done.findings and not done.data.doubts


def test_data_in_doubt_do_not_take_the_place_of_the_packages_own(do, tmp_path):
    """The file that lies in the package is read where the run can't make it."""
    (tmp_path / "made.csv").write_text("x\n7\n", encoding="utf-8")
    import shutil

    from conftest import ROOT

    shutil.copy(next(iter(sorted(ROOT.glob("fixtures/packages/made/data/*.dta")))), tmp_path / "kept.dta")
    done = do("mystery x\nsave kept, replace\nuse kept, clear")
    assert [f.id for f in done.findings] == ["unknown-command", "kept-file"]
    assert not done.data.doubts and "x" not in done.data.columns
    done = do("mystery x\nsave new, replace\nuse new, clear")
    assert done.data.doubts, "there is no other"


def test_drawn_columns_and_absent_data_are_the_packages_own_after_they_are_saved(do, tmp_path):
    """What a program drew, or made of data that nobody has, lies beside it: what is in no doubt must be the same."""
    import pandas as pd

    frame = pd.DataFrame({"id": [1, 1, 2, 2], "t": [1, 2, 1, 2], "x": [3, 1, 5, 4], "y": [1, 2, 3, None]})
    frame.assign(draw=[0.25, 0.5, 1.0, 2.0]).to_stata(tmp_path / "kept.dta", write_index=False)
    done = do("gen double draw = runiform()\nsave kept, replace\ngen twice = 2 * draw")
    assert column(done, "twice") == [0.5, 1, 2, 4] and not done.data["twice"].doubts
    assert [f.id for f in done.findings] == ["kept-file"]
    other = do("replace x = 9 in 1\ngen double draw = runiform()\nsave kept, replace\ngen twice = 2 * draw")
    assert other.data["twice"].doubts, "its x is another"
    gone = do("use raw, clear\nkeep if x > 1\nsave kept, replace\ngen twice = 2 * draw")
    assert column(gone, "twice") == [0.5, 1, 2, 4] and [f.id for f in gone.findings] == ["file-absent", "kept-file"]
    again = do("use raw, clear\ncapture mystery\nsave new, replace\nsave kept, replace")
    assert [s.status for s in again.statements][-2:] == ["lost", "run"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "frame create a\nframe a {\nset obs 3\n}\nglobal here = _N\nframe a: global there = _N",
            {"here": "0", "there": "3"},
        ),
        ("frame create a\nquietly frame a {\nset obs 2\n}\nframe change a\nglobal there = _N", {"there": "2"}),
        ("tempname f\nframe create `f'\nframe `f' {\nset obs 2\n}\nframe change `f'\nglobal n = _N", {"n": "2"}),
        ("quietly if 0 {\nglobal a 1\n}\nglobal b 2", {"b": "2"}),
        ("local shown noisily\nquietly `shown' {\nglobal a 1\n}", {"a": "1"}),
        ("local shown\nquietly `shown' {\nglobal a 1\n}", {"a": "1"}),
        ("version 12 {\nglobal a 1\n}", {"a": "1"}),
    ],
)
def test_a_block_runs_as_its_head_says(source, said, tmp_path):
    result = run_do(source, tmp_path)
    assert not result.findings and result.session.macros.globals == said


@pytest.mark.parametrize(
    ("head", "why"), [("foo bar", "`foo bar {`"), ("frame zz", "frame zz not found"), ("by x:", "`by x: {`")]
)
def test_a_block_whose_head_nobody_knows_is_not_run(head, why, tmp_path):
    result = run_do(f'set obs 2\ngen x = 1\n{head} {{\nglobal a 1\nreplace x = 2\n}}\nglobal b "$a"\nsum x', tmp_path)
    (found,) = [f for f in result.findings if f.id == "unknown-block"]
    assert found.line == 3 and why in found.text and "none of it is run" in found.text
    assert not result.session.macros.globals and result.data["x"].values.tolist() == [1, 1] and result.printed[0].doubts


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("using/, a(string)", {"using": "tables/t 1"}),
        ("using, a(string)", {"using": 'using "tables/t 1"'}),
        ("[if/] [in/] using/ [, a(string)]", {"using": "tables/t 1", "if": "x > 1", "in": "1/2"}),
        ("[if] [in] using [, a(string)]", {"if": "if x > 1", "in": "in 1/2"}),
    ],
)
def test_a_slash_in_syntax_leaves_the_word_out(do, declared, said):
    """[P] syntax: `using/` is the file's name alone."""
    keep = "\n".join(f"global {name} `\"`{name}'\"'" for name in said)
    typed = "if x > 1 in 1/2 " * ("if" in said)
    done = do(f'program p\nsyntax {declared}\n{keep}\nend\np {typed}using "tables/t 1", a(b)')
    assert not done.findings and {n: done.session.macros.globals[n] for n in said} == said


def test_cond_of_texts_is_a_text_in_a_macro(tmp_path):
    text = 'local a = cond(1 == 1, "all", "married")\nlocal b = cond(., "x", "y", "none")\n'
    text += """display "`a' `b'"\n"""
    done = run_do(text, tmp_path)
    assert not done.findings and done.printed[-1].values["text"] == "all none"


def test_macro_shift_leaves_no_finding(tmp_path):
    done = run_do("tokenize a b c d\nmacro shift 2\ndisplay \"`1' `2'`3'\"\n", tmp_path)
    assert not [f for f in done.findings if f.id != "undefined-macro"] and done.printed[-1].values["text"] == "c d"


def test_columns_of_a_matrix_that_nobody_knows_are_no_mistake_of_the_author(do):
    """A community command left it; `clear` takes the doubts of the data before along."""
    done = do("bartik_weight, z(x)\nmatrix alpha = r(alpha)\nclear\nsvmat alpha\ntotal alpha1 if alpha1 > 0")
    assert not [f for f in done.findings if f.id == "stata-error"]
    assert [(one.name, one.status) for one in done.statements][-2:] == [("svmat", "lost"), ("total", "lost")]
