"""`parity new` and `parity check`: each bundled table and ten messy ones give a study that runs, or a clear reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from conftest import FIXTURES, ROOT
from parity import engines
from parity.base.errors import InputError
from parity.cli import main
from parity.data.load import load_frame
from parity.new.checks import check_panel
from parity.new.schemas import schemas, text
from parity.new.write import new_study
from parity.runs import runner
from parity.study.load import load_study

PANELS = {
    "grunfeld": ("firm", "year"), "cigarettes": ("state", "year"), "fatalities": ("state", "year"),
    "hard_cases": ("unit", "year"), "job_training": ("fcode", "year"), "petersen": ("firm", "year"),
    "wage_panel": ("nr", "year"), "card": (None, None), "mroz": (None, None), "mtcars": (None, None),
}  # fmt: skip
PYTHON = ("py-statsmodels", "py-linearmodels", "py-pyfixest")


def parity(*args: str):
    return CliRunner().invoke(main, list(map(str, args)))


def run_in_python(*folders: Path):
    """The studies' own specs, Python's engines against each other."""
    chosen = [engines.engine(name) for name in PYTHON]
    return runner.run([load_study(f) for f in folders], engines=chosen, jobs=1)


def table(rows: int = 40, units: int = 8) -> list[list]:
    """Unit, year, three columns of numbers that no other determines."""
    return [
        [f"u{i % units}", 2000 + i // units, (i * 37 % 101) / 10, (i * 53 % 89) / 7, (i * 29 % 61) / 3] for i in range(rows)
    ]


def joined(header: str, rows: list[list], separator: str = ",") -> str:
    return "\n".join([header, *(separator.join(map(str, row)) for row in rows)]) + "\n"


# ---------------------------------------------------------------- bundled tables


def test_every_bundled_table_gives_a_study_that_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, (unit, time) in PANELS.items():
        done = parity("new", name, "--data", FIXTURES / name / "data.csv")
        assert done.exit_code == 0, (name, done.output)
        study = load_study(name)
        assert (study.header.unit, study.header.time) == (unit, time), name
        assert (tmp_path / name / "data.csv").read_bytes() == (FIXTURES / name / "data.csv").read_bytes()
        assert parity("check", name).exit_code == 0
    report = run_in_python(*(tmp_path / name for name in PANELS))
    assert report.exit_code == 0, [r for r in report.records if r.verdict not in ("agree", "declined")]
    assert {r.study for r in report.records if r.checked} == set(PANELS)


def test_the_file_names_its_schema_and_explains_itself(tmp_path):
    written = new_study(str(tmp_path / "mine"), FIXTURES / "grunfeld" / "data.csv")
    lines = (written.folder / "study.toml").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#:schema ./study.schema.json"
    assert (written.folder / "study.schema.json").read_text(encoding="utf-8") == text(schemas()["study"])
    assert "#   panel: 10 units (firm), 20 periods (year), balanced" in lines
    assert sorted(p.name for p in written.folder.iterdir()) == ["data.csv", "study.schema.json", "study.toml"]
    assert tomllib.loads("\n".join(lines))["spec"]["baseline"]["formula"] == "inv ~ value + capital | firm + year"


def test_comments_are_chinese_where_the_command_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "panel.csv").write_text(joined("省份,年份,投资,市值,资本", table()), encoding="utf-8")
    done = parity("new", "paper", "--data", "panel.csv", "--language", "zh")
    assert done.exit_code == 0, done.output
    text = (tmp_path / "paper" / "study.toml").read_text(encoding="utf-8")
    comments = [line.partition("# ")[2] for line in text.splitlines() if "# " in line and "#:" not in line]
    prose = [re.sub(r"^(log_y|language|spec|term|estimate|parentheses|source|\[\w+\]+) *(= .*)?", "", c) for c in comments]
    assert all(re.search("[\u4e00-\u9fff]", c) for c in prose if c.strip()), prose
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", " ".join(prose)), prose
    study = load_study("paper")
    assert study.specs[0].title.startswith("第一个回归") and study.header.language == "zh"


# ---------------------------------------------------------------- messy tables

GOOD = {
    "gbk": (joined("企业,年份,投资,市值,资本", table()).encode("gb18030"), ("企业", "年份"), "gb18030"),
    "utf-16": (joined("企业,年份,投资,市值,资本", table()).encode("utf-16"), ("企业", "年份"), "utf-16"),
    "latin": (joined("région,year,y,x,z", table()).replace("u1", "Müller").encode("cp1252"), ("région", "year"), "cp1252"),
    "bom": (joined("firm,year,y,x,z", table()).encode("utf-8-sig"), ("firm", "year"), "utf-8"),
    "semicolons": (joined("firm;year;y;x;z", table(), ";").encode(), ("firm", "year"), "utf-8"),
    "decimal commas": (joined("firm;year;y;x;z", table(), ";").replace(".", ",").encode(), ("firm", "year"), "utf-8"),
    "tabs": (joined("firm\tyear\ty\tx\tz", table(), "\t").encode(), ("firm", "year"), "utf-8"),
    "spaces": (joined(" my firm id , year, y value ,x 1,z`", table()).encode(), ("my firm id", "year"), "utf-8"),
    "chinese": (joined("省份,年份,数字经济,人均 GDP,韧性", table()).encode(), ("省份", "年份"), "utf-8"),
    "thousands": (
        joined("firm,year,y,x,z", [[*r[:2], f'"{1_000 + int(r[2] * 997):,}"', *r[3:]] for r in table()]).encode(),
        ("firm", "year"), "utf-8",
    ),
    "dates": (
        joined("firm,date,y,x,z", [[r[0], f"{r[1]}-06-30", *r[2:]] for r in table()]).encode(), ("firm", "date"), "utf-8",
    ),
    "duplicates": (joined("firm,year,y,x,z", [*table(), table()[3]]).encode(), (None, None), "utf-8"),
    "no panel": (joined("y,x,z", [r[2:] for r in table()]).encode(), (None, None), "utf-8"),
    "no names": (joined(",year,y,x,z", table()).encode(), ("column_1", "year"), "utf-8"),
    "constant": (joined("firm,year,y,x,one", [[*r[:4], 1] for r in table()]).encode(), ("firm", "year"), "utf-8"),
    "gaps": (joined("firm,year,y,x,z", [r for i, r in enumerate(table()) if i % 7]).encode(), ("firm", "year"), "utf-8"),
}  # fmt: skip


def test_messy_tables_give_studies_that_run(tmp_path):
    folders = []
    for name, (content, panel, encoding) in GOOD.items():
        source = tmp_path / f"{name} source.csv"
        source.write_bytes(content)
        done = parity("new", tmp_path / name, "--data", source)
        assert done.exit_code == 0, (name, done.output)
        study = load_study(tmp_path / name)
        assert (study.header.unit, study.header.time, study.header.encoding) == (*panel, encoding), name
        assert parity("check", tmp_path / name).exit_code == 0, name
        folders.append(tmp_path / name)
    report = run_in_python(*folders)
    assert report.exit_code == 0, [r for r in report.records if r.verdict not in ("agree", "declined")]
    assert {r.study for r in report.records if r.checked} == set(GOOD)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("semicolons", "separated by semicolon"),
        ("thousands", "separators within numbers were taken out of y"),
        ("decimal commas", "taken out of y"),
        ("gbk", "gb18030"),
        ("duplicates", "2 rows share their firm and year"),
        ("gaps", "units have gaps in year"),
        ("constant", "constant columns, which no model can use: one"),
        ("dates", "`date` is read as years"),
    ],
)
def test_what_was_found_is_said(tmp_path, name, said):
    (tmp_path / "d.csv").write_bytes(GOOD[name][0])
    done = parity("new", tmp_path / "s", "--data", tmp_path / "d.csv")
    assert said in " ".join(done.output.split()), done.output


def test_thousands_and_decimal_commas_keep_their_value(tmp_path):
    import pandas as pd

    for name in ("thousands", "decimal commas"):
        (tmp_path / "d.csv").write_bytes(GOOD[name][0])
        frame = pd.read_csv(new_study(str(tmp_path / name), tmp_path / "d.csv").folder / "data.csv")
        expected = [1_000 + int(r[2] * 997) for r in table()] if name == "thousands" else [r[2] for r in table()]
        assert frame["y"].tolist() == expected


BAD = {
    "empty": (b"", "the file is empty"),
    "blank lines": (b"\n\n \n", "blank lines only"),
    "header only": (b"a,b,c\n", "a header but no row"),
    "only text": (b"name,city\nAnn,Rome\nBob,Oslo\n", "no column holds numbers"),
    "one number": (b"name,x\nAnn,1.5\nBob,2\nCid,7\n", "only `x` holds numbers"),
    "one column": (b"x\n1\n2\n5\n", "one column only"),
    "ragged": (b"a,b\n1,2\n3,4,5\n6,7\n", "line 3 has 3 cells, but the header has 2"),
    "twice": (b"a,a\n1,2\n3,4\n5,9\n", "stands twice in the header"),
    "two rows": (b"y,x\n1,2\n3,5\n", "can be estimated on 2 rows"),
    "all the same": (b"y,x\n1,2\n1,2\n1,2\n1,2\n", "can be estimated"),
    "binary": (bytes(range(256)) * 4, "null bytes"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_can_be_no_study_is_refused_with_a_reason(tmp_path, name):
    content, said = BAD[name]
    (tmp_path / "d.csv").write_bytes(content)
    done = parity("new", tmp_path / "s", "--data", tmp_path / "d.csv")
    assert done.exit_code == 2 and said in done.output, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "cache") == ["d.csv"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["s", "--data", "none.csv"], "there is no such file"),
        (["s", "--data", "."], "this is a folder"),
        (["s", "--data", "d.doc"], "is none of"),
        (["d.csv", "--data", "d.csv"], "already"),
        (["a/b/c", "--data", "d.csv"], "no such folder"),
        (["..", "--data", "d.csv"], "needs the name"),
        (["s", "--data", "d.csv", "--unit", "frim"], "there is no column `frim`"),
        (["s", "--data", "d.csv", "--unit", "z", "--time", "year"], "share their z and year"),
    ],
)
def test_wrong_commands_are_told(tmp_path, monkeypatch, args, said):
    monkeypatch.chdir(tmp_path)
    rows = [[*r[:4], i % 2] for i, r in enumerate(table())]
    Path("d.csv").write_text(joined("firm,year,y,x,z", rows), encoding="utf-8")
    Path("d.doc").write_text("x", encoding="utf-8")
    done = parity("new", *args)
    assert done.exit_code == 2 and said in done.output, done.output
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "cache") == ["d.csv", "d.doc"]


def test_other_formats(tmp_path):
    import pandas as pd

    frame = pd.read_csv(FIXTURES / "grunfeld" / "data.csv")
    frame.to_stata(tmp_path / "g.dta", write_index=False)
    frame.to_excel(tmp_path / "g.xlsx", index=False)
    frame.to_parquet(tmp_path / "g.parquet")
    for suffix in ("dta", "xlsx", "parquet"):
        new_study(str(tmp_path / suffix), tmp_path / f"g.{suffix}")
        assert load_study(tmp_path / suffix).header.unit == "firm"


# ---------------------------------------------------------------- check


def test_check_tells_of_each_spec_its_sample():
    done = parity("check", FIXTURES / "hard_cases")
    said = " ".join(done.output.split())
    assert done.exit_code == 0
    assert "hard_cases/cascade" in said and "for singletons" in said and "left out as absorbed or collinear: x_fixed" in said
    assert "few clusters" in said


@pytest.mark.parametrize(
    ("rows", "spec", "said"),
    [
        (
            [*table(), table()[3]],
            "y ~ x",
            "WRONG 2 rows share their firm and year with another, first firm = u3, year = 2000 in rows 5, 42",
        ),
        (table(), "y ~ firm | firm", "can't be estimated"),
        (table(), "y ~ missing", "there is no column `missing`"),
    ],
)
def test_check_exits_1_where_a_run_could_not_be(tmp_path, rows, spec, said):
    toml = f'[study]\ntitle = "t"\nunit = "firm"\ntime = "year"\n[spec.one]\nformula = "{spec}"\n'
    (tmp_path / "study.toml").write_text(toml, encoding="utf-8")
    (tmp_path / "data.csv").write_text(joined("firm,year,y,x,z", rows), encoding="utf-8")
    done = parity("check", tmp_path)
    assert done.exit_code == 1 and said in " ".join(done.output.split()), done.output


SHARED = """
[study]
title = "GDP on both sides"
made = true
unit = "u"
time = "t"

