"""Exported tables of every format: the texts that were written are the texts that are read, in the right row, column and
kind."""

from __future__ import annotations

import contextlib
import io
import random
import re
import time
import zipfile
from dataclasses import replace

import pytest

from conftest import TESTS
from exporters import EXPORTERS, Made, asdoc_doc, pasted
from parity.base.errors import InputError
from parity.logs.exhibit import Exhibit
from parity.logs.recognise import kind_of, recognise
from parity.logs.tables import read_table

GRUNFELD = Made(
    title="Table 2: Investment of firms",
    models=("OLS", "FE", "IV"),
    outcomes=("Investment", "Investment", "Log investment"),
    rows=(
        ("Market value", (("0.116***", "0.006"), ("0.110***", "0.012"), ("0.0950**", "0.0411"))),
        ("Capital_stock", (("0.231***", "0.025"), ("0.310***", "0.017"), ("", ""))),
        ("1936.year", (("", ""), ("-16.40", "21.39"), ("-.0051", ".2230"))),
        ("Constant", (("-42.71***", "9.512"), ("-58.74***", "12.45"), ("1.204*", "0.655"))),
    ),
    statistics=(("Observations", ("200", "200", "1,180")), ("R-squared", ("0.812", "0.767", "0.402"))),
)


def made(seed: int) -> Made:
    """Any table: numbers of all sizes and signs, blank cells, up to seven columns."""
    rng = random.Random(seed)
    width = rng.randint(1, 7)

    def number(scale: float) -> str:
        return f"{rng.uniform(-scale, scale):.{rng.choice((2, 3, 4))}f}"

    rows = []
    for i in range(rng.randint(2, 9)):
        blank = [width > 1 and rng.random() < 0.25 for _ in range(width)]
        blank[i % width] = False
        pairs = tuple(
            ("", "") if b else (number(rng.choice((1, 30, 2000))) + "*" * rng.choice((0, 0, 1, 2, 3)), number(5).lstrip("-"))
            for b in blank
        )
        rows.append(
            (
                rng.choice(("x", "Log income", "L.gdp", "1.treat#c.age", "Ethnic share", "省份 人均收入", "lag_y"))
                + f" {i}",
                pairs,
            )
        )
    statistics = (
        ("Observations", tuple(f"{rng.randint(30, 90_000):,}" for _ in range(width))),
        ("R-squared", tuple(f"{rng.random():.3f}" for _ in range(width))),
    )
    outcomes = tuple(rng.choice(("income", "log wage", "y")) for _ in range(width))
    return Made("Table 4: Anything", ("OLS",) * width, outcomes, tuple(rows), statistics)


def bare(text: str) -> str:
    """A printed number without its bracket, with a digit before its point: a workbook's format writes that."""
    return re.sub(r"^(-?)\.", r"\g<1>0.", text.translate(str.maketrans("−∗", "-*", "()[] ")))


def read_back(exhibit: Exhibit) -> dict[tuple[str, int], list[tuple[str, str]]]:
    """(label, column) -> kind and text of its numbers."""
    return {
        (row.label, j): [(cell.kind, bare(cell.text)) for cell in cells]
        for row in exhibit.rows
        for j, cells in enumerate(row.cells)
        if cells
    }


def written(table: Made, kind: str = "se") -> dict[tuple[str, int], list[tuple[str, str]]]:
    pairs = [(label, j, b, s) for label, cells in table.rows for j, (b, s) in enumerate(cells) if b]
    return {(label, j): [("coef", bare(b)), (kind, bare(s))] for label, j, b, s in pairs}


