"""`parity table`: the numbers are the records', every format holds them, what is not verified is marked."""

from __future__ import annotations

import csv
import io
import re
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import docx
import lxml.html
import pytest
from click.testing import CliRunner
from docx.oxml.ns import qn
from wcwidth import wcswidth

from conftest import FIXTURES
from miniatures import matrices, miniature, with_matrices
from parity.base.errors import InputError
from parity.cli import main
from parity.engines import engine
from parity.package.engines import said
from parity.results.record import Record
from parity.runs import runner
from parity.study.load import load_study, parse_study
from parity.study.table import TableSettings
from parity.table.csv import safe
from parity.table.declared import default_tables
from parity.table.formats import FORMATS, grid_of, renderer
from parity.table.gather import gather
from parity.table.grid import Cell, Grid, Row, at_most, blocks, spread
from parity.table.notes import MARK
from parity.table.numbers import coefficient, decimals, probability, ranges, stars
from parity.table.verified import Verified, rests_on

needs_r = pytest.mark.needs_r

TOML = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[labels]
inv = "投资 (inv_t & 50%)"
value = "市场价值"
firm = "企业"

[derive]
large = "firm <= 5"

[spec.one]
formula = "inv ~ value | firm + year"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.two]
formula = "inv ~ value + capital | firm + year"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.dummies]
formula = "inv ~ value + capital + i(year) | firm"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.iv]
formula = "inv ~ capital | firm + year | value ~ l(value)"
vcov = { cluster = ["firm"] }
convention = "reghdfe"
diagnostics = true

[spec.large]
formula = "inv ~ value + capital | firm + year"
where = "firm <= 5"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.small]
formula = "inv ~ value + capital | firm + year"
where = "firm > 5"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[mediation.capital]
outcome = "inv"
treatment = "value"
mediators = ["capital"]
absorb = ["firm", "year"]
cluster = "firm"
draws = 60
refits = 20

[difference.size]
spec = "two"
group = "large"
draws = 200
refits = 30

[wild.two]
spec = "two"
term = "value"
draws = 199

[table.main]
title = "Main_table & more #1"
columns = ["one", { heading = "With capital", specs = ["two", "dummies"] }]
controls = ["i(year)"]
labels = { capital = "Capital $ [stock]" }
statistics = ["nobs", "clusters", "r2_within"]
note = "100% of firms_listed."

[table.size]
title = "Size"
columns = ["large", "small"]
headings = { large = "Large", small = "Small" }
rows = ["value"]
controls = ["capital"]
differences = [{ difference = "size", columns = ["large", "small"] }]

[table.instruments]
columns = ["two", "iv"]
statistics = ["nobs", "first_stage_f", "underidentification", "weak_f", "stock_yogo", "anderson_rubin", "wild_p", "wild_ci"]

[table.through]
mediation = ["capital"]
statistics = ["sobel", "percentile", "bias-corrected", "bca", "monte-carlo", "share", "nobs", "clusters", "draws"]
"""

PYTHON = ("py-linearmodels", "py-moments")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables") / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(TOML, encoding="utf-8")
    shutil.copy(FIXTURES / "grunfeld" / "data.csv", folder)
    return load_study(folder)


def command(study, *arguments: str):
    """One cache for the module: what one test had estimated the next one reads."""
    return CliRunner().invoke(main, ["table", str(study.folder), *arguments],
                              env={"PARITY_CACHE": str(study.folder.parent / "cache")})  # fmt: skip


@cache
def _gathered(folder: Path, names: tuple[str, ...]) -> Verified:
    study = load_study(folder)
    return gather(study, [study.tables[n] for n in names], engines=[engine(e) for e in PYTHON], transport="frozen")


def fast(study, *names: str) -> Verified:
    """Two Python engines are enough to verify. Kept: nothing here changes what they are asked."""
    return _gathered(study.folder, names)


def grid(study, name: str) -> Grid:
    return grid_of(name, study.tables[name], fast(study, name))


def row(grid: Grid, label: str) -> tuple[Cell, ...]:
    return next(r.cells for r in grid.body if r.label == label)


# ---------------------------------------------------------------- numbers


def test_numbers_are_those_of_the_run(study):
    """Every coefficient and standard error of the table is the reference's of an independent run, rounded."""
    made = grid(study, "main")
    report = runner.run([study], engines=[engine(e) for e in PYTHON], transport="frozen", specs=["one", "two", "dummies"],
                        details=True)  # fmt: skip
    for at, detail in enumerate(report.details):
        found = dict(zip(detail.quantities, detail.engines[0].values, strict=True))
        for term, label in (("value", "市场价值"), ("capital", "Capital $ [stock]")):
            cell = row(made, label)[at]
            if ("coef", term) not in found:
                assert cell == Cell()
                continue
            assert cell.text == f"{found['coef', term]:.3f}" and cell.below == f"({found['se', term]:.3f})"
            assert len(cell.stars) == sum(found["p", term] < c for c in (0.1, 0.05, 0.01))
        assert row(made, "Within R²")[at].text == f"{found['r2_within', '']:.3f}"
    assert [c.text for c in row(made, "Observations")] == ["200"] * 3
    assert [c.text for c in row(made, "Clusters")] == ["10"] * 3


