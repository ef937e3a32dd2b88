"""A formula written from habit in Stata is answered with the way it is written here."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from parity.base.errors import InputError
from parity.cli import main
from parity.study import hints
from parity.study.formula import FormulaError, columns_of
from parity.study.grammar import parse_expression, parse_formula
from parity.study.load import load_study


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("inv ~ capital, absorb(firm year)", "after a bar"),
        ("inv ~ capital, vce(cluster firm)", "vcov = { cluster"),
        ("inv ~ capital, r", 'vcov = "HC1"'),
        ("reghdfe inv capital, a(firm)", 'formula = "inv ~ capital | firm", convention = "reghdfe"'),
        ("reg inv capital value", 'formula = "inv ~ capital + value", convention = "regress"'),
        ("reg inv capital, r", 'vcov = "HC1"'),
        ("xi: reg inv capital i.year", "`reg` is a Stata command"),
        (
            "qui eststo m1: areg inv capital [aw=w] if year > 1936, absorb(firm) cluster(firm)",
            'formula = "inv ~ capital | firm", vcov = { cluster = ["firm"] }, where = "year > 1936", '
            'weights = { analytic = "w" }, convention = "areg"',
        ),
        (". reghdfe inv value, absorb(firm year) vce(cluster firm year)", '{ cluster = ["firm", "year"] }'),
        (
            "ivregress 2sls inv value (capital = z1 z2), robust",
            'formula = "inv ~ value | 0 | capital ~ z1 + z2", vcov = "HC1"',
        ),
        ("ivreghdfe inv value (capital = z), absorb(firm)", 'convention = "ivreghdfe"'),
        ("bysort firm: heckman inv value", "none that parity estimates"),
        ("ppmlhdfe inv value, absorb(firm)", "none that parity estimates"),
        ("feols(inv ~ value | firm, data = df, cluster = ~firm)", '"inv ~ value | firm"; clusters'),
        ("m <- lm(log(inv) ~ value, data = df)", '"log(inv) ~ value"; clusters'),
        ('pf.feols("inv ~ value | firm", data=df)', '"inv ~ value | firm"; clusters'),
        ("cluster(firm)", "vcov = { cluster"),
        ("inv ～ value ｜ firm ＋ year", "type ~ for ～, | for ｜, + for ＋: `inv ~ value | firm + year`"),
        ("inv ~ value，capital", "type , for ，"),
        ("inv ~ value | (capital ~ z)", "`y ~ x | 0 | endogenous ~ instrument`"),
        ("inv ~ 1 + value + [capital ~ z]", '"inv ~ 1 + value | 0 | capital ~ z"'),
        ("inv ~ value | firm[year]", "slopes by group"),
        ("inv ~ value [aw=w]", "weights are a setting"),
        ("inv ~ value if year > 1936", 'where = "year > 2000"'),
        ("inv ~ $controls", "macro"),
        ("inv ~ value + 0,5", "with a point"),
        ("inv ~ value1-value5", "every regressor"),
        ("inv ~ a##b", "`a*b`"),
        ("inv ~ value (capital = z)", "last part"),
        ("inv capital", "before a tilde"),
        ("inv ~ L(1/2).capital", "one term per lag"),
        ("inv ~ value + i.year#i.firm", "i(a):i(b)"),
        ("inv ~ value | firm#year", "`| firm^year`"),
        ("inv ~ value | firm year", "joined by +"),
        ("inv ~ value | firm + year region | value ~ z", "joined by +"),
        ("inv ~ value capital", "regressors are joined by +"),
        ("inv ~ value capital | firm", "regressors are joined by +"),
        ("inv ~ value (log(p) = taxs)", "last part"),
        ("inv ~ value (a b = z)", "last part"),
        ("inv ~ i.t#c.index", "`i(t, index)`"),
        ("inv ~ value[_n-1]", "`l(value, 1)`"),
        ("inv income index", "before a tilde"),
    ],
)
def test_a_formula(text, told):
    with pytest.raises(FormulaError, match="can't read") as error:
        parse_formula(text)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [("L.capital", "`l(capital, 1)`"), ("L2.capital", "`l(capital, 2)`"), ("D.capital", "`d(capital, 1)`"),
     ("i.firm", "`i(firm)`"), ("c.capital", "`capital`"), ("_n", "`l(x, 1)`")],
)  # fmt: skip
def test_a_column(name, told):
    assert told in hints.in_column(name, ["capital", "firm"])


def test_after_the_bar_every_column_is_a_group():
    assert "write `firm`" in hints.in_column("i.firm", ["firm"], effect=True)
    assert "`i(firm, ref = 3)`" in hints.in_column("ib3.firm", ["firm"])


@pytest.mark.parametrize(("text", "told"), [("inv ~ ln(x)", "`log(x)`"), ("inv ~ lag(x)", '"inv ~ l(x, 1)"')])
def test_a_function(text, told):
    with pytest.raises(FormulaError, match="no function") as error:
        parse_formula(text)
    assert told in str(error.value) and "did you mean" not in str(error.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('if = "year > 1936"', "here it is `where`"),
        ('absorb = ["firm"]', "after a bar"),
        ('vcov = "robust"', 'write "HC1"'),
        ('vcov = "vce(cluster firm year)"', '{ cluster = ["firm", "year"] }'),
        ('vcov = "cluster firm"', '{ cluster = ["firm"] }'),
        ('where = "inrange(year, 1, 2)"', "`x >= a and x <= b`"),
        ('where = "cond(year > 1, 1, 2)"', "`(x > 0) * a + (not x > 0) * b`"),
        ('where = "if year == 1995"', "leave out `if`: `year == 1995`"),
        ('where = "y == ."', "`is_missing(y)`"),
        ('where = "y != . and year > 3"', "`not is_missing(y)`"),
        ('where = "y[_n-2] > 0"', "`l(y, 2)`"),
        ('where = "gen income/x"', "leave out the command"),
        ('where = "y income index"', "can't read `income index` at character 3"),
        ('where = "year >= 2015年"', "write `2015`, or '2015年' in quotes"),
        ('where = "x > 0,5"', "with a point: 0.5"),
        ('where = "x > 1,000"', "without a comma: 1000"),
        ('where = "x ≥ 1 ＆ year ≠ 2015"', "`x >= 1 and year != 2015`"),
        ('where = "year in 2000:2010"', "`year >= 2000 and year <= 2010`"),
        ('where = "keep if year > 2000"', "leave out the command"),
        ('convention = "ivreg3"', "did you mean `ivreg2`?"),
        ('convention = "xtivreg2"', "`xtivreg2` is a Stata command of its own"),
        ('convention = "ppmlhdfe"', "`ppmlhdfe` is a Stata command of its own"),
        ('t_cluster = "resid"', 'convention = { profile = "reghdfe", t_cluster = ... }'),
        ('weights = { aw = "w" }', "`aweight`, or `analytic`"),
        ('weights = { fw = "w" }', "`fweight`, or `frequency`"),
        ('weights = { pweight = "w" }', 'pweight means robust errors: write vcov = "HC1"'),
        ('weights = { iweight = "w" }', "there are `analytic` and `frequency`"),
    ],
)
def test_a_key_or_its_value(tmp_path, line, told):
    spec = {"formula": '"inv ~ x"', "vcov": '"iid"', "convention": '"regress"'} | dict([line.split(" = ", 1)])
    lines = "\n".join(f"{key} = {value}" for key, value in spec.items())
    (tmp_path / "study.toml").write_text(f'[study]\ntitle = "a"\n[spec.main]\n{lines}\n', encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_study(tmp_path)
    assert told in str(error.value)


def test_a_mistyped_verb_is_answered():
    done = CliRunner().invoke(main, ["chek", "study"])
    assert done.exit_code == 2 and "did you mean `check`?" in done.output


def test_other_mistakes_keep_their_own_message():
    assert hints.in_column("L.other", ["capital"]) == ""
    assert hints.in_column("capitol", ["capital"]) == ""
    assert hints.in_formula("inv ~ capital + + value") == ""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("[spec.基准]", '[spec."基准"]'),
        ('省份 = "a"', '"省份" = ...'),
        ("formula = y ~ x | firm", 'formula = "..."'),
        ("formula = “y ~ x”", "quotes are straight"),
        ("[spec.my main]", '[spec."my main"]'),
        ("[spec.main", "not closed"),
        (r'data = "C:\data.csv"', "in paths write /"),
        ("made = True", "small letters"),
        ("* a comment", "begins with #"),
        ("xtset firm year", "no Stata commands"),
        ('unit: "firm"', "joined by ="),
        ('where = "state != "CA""', "single quotes: \"state == 'CA'\""),
        ("stars = [.1,.05]", "a digit before its point: 0.1"),
        ("weights = {aweight=pop}", 'weights = { analytic = "pop" }'),
        ("weights = [fw=pop]", 'weights = { frequency = "pop" }'),
        ("vcov = {cluster=firm}", 'within { } too: "firm"'),
    ],
)
def test_a_line_that_is_no_toml(tmp_path, line, told):
    (tmp_path / "study.toml").write_text(f'[study]\ntitle = "a"\n{line}\n', encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_study(tmp_path)
    assert told in str(error.value)


def test_other_lines_keep_the_message_of_the_reader(tmp_path):
    (tmp_path / "study.toml").write_text('[study]\ntitle = "a"\nx = 1.2.3\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"Expected newline or end of document after a statement \(at line 3, column 8\)$"):
        load_study(tmp_path)


@pytest.mark.parametrize(
    ("line", "told"),
    [('se = "0.1"', "`parentheses`"), ('standard_error = "0.1"', "`parentheses`"), ('coef = "0.1"', "`estimate`"),
     ('n = "200"', "{ nobs ="), ('table = "2"', "`source`")],
)  # fmt: skip
def test_a_key_of_published(tmp_path, line, told):
    spec = '[study]\ntitle = "a"\n[spec.main]\nformula = "inv ~ x"\n'
    entry = f'[[published]]\nspec = "main"\nterm = "x"\nsource = "a"\n{line}\n'
    (tmp_path / "study.toml").write_text(spec + entry, encoding="utf-8")
    with pytest.raises(InputError, match="here it is") as error:
        load_study(tmp_path)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [("0,352***", 'decimals are written with a point: "0.352***"'), ("(12,5)", '"(12.5)"'),
     ("1,234", '"1.234", or "1234" if the comma'), ("1,234.5", 'without commas: "1234.5"'), ("1,234,567", '"1234567"'),
     ("3.5%", "without the percent sign"), ("（0.048）", 'type it as "(0.048)"'), ("０．３", 'type it as "0.3"'),
     ("a,b", ""), ("six", "")],
)  # fmt: skip
def test_a_printed_number_of_another_country(tmp_path, text, told):
    assert told in hints.in_printed(text) if told else hints.in_printed(text) == ""
    entry = f'[[published]]\nspec = "main"\nterm = "x"\nsource = "a"\nestimate = "{text}"\n'
    (tmp_path / "study.toml").write_text(
        '[study]\ntitle = "a"\n[spec.main]\nformula = "inv ~ x"\n' + entry, encoding="utf-8"
    )
    with pytest.raises(InputError, match="is no printed number") as error:
        load_study(tmp_path)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ('K.fixef = "nonnested"', 'fixest\'s `ssc(K.fixef = "nonnested")` is count_fixef = "nonnested"'),
        ('"fixef.K" = "none"', 'is count_fixef = "none"'),
        ("G_adj = false", 'is cluster_groups = "none"'),
        ('t.df = "conventional"', 't_cluster = "resid"'),
        ("dfadj = true", "Stata's `areg; regress with i.; xtreg, fe dfadj` is count_fixef"),
        ("exactDOF = true", 'lfe\'s `felm(exactDOF = TRUE)` is redundant = "exact"'),
        ('t_clustr = "normal"', "did you mean `t_cluster`?"),
        ("nonsense = 1", "known: profile, count_fixef"),
    ],
)
def test_a_setting_in_another_program_s_spelling(tmp_path, setting, told):
    spec = f'[spec.main]\nformula = "y ~ x | f"\nconvention = {{ profile = "fixest", {setting} }}\n'
    (tmp_path / "study.toml").write_text(f'[study]\ntitle = "a"\n{spec}', encoding="utf-8")
    with pytest.raises(InputError, match="there is no setting") as error:
        load_study(tmp_path)
    assert told in str(error.value)


@pytest.mark.parametrize("name", ["income", "index", "order", "android", "notional", "in.x", "organ"])
def test_a_keyword_is_no_beginning_of_a_name(name):
    assert str(parse_formula(f"inv ~ {name} + x")) == f"inv ~ {name} + x"
    assert columns_of(parse_expression(f"{name} > 1 and not {name} in [1]")) == (name,)
    with pytest.raises(FormulaError, match=f"can't read `{name}`"):
        parse_expression(f"y {name}")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("1985.year#c.x", "`year::1985:x`"),
        ("L2.x", "`l(x, 2)`"),
        ("c.x#c.z", "`x:z`"),
        ("_cons", "no intercept"),
        ("y", ""),
        ("x^2", "`x:x`"),
        ("I(x ^ 2)", "`x:x`"),
    ],
)
def test_a_term_of_stata_s_window(name, told):
    terms = ["x", "l(x, 2)", "x:z", "year::1985:x", "x:x"]
    hint = hints.in_term(name, terms, absorbs=True)
    assert told in hint if told else hint == ""


def test_a_full_width_sign_within_a_name_or_a_text_is_part_of_it():
    assert columns_of(parse_formula("y ~ `人均GDP（元）` | `a｜b`")) == ("y", "人均GDP（元）", "a｜b")
    assert parse_expression("city == '北京，上海'")
    assert "`x == '，' and y > 1`" in hints.in_condition("x == '，' ＆ y ＞ 1")


@pytest.mark.parametrize(
    "line", ["cluster(firm)", "vce(cluster firm)", "absorb(firm year)", "library(fixest)", "m <- lm(y ~ x)"]
)
def test_a_line_of_a_script_in_a_study_is_answered(tmp_path, line):
    (tmp_path / "study.toml").write_text(f'[study]\ntitle = "a"\n[spec.main]\n{line}\n', encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_study(tmp_path)
    told = {"cluster": 'vcov = { cluster = ["firm"] }', "absorb": "after a bar"}
    assert next((text for word, text in told.items() if word in line), "no R or Python here") in str(error.value)


@pytest.mark.parametrize(
    ("cell", "told"),
    [("0,352", "decimals"), ("12,5", "decimal comma"), ("1.234,5", "decimal comma"), ("1,234,567", "thousands"),
     ("12.5%", "percent"), ("2015年", "save it as 2015"), ("35元", "unit"), ("(12.5)", "minus")],
)  # fmt: skip
def test_numbers_of_other_programs_are_no_groups(make_study, cell, told):
    """`write i(x)` would make a column for each of them."""
    from parity.data.load import load_frame
    from parity.sample.build import build_design

    text = '[study]\ntitle = "a"\n[spec.main]\nformula = "y ~ x"\nvcov = "iid"\nconvention = "regress"\n'
    study = load_study(make_study(text, data=f'y,x\n1,"{cell}"\n2,"{cell}"\n3,"{cell}"\n'.encode()))
    with pytest.raises(Exception, match="is text") as error:
        build_design(study, study.specs[0], load_frame(study))
    assert told in str(error.value) and "i(x)" not in str(error.value)
    assert hints.in_text("北京") == "" and hints.in_text("a1") == ""