def statistics(exhibit: Exhibit, name: str) -> list[str]:
    return [cell.text if cell else "" for row in exhibit.statistics if row.name == name for cell in row.cells]


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_every_number_is_read_in_its_row_column_and_kind(exporter):
    raw = EXPORTERS[exporter](GRUNFELD)
    (exhibit,) = read_table(raw.encode() if isinstance(raw, str) else raw, exporter)
    assert read_back(exhibit) == written(GRUNFELD)
    assert statistics(exhibit, "nobs") == ["200", "200", "1,180"] and statistics(exhibit, "r2") == [
        "0.812",
        "0.767",
        "0.402",
    ]
    assert not exhibit.not_understood and exhibit.kind == "estimates"
    assert exhibit.notes.inside("(") == "se" and [c.number for c in exhibit.columns] == [1, 2, 3]
    coefficient = exhibit.rows[0].cell(0)
    assert (
        coefficient.stars == 3 and coefficient.holds(0.1155) and coefficient.holds(0.1165) and not coefficient.holds(0.1149)
    )


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_stars_of_the_notes_are_read(exporter):
    raw = EXPORTERS[exporter](GRUNFELD)
    (exhibit,) = read_table(raw.encode() if isinstance(raw, str) else raw, exporter)
    assert exhibit.notes.stars.levels == (("*", 0.1), ("**", 0.05), ("***", 0.01))


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_the_title_is_read(exporter):
    raw = EXPORTERS[exporter](GRUNFELD)
    (exhibit,) = read_table(raw.encode() if isinstance(raw, str) else raw, exporter)
    assert exporter == "etable.tex" or exhibit.title == GRUNFELD.title


@pytest.mark.parametrize("exporter", [e for e in EXPORTERS if not e.startswith("modelsummary")])
def test_outcomes_stand_at_their_columns(exporter):
    raw = EXPORTERS[exporter](GRUNFELD)
    (exhibit,) = read_table(raw.encode() if isinstance(raw, str) else raw, exporter)
    assert [c.outcome or c.model for c in exhibit.columns] == [
        o[:13] if exporter == "layout.txt" else o for o in GRUNFELD.outcomes
    ]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("exporter", EXPORTERS)
def test_any_table_comes_back_as_it_was_written(exporter, seed):
    table = made(seed)
    raw = EXPORTERS[exporter](table)
    (exhibit,) = read_table(raw.encode() if isinstance(raw, str) else raw, exporter)
    assert read_back(exhibit) == written(table)
    assert [t.replace(",", "") for t in statistics(exhibit, "nobs")] == [t.replace(",", "") for t in table.statistics[0][1]]
    assert not exhibit.not_understood


def test_numbers_pasted_without_their_columns_are_placed_only_where_no_blank_is_missing():
    (exhibit,) = read_table(pasted(GRUNFELD).encode())
    whole = {key: value for key, value in written(GRUNFELD).items() if key[0] in ("Market value", "Constant")}
    assert read_back(exhibit) == whole
    lost = " ".join(item.text for item in exhibit.not_understood)
    for text in ("0.231***", "0.310***", "-16.40", "-.0051", "(0.025)", "(21.39)"):
        assert text in lost


@pytest.mark.parametrize(("inside", "kind"), [("t statistics", "t"), ("p-values", "p"), ("Robust standard errors", "se")])
@pytest.mark.parametrize("exporter", ["esttab.tex", "esttab.rtf", "outreg2.xls", "stargazer.txt", "book.xlsx"])
def test_what_stands_in_parentheses_is_what_the_note_says(exporter, inside, kind):
    raw = EXPORTERS[exporter](replace(GRUNFELD, inside=inside))
    (exhibit,) = read_table(raw.encode() if isinstance(raw, str) else raw, exporter)
    assert {cells[1][0] for cells in read_back(exhibit).values()} == {kind}
    assert exhibit.notes.robust == ("Robust" in inside)