[derive]
ln_gdp = "log(a + 1)"

[index.score]
indicators = [{ column = "ln_gdp", direction = "+" }, { column = "b", direction = "+" }]

[index.clean]
indicators = [{ column = "b", direction = "+" }, { column = "c", direction = "-" }]
"""
ONE_SPEC = """
[spec.s]
formula = "FORMULA"
vcov = "HC1"
convention = "regress"
"""


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("a ~ score + c", "the outcome `a` is made of what the index `score` is made of too (`ln_gdp`)"),
        ("log1p(a) ~ l(score, 1) + c", "the index `score` is made of too (`ln_gdp`)"),
        ("a ~ clean + c", ""), ("c ~ score", ""), ("score ~ a + c", ""),
    ],
)  # fmt: skip
def test_check_says_that_the_outcome_is_inside_an_index(tmp_path, formula, said):
    (tmp_path / "data.csv").write_text(joined("u,t,a,b,c", table()), encoding="utf-8")
    (tmp_path / "study.toml").write_text(SHARED + ONE_SPEC.replace("FORMULA", formula), encoding="utf-8")
    done = parity("check", tmp_path)
    assert done.exit_code == 0, done.output
    flat = " ".join(done.output.split())
    assert (said in flat) if said else ("is made of too" not in flat), done.output


def test_check_of_what_is_no_study(tmp_path):
    assert parity("check", tmp_path / "none").exit_code == 2


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("parity.new.write.first_spec", lambda *_: None)
    with pytest.raises(InputError):
        new_study(str(tmp_path / "s"), FIXTURES / "grunfeld" / "data.csv")
    assert not [p for p in tmp_path.iterdir() if p.name != "cache"]


def test_the_schema_of_the_repository_is_the_one_that_is_copied():
    assert (ROOT / "schemas" / "study.json").read_text(encoding="utf-8") == text(schemas()["study"])


def test_the_schema_knows_a_step_of_several_columns():
    """A list where the name has a *, one column where it has none; keys with a * are held by their pattern alone."""
    study = schemas()["study"]
    several = {d["title"]: d for d in study["properties"]["derive"]["patternProperties"][r"\*"]["oneOf"]}
    assert {"Winsorise", "Lag", "Log"} <= set(several) and "Interact" not in several
    for title, step in several.items():
        alone = study["$defs"][title]
        (key,) = (k for k, v in step["properties"].items() if v != alone["properties"][k])
        assert step["properties"][key]["type"] == "array" and alone["properties"][key]["type"] == "string"
        assert step["required"] == alone["required"] and key in step["required"]


@pytest.mark.parametrize("name", schemas())
def test_every_reference_of_a_schema_leads_somewhere(name):
    """A definition that is written out in its users' place is gone from the list."""
    schema = schemas()[name]
    named = set(re.findall(r'"\$ref": "#/\$defs/([^"]+)"', text(schema)))
    assert named <= set(schema.get("$defs", {}))


