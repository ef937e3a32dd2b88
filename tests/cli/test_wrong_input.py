"""Everything a user can get wrong, through the command line: one clear message and exit 2, or a record that says it.

No traceback, nothing executed, nothing written elsewhere; and nothing wrong or empty that comes out as agreement.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import miniatures as m
from conftest import FIXTURES
from parity import engines
from parity.base.pool import Lost
from parity.cli import main
from parity.results.record import OF_DATA

HEAD = '[study]\ntitle = "t"\n'
SPEC = '[spec.b]\nformula = "inv ~ value"\n'


def recorded(name: str) -> m.Miniature:
    """A right miniature that may be frozen, as engines outside Python are."""
    one = m.miniature(name)
    return replace(one, info=replace(one.info, language="r"))


@pytest.fixture
def cli(monkeypatch, tmp_path):
    """cli(*arguments) -> Result, with two right miniatures as engines and every call in this process."""
    registry = {name: recorded(name) for name in ("r-stata", "r-other")}

    def inline(calls, *, jobs, timeout, done):
        for call in calls:
            try:
                result = call.function(*call.args)
            except Exception as error:
                result = Lost(repr(error))
            done(call.key, result)

    monkeypatch.setattr(engines, "registry", lambda: registry)
    monkeypatch.setattr("parity.runs.ask.run_calls", inline)
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, [str(a) for a in arguments])

    invoke.registry = registry
    return invoke


def listing(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if "cache" not in p.parts[len(folder.parts) :]}


def refused(result: Result, *said: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert all(len(line) < 700 for line in lines)
    for text in said:
        assert text in result.stderr


def report(result: Result) -> dict:
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (0, 1), result.output
    body = json.loads(result.stdout)
    assert result.exit_code == (
        0 if all(r["verdict"] in ("agree", "declined", "unavailable") for r in body["records"]) else 1
    )
    return body


def verdicts(body: dict, spec: str = "b") -> list[str]:
    """Of its engines; R's own reading of data and sample is beside the matter here."""
    return [r["verdict"] for r in body["records"] if r["spec"] == spec and r["kind"] not in OF_DATA]


# ---------------------------------------------------------------- folders and options


def test_the_fixture_itself_agrees(cli, make_study):
    body = report(cli("run", make_study(HEAD + SPEC), "--json", "-"))
    assert verdicts(body) == ["agree"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nowhere"], "nowhere: there is no such folder\n"),
        (["run", "fixturse/grunfeld"], "fixturse/grunfeld: there is no such folder\n"),
        (["run", "empty"], "there is no study.toml"),
        (["run", "good", "nowhere"], "nowhere"),
        (["run", "good", "--spec", "bb"], "there is no spec `bb`: did you mean `b`?"),
        (["run", "good", "--engine", "r-stat"], "there is no engine `r-stat`: did you mean `r-stata`?"),
        (["run", "good", "--jobs", "-1"], "--jobs"),
        (["run", "good", "--jobs", "0"], "--jobs"),
        (["run", "good", "--jobs", "two"], "--jobs"),
        (["run", "good", "--timeout", "-3"], "--timeout"),
        (["run", "good", "--nonsense"], "No such option"),
        (["rum", "good"], "No such command"),
        (["freeze", "nowhere"], "there is no such folder"),
        (["freeze", "good", "--engine", "nope"], "there is no engine `nope`"),
    ],
)
def test_arguments(cli, make_study, tmp_path, arguments, said):
    make_study(HEAD + SPEC, name="good")
    (tmp_path / "empty").mkdir()
    before = listing(tmp_path)
    refused(cli(*arguments), said)
    assert listing(tmp_path) == before


def test_a_slip_in_a_folder_is_answered_with_its_name(cli, make_study, tmp_path):
    make_study(HEAD + SPEC, name="invest")
    (tmp_path / "invset").mkdir()  # no study
    refused(cli("run", "invst"), "invst: there is no such folder: did you mean `invest`?\n")
    refused(cli("package", "invsett"), "invsett: there is no such folder: did you mean `invset`?\n")
    refused(cli("show", "invest", "zzz"), "there is no spec `zzz`; known: b\n")
    refused(cli("audit", "invest"), "or have one proposed: parity new --audit STUDY SPEC")