def test_a_table_with_a_column_for_each_quantity_and_statistics_beside_each_other():
    (exhibit,) = read_table(asdoc_doc(GRUNFELD).encode(), "Myfile.doc")
    cells = [[(c.kind, c.text) for c in row.cells[0]] for row in exhibit.rows]
    rest = [("t", "2.10"), ("p", ".041"), ("ci_low", "-1.5"), ("ci_high", "3.25")]
    assert cells == [
        [("coef", b), ("se", s), *rest] for b, s in (("0.116", "0.006"), ("0.231", "0.025"), ("-42.71", "9.512"))
    ]
    assert [(r.name, r.cells[0].text) for r in exhibit.statistics] == [
        ("mean", "145.958"), ("sd", "216.875"), ("r2", "0.812"), ("nobs", "200"),
    ]  # fmt: skip
    assert not exhibit.not_understood and exhibit.rows[0].cells[0][0].stars == 3


def test_panels_headings_of_factors_and_numbered_columns_anew():
    text = """
\\begin{tabular}{lcc} \\toprule
 & (1) & (2) \\\\ \\midrule
\\multicolumn{3}{l}{\\textbf{Panel A: Men}} \\\\
Schooling & 0.074*** & 0.081*** \\\\ & (0.006) & (0.007) \\\\
Region \\\\
\\quad East & -0.12 & 0.05 \\\\ & (0.11) & (0.10) \\\\
Observations & 1,200 & 1,100 \\\\ \\midrule
\\multicolumn{3}{l}{\\textbf{Panel B: Women}} \\\\
 & (1) & (2) \\\\
Schooling & 0.061** & 0.055 \\\\ & (0.025) & (0.040) \\\\
Observations & 800 & 790 \\\\
Year effects & Yes & No \\\\ \\bottomrule
\\multicolumn{3}{l}{Standard errors clustered by region in parentheses, p-values in brackets.} \\\\
\\end{tabular}"""
    (exhibit,) = read_table(text.encode(), "a.tex")
    assert exhibit.panels == ("Panel A: Men", "Panel B: Women") and exhibit.notes.clusters == ("region",)
    assert [(r.panel[6:7], r.heading, r.label) for r in exhibit.rows] == [
        ("A", "", "Schooling"), ("A", "Region", "East"), ("B", "", "Schooling"),
    ]  # fmt: skip
    assert exhibit.nobs(0, "Panel B: Women").text == "800" and exhibit.nobs(1, "Panel A: Men").text == "1,100"
    assert [c.text for c in exhibit.statistics[-1].cells] == ["Yes", "No"] and exhibit.statistics[-1].name == "yes_no"
    assert not exhibit.not_understood


MEANS = (("price", "77.221", "(26.255)"), ("escrow", "0", "(0)"), ("sold", "3", "(1)"), ("rank", "5", "(2)"),
         ("rating", "4.888", "(.0994)"))  # fmt: skip


def means(kind: str, columns: int) -> str:
    """Means with standard deviations below them, whole numbers among both, in every column the same or one more."""
    rows = [["", *[f"({j + 1})" for j in range(columns)]], ["", *["Mean/Std."] * columns]]
    for label, mean, deviation in MEANS:
        step = deviation[1:-1].isdigit()
        rows.append([label, *[mean] * columns])
        rows.append(["", *[f"({int(deviation[1:-1]) + j})" if step else deviation for j in range(columns)]])
    rows.append(["N", *["334"] * columns])
    if kind == "tex":
        body = "\n".join(" & ".join(row) + r" \\\\" for row in rows)
        return f"\\begin{{tabular}}{{l*{{{columns}}}{{c}}}}\n\\hline\n{body}\n\\hline\n\\end{{tabular}}"
    if kind == "csv":
        return "\n".join(",".join(f'="{text}"' for text in row) for row in rows)
    if kind == "md":
        return "\n".join("| " + " | ".join(row) + " |" for row in [rows[0], ["---"] * (columns + 1), *rows[1:]])
    if kind == "html":
        return "<table>" + "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in rows) + "</table>"
    if kind == "rtf":
        cells = "".join(rf"\cellx{1500 * (j + 1)}" for j in range(columns + 1))
        made = (r"\trowd" + cells + "".join(rf"\pard\intbl {text}\cell" for text in row) + r"\row" for row in rows)
        return r"{\rtf1\ansi " + "\n".join(made) + "}"
    rule = "-" * (12 + 14 * columns)
    body = [f"{row[0]:<12}" + "".join(f"{text:>14}" for text in row[1:]) for row in rows]
    return "\n".join([rule, *body[:2], rule, *body[2:], rule])


