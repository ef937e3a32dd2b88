"""One wrong spec or study stops no other: it is in the report with its problem, and the exit code is 2 at the end."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner, Result

from parity import engines
from parity.audit import document
from parity.cli import main
from parity.diagnose.questions import typed
from parity.runs import determinism

HEAD = '[study]\ntitle = "t"\nunit = "firm"\ntime = "year"\n'
GOOD = '[spec.good]\nformula = "inv ~ value"\nvcov = { cluster = ["firm"] }\n'
#: Spec that can't be built -> part of its problem.
WRONG = {
    "column": ('formula = "inv ~ valu"', "spec.column.formula: there is no column `valu`: did you mean `value`?"),
    "filter": ('formula = "inv ~ value"\nwhere = "firm in [77]"', "spec.filter.where: no row has `77` in `firm`"),
    "engine": ('formula = "inv ~ value"\nreference = "r-stat"', "there is no engine `r-stat`"),
}
MIXED = HEAD + GOOD + "".join(f"[spec.{name}]\n{body}\n" for name, (body, _) in WRONG.items())
PYTHON = ("--engine", "py-moments", "--engine", "py-statsmodels", "--no-cache")


@pytest.fixture
def parity(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    known = {name: one for name, one in engines.registry().items() if name.startswith("py-") or name == "r-stata"}
    monkeypatch.setattr(engines, "registry", lambda: known)
    monkeypatch.setattr("parity.audit.whole._sensitivity", lambda space: document.sensitivity())  # it takes seconds
    return lambda *arguments: CliRunner().invoke(main, [str(a) for a in arguments])


def body(result: Result) -> dict:
    assert "Traceback" not in result.output and (result.exception is None or isinstance(result.exception, SystemExit))
    return json.loads(result.stdout)


def test_wrong_specs_stop_no_other(parity, make_study):
    folder = make_study(MIXED)
    result = parity("run", folder, *PYTHON, "--json", "-")
    found = {r["spec"]: r for r in body(result)["records"] if r["spec"] in WRONG}
    assert result.exit_code == 2
    for name, (_, said) in WRONG.items():
        assert found[name]["verdict"] == "failed" and said in found[name]["note"]
        assert found[name]["problems"][0]["file"] == f"{folder}/study.toml"
        assert f"study.toml: spec.{name}." in result.stderr
    good = [r for r in body(result)["records"] if r["spec"] == "good" and r["kind"] == "estimate"]
    assert any(r["verdict"] == "agree" and r["checked"] for r in good)
    assert body(result)["details"][0]["spec"] == "good"


INDEX = """[derive]
flat = "0 * value"
[index.score]
indicators = [{ column = "value", direction = "+" }, { column = "capital", direction = "+" }]
[index.score.variants]
by_year = { over = "year" }
alone = { indicators = [{ column = "flat", direction = "+" }] }
[spec.scored]
formula = "inv ~ score"
[spec.lost]
formula = "inv ~ score.alone"
[audit.a]
spec = "scored"
index.score = "all"
"""


def test_a_variant_that_cannot_be_built_stops_what_reads_it_alone(parity, make_study):
    folder = make_study(HEAD + INDEX)
    result = parity("run", folder, *PYTHON, "--json", "-")
    found = {r["spec"]: (r["verdict"], r["note"]) for r in body(result)["records"]}
    assert result.exit_code == 2
    assert found["index.score.alone"] == ("failed", "index.score.variants.alone: no indicator varies")
    assert found["lost"] == ("failed", "spec.lost: reads `score.alone`, which can't be built: no indicator varies")
    assert found["scored"][0] == "agree" and "index.score.by_year" in found
    said = parity("audit", folder, "--no-engines", "--draws", "0")
    assert said.exit_code == 0, said.output
    assert "`alone` can't be built: no indicator varies; it is no option" in words(said.output)


@pytest.mark.parametrize("reads", ['again = "score.alone + 1"', ""])
def test_a_variant_that_a_line_or_the_audit_reads_is_said(parity, make_study, reads):
    text = (HEAD + INDEX).replace("[index.score]", f"{reads}\n[index.score]", 1)
    folder = make_study(text if reads else text + 'treatment = "score.alone"\n')
    result = parity("audit", folder, "--no-engines", "--draws", "0")
    assert result.exit_code == 2 and "index.score.variants.alone: no indicator varies" in result.stderr


#: What a spec can't say -> part of its problem. Nothing of the data is needed to see it.
WORDS = {
    'formula = "inv ~ value"\nvcov = "HC9"': "`HC9` is none of",
    'formula = "inv ~ value"\nvcv = "HC1"': "there is no key `vcv` here",
    'formula = "inv ~ value value"': "can't read `value`",
    'formula = "inv ~ value"\nconvention = "stata"': "there is no profile `stata`",
    'stata = "regress inv value, vce(jackknife2)"': "spec.words.stata",
    'where = "firm > 2"': "spec.words.formula: is missing",
}  # fmt: skip
PRINTED = '[[published]]\nspec = "words"\nterm = "value"\nestimate = "0.1"\nsource = "table 1"\n'


@pytest.mark.parametrize(("words", "said"), WORDS.items())
def test_a_word_that_one_spec_can_not_have_stops_no_other(parity, make_study, words, said):
    """`vcov = "HC9"` in one spec stopped eight: its study was refused whole."""
    folder = make_study(HEAD + GOOD + f"[spec.words]\n{words}\n" + PRINTED)
    result = parity("run", folder, *PYTHON, "--json", "out.json")
    records = json.loads(Path("out.json").read_text(encoding="utf-8"))["records"]
    (wrong,) = [r for r in records if r["spec"] == "words"]
    assert result.exit_code == 2 and said in " ".join(result.stdout.split())
    assert (wrong["kind"], wrong["verdict"]) == ("spec", "failed") and wrong["problems"][0]["key"].startswith("spec.words")
    assert any(r["spec"] == "good" and r["verdict"] == "agree" and r["checked"] for r in records)
    assert parity("report", "out.json").exit_code == 0
    assert parity("run", folder, *PYTHON, "--spec", "good").exit_code == 0
    alone = parity("run", folder, *PYTHON, "--spec", "words")
    assert alone.exit_code == 2 and alone.stdout == "" and said in alone.stderr
    explained = parity("explain", folder, "words", "--target-n", "9")
    assert explained.exit_code == 2 and said in explained.stderr


def test_what_rests_on_a_spec_that_can_not_be_read_is_refused_with_it(parity, make_study):
    words = '[spec.words]\nformula = "inv ~ value"\nvcov = "HC9"\n'
    more = parity("run", make_study(HEAD + GOOD + words + '[spec.more]\nextends = "words"\n'), *PYTHON, "--json", "-")
    assert {r["spec"]: r["verdict"] for r in body(more)["records"] if r["problems"]} == {"words": "failed", "more": "failed"}


#: What rests on a spec that can't be read, or can't be read itself -> its record, and part of what is said of it.
RESTING = {
    '[wild.w]\nspec = "words"\n': ("wild.w", "it rests on `words`, which can't be read as it is written"),
    '[bootstrap.b]\nspec = "words"\n': ("bootstrap.b", "it rests on `words`"),
    '[table.t]\ncolumns = ["words", "good"]\n': ("table.t", "it rests on `words`"),
    '[audit.a]\nspec = "words"\n': ("audit.a", "it rests on `words`"),
    '[table.t]\nkind = "analysis"\nanalysis = "wild.w"\n[wild.w]\nspec = "words"\n': ("table.t", "it rests on `wild.w`"),
    '[wild.w]\nspec = "good"\nweihgts = "webb"\n': ("wild.w", "there is no key `weihgts`"),
    '[wild.w]\nspec = "god"\n': ("wild.w", "there is no spec `god`: did you mean `good`?"),
    '[table.t]\ncolums = ["good"]\n': ("table.t", "there is no key `colums`"),
    '[mediation.m]\noutcome = 3\n': ("mediation.m", "a text in quotes"),
    '[[published]]\nanalysis = "wild.w"\nstatistic = { p = "0.021" }\nsource = "t"\n[wild.w]\nspec = 1\n': (
        "wild.w", "a text in quotes",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("resting", "name", "said"), [(text, *found) for text, found in RESTING.items()])
def test_what_rests_on_what_can_not_be_read_stops_no_other(parity, make_study, resting, name, said):
    """A bootstrap of a spec with a wrong word, or a wrong word in a table, refused the study whole."""
    words = '[spec.words]\nformula = "inv ~ value"\nvcov = "HC9"\n'
    folder = make_study(HEAD + GOOD + words + resting)
    result = parity("run", folder, *PYTHON, "--json", "out.json")
    records = json.loads(Path("out.json").read_text(encoding="utf-8"))["records"]
    (wrong,) = [r for r in records if r["spec"] == name]
    assert result.exit_code == 2 and said in wrong["note"] and said in " ".join(result.stdout.split())
    assert (wrong["kind"], wrong["verdict"]) == (name.partition(".")[0], "failed")
    assert any(r["spec"] == "good" and r["verdict"] == "agree" and r["checked"] for r in records)
    assert parity("report", "out.json", "--html", "page.html", "--markdown", "page.md").exit_code == 0
    assert parity("run", folder, *PYTHON, "--spec", "good").exit_code == 0
    verb, _, own = name.partition(".")
    if verb in COMMANDS:
        alone = parity(verb, folder, *(["--table", own] if verb == "table" else [own]))
        assert alone.exit_code == 2 and said in alone.stderr


def test_a_table_that_a_kept_report_can_not_read_is_said(parity, make_study):
    """The others alone, with exit 0, would look whole."""
    tables = '[table.t]\ncolums = ["good"]\n[table.u]\ncolumns = ["good"]\n'
    parity("run", make_study(HEAD + GOOD + tables), *PYTHON, "--json", "out.json")
    made = parity("table", "out.json")
    assert made.exit_code == 2 and "value" in made.stdout and "table.t.colums" in made.stderr
    assert parity("table", "out.json", "--table", "u").exit_code == 0
    alone = parity("table", "out.json", "--table", "t")
    assert alone.exit_code == 2 and "there is no key `colums`" in alone.stderr


def test_where_all_that_is_left_can_not_be_read_the_study_is_refused(parity, make_study):
    words = '[spec.words]\nformula = "inv ~ value"\nvcov = "HC9"\n[wild.w]\nspec = "words"\n'
    result = parity("run", make_study(HEAD + words), *PYTHON)
    assert result.exit_code == 2 and "`HC9` is none of" in result.stderr and result.stdout == ""


def test_a_spec_of_that_name_in_another_study_runs(parity, make_study, tmp_path):
    (tmp_path / "all").mkdir()
    make_study(HEAD + GOOD + '[spec.two]\nformula = "inv ~ capital"\nvcov = "HC9"\n', name="all/first")
    folder = make_study(HEAD + '[spec.two]\nformula = "inv ~ capital"\nvcov = "HC1"\n', name="all/second")
    result = parity("run", folder.parent, *PYTHON, "--spec", "two", "--json", "-")
    found = {(r["study"], r["spec"]): r["verdict"] for r in body(result)["records"]}
    assert result.exit_code == 2 and found["first", "two"] == "failed" and found["second", "two"] != "failed"


def test_a_spec_that_is_not_asked_for_is_no_trouble(parity, make_study):
    folder = make_study(MIXED)
    assert parity("run", folder, *PYTHON, "--spec", "good").exit_code == 0
    refused = parity("run", folder, *PYTHON, "--spec", "filter")
    assert refused.exit_code == 2 and refused.stdout == "" and "no row has `77`" in refused.stderr


def test_the_same_filter_in_two_specs_is_each_ones_problem(parity, make_study):
    twice = '[spec.one]\nformula = "inv ~ value"\nwhere = "firm in [77]"\n'
    result = parity(
        "run", make_study(HEAD + GOOD + twice + twice.replace("one", "one.b".replace(".", "_"))), *PYTHON, "--json", "-"
    )
    problems = {r["spec"]: r["problems"] for r in body(result)["records"] if r["problems"]}
    assert {name: [p["key"] for p in found] for name, found in problems.items()} == {
        "one": ["spec.one.where"], "one_b": ["spec.one_b.where"],
    }  # fmt: skip


def test_what_rests_on_a_wrong_spec_is_said(parity, make_study):
    difference = '[spec.bad]\nformula = "inv ~ valu"\nvcov = { cluster = ["firm"] }\n[difference.gap]\nspec = "bad"\n'
    result = parity("run", make_study(HEAD + GOOD + difference + 'group = "capital > 100"\n'), *PYTHON, "--json", "-")
    (gap,) = [r for r in body(result)["records"] if r["kind"] == "difference"]
    assert gap["verdict"] == "failed" and "its spec" in gap["note"]


@pytest.fixture
def folder_of_studies(make_study, tmp_path):
    """Three studies: one that runs, one that is no TOML, one without its data."""
    (tmp_path / "all").mkdir()
    folder = make_study(HEAD + GOOD, name="all/fine")
    make_study(HEAD + GOOD + "[spec.b\n", name="all/toml")
    make_study(HEAD + 'data = "none.csv"\n' + GOOD, name="all/data")
    return folder.parent


@pytest.mark.needs_r  # the reference
def test_wrong_studies_stop_no_other(parity, folder_of_studies):
    written = {name: f"report.{name}" for name in ("json", "junit", "html", "markdown", "latex")}
    options = [text for name, file in written.items() for text in (f"--{name}", file)]
    result = parity("run", folder_of_studies, *PYTHON, *options)
    assert result.exit_code == 2
    assert "1 of 1 specification agrees in 3 engines" in result.stdout
    assert "2 studies can't run as they are written" in " ".join(result.stdout.split())
    texts = {name: Path(file).read_text(encoding="utf-8") for name, file in written.items()}
    for said in (*texts.values(), result.stdout):
        plain = " ".join(said.replace("\\", "").split())
        assert "there is no file `none.csv`" in plain or "there is no file <code>none.csv" in plain or "none.csv" in plain
        assert "not valid TOML" in plain
    records = {r["study"]: r for r in json.loads(texts["json"])["records"] if r["kind"] == "study"}
    assert set(records) == {"toml", "data"} and all(r["verdict"] == "failed" for r in records.values())
    assert records["data"]["problems"] == [
        {"file": f"{folder_of_studies}/data/study.toml", "key": "study.data", "message": "there is no file `none.csv`"}
    ]
    suites = {s.get("name"): s for s in ElementTree.fromstring(texts["junit"])}
    assert suites["toml"].get("failures") == "1" and suites["fine"].get("failures") == "0"


def test_a_kept_report_of_wrong_studies_is_read_again(parity, folder_of_studies):
    written = parity("run", folder_of_studies, *PYTHON, "--json", "new.json", "--markdown", "new.md")
    again = parity("report", "new.json", "--markdown", "-")
    assert again.exit_code == 0 and again.stdout == Path("new.md").read_text(encoding="utf-8")
    parity("run", folder_of_studies / "fine", *PYTHON, "--json", "old.json")
    worse = parity("diff", "old.json", "new.json")
    assert worse.exit_code == 1 and "there is no file `none.csv`" in " ".join(worse.stdout.split())
    better = parity("diff", "new.json", "old.json")
    assert better.exit_code == 0, better.stdout
    assert written.exit_code == 2


def test_where_nothing_can_run_the_input_is_refused(parity, folder_of_studies):
    for name in ("toml", "data"):
        result = parity("run", folder_of_studies / name, "--json", "out.json")
        assert result.exit_code == 2 and result.stdout == "" and not Path("out.json").exists()


def test_check_goes_on(parity, folder_of_studies, make_study):
    result = parity("check", folder_of_studies)
    assert result.exit_code == 2 and "fine/good" in result.stdout and "not valid TOML" in result.stderr
    mixed = parity("check", make_study(MIXED))
    assert mixed.exit_code == 1
    assert "study/good\n  ok" in mixed.stdout and "no row has `77`" in " ".join(mixed.stdout.split())


def test_show_and_table_go_on(parity, make_study):
    folder = make_study(MIXED + '[table.t]\ncolumns = ["good", "filter"]\n')
    shown = parity("show", folder, "--engine", "py-moments")
    assert shown.exit_code == 2
    assert "Number of obs" in shown.stdout and "study/filter: no estimate: spec.filter.where" in shown.stdout
    table = parity("table", folder)
    assert table.exit_code == 2 and "no row has `77`" in table.stdout and "value" in table.stdout


def test_explain_of_a_good_spec_beside_a_wrong_one(make_study):
    folder = make_study(MIXED)
    from parity.study.load import load_study

    known = typed.declared(load_study(folder), "good")
    assert known.terms == ("(Intercept)", "value")


def test_with_several_data_files_one_stops_no_other(parity, make_study):
    files = '[data.other]\nfile = "other.csv"\n[spec.there]\ndata = "other"\nformula = "inv ~ value"\n'
    folder = make_study(HEAD + GOOD + files)
    (folder / "other.csv").write_text("firm,year,inv,value\n1,1935,2,3\n1,1935,4,5\n")
    result = parity("run", folder, *PYTHON, "--json", "-")
    assert result.exit_code == 2 and "share their unit and time" in result.stderr
    assert any(r["spec"] == "good" and r["verdict"] == "agree" and r["checked"] for r in body(result)["records"])


def test_a_summary_is_added_to_and_says_so(parity, make_study):
    folder = make_study(HEAD + GOOD)
    first = parity("run", folder, *PYTHON, "--summary", "summary.md")
    again = parity("run", folder, *PYTHON, "--summary", "summary.md")
    assert "appended" not in first.stderr and "summary.md: appended to what was there" in again.stderr
    assert Path("summary.md").read_text(encoding="utf-8").count("### Specifications") == 2


# ---------------------------------------------------------------- every verb

#: A study in which every verb has something to say.
WHOLE = (
    HEAD
    + """