def test_terms_that_are_called_the_same_share_a_row():
    """As a regressor and its winsorised form; not where one column has both."""
    text = """
[study]
title = "t"
unit = "firm"
time = "year"

[derive]
value_w = { winsorise = "value", cuts = [5, 95] }
capital_w = { winsorise = "capital", cuts = [5, 95] }

[labels]
value = "Value"
value_w = "Value"
capital = "Capital"
capital_w = "Capital"

[spec.plain]
formula = "inv ~ value + capital | firm"
convention = "reghdfe"
vcov = "iid"

[spec.cut]
extends = "plain"
formula = "inv ~ value_w + capital_w | firm"

[spec.both]
extends = "plain"
formula = "inv ~ value + value_w | firm"

[table.shared]
columns = ["plain", "cut"]
controls = ["capital", "capital_w"]

[table.apart]
columns = ["plain", "cut", "both"]
controls = ["capital", "capital_w"]

[table.two]
columns = ["plain", "both"]
rows = ["value"]
controls = ["value", "value_w"]
"""
    study = parse_study(text, FIXTURES / "grunfeld" / "study.toml")
    found = gather(study, list(study.tables.values()), engines=[engine(e) for e in PYTHON], transport="frozen")
    made = {name: grid_of(name, table, found) for name, table in study.tables.items()}
    assert [row.label for row in made["shared"].body][:2] == ["Value", "Controls"]
    value, controls = made["shared"].body[:2]
    assert [bool(c.text) for c in value.cells] == [True, True] and value.cells[0].text != value.cells[1].text
    assert [c.text for c in controls.cells] == ["Yes", "Yes"]
    rows = [(row.label, [bool(c.text) for c in row.cells]) for row in made["apart"].body[:2]]
    assert rows == [("Value", [True, False, True]), ("Value", [False, True, True])]
    assert [c.text for c in made["apart"].body[2].cells] == ["Yes", "Yes", "No"]
    assert [c.text for c in made["two"].body[1].cells] == ["Partly", "Yes"]  # two controls of one label are two


def test_controls_and_effects_are_said_by_yes_and_no(study):
    made = grid(study, "main")
    assert [c.text for c in row(made, "Controls")] == ["No", "No", "Yes"]
    assert [c.text for c in row(made, "企业 fixed effects")] == ["Yes", "Yes", "Yes"]
    assert [c.text for c in row(made, "year fixed effects")] == ["Yes", "Yes", "No"]
    assert not any("1936" in r.label for r in made.body)
    assert made.heads[0].cells[1] == Cell("With capital", span=2) and [c.text for c in made.heads[-1].cells] == [
        "(1)", "(2)", "(3)"
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["se", "t", "p", "ci"])
def test_what_stands_in_parentheses(kind):
    of = {"coef": -0.12345, "se": 0.05, "t": -2.469, "p": 0.0136, "ci_low": -0.2214, "ci_high": -0.0255}
    below = {"se": "(0.050)", "t": "(-2.469)", "p": "(0.014)", "ci": "[-0.221, -0.025]"}
    assert coefficient(of, kind, 3, (0.1, 0.05, 0.01)) == Cell("-0.123", "**", below[kind])


