"""Names, titles, labels and messages are text in every format: nothing of them runs, links, breaks out or is hidden."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parity.base.errors import InputError
from parity.base.printing import one_line, printing
from parity.export import export_study
from parity.report.files import FORMATS, renderer
from parity.report.markdown import code, escape
from parity.report.terminal import to_terminal
from parity.results.record import Cause, Difference, InputProblem, Record, Report, summarise
from parity.study.load import load_study
from parity.table import csv as csv_table
from parity.table import docx as docx_table
from parity.table import latex as latex_table
from parity.table import markdown as markdown_table
from parity.table import text as text_table
from parity.table.grid import Cell, Grid, Row

#: Pieces that mean something to a terminal, a browser, Markdown, XML, a spreadsheet, LaTeX, Stata, R, Python or TOML.
PIECES = [
    "\x00",
    "\x1b[31m", "\x1b]0;title\x07", "\u202e", "\u202a", "\u2066", "\u2069", "\r", "\n", "\x0b", "\x0c", "\x85", "\u2028",
    "\x7f", "\x9b", "\ufeff", "\u200b", "\ud800", "\ufffe", "|", "`", "```", "<script>alert(1)</script>", "<!--", "-->",
    "]]>", "&amp;", "[a](http://x.example)", "http://x.example", "www.x.example",
    "![i](http://x.example)", "# ", "- ", "1. ",
    "=1+1", "+1", "@SUM(A1)", "-1+2", "\t=1", "\\input{x}", "$x", "${x}", "%", "\\", "\"'", "`\"", "'", "\"", "#", "{", "}",
    "~", "^", "_", "资本", "é", "a", " ", "/*", "*/", "///", "\\n", "\\u0041",
]  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
HIDDEN = re.compile(
    r"[^\S \n\t]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufffe\uffff]"
)
SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def report(text: str) -> Report:
    cause = Cause(id="c", text=text, residual=0.0, formula=text, source=text, how={text: text}, avoids={text: text})
    difference = Difference(quantity="se", term=text, reference=1.0, candidate=2.0, digits=0.3, allowed=1e-9)
    base = {"study": text, "reference": "r-stata", "candidate": "e", "checked": 3, "digits": 1.0}
    records = (
        Record(**base, spec="a", kind="estimate", verdict="agree"),
        Record(**base, spec=text, kind="estimate", verdict="explained", differences=(difference,), causes=(cause,)),
        Record(**base | {"candidate": text}, spec="b", kind="estimate", verdict="disagree", differences=(difference,)),
        Record(**base, spec="c", kind="printed", verdict="disagree", differences=(difference,), note=text, warnings=(text,)),
        Record(study=text, spec="", kind="study", reference="", candidate="", verdict="failed", note=text,
               problems=(InputProblem(file=text, key=text, message=text),)),
    )  # fmt: skip
    return Report(
        versions={"parity": text}, transports={"e": f"unavailable: {text}", text: "live"}, made=(text,),
        read={text: (text,)}, records=records, summary=summarise(records),
    )  # fmt: skip


def grid(text: str) -> Grid:
    cells = (Cell(text, "*", text), Cell("0.35", "***", "(0.05)"))
    heads = (Row("", (Cell(text), Cell(text))), Row("", (Cell("(1)"), Cell("(2)"))))
    return Grid(text, text, heads, (Row(text, cells), Row(text, cells, rule=True)), (text, text))


@pytest.mark.parametrize("form", [name for name in FORMATS if name != "json"])
@SOME
@given(HOSTILE)
def test_no_report_holds_what_does_not_print(form, text):
    made = renderer(form)(report(text))
    assert not HIDDEN.search(made), (form, HIDDEN.search(made))
    made.encode("utf-8")


@SOME
@given(HOSTILE)
def test_the_terminal_gets_no_control(text):
    made = to_terminal(report(text), verbose=True)
    assert not HIDDEN.search(made) and "\t" not in made


@SOME
@given(HOSTILE)
def test_json_keeps_the_text_and_no_raw_control(text):
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return
    made = renderer("json")(report(text))
    assert json.loads(made)["records"][3]["note"] == text
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", made)


@SOME
@given(HOSTILE)
def test_junit_is_xml_and_html_runs_nothing_of_it(text):
    root = ElementTree.fromstring(renderer("junit")(report(text)).encode())
    assert {e.tag for e in root.iter()} <= {"testsuites", "testsuite", "testcase", "failure", "skipped", "system-out"}
    page = renderer("html")(report(text))
    assert "<script>alert" not in page and 'href="http' not in page


@SOME
@given(HOSTILE)
def test_markdown_stays_one_piece_of_text(text):
    said = escape(text)
    assert "\n" not in said and "<" not in said and "://" not in said and "www." not in said
    assert not re.search(r"(?<!\\)[|`\[\]]", said.replace("\\\\", ""))
    assert not re.match(r"(?:[-+=#>]|\d+[.)])(?:\s|$)", said)
    span = code(text)
    fence = re.match("`+", span)[0]
    assert span.count(fence) >= 2 and not re.search(rf"(?<!`){fence}(?!`)", span[len(fence) : -len(fence)])


@pytest.mark.parametrize("render", [text_table.to_text, markdown_table.to_markdown, latex_table.to_latex, csv_table.to_csv])
@SOME
@given(HOSTILE)
def test_no_table_holds_what_does_not_print(render, text):
    assert not HIDDEN.search(render([grid(text)]))


@SOME
@given(HOSTILE)
def test_no_cell_of_csv_is_a_formula(text):
    for row in csv.reader(io.StringIO(csv_table.to_csv([grid(text)]))):
        for cell in row:
            if re.fullmatch(r'="\(?[-+−]?\d[\d.,]*%?\)?"', cell):
                continue  # a number as a text, which says nothing else
            assert cell.lstrip()[:1] not in ("=", "@")
            assert cell.lstrip()[:1] not in ("+", "-") or re.fullmatch(r"\s*[-+][\d.,\s]*\d[*†‡]*", cell)


@settings(max_examples=15, deadline=None)
@given(HOSTILE)
def test_a_word_file_opens(text):
    made = docx_table.to_docx([grid(text)])
    for name in zipfile.ZipFile(io.BytesIO(made)).namelist():
        if name.endswith(".xml"):
            ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(made)).read(name))


@given(st.text())
def test_printing_leaves_nothing_that_does_not_print(text):
    assert one_line(text).isprintable()
    assert all(c == "\n" or c.isprintable() for c in printing(text))
    assert printing("a\x1b[1mb\u202ec\r") == "a?[1mb?c "


# ---------------------------------------------------------------- scripts

#: Names that a formula can write: no backtick is in them.
HEADERS = [
    "a\"'b", "$x", "${x}", "a$x\"'z", "a\tb", "\u202eab", "a'b", 'a"b', "a\\b", "a#b", "/*a", "a*/b", "///", "a b", "\"'",
    "x)} system('touch broken'); {(", "a\x1b[0mb",
]  # fmt: skip


@pytest.fixture(params=HEADERS, ids=[str(i) for i in range(len(HEADERS))])
def study(request, tmp_path):
    header = request.param
    folder = tmp_path / "s"
    folder.mkdir()
    out = io.StringIO()
    csv.writer(out).writerows([["y", header, "g"], *([i * i % 7 + 0.5, i, i % 3] for i in range(12))])
    (folder / "data.csv").write_text(out.getvalue(), encoding="utf-8")
    title, formula = json.dumps(header), json.dumps(f"y ~ `{header}`", ensure_ascii=False)
    (folder / "study.toml").write_text(
        f'[study]\ntitle = {title}\ndata = "data.csv"\n[spec.a]\ntitle = {title}\nformula = {formula}\n',
        encoding="utf-8",
    )
    return folder


def test_a_header_expands_nothing_in_a_do_file(study):
    folder = study
    try:
        text = export_study(load_study(folder), load_study(folder).specs, "stata")["a.do"]
    except InputError:
        return
    assert "`: variable label" not in text  # nothing expands a label that the data hold
    for line in text.splitlines():
        bare = re.sub(r'uchar\(\d+\)|"[^"]*"', "", line)
        assert not line.startswith("*") or not re.search(r"[`$]|/\*|\*/|///", line), line
        assert line.startswith("*") or "$" not in bare, line
        assert printing(line, keep="\t") == line
        assert line.count('"') % 2 == 0 or line.startswith("*") or '`"' in line, line


def test_a_header_is_a_name_in_python_and_r(study):
    folder = study
    loaded = load_study(folder)
    python = export_study(loaded, loaded.specs, "python")["a.py"]
    compile(python, "a.py", "exec")
    assert printing(python, keep="\n") == python
    r = export_study(loaded, loaded.specs, "r")["a.R"]
    assert printing(r, keep="\n") == r
    if shutil.which("Rscript"):
        (folder / "a.R").write_text(r, encoding="utf-8")
        parsed = subprocess.run(["Rscript", "-e", "invisible(parse('a.R'))"], cwd=folder, capture_output=True, text=True)
        assert parsed.returncode == 0, parsed.stderr
    assert not (folder / "broken").exists()


@pytest.mark.parametrize("encoding", ['latin-1"', "latin-1$x", "latin 1`x'"])
def test_an_encoding_is_no_code_either(tmp_path, encoding):
    (tmp_path / "data.csv").write_text("y,x\n1,2\n2,3\n3,5\n4,4\n")
    (tmp_path / "study.toml").write_text(
        f'[study]\ntitle = "t"\ndata = "data.csv"\nencoding = {json.dumps(encoding)}\n[spec.a]\nformula = "y ~ x"\n'
    )
    try:
        study = load_study(tmp_path)
        text = export_study(study, study.specs, "stata")["a.do"]
    except InputError:
        return
    assert re.search(r'encoding\("[\w.-]+"\)', text)


def test_a_study_of_a_do_file_is_toml(tmp_path):
    import tomllib

    from parity.translate.page import toml_lines

    spec = {"formula": "y ~ x", "where": 's == "a\'b"\n[spec.c]\x1b', "vcov": {"cluster": ['a"b']}}
    for name in ("m1", "基准", 'a"]b'):
        assert tomllib.loads("\n".join(toml_lines(name, spec)))["spec"][name] == spec
