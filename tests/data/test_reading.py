"""What is missing is what the format says is missing; words, errors and empty formulas are said or refused."""

from __future__ import annotations

import resource
import time

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

from parity.base.errors import InputError, Unestimable
from parity.cli import main
from parity.data.load import load, load_frame, read_frame
from parity.data.marks import marks_of
from parity.sample.build import build_design
from parity.study.load import load_study

TOML = """
[study]
title = "Reading"
data = "data{suffix}"
{header}

{derive}

[spec.s]
formula = "{formula}"
{spec}
"""


def study(folder, frame=None, suffix=".csv", *, header="", derive="", formula="y ~ x", spec="", **options):
    folder.mkdir(exist_ok=True)
    text = TOML.format(suffix=suffix, header=header, derive=derive, formula=formula, spec=spec)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    if frame is not None:
        write = {".csv": frame.to_csv, ".xlsx": frame.to_excel, ".parquet": frame.to_parquet, ".dta": frame.to_stata}[suffix]
        extra = {".parquet": {}, ".dta": {"write_index": False}}.get(suffix, {"index": False})
        write(folder / f"data{suffix}", **extra, **options)
    return load_study(folder)


def design(loaded, frame=None):
    return build_design(loaded, loaded.specs[0], load_frame(loaded) if frame is None else frame)


