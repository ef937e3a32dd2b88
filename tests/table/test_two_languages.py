"""One study printed in English and in Chinese: its own words translated, every page as a reader expects it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner
from docx.oxml.ns import qn

from conftest import FIXTURES
from parity.analyses.in_parts import refitted
from parity.cli import main
from parity.engines import engine
from parity.printed.grids import read_grid
from parity.results.record import Record, named
from parity.study.load import load_study, parse_study
from parity.table.docx import A4, LETTER, MARGIN
from parity.table.formats import grid_of, renderer
from parity.table.gather import gather
from parity.table.grid import Cell, Grid, Row, at_most, blocks
from parity.table.latex import SIZE, SMALL
from parity.table.measure import broken, widths
from parity.table.noted import noted
from parity.table.verified import Verified

STUDY = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[labels]
inv = "Investment"
value = "Market value"
firm = "Firm"

[translation.zh]
"Investment" = "投资"
"Market value" = "市值"
"Firm" = "企业"
"Year by year" = "逐步回归"
"Base" = "基准"
"Firms" = "企业组"
"Size" = "规模"
"Of the stock market." = "数据来自股票市场。"
capital = "资本"
year = "年份"
one = "第（1）列"

[spec.one]
formula = "inv ~ value | firm + year"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.two]
formula = "inv ~ value + capital | firm"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[table.main]
title = "Year by year"
columns = [{ heading = "Firms", specs = ["one", "two"] }]
headings = { one = "Base" }
controls = { Size = ["capital"] }
note = "Of the stock market."
"""
#: Latin letters of a Chinese table.
LATIN = re.compile(r"CR1|reghdfe|Python|\bR\b|R²|Moran's I|LM|Wald|LR|F |chi|SAR|SEM|SDM|N\(T-1\)|VIF|W ×")
SPATIAL = Path(__file__).parents[2] / "docs" / "examples" / "spatial"


@pytest.fixture(scope="module")
def study():
    return parse_study(STUDY, FIXTURES / "grunfeld" / "study.toml")


@pytest.fixture(scope="module")
def verified(study):
    engines = [engine(e) for e in ("py-moments", "py-statsmodels")]
    return gather(study, list(study.tables.values()), engines=engines, transport="frozen", jobs=1)


def in_language(study, verified, language: str) -> Grid:
    return grid_of("main", study.tables["main"].model_copy(update={"language": language}), verified)


def test_what_a_study_writes_in_english_is_printed_in_chinese(study, verified):
    text = renderer("csv")([in_language(study, verified, "zh")])
    assert not re.search("[A-Za-z]{2,}", LATIN.sub("", text)), text
    words = (
        "逐步回归",
        "企业组",
        "基准",
        "投资",
        "市值",
        "规模",
        "企业固定效应",
        "按企业聚类",
        "年份固定效应",
        "数据来自股票市场。",
    )
    assert not [word for word in words if word not in text]
    english = renderer("csv")([in_language(study, verified, "en")])
    assert english.isascii() or set(re.findall(r"[^\x00-\x7f]", english)) == {"²"}
    assert {"Year by year", "Investment", "Market value"} <= set(re.split(r"[,\n]", english))


def test_the_command_takes_the_language_and_marks_a_csv_that_excel_would_misread(tmp_path):
    folder = tmp_path / "grunfeld"
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "data.csv").write_bytes((FIXTURES / "grunfeld" / "data.csv").read_bytes())
    kept = str(tmp_path / "kept.json")
    assert CliRunner().invoke(main, ["run", str(folder), "--frozen", "--jobs", "1", "--json", kept]).exit_code in (0, 1)
    for language, marked in (("zh", True), ("en", True)):  # English has the ² of R²
        out = tmp_path / f"{language}.csv"
        done = CliRunner().invoke(main, ["table", kept, "--language", language, "-o", str(out)])
        assert done.exit_code in (0, 1), done.output
        assert out.read_bytes().startswith(b"\xef\xbb\xbf") == marked
        assert ("逐步回归" in out.read_text("utf-8-sig")) == (language == "zh")
    shown = CliRunner().invoke(main, ["table", kept, "--language", "zh", "--to", "csv"]).output
    assert shown.startswith("逐步回归")  # no mark in what another program reads


