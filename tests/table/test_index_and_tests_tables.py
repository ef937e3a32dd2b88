"""Tables of an index and of tests: their numbers, their words in both languages, and what is said where one is wrong."""

from __future__ import annotations

import io
from functools import cache

import pytest

from conftest import FIXTURES
from parity.analyses.index.analysis import columns_hash
from parity.base.errors import InputError
from parity.engines import engine
from parity.results.record import Record, named
from parity.study.load import load_study, parse_study
from parity.study.study import Study
from parity.study.table import TableSettings
from parity.table.formats import FORMATS, grid_of, renderer
from parity.table.gather import gather
from parity.table.grid import Grid
from parity.table.verified import Verified

FOLDER = FIXTURES / "digital_trade"


@cache
def study() -> Study:
    return load_study(FOLDER)


@cache
def of_index() -> Verified:
    return gather(study(), [study().tables["weights"]], transport="frozen")


def index_table(**keys) -> Grid:
    table = TableSettings(kind="index", **keys).labelled(study().labels)
    return grid_of("t", table, of_index())


def texts(grid: Grid) -> list[list[str]]:
    return [[row.label, *(c.text for c in row.cells)] for row in grid.body]


def test_weights_follow_from_entropies_and_stand_beside_their_indicator():
    grid = grid_of("weights", study().tables["weights"], of_index())
    assert grid.verified and [c.text for c in grid.heads[-1].cells] == [
        "Indicator", "Unit", "Direction", "Entropy", "Weight"
    ]  # fmt: skip
    found = of_index().numbers("index.resilience")
    dispersion = {term: 1 - value for (quantity, term), value in found.items() if quantity == "entropy"}
    for indicator, row in zip(study().index["resilience"].indicators, texts(grid), strict=True):
        column = indicator.column
        assert float(row[-1]) == pytest.approx(dispersion[column] / sum(dispersion.values()), abs=5e-5)
        assert float(row[-2]) == pytest.approx(1 - dispersion[column], abs=5e-5)
        assert row[3] == ("Positive" if indicator.direction == "+" else "Negative")
    assert [row[0] for row in texts(grid)] == ["Resistance", "", "", "Adaptation", "", "", "Transformation", "", ""]
    assert [row[2] for row in texts(grid)][:4] == ["%", "yuan", "%", ""]


def test_several_indices_stand_under_one_another():
    grid = index_table(index=["resilience", "resilience.pca"], rows=("unemployment", "investment"),
                       labels={"resilience.pca": "By PCA"})  # fmt: skip
    heads = [grid.heads[0].label, *(c.text for c in grid.heads[0].cells)]
    assert heads == ["Index", "Dimension", "Indicator", "Unit", "Direction", "Entropy", "Weight", "Coefficient"]
    rows = texts(grid)
    assert [row[0] for row in rows] == ["Resilience", "", "By PCA", ""]
    assert [row[1] for row in rows] == ["resistance", "adaptation"] * 2 and grid.body[2].rule
    one, pca = (of_index().numbers(f"index.resilience{form}") for form in ("", ".pca"))
    assert rows[0][5:] == [f"{one['entropy', 'unemployment']:.3f}", f"{one['weight', 'unemployment']:.3f}", ""]
    assert rows[2][5:] == ["", "", f"{pca['weight', 'unemployment']:.3f}"]
    assert sum("principal components" in n and n.startswith("By PCA: ") for n in grid.notes) == 1
    with pytest.raises(InputError, match=r"`resilience\.by_year` has weights of several years"):
        index_table(index=["resilience", "resilience.by_year"])
    with pytest.raises(InputError, match=r"there is no \[index\.none\]"):
        parse_study(
            (FOLDER / "study.toml").read_text(encoding="utf-8") + '\n[table.more]\nkind = "index"\nindex = ["dt", "none"]\n',
            FOLDER / "study.toml",
        )  # fmt: skip


def test_what_a_form_weighs_by_is_said():
    yearly = index_table(index="resilience.by_year", rows=("investment",))
    assert [c.text for c in yearly.heads[0].cells if c.span == 2] == [str(year) for year in range(2015, 2024)]
    found = of_index().numbers("index.resilience.by_year")
    assert texts(yearly)[0][3:5] == [f"{found[q, 'investment:2015']:.3f}" for q in ("entropy", "weight")]
    assert any("each year's own" in note for note in yearly.notes)
    assert any("over the rows of 2015" in note for note in index_table(index="dt.base_year").notes)
    pca = index_table(index="resilience.pca")
    assert [c.text for c in pca.heads[-1].cells][-1] == "Coefficient" and "Entropy" not in str(pca.heads)
    assert any("within dimensions" in note for note in index_table(index="resilience.two_levels").notes)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_has_it_in_chinese(form):
    table = TableSettings(kind="index", index="resilience", title="韧性", language="zh").labelled(study().labels)
    made = renderer(form)([grid_of("t", table, of_index())])
    if isinstance(made, bytes):
        docx = pytest.importorskip("docx")
        cells = [c.text for t in docx.Document(io.BytesIO(made)).tables for row in t.rows for c in row.cells]
        made = "\n".join(cells)
        assert "0.118" in cells
    for word in ("维度", "指标", "单位", "属性", "信息熵", "权重", "正向", "负向"):
        assert word in made, (form, word)