def test_small_numbers_are_not_printed_as_zero():
    assert decimals(0.0004, 3) == "0.00040" and decimals(0.0, 3) == "0.000" and decimals(-0.0000234, 3) == "-0.000023"
    assert decimals(2.34e-7, 3) == "2.3e-07" and decimals(0.04, 0) == "0.040" and decimals(1e-6, 3) == "0.0000010"
    assert decimals(0.0005001, 3) == "0.001" and decimals(float("nan"), 3) == "" and decimals(None, 3) == ""
    assert probability(0.0004, 3) == "<0.001" and probability(0.0, 3) == "<0.001" and probability(0.0006, 3) == "0.001"
    assert [probability(0.0, 3, draws) for draws in (99, 999, 9999)] == ["<0.011", "<0.002", "<0.001"]
    assert probability(0.4, 0) == "0.400" and probability(0.0004, 0) == "<0.001" and probability(0.04, 1) == "0.040"
    assert stars(0.05, (0.1, 0.05)) == "*" and stars(0.0499, (0.1, 0.05)) == "**" and stars(None, (0.1,)) == ""


# ---------------------------------------------------------------- formats


def cells(text: str) -> set[str]:
    return set(re.findall(r"-?\d+\.\d{3}", text))


def test_every_format_holds_the_same_numbers(study, tmp_path):
    made = grid(study, "main")
    wanted = {n for r in made.body for c in r.cells for n in cells(f"{c.text} {c.below}")}
    assert len(wanted) > 8
    for form in FORMATS:
        out = renderer(form)([made])
        if form == "docx":
            (tmp_path / "t.docx").write_bytes(out)
            table = docx.Document(str(tmp_path / "t.docx")).tables[0]
            out = "\n".join(c.text for r in table.rows for c in r.cells)
        assert wanted <= cells(out.replace("$-$", "-").replace("\\", "")), (form, wanted - cells(out))


def test_latex_escapes_names_and_compiles_to_balanced_groups(study):
    text = renderer("latex")([grid(study, "main")])
    assert (
        r"\caption{Main\_table \& more \#1}" in text and r"Capital \$ [stock]" in text and r"100\% of firms\_listed" in text
    )
    assert "市场价值" in text and r"投资 (inv\_t \& 50\%)" in text and "XeLaTeX" in text
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    assert r"\toprule" in text and r"\cmidrule(lr){3-4}" in text and re.search(r"\d\$\^\{\*+\}\$", text)
    body = text[text.index(r"\toprule") : text.index(r"\bottomrule")]
    for line in body.splitlines():
        if line.endswith(r"\\"):
            spans = [int(n) - 1 for n in re.findall(r"\\multicolumn\{(\d)\}", line)]
            assert len(re.findall(r"(?<!\\)&", line)) + sum(spans) == 3, line
        assert not re.search(r"\\\\\s*[\[*]", line)


def test_markdown_keeps_names_as_text(study):
    text = renderer("markdown")([grid(study, "main")])
    assert r"Main\_table &amp; more \#1" in text and "市场价值" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {5}


def test_csv_reads_back(study):
    rows = list(csv.reader(io.StringIO(renderer("csv")([grid(study, "main")]))))
    assert rows[0] == ["Main_table & more #1"] and rows[2][0] == "" and rows[2][1:] == ["投资 (inv_t & 50%)", "", ""]
    value = next(i for i, r in enumerate(rows) if r[0] == "市场价值")
    assert re.fullmatch(r"0\.\d{3}\*{3}", rows[value][1])
    assert re.fullmatch(r'="\(0\.\d{3}\)"', rows[value + 1][1])


def test_word_reads_back(study, tmp_path):
    (tmp_path / "t.docx").write_bytes(renderer("docx")([grid(study, "main")]))
    document = docx.Document(str(tmp_path / "t.docx"))
    assert document.paragraphs[0].text == "Main_table & more #1"
    assert "Made" not in document.paragraphs[1].text and document.paragraphs[1].text == "100% of firms_listed."
    (table,) = document.tables
    texts = [[c.text for c in r.cells] for r in table.rows]
    assert texts[0] == ["", "", "With capital", "With capital"]  # one cell over two columns
    assert texts[2] == ["", "(1)", "(2)", "(3)"]
    value = next(r for r in texts if r[0] == "市场价值")
    assert all(re.fullmatch(r"0\.\d{3}\*{3}", t) for t in value[1:])
    starred = next(r for r in table.rows if r.cells[0].text == "市场价值").cells[1].paragraphs[0].runs[1]
    assert starred.text == "***" and starred.font.superscript
    ruled = [tc.find(".//" + qn("w:bottom")) is not None for tc in table.rows[0]._tr.tc_lst]
    assert ruled == [False, False, True]  # below what stands over two columns
    notes = [p for p in document.paragraphs[1:] if p.text]
    assert [bool(p.paragraph_format.keep_with_next) for p in notes] == [True] * (len(notes) - 1) + [False]


