"""Do-files as text: statements, blocks, macros, commands and expressions, by the manuals' rules."""

from __future__ import annotations

import pytest

from parity.stata.blocks import Branch, Foreign, Loop, Program, Unbalanced, blocks, blocks_until
from parity.stata.macros import MacroError, Macros
from parity.stata.source import statements
from parity.stata_language.command import SyntaxProblem, read
from parity.stata_language.expression import Binary, ExpressionError, Number, Unary, parse


def texts(source: str) -> list[str]:
    return [s.text for s in statements(source)]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("gen x = 1 // why\n* a comment, don't read\nsum x", ["gen x = 1", "sum x"]),
        ("reg y x ///\n  z, robust", ["reg y x    z, robust"]),
        ("/* one /* inside */ still */ sum x", ["sum x"]),
        ('use "http://a.b/c.dta"', ['use "http://a.b/c.dta"']),
        ("#delimit ;\nreg y x\n z;\nsum x;\n#delimit cr\nsum z", ["reg y x  z", "sum x", "sum z"]),
        ("#d ;\nsum x;", ["sum x"]),
        ('di "a // b"', ['di "a // b"']),
        ('di `"say "/* no" comment"\'', ['di `"say "/* no" comment"\'']),
        ('title("a ///\n b")', ['title("a   b")']),
        ("sum x\r\nsum y\r", ["sum x", "sum y"]),
        ("* joined ///\nsum x\nsum y", ["sum y"]),
    ],
)
def test_statements(source, wanted):
    assert texts(source) == wanted


def test_a_statement_knows_its_lines():
    found = statements("sum x\n\nreg y ///\n x\n/* a\n b */ sum z")
    assert [(s.line, s.last_line) for s in found] == [(1, 1), (3, 4), (6, 6)]


def test_blocks_nest_and_end():
    tree = blocks(
        statements(
            "foreach v in a b {\n if `v' == 1 {\n sum x\n }\n else if 2 {\n sum y\n }\n else sum z\n}\n"
            "program define p\n sum x\nend\nmata:\n x = 1\nend"
        )
    )
    loop, program, foreign = tree
    assert isinstance(loop, Loop) and isinstance(program, Program) and isinstance(foreign, Foreign)
    assert isinstance(loop.body[0], Branch) and [c for _, c, _ in loop.body[0].arms] == ["`v' == 1", "2", ""]


def test_one_line_forms():
    (branch,) = blocks(statements('if "`x\'" == "" local x 1'))
    assert branch.arms[0][1] == '"`x\'" == ""' and branch.arms[0][2][0].text == "local x 1"
    (loop,) = blocks(statements("forvalues i = 1/3 { di `i' }".replace("{ ", "{\n").replace(" }", "\n}")))
    assert loop.kind == "forvalues"


def test_what_never_ends_is_said_with_its_line_and_what_stands_before_is_kept():
    with pytest.raises(Unbalanced) as error:
        blocks(statements("sum x\nforeach v in a {\nsum `v'"))
    assert error.value.line == 2
    before, wrong = blocks_until(statements("sum x\nforeach v in a {\nsum `v'"))
    assert [s.text for s in before] == ["sum x"] and wrong is not None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("`x'", "1"),
        ("``i''", "1"),
        ("`x`x''", "deep"),
        ("`=2+`x''", "<2+1>"),
        ("`:word count a'", "[word count a]"),
        ("$g/${p}x", "G/Px"),
        ('`"a "`x\'" b"\'', '`"a "1" b"\''),
        (r"\$g \`x'", "$g `x'"),
        ("`list'", "a 1"),
        ("$5", "$5"),
    ],
)
def test_macros(text, wanted):
    macros = Macros(lambda e: f"<{e}>", lambda e: f"[{e}]", {"g": "G", "p": "P"})
    macros.locals.update(x="1", i="x", x1="deep", list="a `x'")
    assert macros.expand(text) == wanted


def test_globals_that_stata_sets_are_not_undefined():
    macros = Macros(evaluate=str)
    assert macros.expand("$S_DATE$S_ADO") == "" and macros.undefined == []


def test_an_undefined_macro_is_empty_and_noted():
    macros = Macros(str, str)
    assert macros.expand("a `no' ${none}") == "a  " and macros.undefined == ["no", "$none"]


def test_steps_change_the_macro():
    macros = Macros(str, str)
    macros.locals["i"] = "3"
    assert (macros.expand("`++i'"), macros.expand("`i++'"), macros.locals["i"]) == ("4", "4", "5")


def test_macros_that_hold_each_other_end():
    macros = Macros(str, str)
    macros.locals.update(a="`b'`b'", b="`a'`a'")
    with pytest.raises(MacroError):
        macros.expand("`a'")


def test_a_command_in_its_parts():
    found = read("by id (year), sort: reghdfe y L.x i.g [aw=w*2] if a == 1 & b != 2 in 1/9, absorb(id year) vce(cluster id)")
    assert (
        found.name == "reghdfe"
        and found.about == "y L.x i.g"
        and found.condition == "a == 1 & b != 2"
        and found.rows == "1/9"
    )
    assert (found.weight.kind, found.weight.expression) == ("aweight", "w*2")
    assert [(o.name, o.value) for o in found.options] == [("absorb", "id year"), ("vce", "cluster id")]
    assert (found.prefixes[0].name, found.prefixes[0].text) == ("by", "id (year)")


@pytest.mark.parametrize(
    ("text", "name"),
    [("reg y x", "regress"), ("su x", "summarize"), ("g x = 1", "generate"), ("cap noi xi: logit y x", "logit"),
        ("bys a: egen b = max(c)", "egen"),
     ("qui eststo m: reg y x", "regress"), ("ta x", "tabulate"), ("!rm x", "shell"), ("u a", "use")],
)  # fmt: skip
def test_names_are_known_by_their_abbreviations(text, name):
    assert read(text).name == name


def test_what_breaks_the_syntax_is_refused():
    for text in ("reg y x, vce(cluster id", "), x", "reg y x [aw=w"):
        with pytest.raises(SyntaxProblem):
            read(text)


def test_precedence():
    assert parse("-2^2") == Unary("-", Binary("^", Number(2.0, "2"), Number(2.0, "2")))
    assert parse("a | b & c") == Binary("|", parse("a"), Binary("&", parse("b"), parse("c")))
    assert parse("1 - 2 - 3") == Binary("-", Binary("-", parse("1"), parse("2")), parse("3"))
    assert parse("x > 1 & y < 2") == Binary("&", parse("x > 1"), parse("y < 2"))


@pytest.mark.parametrize("text", ["x >", "f(", "1 2", "x == ", "`x'", "", "x; y"])
def test_no_expression(text):
    with pytest.raises(ExpressionError):
        parse(text)


def test_expressions_in_chinese():
    assert parse('省份 == "北京" & 年份 >= 2015').operator == "&"