@pytest.mark.parametrize(("head", "said"), [
    (b"PK\3\4 word/document.xml", "is a Word document: save it as plain text"),
    (b"PK\3\4 xl/workbook.xml", "is an Excel workbook: save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "is a file of Word or Excel before 2007"),
    (b"%PDF-1.7", "is a PDF: write its text with `pdftotext"),
    (b"\x89PNG", "is a picture"),
    (b"\xff\xfe\xfd", "not UTF-8 text"),
])  # fmt: skip
def test_a_table_that_is_no_text_is_called_what_it_is(cli, make_study, tmp_path, head, said):
    make_study(HEAD + SPEC, name="good")
    (tmp_path / "w.txt").write_bytes(head + b"\0" * 300)
    refused(cli("explain", "good", "b", "--table", "w.txt"), f"w.txt: {said}")


def test_an_unwritable_report_is_said(cli, make_study, tmp_path):
    make_study(HEAD + SPEC, name="good")
    (tmp_path / "file").write_text("")
    for target in ("file/report.json", "good"):
        result = cli("run", "good", "--json", target)
        assert result.exit_code == 2
        assert "Traceback" not in result.output and result.stderr.startswith("parity: ")
    assert sorted(p.name for p in (tmp_path / "good").iterdir()) == ["data.csv", "study.toml"]


@pytest.mark.parametrize("name", ["a b", "研究 一", "<script>alert(1)</script>".replace("/", "_"), "a&b'\"c", "-x", "%s{0}"])
def test_any_folder_name(cli, make_study, name):
    from xml.etree import ElementTree

    folder = make_study(HEAD + SPEC, name=name)
    body = report(cli("run", folder, "--json", "-"))
    assert {r["study"] for r in body["records"]} == {name}
    assert cli("run", folder, "--junit", "out.xml").exit_code == 0
    assert ElementTree.parse("out.xml").getroot()[0].get("name") == name
    assert "<script>" not in Path("out.xml").read_text(encoding="utf-8")


# ---------------------------------------------------------------- study.toml and data: exit 2 before anything runs

GRUNFELD = object()
INPUT: dict[str, tuple] = {
    "empty": ("", GRUNFELD, "study.toml: the file is empty"),
    "broken": (HEAD + "[spec", GRUNFELD, "not valid TOML"),
    "near miss": (
        HEAD + SPEC + "wher = 'value > 1'\n",
        GRUNFELD,
        "spec.b.wher: there is no key `wher` here: did you mean `where`?",
    ),
    "type": (HEAD + "[spec.b]\nformula = 3\n", GRUNFELD, "spec.b.formula: a text in quotes is needed, not `3`"),
    "column": (
        HEAD + '[spec.b]\nformula = "inv ~ valeu"\n',
        GRUNFELD,
        "spec.b.formula: there is no column `valeu`: did you mean",
    ),
    "coordinate": (
        HEAD + SPEC + 'vcov = { conley = 5, coordinates = ["value", "capitl"] }\n',
        GRUNFELD,
        "spec.b.vcov.coordinates: there is no column `capitl`: did you mean `capital`?",
    ),
    "cutoff": (
        HEAD + SPEC + 'vcov = { conley = "valeu", coordinates = ["value", "capital"] }\n',
        GRUNFELD,
        "spec.b.vcov.conley: there is no column `valeu`: did you mean `value`?",
    ),
    "bare text": (
        HEAD + SPEC + 'where = "firm != CA"\n',
        GRUNFELD,
        "spec.b.where: there is no column `CA`; a text stands in quotes: != 'CA'",
    ),
    "python": (
        HEAD + "[spec.b]\nformula = \"inv ~ __import__('os').system('touch pwned')\"\n",
        GRUNFELD,
        "spec.b.formula: can't read",
    ),
    "r": (HEAD + "[spec.b]\nformula = \"inv ~ system('touch pwned')\"\n", GRUNFELD, "there is no function `system`"),
    "shell": (HEAD + SPEC + 'where = "$(touch pwned) > 1"\n', GRUNFELD, "spec.b.where: can't read"),
    "derive": (HEAD + "[derive]\nx = \"exec('open(1)')\"\n" + SPEC, GRUNFELD, "derive.x: there is no function `exec`"),
    "backticks": (HEAD + '[spec.b]\nformula = "inv ~ `$(touch pwned)`"\n', GRUNFELD, "there is no column `$(touch pwned)`"),
    "deep": (HEAD + f'[spec.b]\nformula = "inv ~ {"log(" * 900}value{")" * 900}"\n', GRUNFELD, "nested more than"),
    "outside": (HEAD + 'data = "../data.csv"\n' + SPEC, GRUNFELD, "study.data: `../data.csv` lies outside"),
    "no data": (HEAD + SPEC, None, "study.data: there is no file `data.csv`"),
    "no bytes": (HEAD + SPEC, b"", "data.csv: the file is empty"),
    "no rows": (HEAD + SPEC, b"inv,value\n", "data.csv: there is a header but no row"),
    "ragged": (HEAD + SPEC, b"inv,value\n1,2\n3\n", "data.csv: line 3 has 1 cell"),
    "doubled": (HEAD + SPEC, b"inv,value,inv\n1,2,3\n", "the column `inv` stands twice"),
    "semicolons": (HEAD + SPEC, b"inv;value\n1;2\n", "cut by `;`"),
    "gbk": (HEAD + SPEC, "inv,value\n1,二\n".encode("gbk"), 'encoding = "gb18030"'),
    "utf-16": (HEAD + SPEC, "inv,value\n1,2\n".encode("utf-16"), 'encoding = "utf-16"'),
    "repeated": (
        HEAD + 'unit = "u"\ntime = "t"\n' + SPEC,
        b"u,t,inv,value\n1,1,1,2\n1,1,2,2\n",
        "share their unit and time",
    ),
    "derived text": (
        HEAD + '[derive]\nx = "log(word)"\n' + SPEC,
        b"inv,value,word\n1,2,a\n",
        "derive.x: `word` is text (row 2: `a`)",
    ),
}


@pytest.mark.parametrize(("text", "data", "said"), INPUT.values(), ids=INPUT)
def test_wrong_input_exits_2_and_touches_nothing(cli, make_study, tmp_path, text, data, said):
    make_study(text, data="grunfeld" if data is GRUNFELD else data)
    before = listing(tmp_path)
    refused(cli("run", "study", "--json", "out.json"), said, "study")
    assert listing(tmp_path) == before


@pytest.mark.parametrize("suffix", [".xlsx", ".dta", ".parquet"])
def test_a_corrupt_file_of_another_format(cli, make_study, suffix):
    folder = make_study(HEAD + f'data = "data{suffix}"\n' + SPEC)
    (folder / f"data{suffix}").write_bytes(b"\0\xff junk" * 200)
    refused(cli("run", folder), f"data{suffix}: can't be read as {suffix[1:]}")


def test_problems_of_several_studies_are_said_together(cli, make_study):
    make_study("", name="one")
    make_study(HEAD + "[spec.b]\nformula = 3\n", name="two")
    refused(cli("run", "one", "two"), "one/study.toml", "two/study.toml: spec.b.formula")


# ---------------------------------------------------------------- one spec is hurt: a record says why, the others run

HURT: dict[str, tuple[str, str]] = {
    "empty_where": ('formula = "y ~ x"\nwhere = "year > 3000"', "`where` keeps 0 of 60"),
    "all_missing": ('formula = "y ~ hole"', "60 have missing values"),
    "collinear": ('formula = "y ~ firm | firm"', "absorbed or collinear"),
    "constant": ('formula = "five ~ x"', "`five` is constant"),
    "copy": ('formula = "y ~ x + copy"', "determine the outcome"),
    "one_cluster": ('formula = "y ~ x"\nvcov = { cluster = "five" }', "only one cluster"),
    "no_df": ('formula = "y ~ x + z"\nwhere = "firm == 0 and year < 3"', "no degree of freedom"),
    "text": ('formula = "y ~ word"', "`word` is text"),
    "text_weights": ('formula = "y ~ x"\nweights = { analytic = "word" }', "`word` is text"),
    "infinite": ('formula = "y ~ inf"', "infinite value"),
    "negative": ('formula = "y ~ x"\nweights = { frequency = "minus" }', "negative"),
    "fractional": ('formula = "y ~ x"\nweights = { frequency = "half" }', "whole number"),
    "quoted_number": ("formula = 'y ~ x'\nwhere = \"year == '3'\"", "`year` holds numbers: write 3 without quotes"),
    "bare_number": ('formula = "y ~ x"\nwhere = "word == 1"', "`word` is text: write '1'"),
    "quoted_member": ("formula = 'y ~ x'\nwhere = \"year in ['3']\"", "write 3 without quotes"),
    "lag_of_text_time": ('formula = "y ~ x"\nwhere = "word == 1"', "compares text with a number"),
    "not_a_condition": ('formula = "y ~ x"\nwhere = "year"', "no condition"),
    "unidentified": ('formula = "y ~ 1 | 0 | x ~ five"', "0 instruments"),
}
FINE = {
    "fine": 'formula = "y ~ x + z | firm"\nvcov = { cluster = "firm" }\nconvention = "reghdfe"',
    "long_ids": 'formula = "y ~ x"\nvcov = { cluster = "long" }',
    "dropped": 'formula = "y ~ x + twice"',
}


def hurt_data() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    firm, year = np.divmod(np.arange(60), 6)
    y, x, z = rng.normal(size=(3, 60)).round(6)
    return pd.DataFrame(
        {
            "firm": firm, "year": year, "y": y, "x": x, "z": z,
            "hole": np.nan, "five": 5, "copy": y, "word": "w", "minus": -1,
                        "half": 0.5, "inf": np.where(firm == 2, np.inf, x), "long": 2**53 + firm, "twice": 2 * x,
        }
    )  # fmt: skip


def test_specs_that_can_not_be_estimated_are_vacuous_and_leave_the_others_alone(cli, make_study):
    specs = {name: text for name, (text, _) in HURT.items()} | FINE
    text = HEAD + 'unit = "firm"\ntime = "year"\n' + "".join(f"[spec.{n}]\n{t}\n" for n, t in specs.items())
    folder = make_study(text, data=hurt_data().to_csv(index=False).encode())
    body = report(cli("run", folder, "--json", "-"))
    for name, (_, said) in HURT.items():
        records = [r for r in body["records"] if r["spec"] == name]  # R's reading adds none: no rows are estimated
        assert {r["verdict"] for r in records} == {"declined", "vacuous"}, (name, records)
        assert all(said in r["note"] for r in records if r["verdict"] == "vacuous"), (name, records)
        assert not any(r["checked"] for r in records)
    for name in FINE:
        assert verdicts(body, name) == ["agree"], name
    assert "absorbed or collinear: twice" in next(r["note"] for r in body["records"] if r["spec"] == "dropped")
    shown = cli("run", folder)
    assert shown.exit_code == 1
    assert "3 of 21 specifications agree" in shown.stdout
    assert "Traceback" not in shown.output


def test_long_ids_are_not_merged_by_rounding(cli, make_study):
    """Ten clusters whose ids differ beyond the 53rd bit, one of them missing so that pandas would read doubles."""
    data = hurt_data().astype({"long": str})
    data.loc[0, "long"] = ""
    folder = make_study(
        HEAD + '[spec.b]\nformula = "y ~ x"\nvcov = { cluster = "long" }\n', data=data.to_csv(index=False).encode()
    )
    from parity.data.load import load_frame
    from parity.sample.build import build_design
    from parity.study.load import load_study

    study = load_study(folder)
    assert build_design(study, study.specs[0], load_frame(study)).facts.min_clusters == 10
    assert verdicts(report(cli("run", folder, "--json", "-"))) == ["agree"]


# ---------------------------------------------------------------- printed numbers


@pytest.mark.parametrize(
    ("entry", "verdict"),
    [
        ('term = "value"\nestimate = "0.14"', "agree"),
        ('term = "value"\nestimate = "0.15"', "disagree"),
        ('term = "valeu"\nestimate = "0.14"', "disagree"),
        ('term = "value"\nestimate = "0.14"\nparentheses = "(99)"', "disagree"),
        ('statistic = { no_such = "1" }', "disagree"),
        ('statistic = { nobs = "201" }', "disagree"),
    ],
)
def test_a_printed_number_that_is_not_reproduced_shows(cli, make_study, entry, verdict):
    folder = make_study(HEAD + SPEC + f'[[published]]\nspec = "b"\nsource = "table 1"\n{entry}\n')
    body = report(cli("run", folder, "--json", "-"))
    assert [r["verdict"] for r in body["records"] if r["kind"] == "printed"] == [verdict]
    assert [r["verdict"] for r in body["records"] if r["kind"] == "estimate"] == ["agree"]


TERMS = '[spec.b]\nformula = "inv ~ l(value, 1) + capital + i(year)"\n[spec.fe]\nformula = "inv ~ value | firm"\n'


@pytest.mark.parametrize(
    ("spec", "term", "said"),
    [
        ("b", "L2.value", "there is no term `L2.value`; terms: (Intercept), l(value, 1)"),
        ("b", "1985.year", "`year::1985` is the level that is left out, or no level"),
        ("b", "i(year)", "each of its levels is a term of its own, such as `year::1936`"),
        ("b", "i.year", "each of its levels is a term of its own"),
        ("b", "capitl", "did you mean `capital`? terms: (Intercept), l(value, 1)"),
        ("b", "year::1954", "left out of b as absorbed or collinear"),
        ("fe", "_cons", "a spec with fixed effects has no intercept"),
        ("fe", "unoin", "terms: value"),
    ],
)
def test_a_term_that_no_spec_has_is_answered_alike_everywhere(cli, make_study, spec, term, said):
    entry = f'[[published]]\nspec = "{spec}"\nsource = "table 1"\nterm = "{term}"\nestimate = "0.14"\n'
    folder = make_study(HEAD + 'unit = "firm"\ntime = "year"\n' + TERMS + entry)
    body = report(cli("run", folder, "--json", "-"))
    (record,) = (r for r in body["records"] if r["kind"] == "printed")
    assert record["verdict"] == "disagree" and said in record["note"] and "table 1" in record["note"]
    shown = cli("run", folder)
    flat = " ".join(shown.stdout.split())
    assert shown.exit_code == 1 and said in flat and "0.14 in print" in flat and "reference" not in flat
    checked = cli("check", folder)
    assert checked.exit_code == 1 and said in " ".join(checked.stdout.split())
    refused(cli("explain", folder, spec, "--target-coef", f"{term}=0.14"), *([] if term == "year::1954" else [said]))


@pytest.mark.parametrize(("term", "here"), [("L.value", "l(value, 1)"), ("1940.year", "year::1940")])
def test_a_term_in_another_programs_spelling_is_that_term_everywhere(cli, make_study, term, here):
    entry = f'[[published]]\nspec = "b"\nsource = "table 1"\nterm = "{term}"\nestimate = "0.987654"\n'
    folder = make_study(HEAD + 'unit = "firm"\ntime = "year"\n' + TERMS + entry)
    assert cli("check", folder).exit_code == 0
    (record,) = (r for r in report(cli("run", folder, "--json", "-"))["records"] if r["kind"] == "printed")
    assert record["differences"][0]["term"] == here and record["differences"][0]["candidate"] is not None
    assert f"coef {here}: printed 0.14" in " ".join(
        cli("explain", folder, "b", "--target-coef", f"{term}=0.14").output.split()
    )


def test_a_blank_in_a_term_is_no_other_name(cli, make_study):
    entry = '[[published]]\nspec = "b"\nsource = "table 1"\nterm = "l(value,1)"\nestimate = "{}"\n'
    folder = make_study(HEAD + 'unit = "firm"\ntime = "year"\n' + TERMS + entry.format("0.5"))
    assert cli("check", folder).exit_code == 0
    (record,) = (r for r in report(cli("run", folder, "--json", "-"))["records"] if r["kind"] == "printed")
    right = record["differences"][0]["candidate"]
    make_study(HEAD + 'unit = "firm"\ntime = "year"\n' + TERMS + entry.format(f"{right:.4f}"))
    (record,) = (r for r in report(cli("run", folder, "--json", "-"))["records"] if r["kind"] == "printed")
    assert record["verdict"] == "agree"
    assert "there is no term" not in cli("explain", folder, "b", "--target-coef", "l(value,1)=0.5").output


def test_a_printed_number_that_nothing_explains_names_the_next_command(cli, make_study):
    entry = '[[published]]\nspec = "b"\nsource = "table 1"\nterm = "capital"\nestimate = "0.9130"\nparentheses = "0.6170"\n'
    text = " ".join(cli("run", make_study(HEAD + SPEC.replace("value", "capital") + entry)).stdout.split())
    assert "coef capital: 0.9130 in print, 0.47" in text and " estimated; " in text
    assert "none gives what is printed. Several at once: parity explain study b --target-coef capital=0.9130" in text
    assert "--target-se capital=0.6170" in text


@pytest.mark.parametrize(
    "entry", ['term = "value"\nestimate = "abc"', 'term = "value"', 'estimate = "1"', 'term = "value"\nestimate = 0.1']
)
def test_a_printed_number_that_is_none_is_refused(cli, make_study, entry):
    folder = make_study(HEAD + SPEC + f'[[published]]\nspec = "b"\nsource = "table 1"\n{entry}\n')
    refused(cli("run", folder), "published.0")


# ---------------------------------------------------------------- frozen references


@pytest.fixture
def frozen(cli, make_study):
    """A study with the answers of both engines frozen; yields (folder, change): change(engine, **fields) edits a file."""
    folder = make_study(HEAD + SPEC)
    assert cli("freeze", folder, "--engine", "r-stata", "--engine", "r-other").exit_code == 0

    def change(engine: str, edit) -> None:
        path = folder / "references" / f"{engine}.json"
        body = json.loads(path.read_text())
        edit(body)
        path.write_text(json.dumps(body))

    return folder, change


def test_frozen_answers_agree(cli, frozen):
    folder, _ = frozen
    body = report(cli("run", folder, "--frozen", "--json", "-"))
    assert verdicts(body) == ["agree"]
    assert body["transports"] == {"r-stata": "frozen", "r-other": "frozen"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b'{"schema": "parity-reference/0"}',
        b'{"a": ' * 3000,
        b'"' + b"x" * 10_000 + b'"',
    ],
    ids=["empty", "cut", "list", "null", "binary", "old schema", "deep", "text"],
)
@pytest.mark.parametrize("options", [[], ["--frozen"]])
def test_a_damaged_reference_file_is_refused(cli, frozen, content, options):
    folder, _ = frozen
    (folder / "references" / "r-other.json").write_bytes(content)
    refused(cli("run", folder, *options), "r-other.json")