@pytest.mark.parametrize("columns", [1, 2, 3])
@pytest.mark.parametrize("kind", ["tex", "csv", "md", "html", "rtf", "txt"])
def test_whole_numbers_in_parentheses_below_a_row_number_no_columns(kind, columns):
    (exhibit,) = read_table(means(kind, columns).encode(), f"a.{kind}")
    read = [(row.label, *(cell.text for cell in row.cells[0])) for row in exhibit.rows]
    assert read == list(MEANS) and not exhibit.not_understood
    assert [c.number for c in exhibit.columns] == list(range(1, columns + 1))
    assert [s.label for s in exhibit.statistics] == ["N"]


def test_a_row_with_p_in_brackets_below_its_errors_numbers_no_columns():
    text = "x,(1),(2)\ncapital,0.3,0.4\n,(0.1),(0.2)\n,[1],[1]\nlabour,2,3\n,(1),(2)\n,[0],[1]\nN,200,180\n"
    (exhibit,) = read_table(text.encode(), "a.csv")
    assert [[c.text for c in row.cells[1]] for row in exhibit.rows] == [["0.4", "(0.2)", "[1]"], ["3", "(2)", "[1]"]]
    assert not exhibit.not_understood


@pytest.mark.parametrize("second", ["(1),(2)", "(3),(4)"])
@pytest.mark.parametrize("above", ["", "Panel B: Women,,\n"])
def test_columns_numbered_on_below_the_number_of_rows_are_headings(second, above):
    block = "capital,0.3,0.4\n,(0.1),(0.2)\nN,200,180\n"
    found = read_table(f",(1),(2)\n{block}{above},{second}\n{block}".encode(), "a.csv")
    assert sum(len(row.cells) for e in found for row in e.rows) == 4
    assert [row.label for e in found for row in e.rows] == ["capital", "capital"]
    assert len(found) == (1 if above else 2)


def test_tables_stacked_without_a_rule_begin_where_titles_stand_below_the_number_of_a_column():
    block = (
        " & (1) \\\\\n & income \\\\\n & b/se/p \\\\\nsuccess & 0.09 \\\\\n & 0.05 \\\\\n & (0.06) \\\\\nshare & 0.04 \\\\\n"
    )
    found = read_table(f"\\begin{{tabular}}{{lc}}\n{block * 3}\\end{{tabular}}".encode(), "a.tex")
    assert [[row.label for row in e.rows] for e in found] == [["success", "share"]] * 3


def test_a_table_of_means_is_values_and_its_columns_are_named():
    text = "Variable,N,Mean,Std. Dev.,Min,Max\ninv,200,145.96,216.88,.93,1486.7\nvalue,200,1081.68,1314.47,58.12,6241.7\n"
    (exhibit,) = read_table(text.encode(), "a.csv")
    assert exhibit.kind == "values" and [c.kind for c in exhibit.columns] == ["nobs", "mean", "sd", "min", "max"]
    assert [c[0].text for c in exhibit.rows[1].cells] == ["200", "1081.68", "1314.47", "58.12", "6241.7"]


def test_variables_left_out_at_the_head_of_a_table_are_rows_of_it():
    text = (
        "\t(1)\t(2)\nVARIABLES\ty\ty\no.year_1941\t-\t-\no.year_1942\t-\t\nx\t0.12**\t0.10\n\t(0.05)\t(0.09)\nN\t200\t180\n"
    )
    (exhibit,) = read_table(text.encode(), "a.txt")
    assert [c.number for c in exhibit.columns] == [1, 2] and not exhibit.not_understood
    assert [r.label for r in (*exhibit.statistics, *exhibit.rows)][:3] == ["o.year_1941", "o.year_1942", "N"]


