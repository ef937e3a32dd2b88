"""Several specs as one: outcomes, steps and splits, nothing but what could be written out."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity.base.errors import InputError
from parity.data.load import load
from parity.new.schemas import schemas
from parity.report.chinese.forms import in_chinese
from parity.runs.second_reading.words import given_of, spec_hash
from parity.study.load import parse_readable, parse_study
from parity.study.several import written_out

HEAD = '[study]\ntitle = "Several"\ndata = "data.csv"\n'
FILE = Path("study") / "study.toml"


def read(text: str):
    return parse_study(HEAD + text, FILE)


def formulas(formula: str) -> dict[str, str]:
    return {
        name: spec["formula"] for name, spec in written_out({"spec": {"m": {"formula": formula}}}, "f")[0]["spec"].items()
    }


SHORT = """
[spec.wage]
title = "Wages"
formula = "c(lwage, log(hours)) ~ educ + csw0(exper, tenure) | sw(region, region + year)"
where = "age > 20 or old"
split = { by = "sector", values = ["public", ["private", "mixed"]], all = true }
vcov = { cluster = ["region"] }

[spec.robust]
extends = "wage"
formula = "lwage ~ educ"
vcov = "HC1"
split = { by = "year", values = [1990, 2000.5, [2001, 2002, 2003]] }
where = ""

[table.main]
columns = ["robust", { heading = "All", specs = ["wage"] }]
"""


def test_it_is_what_is_written_out():
    """fixest's order: the sample outermost, then outcome, regressors, effects; all rows first (its `fsplit`)."""
    short = read(SHORT)
    wage = [spec for spec in short.specs if spec.id.startswith("wage")]
    assert len(wage) == 3 * 2 * 3 * 2
    long = []
    for sample, where in (("all", "age > 20 or old"), ("public", "(age > 20 or old) and sector in ['public']"),
                          ("private+mixed", "(age > 20 or old) and sector in ['private', 'mixed']")):  # fmt: skip
        for outcome in ("lwage", "log(hours)"):
            for step, added in enumerate(("", " + exper", " + exper + tenure"), start=1):
                for number, effects in enumerate(("region", "region + year"), start=1):
                    long.append(
                        f'[spec."wage.{sample}.{outcome}.{step}.{number}"]\nwhere = "{where}"\n'
                        f'formula = "{outcome} ~ educ{added} | {effects}"\nvcov = {{ cluster = ["region"] }}\n'
                    )
    for name, value in {"1990": "1990", "2000.5": "2000.5", "2001-2003": "2001, 2002, 2003"}.items():
        long.append(f'[spec."robust.{name}"]\nwhere = "year in [{value}]"\nformula = "lwage ~ educ"\nvcov = "HC1"\n')
    written = read("\n".join(long))
    plain = [spec.model_copy(update={"title": ""}) for spec in short.specs]
    assert plain == list(written.specs)
    assert short.tables["main"].specs == ("robust.1990", "robust.2000.5", "robust.2001-2003", *(spec.id for spec in wage))
    for a, b in zip(short.specs, written.specs, strict=True):
        assert short.spec_hash(a) == written.spec_hash(b) and spec_hash(short, a) == spec_hash(written, b)
    assert short.spec("wage.public.lwage.2.1").title == "Wages: sector = public, lwage, + exper, | region"
    assert short.spec("wage.all.log(hours).1.1").title == "Wages: log(hours), | region"


def test_the_second_reading_gets_them_written_out():
    given = given_of(read(SHORT))["spec"]
    assert "split" not in given["robust.1990"] and given["robust.1990"]["where"] == "year in [1990]"