def numbers(model: str = "durbin") -> Verified:
    """A spatial model as a run records it, with numbers from nowhere."""
    study = load_study(SPATIAL)
    of = {
        "coef": {"log(pcap)": 0.25, "W log(pcap)": -0.5, "rho": 0.4, "sigma2": 0.00123},
        "se": {"log(pcap)": 0.125, "W log(pcap)": 0.5, "rho": 0.01, "sigma2": 0.0005},
        "z": {"log(pcap)": 2.0, "W log(pcap)": -1.0, "rho": 40.0},
        "p": {"log(pcap)": 0.0455, "W log(pcap)": 0.3173, "rho": 0.0},
        "direct": {"log(pcap)": 0.125}, "direct se": {"log(pcap)": 0.0625}, "direct p": {"log(pcap)": 0.0455},
        "likelihood": {"": 1234.5}, "rows": {"rows": 816.0, "counted": 816.0},
        "moran": {"1970": 0.5}, "moran z": {"1970": 5.0}, "moran p": {"1970": 2e-7},
    }  # fmt: skip
    note = f"spatial {model} model, 48 x 17, effects of units, rows of W sum to one"
    record = Record(study=study.id, spec="spatial.durbin", kind="spatial", reference="base-r", candidate="python",
                    verdict="agree", checked=9, digits=12.0, note=note, numbers=named(of))  # fmt: skip
    return Verified(study, (), (record,))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_spatial_model_is_a_table_as_in_print(language):
    found = numbers("Durbin")
    table = found.study.tables["effects"].model_copy(update={"language": language})
    made = grid_of("effects", table, found)
    cells = {row.label: row.cells for row in made.body}
    assert (cells["log(pcap)"][0].text, cells["log(pcap)"][0].stars, cells["log(pcap)"][0].below) == (
        "0.250",
        "**",
        "(0.125)",
    )
    assert (cells["log(pcap)"][1].text, cells["log(pcap)"][1].below) == ("0.125", "(0.062)")
    assert cells["W × log(pcap)"][0].stars == "" and cells["W × log(pcap)"][0].below == "(0.500)"
    if language == "zh":
        assert [c.text for c in made.heads[0].cells] == ["系数", "直接效应"]
        assert cells["空间自回归系数 ρ"][0].stars == "***" and cells["观测值"][0].text == "816"
        assert cells["对数似然值"][0].text == "1234.500" and "括号内为标准误。" in made.notes
        assert "空间杜宾模型（SDM），48 个个体 × 17 期，个体固定效应，空间权重矩阵行标准化。" in made.notes
    else:
        assert "Standard errors in parentheses." in made.notes and cells["Log likelihood"][0].text == "1234.500"
    by_t = grid_of("effects", table.model_copy(update={"parentheses": "t"}), found)
    assert {r.label: r.cells for r in by_t.body}["log(pcap)"][0].below == "(2.000)"
    columns = table.model_copy(update={"quantities": ("coef", "se", "p")})
    apart = {r.label: r.cells for r in grid_of("effects", columns, found).body}["log(pcap)"]
    assert [(c.text, c.stars, c.below) for c in apart] == [("0.250", "", ""), ("0.125", "", ""), ("0.045", "", "")]


def test_p_of_an_analysis_is_printed_as_other_p(tmp_path):
    found = numbers()
    table = found.study.tables["effects"].model_copy(update={"quantities": ("moran", "moran z", "moran p")})
    made = grid_of("effects", table, found)
    assert [c.text for c in made.heads[0].cells] == ["Moran's I", "z", "p"]
    assert [c.text for c in made.body[0].cells] == ["0.500", "5.000", "<0.001"] and len(made.body) == 1


def test_what_analyses_note_is_said_in_chinese():
    notes = [
        *refitted(100, 1_000), *refitted(100, 50), "31 rows left out (missing values)", "2 rows left out (singletons)",
        "3 rows left out (in no group)", "4 rows left out (singletons of their group)",
        "300 draws of whole units' residuals; N (T - 1) = 1,248", "3 of 999 draws leave an effect undetermined",
        "3 of 999 draws leave a coefficient undetermined", "without neighbours: 海南",
        "weights of 台湾 left out: not in the sample",
        *(f"spatial {m} model, 31 x 9, {e}, {w}" for m in ("lag", "error", "Durbin")
          for e in ("no effects", "effects of units", "effects of periods", "effects of units and periods")
          for w in ("rows of W sum to one", "W over its largest eigenvalue", "W as given")),
    ]  # fmt: skip
    for note in notes:
        said = noted(note, "zh")
        assert not re.search("[A-Za-z]{2,}", LATIN.sub("", said)), said
        numbers_of = [set(re.findall(r"\d+(?:,\d+)*", text)) for text in (note, said)]
        assert numbers_of[0] == numbers_of[1]
        assert noted(note, "en") == note
    both = noted("; ".join(notes[:3]), "zh")
    assert both.count("；") == 2 and "100" in both and "缺失值" in both
    assert noted("something else; 2 rows left out (singletons)", "zh") == "something else；剔除 2 个观测（单例组）"