def table(n: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    countries = ["NA", "DE", "FR"]
    return pd.DataFrame({"country": [countries[i % 3] for i in range(n)], "y": rng.normal(size=n).round(6),
                         "x": rng.normal(size=n).round(6)})  # fmt: skip


CLUSTERED = {"spec": 'vcov = { cluster = ["country"] }'}

# ---------------------------------------------------------------- missing


@pytest.mark.parametrize("suffix", [".dta", ".parquet"])
def test_namibia_is_a_country_in_typed_formats(tmp_path, suffix):
    loaded = study(tmp_path, table(), suffix, **CLUSTERED)
    assert design(loaded).facts.clusters[("country",)] == 3
    assert load(loaded).notes == ()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_words_taken_for_missing_are_said(tmp_path, suffix):
    frame = table()
    frame["x"] = [".", "nan", *frame["x"].astype(str)[2:]]
    loaded = study(tmp_path, frame, suffix, **CLUSTERED)
    codes, words, *_ = load(loaded).notes
    assert "`country` holds codes of two letters (DE, FR)" in codes and "write missing = [] under [study]" in codes
    assert words.startswith("taken for missing: `") and "`NA` 4 times in `country`" in words
    assert "`.` 1 times" in words and "`nan` 1 times in `x`" in words
    assert design(loaded).facts.clusters[("country",)] == 2
    kept = study(tmp_path, header='missing = [".", "nan"]', suffix=suffix, **CLUSTERED)
    assert design(kept).facts.clusters[("country",)] == 3


def test_run_check_and_data_say_it(tmp_path):
    study(tmp_path / "s", table(), **CLUSTERED)
    said = "taken for missing: `NA` 4 times in `country`"
    run = CliRunner().invoke(
        main, ["run", str(tmp_path / "s"), "--engine", "py-statsmodels", "--json", str(tmp_path / "r.json")]
    )
    assert f"Data of s: {said}" in " ".join(run.output.split())
    again = CliRunner().invoke(main, ["run", str(tmp_path / "s"), "--engine", "py-statsmodels"])
    assert f"Data of s: {said}" in " ".join(again.output.split())
    for verb in ("check", "data"):
        assert said in " ".join(CliRunner().invoke(main, [verb, str(tmp_path / "s")]).output.split())
    new = CliRunner().invoke(main, ["new", str(tmp_path / "n"), "--data", str(tmp_path / "s" / "data.csv")])
    assert said in " ".join(new.output.split())
    for form in ("html", "markdown"):
        page = CliRunner().invoke(main, ["report", str(tmp_path / "r.json"), f"--{form}", "-"]).output
        assert "taken for missing" in page and "country" in page


def test_statas_own_missing_values(tmp_path):
    frame = pd.DataFrame(
        {"s": ["", "NA", ".", "x"], "v": [1.0, np.nan, 2.0, 3.0], "w": pd.array([1, 2, 3, 4], dtype="int8")}
    )
    frame.to_stata(tmp_path / "t.dta", write_index=False)
    read = read_frame(tmp_path / "t.dta")
    assert read["s"].tolist() == [None, "NA", ".", "x"] and read["v"].isna().tolist() == [False, True, False, False]


def test_parquets_empty_text_is_a_text_and_said(tmp_path):
    pd.DataFrame({"s": ["", "NA", None]}).to_parquet(tmp_path / "t.parquet")
    read = read_frame(tmp_path / "t.parquet")
    assert read["s"].tolist() == ["", "NA", None]
    assert marks_of(read).notes == ("empty texts, which Parquet doesn't call missing: 1 in `s`",)


def test_statas_dates_and_counts(tmp_path):
    days = pd.to_datetime(["1990-01-01", "1990-04-01", None])
    frame = pd.DataFrame({name: days for name in ("td", "tc", "tq", "tm", "ty")})
    frame.to_stata(tmp_path / "t.dta", write_index=False, convert_dates={n: n for n in frame.columns})
    read = read_frame(tmp_path / "t.dta")
    assert read["td"].tolist()[:2] == read["tc"].tolist()[:2] == list(days[:2]) and read["td"].isna()[2]
    assert [read[n].tolist()[:2] for n in ("tq", "tm", "ty")] == [[120, 121], [360, 363], [1990, 1990]]


# ---------------------------------------------------------------- Excel


def book(path, *rows, merge: str = "", sheets: dict | None = None):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    if merge:
        made.active.merge_cells(merge)
    for name, more in (sheets or {}).items():
        sheet = made.create_sheet(name)
        for row in more:
            sheet.append(row)
    made.save(path)
    return path


def test_a_formula_without_a_kept_value_is_refused_with_its_cell(tmp_path):
    path = book(tmp_path / "t.xlsx", ["y", "x"], [1, 2], [3, "=B2*2"])
    with pytest.raises(InputError, match="cell B3 holds a formula without a kept value: open the file in Excel"):
        read_frame(path)


def test_a_formula_with_a_kept_value_is_its_value(tmp_path):
    path = book(tmp_path / "t.xlsx", ["y", "x"], [1, 2], [3, "=B2*2"])
    kept(path, b"<v></v>", b"<v>4</v>", b"<v />", b"<v/>")
    assert read_frame(path)["x"].tolist() == [2, 4]


def kept(path, *pairs: bytes) -> None:
    """Writes a value into the one empty cell value of the first sheet."""
    import shutil
    import zipfile

    with zipfile.ZipFile(path) as source, zipfile.ZipFile(path.with_suffix(".new"), "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b"<f>" in text
                for empty in (b"<v></v>", b"<v />", b"<v/>"):
                    text = text.replace(empty, b"<v>4</v>")
            target.writestr(name, text)
    shutil.move(path.with_suffix(".new"), path)


def test_errors_are_missing_and_said(tmp_path):
    path = book(tmp_path / "t.xlsx", ["y", "x"], [1, "#N/A"], ["#DIV/0!", 2], [3, 4])
    read = read_frame(path)
    assert read["y"].isna().tolist() == [False, True, False] and read["x"].tolist()[1:] == [2, 4]
    assert marks_of(read).notes == ("cells with an error are missing: #N/A in B2, #DIV/0! in A3",)


def test_that_only_the_first_sheet_is_read_is_said(tmp_path):
    path = book(tmp_path / "t.xlsx", ["y", "x"], [1, 2], [3, 4], sheets={"more": [["y"], [5]]})
    assert marks_of(read_frame(path)).notes == ("only the first sheet of 2 is read, `Sheet`",)


def test_codes_that_look_alike_are_said(tmp_path):
    frame = table().assign(firm=["A", "A ", "B", "Ｂ"] * 3)
    (note,) = load(study(tmp_path, frame.assign(country="DE"), spec='vcov = { cluster = ["firm"] }')).notes
    assert note == "`firm` holds `A` and `A `, two groups that differ by blanks or the width of letters"


def test_merged_cells_are_refused(tmp_path):
    path = book(tmp_path / "t.xlsx", ["firm", "x"], ["a", 1], [None, 2], ["b", 3], merge="A2:A3")
    with pytest.raises(InputError, match="cells A2:A3 are merged, and only A2 holds their value"):
        read_frame(path)


def test_types_of_cells(tmp_path):
    import datetime

    day = datetime.datetime(2001, 2, 3)
    path = book(tmp_path / "t.xlsx", ["day", "yes", "num", "mix", "long", "cut", None, "z"],
                [day, True, " 12", "a", "110101199003070012", "1,234", 1, 1], [day, None, 3.5, 2, "2", "5", 2, 2], [],
                [None, False, "4", day, "3", "6", 3, 3])  # fmt: skip
    read = read_frame(path)
    assert len(read) == 3 and list(read)[6] == "Unnamed: 6"
    assert read["day"].dtype.kind == "M" and read["day"].isna().tolist() == [False, False, True]
    assert read["yes"].tolist() == [True, None, False] and read["num"].tolist() == [12, 3.5, 4]
    assert read["mix"].tolist() == ["a", "2", "2001-02-03"] and read["long"].tolist()[0] == "110101199003070012"
    assert read["cut"].tolist() == ["1,234", "5", "6"] and read["z"].dtype.kind == "i"
    assert marks_of(read).notes == ("numbers stored as text, read as numbers: 2 in `num`",)


def test_one_cell_far_away_takes_no_room(tmp_path):
    made = openpyxl.Workbook()
    for row in (["y", "x"], [1, 2], [3, 4]):
        made.active.append(row)
    made.active["XFD1048576"] = " "
    made.save(tmp_path / "t.xlsx")
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(InputError, match="cell XFD1048576 holds ` ` right of the last column name"):
        read_frame(tmp_path / "t.xlsx")
    assert time.perf_counter() - start < 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kB
    made.active["XFD1048576"] = None
    made.active["A1048576"] = 5
    made.save(tmp_path / "t.xlsx")
    assert read_frame(tmp_path / "t.xlsx")["y"].tolist() == [1, 3, 5]


SHEETS = {"header": 'layout = "sheets"\nunit = "province"\ntime = "year"', "suffix": ".xlsx", "formula": "gdp ~ pop"}


def panel_book(path, gdp, merge=""):
    years = [None, 2015, 2016, 2017]
    pop = [[name, 5, 6, 9] for name in ("北京", "上海市", "河北", "广东")]
    return book(path, ["note"], sheets={"gdp": [years, *gdp], "pop": [years, *pop]}, merge=merge)


GDP = [["北京市", 1, 2, 4], ["上海", 2, 5, 3], ["河北省", 7, 5, 4], ["广东", 3, 1, 2]]


def test_renamed_provinces_are_said_and_filters_match_their_short_names(tmp_path):
    panel_book(tmp_path / "data.xlsx", GDP)
    loaded = study(tmp_path, **SHEETS)
    assert any(note.startswith("names matched: 北京市 = 北京, 河北省 = 河北") for note in load(loaded).notes)
    wrong = study(tmp_path, **SHEETS, spec="where = \"province not in ['北京市']\"")
    with pytest.raises(InputError, match="no row has `北京市` in `province`: it calls it `北京`"):
        load_frame(wrong)
    right = study(tmp_path, **SHEETS, spec="where = \"province not in ['北京']\"")
    assert design(right).nobs == 9


@pytest.mark.parametrize("cell", ["=A1", "#DIV/0!"])
def test_sheets_refuse_formulas_without_values_and_errors(tmp_path, cell):
    panel_book(tmp_path / "data.xlsx", [["北京市", 1, cell, 4], *GDP[1:]])
    with pytest.raises(InputError, match="C2"):
        load_frame(study(tmp_path, **SHEETS))


# ---------------------------------------------------------------- filters

FIRMS = pd.DataFrame({"y": [1.0, 3, 2, 5, 4, 7], "x": [0.5, 1, 0, 2, 2, 1], "firm": [1, 1, 2, 2, 3, 3],
                      "place": ["East", "West", "East", "West", "East", "Mid"]})  # fmt: skip


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("place not in ['Easst']", "no row has `Easst` in `place`: did you mean `East`?"),
        ("place != 'North'", "no row has `North` in `place`; it holds East, Mid, West"),
        ("firm > 1 and (x > 0 or place == 'east')", "no row has `east` in `place`: did you mean `East`?"),
        ("firm not in [1, 12]", "no row has `12` in `firm`; it holds 1, 2, 3"),
        ("firm in [1, 2.5]", "no row has `2.5`"),
    ],
)
def test_a_value_that_no_row_has_is_refused(tmp_path, where, said):
    with pytest.raises(InputError) as caught:
        load_frame(study(tmp_path, FIRMS, spec=f'where = "{where}"'))
    assert "spec.s.where: " in str(caught.value) and said in str(caught.value)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("firm != 9", ["no row has `9` in `firm`; it holds 1, 2, 3", "it keeps every one of 6 rows"]),
        ("firm >= 1 and x > 0", ["`firm >= 1` holds in every row"]),
        ("x > 0 or firm > 5", ["`firm > 5` holds in no row"]),
        ("x >= 0", ["`x >= 0` holds in every row", "it keeps every one of 6 rows"]),
        ("x > 0 and place != 'Mid' and firm in [1, 2, 3]", []),
    ],
)
def test_a_filter_that_filters_nothing_is_said(tmp_path, where, said):
    notes = load(study(tmp_path, FIRMS, spec=f'where = "{where}"')).notes
    assert notes == tuple(f"spec.s.where: {text}" for text in said)