@pytest.mark.parametrize(
    ("formula", "made"),
    [
        # vignette of fixest, "Multiple estimations": sw, sw0, csw, csw0 and mvsw
        ("y ~ a + sw(b, c + d)", {"m.1": "y ~ a + b", "m.2": "y ~ a + c + d"}),
        ("y ~ a + sw0(b, c)", {"m.1": "y ~ a", "m.2": "y ~ a + b", "m.3": "y ~ a + c"}),
        ("y ~ csw(b, c) + a", {"m.1": "y ~ b + a", "m.2": "y ~ b + c + a"}),
        ("y ~ csw0(b, l(c, 1))", {"m.1": "y ~ 1", "m.2": "y ~ b", "m.3": "y ~ b + l(c, 1)"}),
        ("y ~ x + mvsw(a, b)", {"m.1": "y ~ x", "m.2": "y ~ x + a", "m.3": "y ~ x + b", "m.4": "y ~ x + a + b"}),
        ("y ~ x | csw0(id, year) | d ~ z",
         {"m.1": "y ~ x | 0 | d ~ z", "m.2": "y ~ x | id | d ~ z", "m.3": "y ~ x | id + year | d ~ z"}),
        ("y ~ csw0(a) - 1", {"m.1": "y ~ 0", "m.2": "y ~ a - 1"}),
        ("y1 + y2 ~ x", {"m.y1": "y1 ~ x", "m.y2": "y2 ~ x"}),
        ("c(`人均 GDP`, l(y, 1), y / n) ~ x", {"m.人均GDP": "`人均 GDP` ~ x", "m.l(y_1)": "l(y, 1) ~ x",
                                                "m.y_n": "y / n ~ x"}),
        ("cbind(y, y2) ~ x | d ~ z", {"m.y": "y ~ x | d ~ z", "m.y2": "y2 ~ x | d ~ z"}),
        # one is one, and keeps its name
        ("c(y) ~ sw(x)", {"m": "y ~ x"}),
        ("(y1 + y2) ~ x", {"m": "(y1 + y2) ~ x"}),
        ("y - a ~ `sw(a, b)`", {"m": "y - a ~ `sw(a, b)`"}),
        ("y + 1 ~ x", {"m": "y + 1 ~ x"}),
        ("y ~ x | d ~ sw(a, b)", {"m": "y ~ x | d ~ sw(a, b)"}),
    ],
)  # fmt: skip
def test_steps_are_those_of_fixest(formula, made):
    assert formulas(formula) == made


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ('formula = "y ~ sw(a, b) + csw(c, d)"', "spec.m.formula", "may stand among the regressors"),
        ('formula = "y ~ sw(a, b):x"', "spec.m.formula", "a term of its own"),
        ('formula = "y ~ sw(a, )"', "spec.m.formula", "an empty term"),
        ('formula = "y ~ log(sw(a, b))"', "spec.m.formula", "it as a term of its own"),
        ('formula = "y ~ a + cws0(b, c)"', "spec.m.formula", "did you mean `csw0`?"),
        ('formula = "y ~ a + sw(0, b)"', "spec.m.formula", "write sw0() or csw0()"),
        ('formula = "y ~ a"\nsplit = { by = "", values = [1] }', "spec.m.split", "it is written"),
        ('formula = "c(y, y) ~ a"', "spec.m.formula", "`m.y` is made twice"),
        ('formula = "y ~ mvsw(a, b, c, d, e, f, g, h)"', "spec.m.formula", "256 specs, and 200 at most"),
        ('formula = "y ~ a"\nsplit = "region"', "spec.m.split", 'split = { by = "region"'),
        ('formula = "y ~ a"\nsplit = { by = "region", value = [1] }', "spec.m.split", "did you mean `values`?"),
        ('formula = "y ~ a"\nsplit = { by = "region" }', "spec.m.split", "read without its data"),
        ('formula = "y ~ a"\nsplit = { by = "region", values = [true] }', "spec.m.split", "a number or a text"),
        ('formula = "y ~ a"\nsplit = { by = "region", values = [1], all = 1 }', "spec.m.split", "true or false"),
        ('formula = "c(y, z) ~ a"\n[spec."m.y"]\nformula = "y ~ a"', "spec.m.formula", "`m.y` is made twice"),
        ('formula = "c(y, z) ~ a"\n[[published]]\nspec = "m"\nterm = "a"\nestimate = "1"\nsource = "s"', "published.0.spec",
         "`m` is several specs: name one of them, m.y, m.z"),
        ('formula = "c(y, z) ~ a"\n[audit.a]\nspec = "m"', "audit.a.spec", "`m` is several specs"),
        ('formula = "y ~ a"\nby = "region"', "spec.m.by", "here it is split = { by ="),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_key(text, key, said):
    with pytest.raises(InputError) as error:
        read(f"[spec.m]\n{text}\n")
    (problem,) = error.value.problems
    assert problem.key == key and said in problem.message


def test_several_that_cannot_be_read_stop_no_other():
    """What is printed of one of them goes with them."""
    text = '[spec.m]\nformula = "c(y, z) ~ a"\nmodel = "no"\n[spec.ok]\nformula = "y ~ a"\n'
    text += '[[published]]\nspec = "m.y"\nterm = "a"\nestimate = "1"\nsource = "s"\n[table.t]\ncolumns = ["m.y"]\n'
    study, wrong = parse_readable(HEAD + text, FILE)
    assert [spec.id for spec in study.specs] == ["ok"] and not study.published
    assert [*wrong] == ["m", "table.t"] and "rests on `m`" in wrong["table.t"][0].message