def test_labels_in_the_second_column_below_a_title_over_all():
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Table 1. Balance"],
        [None, "Covariate", "Mean", "SD"],
        [None, "Age", 39.6, 6.9],
        [None, "Female", 0.64, 0.48],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    out = io.BytesIO()
    book.save(out)
    (exhibit,) = read_table(out.getvalue(), "a.xlsx")
    assert exhibit.title == "Table 1. Balance" and [r.label for r in exhibit.rows] == ["Age", "Female"]
    assert [c.kind for c in exhibit.columns] == ["mean", "sd"] and not exhibit.not_understood


def test_two_tables_below_each_other_in_one_file_are_two():
    both = EXPORTERS["esttab.csv"](GRUNFELD) + "\n" + EXPORTERS["esttab.csv"](made(5))
    first, second = read_table(both.encode(), "a.csv")
    assert (read_back(first), read_back(second)) == (written(GRUNFELD), written(made(5)))
    assert (first.number, second.number) == (1, 2) and second.title == "Table 4: Anything"


def test_what_is_not_understood_is_said_with_its_place_and_no_number_is_made_of_it():
    text = "x,(1),(2)\ncapital,0.3x2,0.414*\n,(0.04O),(0.1)\nlost,,\nN,200,2OO\n"
    (exhibit,) = read_table(text.encode(), "a.csv")
    assert [(u.text, u.place.line) for u in exhibit.not_understood] == [("0.3x2", 2), ("(0.04O)", 3), ("2OO", 5)]
    assert [c.text for c in exhibit.cells] == ["0.414*", "(0.1)", "200"]


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_a_file_is_recognised_by_its_content(exporter):
    raw = EXPORTERS[exporter](GRUNFELD)
    raw = raw.encode() if isinstance(raw, str) else raw
    expected = {"doc": "rtf", "xls": "xls"}.get(exporter.rpartition(".")[2], exporter.rpartition(".")[2])
    found = kind_of(raw, exporter.rpartition(".")[2] if exporter.endswith("csv") else "")
    assert found == ("tsv" if exporter == "outreg2.txt" else expected)


@pytest.mark.parametrize(
    "exporter", ["esttab.tex", "esttab.csv", "outreg2.txt", "stargazer.txt", "esttab.html", "modelsummary.md"]
)
@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "gb18030"])
def test_tables_in_other_encodings_and_line_ends(exporter, codec):
    table = made(3)
    text = EXPORTERS[exporter](table).replace("\n", "\r\n")
    (exhibit,) = read_table(text.encode(codec), exporter)
    assert read_back(exhibit) == written(table)


def test_decimal_commas_are_read_where_all_numbers_have_them():
    text = EXPORTERS["esttab.tex"](GRUNFELD).replace("1,180", "1180")
    head, _, body = text.partition("\\hline\n")
    body = "".join(c if c != "." or not body[i + 1 : i + 2].isdigit() else "," for i, c in enumerate(body))
    (exhibit,) = read_table((head + "\\hline\n" + body.replace("1936,year", "1936.year")).encode(), "a.tex")
    assert exhibit.rows[0].cell(0).number.value == 0.116 and exhibit.rows[0].cell(0).number.half_unit == 0.0005


# ---------------------------------------------------------------- hostile input


def test_what_is_no_table_is_refused_with_what_it_is(tmp_path):
    for raw, word in (
        (b"%PDF-1.7 ...", "PDF"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "binary file of "
            "Office"), (b"", "empty"),
        (b"<stata_dta><header>", "data set"), (b"\x89PNG\r\n\x1a\n", "picture"), (b"hello world\n", "no table"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=word):
            read_table(raw)
    with pytest.raises(InputError, match="folder"):
        read_table(tmp_path)
    with pytest.raises(InputError, match="can't be read"):
        read_table(tmp_path / "none.tex")


def test_a_file_larger_than_any_table_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.tex"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    with pytest.raises(InputError, match="200 MB"):
        read_table(path)


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), raw)
    return out.getvalue()