def test_periods_that_stand_apart_name_the_lag_to_write():
    frame = pd.DataFrame({"unit": [1, 1, 2, 2], "year": [1985, 1995, 1985, 1995]})
    (note,) = [f.text for f in check_panel(frame, "unit", "year") if f.level == "note"]
    assert note == "periods are 10 apart: a lag of 1 is always missing; write l(x, 10)"


def test_a_yearbook_is_seen_to_be_one(tmp_path):
    import openpyxl

    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, add in {"生产总值(亿元)": 1, "进出口": 7}.items():
        sheet = made.create_sheet(name)
        sheet.append([f"表 {name}"])
        sheet.append(["地区", *(f"{y}年" for y in range(2015, 2021))])
        for i, unit in enumerate(("北京市", "天津", "河北", "山西", "辽宁", "吉林")):
            sheet.append([unit, *((i * i + add) * (y + 3) % 11 + i for y in range(6))])
    made.save(tmp_path / "book.xlsx")
    written = new_study(str(tmp_path / "paper"), tmp_path / "book.xlsx")
    study = load_study(written.folder)
    assert (study.header.layout, study.header.unit, study.header.time) == ("sheets", "地区", "年份")
    assert {str(study.specs[0].formula.outcome), *map(str, study.specs[0].formula.exog)} == {"`生产总值(亿元)`", "进出口"}
    assert any("2 sheets read: 6 units, 2015 to 2020" in f.text for f in written.findings)
    assert len(load_frame(study)) == 36
    named = new_study(str(tmp_path / "named"), tmp_path / "book.xlsx", "province", "year")
    assert load_study(named.folder).header.unit == "province"