def test_a_spec_that_is_none_is_told(tmp_path):
    with pytest.raises(InputError, match=r"`m` is several specs: name one of them, m\.y, m\.z"):
        read('[spec.m]\nformula = "y + z ~ a"\n').spec("m")


def test_values_that_the_data_have_beyond_are_told_and_those_they_lack_refused(tmp_path):
    (tmp_path / "data.csv").write_text("y,x,g\n1,2,east\n2,3,east\n3,5,west\n4,4,north\n1,1,\n", encoding="utf-8")
    text = '[spec.m]\nformula = "y ~ x"\nsplit = { by = "g", values = ["east", "west"] }\n'
    said = load(parse_study(HEAD + text, tmp_path / "study.toml")).notes
    note = "1 of 5 rows have a value of `g` that it doesn't name: `north`"
    assert f"spec.m.split: {note}" in said and in_chinese(note) == "5 行中有 1 行的 `g` 取值未列出：`north`"
    none = "1 of 5 rows have no value of `g`"
    assert f"spec.m.split: {none}" in said and in_chinese(none) == "5 行中有 1 行没有 `g` 的取值"
    with pytest.raises(InputError) as error:
        load(parse_study((HEAD + text).replace('"g"', '"gg"'), tmp_path / "study.toml"))
    assert [p.key for p in error.value.problems] == ["spec.m.split"] and "no column `gg`" in str(error.value)
    with pytest.raises(InputError, match=r"spec\.m\.est\.where.*no row has `est`.*`east`"):
        load(parse_study((HEAD + text).replace('"east"', '"est"'), tmp_path / "study.toml"))


def test_rows_without_a_logarithm_are_told(tmp_path):
    """Stata's exposure() stops there with r(459); here they are left out, and never without a word."""
    (tmp_path / "data.csv").write_text("y,x,pop\n1,2,0\n2,3,-1\n3,5,4\n4,4,\n1,1,9\n", encoding="utf-8")
    text = HEAD + '[spec.m]\nformula = "y ~ x"\nmodel = "poisson"\nexposure = "pop"\nwhere = "x < 5"\n'
    said = "2 of 4 rows are left out, as `pop` is zero or less there; Stata's exposure() stops at that"
    assert f"spec.m.offset: {said}" in load(parse_study(text, tmp_path / "study.toml")).notes
    assert in_chinese(said).startswith("4 行中有 2 行的 `pop` 不大于零")


def test_a_misspelt_column_of_lags_is_told_before_anything_is_estimated(tmp_path):
    (tmp_path / "data.csv").write_text("id,t,y,x\n1,1,1,2\n1,2,2,3\n", encoding="utf-8")
    text = HEAD + 'unit = "id"\ntime = "t"\n[spec.m]\nformula = "y ~ l(y, 1) + x"\nmodel = "difference_gmm"\n'
    with pytest.raises(InputError, match=r"spec\.m\.dynamic\.gmm.*no column `yy`.*`y`"):
        load(parse_study(text + "dynamic = { gmm = { yy = [2] } }\n", tmp_path / "study.toml"))


def test_values_and_outcomes_whose_names_are_alike_are_numbered():
    split = 'split = { by = "`age group`", values = ["<30", ">30", "all"], all = true }'
    text = f'[spec.m]\nformula = "c(`a|b`, `a,b`) ~ x"\n{split}\n'
    study = read(text)
    assert [spec.id for spec in study.specs][::2] == ["m.all.a_b", "m.30.a_b", "m.30_2.a_b", "m.all_2.a_b"]
    assert [str(spec.formula.outcome) for spec in study.specs][:2] == ["`a|b`", "`a,b`"]
    assert study.several[0].by == "age group"


def test_a_command_is_split_too():
    study = read('[spec.m]\nstata = "regress y x if z > 1, vce(robust)"\nsplit = { by = "g", values = [1, 2] }\n')
    assert [spec.id for spec in study.specs] == ["m.1", "m.2"] and study.specs[0].vcov.kind == "HC1"
    assert all("in [" in str(s.where) and "z" in str(s.where) for s in study.specs)


def test_the_schema_has_it():
    assert schemas()["study"]["$defs"]["Spec"]["properties"]["split"]["required"] == ["by", "values"]