def test_text_is_eighty_columns_wide_and_loses_no_column(study):
    wide = spread([(f"Group {i}", 2) for i in range(8)])
    numbers = tuple(Cell(f"({i + 1})") for i in range(16))
    body = (Row("市场价值", tuple(Cell(f"{i}.123", "***", f"({i}.456)") for i in range(16))),
            Row("Only the last", (*(Cell(),) * 15, Cell("9.999"))))  # fmt: skip
    made = Grid("t", "Wide", (Row("", wide), Row("", numbers)), body, ("A note. " * 30,))
    text = renderer("text")([made])
    assert all(wcswidth(line) <= 80 for line in text.splitlines())
    assert all(len(re.findall(rf"\b{i}\.123\*\*\*", text)) == 1 for i in range(16))
    assert all(f"({i + 1})" in text for i in range(16))
    assert text.count("Only the last") == 1  # a row without a number in a piece is not in it
    pieces = blocks(made, at_most(5))
    assert [p.width for p in pieces] == [4, 4, 4, 4]  # never between the two columns of a group
    assert [p.heads[0].cells[0].text for p in pieces] == ["Group 0", "Group 2", "Group 4", "Group 6"]


# ---------------------------------------------------------------- verified or marked


def spoil(estimate, spec, design):
    """Standard errors one in a million too large, where capital is a regressor."""
    more = 2e-6 if "capital" in design.x_names else 0.0
    return with_matrices(estimate, [m * (1 + more) for m in matrices(estimate)])


def test_a_column_that_disagrees_is_marked_and_fails(study):
    engines = [engine("py-moments"), miniature("miniature", spoil)]
    verified = gather(study, [study.tables["main"]], engines=engines, transport="frozen")
    made = grid_of("main", study.tables["main"], verified)
    assert [c.text for c in made.heads[-1].cells] == ["(1)", f"(2){MARK}", f"(3){MARK}"] and not made.verified
    note = next(n for n in made.notes if n.startswith(f"{MARK} Column"))
    assert "disagree" in note and "miniature" in note and "(2)" in note
    for form in ("text", "markdown", "latex", "csv"):
        assert MARK in renderer(form)([made]).replace(r"$^{\dagger}$", MARK)


def test_the_note_counts_engines(study):
    made = grid(study, "main")
    assert "Every column was estimated in 2 engines, which agree on every number." in made.notes and made.verified


def test_one_engine_alone_verifies_nothing(study):
    alone = gather(study, [study.tables["main"]], engines=[engine("py-moments")], transport="frozen")
    made = grid_of("main", study.tables["main"], alone)
    assert not made.verified and all(MARK in c.text for c in made.heads[-1].cells)


def test_a_second_reading_of_the_data_is_no_engine(study):
    """R reading the same sample says nothing of an estimate that one engine alone has."""
    alone = gather(study, [study.tables["main"]], engines=[engine("py-moments")], transport="frozen")
    read = tuple(
        Record(study=study.id, spec=spec.id, kind="sample", reference="python", candidate="r-reading", verdict="agree",
               checked=9, digits=16.0)
        for spec in study.specs
    )  # fmt: skip
    made = grid_of("main", study.tables["main"], replace(alone, records=alone.records + read))
    assert not made.verified and all(MARK in c.text for c in made.heads[-1].cells)
    assert said(read) == "no other engine estimates it here"


def test_the_command_exits_1_where_a_printed_number_differs(make_study):
    wrong = '\n[[published]]\nspec = "two"\nterm = "value"\nestimate = "9.876"\nsource = "nowhere"\n'
    done = CliRunner().invoke(main, ["table", str(make_study(TOML + wrong)), "--table", "main", "--frozen"])
    assert done.exit_code == 1 and f"(2){MARK}" in done.output and f"(1){MARK}" not in done.output
    assert "not every column is verified: main" in done.output and "9.876" not in done.output


def test_a_disputed_index_marks_the_columns_that_rest_on_it():
    study = load_study(FIXTURES / "digital_trade")
    assert rests_on(study, ["dt_l1", "year"]) == {"dt_l1", "dt", "year"}
    agree = Record(study=study.id, spec="lagged", kind="estimate", reference="a", candidate="b", verdict="agree", checked=9)
    for index, marked in (("index.dt", True), ("index.dt.topsis", False), ("index.nqp", False), ("derived columns", True)):
        wrong = Record(study=study.id, spec=index, kind="index", reference="r", candidate="p", verdict="disagree", checked=9)
        standing = Verified(study, (), (agree, wrong)).standing(study.spec("lagged"))
        assert bool(standing.trouble) is marked, index