def test_filters_of_derived_columns_and_groups_count_too(tmp_path):
    with pytest.raises(InputError, match=r"derive.east: no row has `Est` in `place`"):
        load_frame(study(tmp_path, FIRMS, derive="[derive]\neast = \"place == 'Est'\""))
    group = 'vcov = { cluster = ["firm"] }\n[difference.d]\nspec = "s"\nterm = "x"\ngroup = "place == \'Est\'"\n'
    with pytest.raises(InputError, match=r"difference.d.group: no row has `Est`"):
        load_frame(study(tmp_path, FIRMS, spec=group))


def test_one_note_for_a_filter_of_several_specs(tmp_path):
    more = "\n".join(f'[spec.t{i}]\nformula = "y ~ x"\nwhere = "firm != 9 and x > 0"' for i in range(9))
    (note,) = load(study(tmp_path, FIRMS, spec=more)).notes
    assert note == ("spec.t0.where, spec.t1.where, spec.t2.where, spec.t3.where, spec.t4.where, spec.t5.where and 3 more: "
                    "no row has `9` in `firm`; it holds 1, 2, 3")  # fmt: skip


# ---------------------------------------------------------------- value labels


def labelled(folder, labels, **options):
    frame = FIRMS.assign(region=[1, 2, 3, 1, 2, 3])
    return study(folder, frame, ".dta", **options) if labels is None else study(
        folder, frame, ".dta", value_labels={"region": labels}, **options
    )  # fmt: skip