@pytest.mark.parametrize(
    "edit",
    [
        lambda b: b.update(schema="parity-reference/2"),
        lambda b: b.update(surprise=1),
        lambda b: b.pop("versions"),
        lambda b: b["answers"]["b"]["answer"].pop("coef"),
        lambda b: b["answers"]["b"]["answer"].update(kind="failed"),
        lambda b: b["answers"]["b"]["answer"].update(coef=["abc", "1"]),
        lambda b: b["answers"]["b"]["answer"].update(terms=["value", "value"]),
        lambda b: b["answers"]["b"]["answer"].update(parts=[]),
    ],
)
def test_a_reference_of_another_shape_is_refused(cli, frozen, edit):
    folder, change = frozen
    change("r-other", edit)
    refused(cli("run", folder, "--frozen"), "r-other.json")


@pytest.mark.parametrize("options", [["--frozen"], []])
@pytest.mark.parametrize("what", ["data", "spec", "data hash", "spec hash"])
def test_a_stale_reference_fails_the_run(cli, frozen, options, what):
    folder, change = frozen
    match what:
        case "data":
            (folder / "data.csv").write_text((folder / "data.csv").read_text().replace("317.6", "317.7"))
        case "spec":
            (folder / "study.toml").write_text(HEAD + SPEC.replace("value", "capital"))
        case "data hash":
            change("r-other", lambda b: b.update(data_hash="0" * 64))
        case "spec hash":
            change("r-other", lambda b: b["answers"]["b"].update(spec_hash="0" * 64))
    body = report(cli("run", folder, *options, "--json", "-"))
    assert "stale" in verdicts(body)