def test_numbers_of_an_analysis_that_was_not_compared_are_not_shown(study, monkeypatch):
    monkeypatch.setenv("PARITY_R", "none")
    made = grid(study, "through")
    assert not made.verified and not any(re.search(r"\d", c.text) for r in made.body for c in r.cells)
    assert any("not verified" in n for n in made.notes)


# ---------------------------------------------------------------- analyses


@needs_r
def test_analyses_are_in_their_tables(study):
    names = ("size", "instruments", "through")
    verified = gather(study, [study.tables[n] for n in names], engines=[engine(e) for e in PYTHON])
    size, instruments, through = (grid_of(n, study.tables[n], verified) for n in names)
    assert size.verified and instruments.verified and through.verified
    # the difference is that of the two columns, each estimated by itself
    values = [verified.values(spec)["coef", "value"] for spec in ("large", "small")]
    found = verified.numbers("difference.size")
    assert found["difference", ""] == pytest.approx(values[0] - values[1], rel=1e-10)
    difference, permutation = row(size, "Difference of groups"), row(size, "p, permutation of units")
    assert difference[0] == Cell(f"{values[0] - values[1]:.3f}", span=2) and difference[1].span == 0
    assert permutation[0].text == f"{found['p permutation', '']:.3f}"
    assert row(instruments, "Kleibergen-Paap rk Wald F")[0] == Cell()
    f = verified.numbers("diagnostics.iv")["weak_f", ""]
    assert row(instruments, "Kleibergen-Paap rk Wald F")[1].text == f"{f:.3f}"
    assert row(instruments, "Stock-Yogo, 10% size")[1].text == "16.38"
    wild = verified.numbers("wild.two")
    assert row(instruments, "Wild cluster bootstrap p, 市场价值 = 0")[0].text == f"{wild['p', '']:.3f}"
    low, high = (wild[end, ""] for end in ("low", "high"))
    assert low < verified.values("two")["coef", "value"] < high
    assert row(instruments, "Wild cluster bootstrap interval, 市场价值")[0].text == f"[{low:.3f}, {high:.3f}]"
    shown = verified.numbers("mediation.capital")
    low, high = (shown[f"percentile {end}", "indirect capital"] for end in ("low", "high"))
    assert row(through, "Percentile interval")[0].text == f"[{low:.3f}, {high:.3f}]"
    product = shown["effect", "first capital"] * shown["effect", "second capital"]
    assert float(row(through, "Indirect effect (a × b)")[0].text) == pytest.approx(product, abs=5e-4)
    assert any("first 20 of 60" in n for n in through.notes) and any("first 30 of 200" in n for n in size.notes)


# ---------------------------------------------------------------- settings