REGIONS = {1: "East", 2: "West", 3: "Mid"}


def test_labels_name_codes_in_filters_dummies_and_terms(tmp_path):
    options = {"spec": "where = \"region != 'Mid' and firm in [1, 2, 3]\"", "formula": "y ~ i(region, ref = 'West')"}
    found = design(labelled(tmp_path / "a", REGIONS, **options))
    assert found.x_names == ("region::East",) and sorted(found.rows) == [0, 1, 3, 4]
    same = design(labelled(tmp_path / "b", REGIONS, spec='where = "region in [1, 2]"', formula="y ~ i(region, ref = 2)"))
    np.testing.assert_array_equal(same.x, found.x)
    plain = design(labelled(tmp_path / "c", None, formula="y ~ i(region)"))
    assert plain.x_names == ("region::2", "region::3")
    made = load_frame(
        labelled(tmp_path / "d", REGIONS, derive='[derive]\ne = { dummy = "region", values = ["East", "Mid"] }')
    )
    assert made["e"].tolist() == [1, 0, 1, 1, 0, 1]


@pytest.mark.parametrize(
    ("labels", "where", "said"),
    [
        ({1: "East", 2: "West", 3: "East"}, "region == 'East'", "stands for 1 and 3; compare the numbers"),
        ({1: "2", 2: "West", 3: "Mid"}, "region == '2'", "stands for 1; compare the numbers"),
        (REGIONS, "region == 'Est'", "`Est` is no value label of `region`: did you mean `East`?"),
    ],
)
def test_labels_that_stand_for_no_one_code_are_refused(tmp_path, labels, where, said):
    loaded = labelled(tmp_path, labels, spec=f'where = "{where}"')
    with pytest.raises((Unestimable, InputError)) as caught:
        design(loaded)
    assert said in str(caught.value)
    if "Est" not in where:
        with pytest.raises(Unestimable, match="compare the numbers"):
            design(labelled(tmp_path, labels, formula="y ~ i(region)"))


def test_a_label_that_no_row_has_is_no_filter(tmp_path):
    with pytest.raises(InputError, match="no row has `Far` in `region`"):
        load_frame(labelled(tmp_path, {**REGIONS, 4: "Far"}, spec="where = \"region != 'Far'\""))