@pytest.mark.parametrize("options", [["--frozen"], []])
@pytest.mark.parametrize("what", ["coefficient", "variance", "nan", "null parts"])
def test_an_edited_reference_disagrees(cli, frozen, options, what):
    folder, change = frozen

    def edit(body):
        answer = body["answers"]["b"]["answer"]
        match what:
            case "coefficient":
                answer["coef"][1] = "0.14"
            case "variance":
                answer["parts"][0]["matrix"][1][1] = "0.5"
            case "nan":
                answer["coef"][1] = "NaN"
            case "null parts":
                answer["parts"][0]["matrix"] = [["0", "0"], ["0", "0"]]

    change("r-other", edit)
    body = report(cli("run", folder, *options, "--json", "-"))
    assert "disagree" in verdicts(body)


def test_a_run_with_frozen_answers_of_one_engine_alone_is_vacuous(cli, frozen):
    folder, _ = frozen
    (folder / "references" / "r-other.json").unlink()
    body = report(cli("run", folder, "--frozen", "--json", "-"))
    assert "vacuous" in verdicts(body)


def test_copies_of_a_reference_under_another_name_are_no_agreement(cli, frozen):
    """One engine's answers, copied, would agree with themselves."""
    folder, _ = frozen
    shutil.copy(folder / "references" / "r-stata.json", folder / "references" / "r-other.json")
    result = cli("run", folder, "--frozen", "--json", "-")
    assert result.exit_code != 0