def test_a_note_calls_columns_as_the_table_does():
    called = {"省份": "Province", "dt": "Digital trade", "x": "Openness", "m": "the mediator's equation"}
    for note, said in (
        ("standard errors clustered by 省份, density by fitted values",
         "standard errors clustered by Province, density by fitted values"),
        ("standard errors by 999 draws of whole 省份", "standard errors by 999 draws of whole Province"),
        ("standard errors by 999 draws of whole rows", "standard errors by 999 draws of whole rows"),
        ("added to spec med_m: dt:x, x", "added to spec med_m: Digital trade × Openness, Openness"),
        ("added to spec m: x", "added to the mediator's equation: Openness"),
    ):  # fmt: skip
        assert noted(note, "en", lambda name: called.get(name, name)) == said
    filled = "2 missing values of indicators interpolated within units: `x` in 青海, 2015, `dt` in 西藏, 2015 and 3 more"
    assert noted(filled, "en", lambda name: called.get(name, name)) == filled.replace("`x`", "`Openness`").replace(
        "`dt`", "`Digital trade`"
    )
    chinese = {"dt": "数字贸易", "x": "开放度"}
    assert noted(filled, "zh", chinese.__getitem__) == (
        "2 个指标缺失值在个体内线性插值：开放度（青海，2015）、数字贸易（西藏，2015）等"
    )
    added = noted("added to spec m: dt:x", "zh", lambda name: {**chinese, "m": "中介变量方程"}.get(name, name))
    assert added == "在中介变量方程中加入：数字贸易 × 开放度"
    assert noted("added to spec m: dt:x", "zh", lambda name: chinese.get(name, name)).startswith("在回归 m 中加入：数字贸易")


# ---------------------------------------------------------------- pages


def wide(language: str, columns: int = 9) -> Grid:
    body = tuple(
        Row(f"Regressor number {i} of a study", tuple(Cell("-0.123", "***", "(0.456)") for _ in range(columns)))
        for i in range(20)
    )
    heads = (Row("", tuple(Cell("数字贸易（滞后一期）" if language == "zh" else "Digital trade") for _ in range(columns))),
             Row("", tuple(Cell(f"({i + 1})") for i in range(columns))))  # fmt: skip
    return Grid("t", "标题" if language == "zh" else "Title", heads, body, ("Note.",), language=language)


@pytest.mark.parametrize(("language", "paper"), [("zh", A4), ("en", LETTER)])
def test_a_word_page(language, paper):
    document = docx.Document(io.BytesIO(renderer("docx")([wide(language)])))
    page = document.sections[0]
    assert (round(page.page_width.pt, 1), round(page.page_height.pt, 1)) == paper
    assert len(document.tables) > 1
    assert [p.text for p in document.paragraphs if "续" in p.text or "continued" in p.text]
    for table in document.tables:
        given = [column.width.pt for column in table.columns]
        assert sum(given) <= paper[0] - 2 * MARGIN + 1 and given[0] > 1.5 * given[1]  # labels take more than numbers
        for at, row in enumerate(table.rows):
            properties = row._tr.trPr
            assert properties.find(qn("w:cantSplit")) is not None
            assert (properties.find(qn("w:tblHeader")) is not None) == (at < 2)
        first = table.rows[2].cells[1].paragraphs[0]
        assert first.text == "-0.123***" and first.paragraph_format.keep_with_next
        assert table.rows[3].cells[1].text == "(0.456)"


def test_a_latex_page():
    text = renderer("latex")([wide("zh", 12)])
    pieces = text.count(r"\begin{table}")
    assert pieces > 1 and text.count(r"\addtocounter{table}{-1}") == pieces - 1 == text.count("标题（续）")
    assert r"\shortstack{数字贸易 \\ （滞后一期）}" in text
    assert max(map(int, re.findall(r"l\*\{(\d+)\}\{c\}", text))) < 8
    # of a size of its own: what fits a page of 10 points would not fit one of 12; and parity reads none of it as a note
    assert text.count(SIZE) == pieces and text.count(SMALL) == 1
    few = read_grid(renderer("latex")([wide("zh", 3)]))
    assert not any(re.search(r"selectfont|11|9\.5", row[0]) for row in few if "of a study" not in row[0])


def test_pieces_are_as_few_and_then_as_alike_as_can_be():
    assert [p.width for p in blocks(wide("en", 9), at_most(8))] == [5, 4]
    assert [p.width for p in blocks(wide("en", 8), at_most(8))] == [8]


def test_no_line_of_chinese_begins_with_a_closing_mark():
    assert broken("劳动资料（后一期）", 14) == ["劳动资料", "（后一期）"]
    assert broken("数字贸易发展水平，全部", 16)[1][0] != "，"
    assert all(
        line[0] not in "）。，" for width in range(6, 20) for line in broken("系数（甲），再（乙）。丙丁戊己庚", width)
    )
    assert widths(wide("zh"))[1][0] == 12  # （滞后一期）