# ---------------------------------------------------------------- storage

TENTH = [0.1, 0.2, 0.3, 0.7]


def stored(folder, storage):
    frame = pd.DataFrame({"y": [1.0, 2, 3, 5], "x": TENTH, "n": [16777217, 2, 3, 4]})
    return load_frame(study(folder, frame, header=storage, derive='[derive]\nm = "n + 0"\nz = "x * 3"\nw = { log = "x" }'))


def test_columns_are_stored_as_statas_floats(tmp_path):
    exact, found = stored(tmp_path, ""), stored(tmp_path, 'storage = "float"')
    single = np.float32(TENTH).astype(float)
    assert found["x"].tolist() == single.tolist() and found["n"].tolist() == [16777217, 2, 3, 4]
    assert found["z"].tolist() == np.float32(single * 3).astype(float).tolist() != (single * 3).tolist()
    assert found["w"].tolist() == np.float32(np.log(single)).astype(float).tolist() and found["m"][0] == 16777216
    one = stored(tmp_path, 'storage = { z = "float" }')
    assert one["x"].tolist() == TENTH and one["z"].tolist() == np.float32(exact["z"]).astype(float).tolist()
    assert one["m"][0] == 16777217
    with pytest.raises(InputError, match=r"storage.xx: there is no column `xx`: did you mean `x`"):
        stored(tmp_path, 'storage = { xx = "float" }')


def test_ten_thousand_columns_are_checked_in_seconds(tmp_path):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(60, 10_000)).round(3), columns=[f"v{i}" for i in range(10_000)])
    loaded = study(tmp_path, frame, formula="v0 ~ v1 + v2")
    start = time.process_time()
    done = CliRunner().invoke(main, ["check", str(loaded.folder)])
    assert done.exit_code == 0 and "60 rows, 10000 columns" in done.output
    assert time.process_time() - start < 20  # of this process; 73 s where every column was looked for among all others


def test_groups_of_a_mediation_are_named_by_their_labels(tmp_path):
    from parity.analyses.mediation.sample import names_of

    part = '[mediation.m]\noutcome = "y"\ntreatment = "x"\nmediators = ["firm"]\ncluster = "firm"\nby = "region"'
    loaded = labelled(tmp_path, REGIONS, spec=part)
    assert names_of(loaded, load_frame(loaded)) == ["mediation.m.East", "mediation.m.West", "mediation.m.Mid"]


def test_codes_for_missing_are_said(make_study):
    rows = "".join(f"{i},{i % 5},{-999 if i in (3, 8) else i % 7 / 2},{i % 3 + 98}\n" for i in range(30))
    study = load_study(make_study('[study]\ntitle = "t"\n[spec.a]\nformula = "y ~ x + z"\n', f"i,y,x,z\n{rows}".encode()))
    (note,) = load(study).notes
    assert note.startswith("`x` holds -999 2 times, far from its other values (0 to 3)") and 'missing = ["-999"]' in note
    text = study.text.replace('title = "t"', 'title = "t"\nmissing = ["-999"]')
    (study.folder / "study.toml").write_text(text)
    assert not any("far from" in note for note in load(load_study(study.folder)).notes)


def test_groups_that_differ_by_capitals_are_said(make_study):
    rows = "".join(f"{'a' if i % 2 else 'A'},{i % 5},{i % 7}\n" for i in range(30))
    study = load_study(make_study('[study]\ntitle = "t"\n[spec.a]\nformula = "y ~ x | g"\n', f"g,y,x\n{rows}".encode()))
    assert load(study).notes == ("`g` holds `A` and `a`, two groups that differ by capitals",)


def test_what_is_kept_of_a_small_file_is_nobodys_to_change(tmp_path):
    """A file is read once by its content: what one reader does to its frame, or another content, is no other's."""
    path = tmp_path / "d.csv"
    path.write_text("x,g\n1,a\n2,b\n")
    first = read_frame(path)
    first.loc[0, "x"] = 9
    first["new"] = 1
    again = read_frame(path)
    assert again["x"].tolist() == [1, 2] and list(again) == ["x", "g"]
    path.write_text("x,g\n3,a\n2,b\n")
    assert read_frame(path)["x"].tolist() == [3, 2] and read_frame(path, missing=("a",))["g"].isna().tolist() == [
        True,
        False,
    ]