def test_an_index_that_differs_shows_no_number():
    wrong = Record(study="s", spec="index.resilience", kind="index", reference="base-r", candidate="python",
                   verdict="disagree", checked=9, numbers=named({"weight": {"unemployment": 0.5}}))  # fmt: skip
    grid = grid_of("weights", study().tables["weights"], Verified(study(), (), (wrong,)))
    assert not grid.verified and "†" in grid.title and "0.5" not in str(grid.body)
    assert any("disagree" in note for note in grid.notes)


def test_units_are_no_setting():
    text = (FOLDER / "study.toml").read_text(encoding="utf-8")
    without = parse_study(text.replace(', unit = "%"', ""), FOLDER / "study.toml")
    assert without.index != study().index and columns_hash(without) == columns_hash(study())


def test_tests_of_instruments_beside_their_p():
    table = study().tables["tests"]
    engines = [engine("py-moments"), engine("py-linearmodels")]
    verified = gather(study(), [table], transport="frozen", engines=engines)
    grid = grid_of("tests", table, verified)
    assert grid.verified and [c.text for c in grid.heads[0].cells if c.span] == ["Posts of 1984", "Posts and telephones"]
    rows = {row[0]: row[1:] for row in texts(grid)}
    found = verified.numbers("diagnostics.iv_both")
    assert rows["Hansen J"] == ["", "", f"{found['overidentified', '']:.3f}", f"{found['overidentified p', '']:.3f}"]
    assert rows["Kleibergen-Paap rk Wald F"][1::2] == ["", ""] and rows["Stock-Yogo, 10% size"][0] == "16.380"
    assert rows["First-stage F"][1] == "<0.001" and "Hausman chi²" not in rows
    assert any("factor of ivreg2" in note for note in grid.notes)
    chinese = grid_of("tests", table.model_copy(update={"language": "zh"}), verified)
    assert chinese.heads[-1].cells[0].text == "统计量" and any("ivreg2 的小样本调整" in note for note in chinese.notes)


TOML = """
[study]
title = "t"
unit = "firm"
time = "year"

[spec.a]
formula = "inv ~ value + capital | firm + year"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[wild.few]
spec = "a"
term = "value"

[difference.size]
spec = "a"
group = "firm <= 5"
term = "value"

[labels]
size = "By size"

[table.t]
kind = "tests"
columns = ["a"]
"""


def small(text: str = TOML) -> Study:
    return parse_study(text, FIXTURES / "grunfeld" / "study.toml")


def test_tests_by_resampling_have_a_row_each():
    def record(kind: str, name: str, numbers: dict) -> Record:
        return Record(study="grunfeld", spec=f"{kind}.{name}", kind=kind, reference="base-r", candidate="python",
                      verdict="agree", checked=3, numbers=named({q: {"": v} for q, v in numbers.items()}))  # fmt: skip

    records = (
        record("wild", "few", {"t": 2.5, "p": 0.04}),
        record("difference", "size", {"difference": 0.2, "p interaction": 0.02, "p permutation": 0.3}),
    )
    grid = grid_of("t", small().tables["t"], Verified(small(), (), records))
    assert texts(grid) == [
        ["Wild cluster bootstrap p, few", "", "0.040"],
        ["By size: p, interaction", "0.200", "0.020"],
        ["By size: p, permutation of units", "0.200", "0.300"],
    ]
    assert [[c.stars for c in row.cells] for row in grid.body] == [["", "**"], ["**", ""], ["", ""]]
    chosen = small(TOML.replace('columns = ["a"]\n', 'columns = ["a"]\nstatistics = ["wild_p"]\n')).tables["t"]
    assert len(grid_of("t", chosen, Verified(small(), (), records)).body) == 1


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('kind = "index"', "go together"), ('index = "i"', "go together"),
        ('kind = "index"\nindex = "j"', "index: there is no [index.j]"),
        ('kind = "index"\nindex = "i"\nrows = ["z"]', "no indicator `z`"),
        ('kind = "index"\nindex = "i"\ncolumns = ["s"]', "takes no `columns`"),
        ('kind = "index"\nindex = "i"\nsample = "s"', "go together"),
        ('kind = "tests"', "go together"), ('kind = "tests"\ncolumns = ["s"]', "there is no test of them"),
        ('kind = "tests"\ncolumns = ["s"]\nstatistics = ["r2"]', "`r2` is no test"),
        ('kind = "tests"\ncolumns = ["s"]\nrows = ["x"]', "takes no `rows`"),
        ('columns = ["s"]\nstatistics = ["difference"]', "no statistic of specs"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_one_is_said(tmp_path, table, said):
    text = ('[study]\ntitle = "t"\nmade = true\n[index.i]\nindicators = [{ column = "x", direction = "+" }]\n'
            f'[spec.s]\nformula = "y ~ x"\n[table.t]\n{table}\n')  # fmt: skip
    with pytest.raises(InputError) as error:
        parse_study(text, tmp_path / "study.toml")
    assert said in str(error.value)