def test_a_reference_of_another_study_is_refused(cli, frozen):
    folder, change = frozen
    change("r-other", lambda b: b.update(study="elsewhere"))
    assert cli("run", folder, "--frozen").exit_code != 0


def test_an_unusable_frozen_answer_is_no_traceback(cli, frozen):
    folder, change = frozen
    change("r-other", lambda b: b["answers"]["b"]["answer"].update(basis="stata"))
    for options in ([], ["--frozen"]):
        result = cli("run", folder, *options, "--json", "-")
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert result.exit_code in (1, 2)


def test_a_reference_engine_that_does_not_exist_is_refused(cli, make_study):
    refused(cli("run", make_study(HEAD + SPEC + 'reference = "r-statta"\n')), "r-statta", "did you mean `r-stata`?")


# ---------------------------------------------------------------- nothing empty passes


def test_engines_that_all_decline_or_one_alone_fail_the_run(cli, make_study):
    folder = make_study(HEAD + SPEC)
    cli.registry["r-other"] = m.miniature("r-other", refuses=True)
    assert verdicts(report(cli("run", folder, "--json", "-"))) == ["declined", "vacuous"]
    cli.registry["r-stata"] = m.miniature("r-stata", refuses=True)
    assert verdicts(report(cli("run", folder, "--json", "-"))) == ["declined", "declined", "vacuous"]
    assert cli("run", folder).exit_code == 1
    assert "NOTHING WAS COMPARED" in cli("run", folder).stdout