def test_bombs_are_refused_in_a_moment():
    bomb = zipped(xl__workbook_xml=b"0" * (60 * 2**20))
    with pytest.raises(InputError, match="unpacks"):
        read_table(bomb, "a.xlsx")
    laughs = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    with pytest.raises(InputError, match="document type"):
        read_table(zipped(word__document_xml=b"<?xml version='1.0'?>" + laughs + b"<l>&b;</l>"), "a.docx")
    sheet = (
        b'<?xml version="1.0"?>' + laughs + b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">&b;</Workbook>'
    )
    with pytest.raises(InputError, match="document type"):
        read_table(sheet, "a.xls")
    with pytest.raises(InputError, match="nested"):
        read_table(b"{\\rtf1 " + b"{" * 100_000 + b"}" * 100_000 + b"}", "a.rtf")


HOSTILE = [
    ("a.tex", "\\begin{tabular}{lc}" + "a & " * 20_000), ("a.tex", "\\begin{tabular}{lc}" + "{" * 30_000 + " & 0.1 \\\\"),
    ("a.tex", "\\begin{tabular}" * 2_500), ("a.tex", "\\begin{tabular}{l}x&" + "1," * 30_000 + "\\\\"),
    ("a.csv", "x,0.1\n" * 15_000), ("a.csv", '"' * 50_001), ("a.md", "|" * 50_000 + "\n|a|0.1|"),
    ("a.md", "| a | 0.1 |\n" * 10_000), ("a.txt", ("x" + " 0.1" * 30 + "\n") * 1_000),
    ("a.txt", "-" * 100_000 + "\n0.1 0.2 0.3 0.4"), ("a.txt", "*" * 50_000 + " 0.1 0.2 0.3 0.4"),
    ("a.txt", "(" * 25_000 + "0.1 0.2\n" + "x 0.1 0.2\n" * 3), ("a.html", "<table>" * 1_500 + "<tr><td>0.1"),
    ("a.html", "<table><tr>" + "<td>0.1</td>" * 10_000 + "</tr></table>"),
    ("a.rtf", "{\\rtf1 " + "\\trowd\\cellx100 x\\cell 0.1\\cell\\row " * 2_500 + "}"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), HOSTILE)
def test_hostile_texts_take_no_longer_than_their_length(name, text):
    start = time.process_time()
    with contextlib.suppress(InputError):
        read_table(text.encode(), name)
    assert time.process_time() - start < 4