SPEC, SIZE = "there is no spec", 'title = "Size"'
WRONG = [
    ('columns = ["large", "small"]', 'columns = ["large", "smal"]', f"table.size.columns: {SPEC} `smal`: did you mean"),
    ('mediation = ["capital"]\nst', 'mediation = ["capitl"]\nst', "table.through.mediation: there is no mediation analysis"),
    ('rows = ["value"]', 'rows = ["valu"]', "table.size.rows: no column has a term `valu`: did you mean `value`"),
    ('difference = "size", c', 'difference = "siz", c', "there is no group difference `siz`: did you mean `size`"),
    ('columns = ["large", "small"] }]', 'columns = ["small", "large"] }]', "must be the column after"),
    (SIZE, 'titel = "Size"', "table.size.titel: there is no key `titel` here: did you mean `title`"),
    (SIZE, "stars = [0.01, 0.1]", "table.size.stars: falling levels"),
    (SIZE, 'digits = "3"', "table.size.digits: "),
    (SIZE, 'parentheses = "sd"', "none of se, t, p, ci"),
    (SIZE, 'statistics = ["sobel"]', "`sobel` is no statistic of specs"),
    (SIZE, 'statistics = ["weak_f"]', "none of its specs has diagnostics = true"),
    (SIZE, 'statistics = ["wild_p"]', "none of its specs has a [wild.NAME]"),
    (SIZE, 'mediation = ["capital"]', "give columns = [specs], or mediation"),
    ("headings = { large", "headings = { larg", "there is no column `larg`: did you mean `large`"),
    ('[difference.size]\nspec = "two"', '[difference.size]\nspec = "tow"', f"difference.size.spec: {SPEC} `tow`"),
    ('[difference.size]\nspec = "two"', '[difference.size]\nspec = "iv"', "must be ordinary least squares"),
    ('group = "large"', 'group = "lorge"', "difference.size.group: there is no column `lorge`: did you mean `large`"),
    ('term = "value"\ndraws', 'term = "valeu"\ndraws', "wild.two.term: `two` has no regressor `valeu`: did you mean"),
    ("draws = 199", 'draws = 199\npoints = "web"', "none of rademacher, webb"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_wrong_input_names_file_and_key(old, new, said, make_study):
    assert old in TOML
    asked = "through" if "table.through" in said else "size"
    done = CliRunner().invoke(main, ["table", str(make_study(TOML.replace(old, new, 1))), "--table", asked, "--frozen"])
    assert done.exit_code == 2 and said in done.output and "study.toml" in done.output, done.output


def test_a_column_of_two_pairs_is_refused(study):
    pairs = [{"difference": "size", "columns": pair} for pair in (("large", "small"), ("small", "two"))]
    settings = TableSettings(columns=("large", "small", "two"), differences=pairs)
    specs = {spec.id: spec for spec in study.specs}
    assert any("is in two pairs" in p for p in settings.problems(specs, {}, study.difference, {}, {}))


def test_a_study_without_tables_has_one_of_all_its_specs(study):
    plain = study.model_copy(update={"tables": {}})
    ((name, whole),) = default_tables(plain).items()
    assert name == "specs" and whole.specs == tuple(s.id for s in study.specs)
    verified = gather(plain, [whole], engines=[engine(e) for e in PYTHON], transport="frozen")
    text = renderer("text")([grid_of(name, whole.model_copy(update={"stars": (), "digits": 2}), verified)])
    assert "*" not in text and "(6)" in text and all(wcswidth(line) <= 80 for line in text.splitlines())


def test_options_of_the_command(study, tmp_path):
    base = ("--table", "main", "--frozen")
    done = command(study, *base, "--to", "docx")
    assert done.exit_code == 2 and "-o FILE.docx" in done.output
    done = command(study, "--table", "man")
    assert done.exit_code == 2 and "did you mean `main`" in done.output
    done = command(study, *base, "--stars", ".05,.2")
    assert done.exit_code == 2 and "falling" in done.output
    out = tmp_path / "t.csv"
    done = command(study, *base, "--to", "csv", "-o", str(out), "--stars", ".05", "--parentheses", "t")
    assert done.exit_code == 0, done.output
    text = out.read_text(encoding="utf-8")
    assert "* p < 0.05." in text and "**" not in text and "t statistics in parentheses" in text
    done = command(study, *base, "--to", "docx", "-o", str(tmp_path / "t.docx"), "--no-stars", "--digits", "1")
    assert done.exit_code == 0 and "*" not in docx.Document(str(tmp_path / "t.docx")).tables[0].cell(3, 1).text


def test_column_numbers_are_joined():
    assert ranges([1, 2, 3, 5, 7, 8]) == "(1)-(3), (5), (7)-(8)" and ranges([4]) == "(4)"


# ---------------------------------------------------------------- from a kept report


def call(study, *arguments: str):
    return CliRunner().invoke(main, list(arguments), env={"PARITY_CACHE": str(study.folder.parent / "cache")})


@pytest.fixture
def moved(study, tmp_path, monkeypatch):
    """The report of a run in a folder where neither the study nor its data are, and in which nothing can be run."""
    done = call(study, "run", str(study.folder), "--json", str(tmp_path / "kept.json"))
    assert done.exit_code in (0, 1), done.output
    monkeypatch.chdir(tmp_path)

    def no(*_, **__):
        raise AssertionError("a kept report runs nothing")

    monkeypatch.setattr("parity.runs.runner.run", no)
    monkeypatch.setattr("parity.table.gather.records_of", no)
    monkeypatch.setattr("parity.data.load.read_study_frame", no)
    return "kept.json"


def test_a_kept_report_gives_the_tables_of_the_run_byte_for_byte(study, tmp_path, moved, request):
    monkeypatch = request.getfixturevalue("monkeypatch")
    made = {}
    for form in FORMATS:
        for options in ((), ("--parentheses", "t", "--stars", ".1,.05", "--digits", "5")):
            out = tmp_path / f"{form}{len(options)}"
            done = call(study, "table", moved, "--to", form, "-o", str(out), *options)
            assert out.is_file(), (done.output, done.exception)
            made[form, options] = (done.exit_code, done.stderr, out.read_bytes())
    opened = call(study, "report", moved, "--html", str(tmp_path / "page.html"))
    assert opened.exit_code in (0, 1), opened.output
    page = lxml.html.fromstring((tmp_path / "page.html").read_text(encoding="utf-8"))
    monkeypatch.undo()
    shown = ["".join(cell.itertext()) for cell in page.xpath("//table[contains(@class, 'paper')]//td")]
    printed = list(csv.reader(made["csv", ()][2].decode("utf-8-sig").splitlines()))
    titles = [table.title or name for name, table in study.tables.items()]
    assert [one.text for one in page.xpath("//details[@class='made']/summary")] == titles
    numbers = {word for row in printed for word in row[1:] if word[:1].isdigit()}
    assert numbers and all(any(word in cell for cell in shown) for word in numbers)
    assert page.xpath("//h2/@id")[:2] == ["tables", "specifications"]
    assert b"0.110" in made["text", ()][2] or b"value" in made["csv", ()][2]
    for (form, options), kept in made.items():
        out = tmp_path / "live"
        done = command(study, "--to", form, "-o", str(out), *options)
        assert (done.exit_code, done.stderr, out.read_bytes()) == kept, (form, options)


def test_a_kept_report_of_several_studies_is_asked_for_one(study, tmp_path):
    other, file = tmp_path / "other", str(tmp_path / "both.json")
    shutil.copytree(study.folder, other)
    (other / "study.toml").write_text(TOML.split("[mediation.capital]")[0], encoding="utf-8")
    assert call(study, "run", str(study.folder), str(other), "--frozen", "--json", file).exit_code in (0, 1)
    done = call(study, "table", file)
    assert done.exit_code == 2 and f"say which by --study: {study.id}, {other.name}" in done.stderr
    done = call(study, "table", file, "--study", other.name)
    assert done.stdout == call(study, "table", str(other), "--frozen").stdout and "(1)" in done.stdout
    done = call(study, "table", file, "--study", f"{other.name}x")
    assert done.exit_code == 2 and f"did you mean `{other.name}`?" in done.stderr
    assert call(study, "table", str(other), "--study", other.name).exit_code == 2
    done = call(study, "table", file, "--study", other.name, "--jobs", "2")
    assert done.exit_code == 2 and "a kept report runs nothing" in done.stderr


def test_a_kept_report_that_lacks_what_a_table_shows_is_refused(study, tmp_path):
    file = str(tmp_path / "part.json")
    call(study, "run", str(study.folder), "--spec", "one", "--frozen", "--json", file)
    done = call(study, "table", file, "--table", "main")
    said = "doesn't hold all that the table shows: two, dummies; run the study without --spec"
    assert done.exit_code == 2 and said in done.stderr
    call(study, "run", str(study.folder), "--spec", "one", "--spec", "two", "--spec", "dummies", "--frozen", "--json", file)
    assert "what the study computes beside its specs" in call(study, "table", file, "--table", "main").stderr
    call(study, "run", str(study.folder), "--as-shipped", "--frozen", "--spec", "one", "--json", file)
    done = call(study, "table", file)
    assert done.exit_code == 2 and "it keeps no study" in done.stderr


NOTED = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[labels]
capital = "Capital stock"

[spec.plain]
formula = "inv ~ value"
vcov = "HC1"
convention = "regress"

[spec.weighted]
formula = "inv ~ value"
weights = { analytic = "capital" }
vcov = "HC1"
convention = "ivregress"

[spec.counted]
formula = "inv ~ value"
weights = { frequency = "year" }
vcov = { cluster = ["firm"] }
convention = "plm"

[table.all]
columns = ["plain", "weighted", "counted"]

[table.one]
columns = ["weighted"]
"""


def test_the_note_says_weights_and_no_factor_that_the_convention_leaves_out(make_study):
    study = load_study(make_study(NOTED))
    verified = gather(study, list(study.tables.values()), engines=[engine(e) for e in PYTHON], transport="frozen")
    errors, weights, *_ = grid_of("all", study.tables["all"], verified).notes
    assert "(1) heteroskedasticity-robust (HC1); (2) heteroskedasticity-robust, without small-sample factor; " in errors
    assert "(3) clustered by firm, without small-sample factor. Convention" in errors
    assert weights == "(1) unweighted; (2) analytic weights: Capital stock; (3) frequency weights: year."
    assert "Analytic weights: Capital stock." in grid_of("one", study.tables["one"], verified).notes


@pytest.mark.parametrize(
    ("name", "form"), [("a.tex", "latex"), ("a.md", "markdown"), ("a.csv", "csv"), ("a.txt", "text"), ("a.DOCX", "docx")]
)
def test_the_ending_of_the_file_chooses_the_format(study, tmp_path, name, form):
    done = command(study, "--table", "main", "--frozen", "-o", str(tmp_path / name))
    same = command(study, "--table", "main", "--frozen", "--to", form, "-o", str(tmp_path / "same"))
    assert same.exit_code == done.exit_code
    made, wanted = (tmp_path / name).read_bytes(), (tmp_path / "same").read_bytes()
    assert made[:2] == b"PK" if form == "docx" else made == wanted


def test_an_unknown_ending_is_asked_about(study, tmp_path):
    done = command(study, "--table", "main", "--frozen", "-o", str(tmp_path / "a.rtf"))
    assert done.exit_code == 2 and "which format is `.rtf`?" in done.output and not (tmp_path / "a.rtf").exists()


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("(0.028)", '="(0.028)"'),  # a spreadsheet reads -0.028
        ("(1,024)", '="(1,024)"'),
        ("0.610", '="0.610"'),
        ("-0.009", '="-0.009"'),
        ("8.1%", '="8.1%"'),
        ("279", "279"),
        ("0.610***", "0.610***"),
        ("(1)", '="(1)"'),  # the number of a column
        ("[0.071]", "[0.071]"),
        ("=1+1", "'=1+1"),
        ("-cmd", "'-cmd"),
    ],
)
def test_a_spreadsheet_shows_what_is_printed(cell, kept):
    assert safe(cell) == kept


# ---------------------------------------------------------------- an indirect effect below its equations


def through(study, columns: str, more: str = ""):
    text = f'\n[table.steps]\ncolumns = [{columns}]\nthrough = ["capital"]\n{more}\n'
    study = parse_study(TOML + text, study.file)
    found = gather(study, [study.tables["steps"]], engines=[engine(e) for e in PYTHON])
    return grid_of("steps", study.tables["steps"], found), found


@needs_r
def test_the_indirect_effect_stands_below_outcome_on_treatment_and_mediator(study):
    made, found = through(study, '"one", "two"', 'statistics = ["nobs", "sobel", "bca", "share"]')
    rows = {row.label: [(c.text, c.below) for c in row.cells] for row in made.body}
    numbers = found.numbers("mediation.capital")
    z, p = numbers["z by sobel", "capital"], numbers["p by sobel", "capital"]
    assert rows["Sobel z"] == [("", ""), (decimals(z, 3), f"[{probability(p, 3)}]")]
    assert rows["Share mediated"][1][0].endswith("%") and rows["BCa interval"][1][0].startswith("[")
    assert made.verified and any("Indirect effects: computed in Python and in R" in n for n in made.notes)
    default, _ = through(study, '"one", "two"')
    assert [row.label for row in default.body][-3:] == ["Sobel z", "Percentile interval", "Share mediated"]


@needs_r
@pytest.mark.parametrize(
    ("columns", "more", "said"),
    [
        ('"one"', "", "through: no column is of `inv` on `value` and `capital`"),
        ('"two", "dummies"', "", "2 columns are of `inv` on `value` and `capital`"),
        ('"large"', "", "`capital` in `mediation.capital` and in `large` are other estimates: "),
        ('"two"', 'statistics = ["draws"]', "`draws` is no statistic of specs"),
    ],
)
def test_an_indirect_effect_that_is_of_no_column_is_refused(study, columns, more, said):
    with pytest.raises(InputError) as error:
        through(study, columns, more)
    assert said in str(error.value)


@needs_r
def test_an_indirect_effect_that_is_wrong_marks_its_column(study):
    _, found = through(study, '"one", "two"')
    wrong = [replace_verdict(r) if r.kind == "mediation" else r for r in found.records]
    made = grid_of("steps", found.study.tables["steps"], replace(found, records=tuple(wrong)))
    assert not made.verified and [c.text for c in made.heads[-1].cells] == ["(1)", f"(2){MARK}"]
    assert any(n.startswith(f"{MARK} Column (2): disagree") for n in made.notes)


def replace_verdict(record):
    return record.model_copy(update={"verdict": "disagree"})