def test_one_engine_asked_for_is_still_held_against_the_reference(cli, make_study):
    folder = make_study(HEAD + SPEC)
    assert verdicts(report(cli("run", folder, "--engine", "r-other", "--json", "-"))) == ["agree"]
    assert verdicts(report(cli("run", folder, "--engine", "r-stata", "--json", "-"))) == ["vacuous"]


def test_a_cached_run_tells_the_same(cli, make_study):
    folder = make_study(HEAD + SPEC + '[[published]]\nspec = "b"\nsource = "s"\nterm = "value"\nestimate = "0.15"\n')
    first, second = cli("run", folder, "--json", "-"), cli("run", folder, "--json", "-")
    assert first.stdout == second.stdout
    assert first.exit_code == second.exit_code == 1
    (folder / "study.toml").write_text((folder / "study.toml").read_text().replace("0.15", "0.14"))
    assert cli("run", folder).exit_code == 0


def test_both_engines_infinite_is_no_agreement(cli, make_study):
    for name in cli.registry:
        cli.registry[name] = replace(recorded(name), defect=m.infinite_se)
    assert "agree" not in verdicts(report(cli("run", make_study(HEAD + SPEC), "--json", "-")))


def test_both_engines_nan_is_no_agreement(cli, make_study):
    for name in cli.registry:
        cli.registry[name] = replace(recorded(name), defect=m.everything_nan)
    assert verdicts(report(cli("run", make_study(HEAD + SPEC), "--json", "-"))) == ["disagree"]


def test_a_cache_that_is_damaged_or_unwritable_does_not_end_a_run(cli, make_study, tmp_path, monkeypatch):
    folder = make_study(HEAD + SPEC)
    assert cli("run", folder).exit_code == 0
    for path in Path(os.environ["PARITY_CACHE"]).rglob("*"):
        if path.is_file():
            path.write_bytes(b"junk" * 100)
    assert cli("run", folder).exit_code == 0
    (tmp_path / "occupied").write_text("")
    monkeypatch.setenv("PARITY_CACHE", str(tmp_path / "occupied" / "below"))
    assert cli("run", folder).exit_code == 0


def test_a_copied_study_with_its_references_is_told_what_to_do(tmp_path):
    copy = tmp_path / "mine"
    shutil.copytree(FIXTURES / "grunfeld", copy)
    result = CliRunner().invoke(main, ["run", str(copy), "--frozen"])
    assert result.exit_code == 2
    assert all(part in result.output for part in ("`grunfeld`", "`mine`", "Delete its `references/`"))