[spec.good]
formula = "inv ~ value"
vcov = { cluster = ["firm"] }
reference = "py-moments"
[spec.instruments]
formula = "inv ~ value | 0 | capital ~ l(capital)"
vcov = { cluster = ["firm"] }
reference = "py-moments"
[mediation.path]
outcome = "inv"
treatment = "value"
mediators = ["capital"]
cluster = "firm"
draws = 20
[bootstrap.firms]
spec = "good"
draws = 20
refits = 10
[spec.few]
formula = "inv ~ value"
where = "year > 1951"
vcov = { cluster = ["firm"] }
reference = "py-moments"
[audit.all]
spec = "few"  # of how few rows a result hangs takes long where they are many
vcov = "iid"
"""
)
#: Specs and analyses that can't be built, and part of their problems.
BESIDE = {
    '[spec.bad]\nformula = "inv ~ valu"\n': "there is no column `valu`",
    '[spec.words]\nformula = "inv ~ value"\nvcov = "HC9"\n': "`HC9` is none of",
    '[spec.ivbad]\nformula = "inv ~ value | 0 | capital ~ capitl"\n': "there is no column `capitl`",
    '[mediation.other]\noutcome = "inv"\ntreatment = "value"\nmediators = ["capitol"]\ncluster = "firm"\n': "`capitol`",
    '[bootstrap.other]\nspec = "good"\ncluster = "frm"\n': "there is no column `frm`",
    '[audit.other]\nspec = "good"\ncluster = "frm"\n': "there is no column `frm`",
}  # fmt: skip
#: Verbs that take studies, as the command line itself lists them.
COMMANDS = {name: main.get_command(click.Context(main), name) for name in main.list_commands(click.Context(main))}
ON_STUDIES = [
    name
    for name, command in COMMANDS.items()
    if any(isinstance(p, click.Argument) and "STUDY" in (p.metavar or "") for p in command.params)
]


def words(text: str) -> str:
    return " ".join(text.split())


def beginning(verb: str, folder: Path) -> list:
    """A verb on a folder, with no R and few engines where it has the choice."""
    options = {o for p in COMMANDS[verb].params for o in p.opts}
    more = [o for o in ("--frozen",) if o in options]
    fewer = {"freeze": ["--engine", "py-moments"], "audit": ["--no-engines", "--draws", "0"]}
    return [verb, folder, *more, *fewer.get(verb, [])]


def lines_of(result: Result) -> list[str]:
    assert "Traceback" not in result.output and (result.exception is None or isinstance(result.exception, SystemExit))
    return [line for line in result.stdout.splitlines() if any(c.isalnum() for c in line)]


def shown_too(alone: list[str], among: Result) -> float:
    """The share of the lines about a good study that stand in what was said of it among others."""
    said = set(lines_of(among))
    return sum(line in said for line in alone) / len(alone)


def test_every_verb_on_studies_is_found():
    assert len(ON_STUDIES) > 10


@pytest.mark.parametrize("verb", ON_STUDIES)
def test_no_verb_stops_at_a_wrong_study(parity, make_study, tmp_path, verb):
    (tmp_path / "all").mkdir()
    good = make_study(WHOLE, name="all/fine")
    make_study(WHOLE + "[spec.b\n", name="all/toml")
    make_study(WHOLE.replace("[study]\n", '[study]\ndata = "none.csv"\n'), name="all/data")
    alone, among = parity(*beginning(verb, good)), parity(*beginning(verb, good.parent))
    assert among.exit_code == 2
    if alone.exit_code == 2:  # a verb that is about one spec of one study says which there are
        assert "Specs: good, instruments" in words(alone.stderr)
        assert f"ask about one: {good.parent}/data, {good.parent}/fine, {good.parent}/toml" in words(among.stderr)
        return
    assert shown_too(lines_of(alone), among) > 0.5
    for said in ("there is no file `none.csv`", "not valid TOML"):
        assert said in words(among.stderr) or said in words(among.stdout)


@pytest.mark.parametrize("verb", ON_STUDIES)
def test_no_verb_stops_at_a_wrong_spec_or_analysis(parity, make_study, verb):
    folder, more = make_study(WHOLE), []
    alone = parity(*beginning(verb, folder))
    if alone.exit_code == 2:  # a verb about one spec
        more = ["good", "--target-n", "200"]
        alone = parity(*beginning(verb, folder), *more)
    make_study(WHOLE + "".join(BESIDE))
    among = parity(*beginning(verb, folder), *more)
    assert shown_too(lines_of(alone), among) > 0.5
    if not more:
        assert among.exit_code == 2
        assert any(said in words(among.output) for said in BESIDE.values())


@pytest.mark.parametrize(
    "asked",
    [("diagnostics", "instruments"), ("bootstrap", "firms"), ("mediation", "path"), ("export", "good"), ("show", "good")],
)
def test_what_is_not_asked_for_is_no_trouble(parity, make_study, asked):
    verb, name = asked
    folder = make_study(WHOLE + "".join(BESIDE))
    done = parity(*beginning(verb, folder), name)
    assert lines_of(done) and done.exit_code == 0 and "capitl" not in done.output and "valu`" not in done.output


def test_determinism_goes_on(parity, make_study, tmp_path, monkeypatch):
    (tmp_path / "all").mkdir()
    folder = make_study(MIXED.replace('reference = "r-stat"', ""), name="all/fine")
    make_study(MIXED + "[spec.b\n", name="all/toml")
    found, check = [], determinism.check  # once for both ways to show it
    monkeypatch.setattr(determinism, "check", lambda *of, **how: (found or found.append(check(*of, **how)) or found)[0])
    result = parity("run", folder.parent, "--determinism", "--engine", "py-moments", "--json", "-")
    records = {(r["study"], r["spec"]): r for r in body(result)["records"]}
    assert result.exit_code == 2
    assert records["fine", "good"]["verdict"] == "agree" and records["fine", "good"]["checked"]
    assert "no row has `77`" in records["fine", "filter"]["note"] and "not valid TOML" in records["toml", ""]["note"]
    assert "no row has `77`" in result.stderr and "not valid TOML" in result.stderr
    shown = parity("run", folder.parent, "--determinism", "--engine", "py-moments")
    assert shown.exit_code == 2 and "Nothing moves" in shown.stdout and "not valid TOML" in words(shown.stdout)