def workbook(**sheets: int) -> bytes:
    """A sheet of that many rows of data each; "table" has a table of estimates."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        if name == "table":
            for row in (["", "(1)"], ["x", "0.12**"], ["", "(0.05)"], ["Observations", 200]):
                sheet.append(row)
        else:
            sheet.append(["firm", "year", "inv"])
            for i in range(rows):
                sheet.append([i, 1935, 0.5])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_workbooks_of_data_are_no_tables_and_a_sheet_of_data_beside_a_table_is_said(tmp_path, monkeypatch):
    (tmp_path / "data.xlsx").write_bytes(workbook(Sheet1=100))
    (tmp_path / "table.xlsx").write_bytes(workbook(table=0, raw=400))
    assert recognise(tmp_path / "data.xlsx") == "data" and recognise(tmp_path / "table.xlsx") == "xlsx"
    with pytest.raises(InputError, match="is data"):
        read_table(tmp_path / "data.xlsx")
    monkeypatch.setattr("parity.logs.excel.MOST_CELLS", 1000)
    table, raw = read_table(tmp_path / "table.xlsx")
    assert [c.text for c in table.cells] == ["0.12**", "(0.05)", "200"]
    assert "401 rows of 3 cells: data" in raw.not_understood[0].why and not raw.rows


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("paper.log", "This is pdfTeX, Version 3.14\nOverfull \\hbox (12.3pt too wide) in paragraph at lines "
                      "3.4\n" * 9, "other"),
        ("README.txt", "Run master.do with Stata 17.0. It takes 3.5 hours on 2.4 GHz.\nSee section 1.2 and 1.3.\n", "other"),
        ("make.py", 'LOG = """\n. reg y x\n\n      Source |       SS\n-------------+------\n"""\n', "other"),
        ("a.do", "use x, clear\nreg y x\n", "do"), ("data.csv", "firm,year,inv\n" + "1,1935,317.6\n" * 99, "data"),
        ("t.txt", "          (1)      (2)\nx       0.12     0.14\n      (0.05)   (0.06)\ny       0.10     0.40\nN        "
                  "200      199\n", "txt"),
    ],
)  # fmt: skip
def test_files_beside_tables_are_told_from_them(name, text, kind, tmp_path):
    (tmp_path / name).write_text(text)
    assert recognise(tmp_path / name) == kind


def test_the_corpus_program_finds_nothing_lost_in_the_kept_examples(capsys):
    import read_corpus

    assert read_corpus.main(str(TESTS / "logs")) == 0
    lines = {line.split()[0]: line.split() for line in capsys.readouterr().out.splitlines()[1:]}
    assert set(lines) == {"csv", "docx", "html", "log", "md", "rtf", "smcl", "tex", "tsv", "txt", "xls", "xlsx"}
    assert all(row[5:7] == ["0", "0"] and int(row[4]) > 0 for row in lines.values())


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_every_row_of_a_kept_example_is_read(exporter):
    """Among them a blank cell and a lone row of words."""
    exhibits = read_table(TESTS / "logs" / f"wrong_note_{exporter}")
    assert sum(len(e.rows) for e in exhibits) == 4 and not any(e.not_understood for e in exhibits)


def test_words_of_a_document_and_cells_over_rows_keep_tables_in_place():
    html = """<table><tr><th rowspan=2>Variable</th><th colspan=2>Income</th></tr><tr><th>(1)</th><th>(2)</th></tr>
    <tr><td rowspan=2>x</td><td>0.10***</td><td>0.20</td></tr><tr><td>(0.01)</td><td>(0.15)</td></tr>
    <tr><td>N</td><td>200</td><td>180</td></tr></table><p>Standard errors in parentheses</p>"""
    (exhibit,) = read_table(html.encode(), "a.html")
    assert read_back(exhibit) == {
        ("x", 0): [("coef", "0.10***"), ("se", "0.01")],
        ("x", 1): [("coef", "0.20"), ("se", "0.15")],
    }
    assert statistics(exhibit, "nobs") == ["200", "180"] and not exhibit.not_understood


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 100_000, "a  1" * 50_000, "<table " * 30_000, "& " * 100_000, "| " * 100_000,
        "(0.1) " * 40_000 + "x", "*" * 200_000,
        ". \n" * 60_000, "\\begin{" * 30_000, "-" * 199_999 + "x", "reg " * 50_000, " " * 200_000,
        "\t" * 200_000, "{" * 200_000,
    ],
)  # fmt: skip
def test_what_a_file_is_is_told_in_a_moment(text):
    start = time.process_time()
    kind_of(text.encode())
    with contextlib.suppress(InputError):
        read_table(text.encode(), "a.txt")
    assert time.process_time() - start < 8


@pytest.mark.parametrize("name", ["wrong_note_book.xlsx", "wrong_note_word.docx"])
def test_a_damaged_workbook_is_a_table_that_can_not_be_read(tmp_path, name):
    """It is not passed over as an archive: whoever reads it says what is wrong."""
    file = tmp_path / name
    file.write_bytes((TESTS / "logs" / name).read_bytes()[:3000])
    assert recognise(file) == name.rpartition(".")[2]
    with pytest.raises(InputError, match=r"damaged|zip"):
        list(read_table(file))
