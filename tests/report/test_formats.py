"""One report in every format: the same bytes from JSON as from the run, the same verdict counts, names that stay text."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from conftest import ROOT
from parity.cli import main
from parity.diagnose.explanation import Miss
from parity.diagnose.questions.answer import Answer
from parity.report.badge import to_badge
from parity.report.explanation import explanation_text
from parity.report.files import FORMATS, renderer
from parity.report.html import to_html
from parity.report.json import to_json
from parity.report.latex import escape as latex
from parity.report.markdown import code, escape
from parity.report.sentence import main_sentence
from parity.report.show import missing
from parity.report.terminal import to_terminal
from parity.results.record import Cause, Record, Report, Uncompared, summarise

CAUSE = Cause(id="a-cause", text="Because clusters are few.", residual=1e-12, how={"R": "`x` | y"}, formula="G = 3")


def record(spec: str, verdict: str, **more) -> Record:
    compared = {"checked": 9, "digits": 14.2} if verdict in ("agree", "disagree", "explained") else {}
    base = {"study": "study", "kind": "estimate", "reference": "one", "candidate": "two", "note": "said | why"}
    return Record(**{**base, **compared, "spec": spec, "verdict": verdict, **more})


def report(*records: Record) -> Report:
    return Report(versions={"parity": "0"}, transports={"one": "live", "two": "live"}, records=records,
                  summary=summarise(records))  # fmt: skip


MIXED = report(
    record("a", "agree"), record("b", "explained", causes=(CAUSE,)), record("c", "declined"),
    record("c", "agree", candidate="x"), record("d", "disagree"), record("e", "failed"),
    record("f", "stale"), record("g", "vacuous"), record("h", "unavailable"),
)  # fmt: skip


def run(*arguments, **options):
    return CliRunner().invoke(main, [str(a) for a in arguments], **options)


RUN = ("run", ROOT / "docs" / "examples" / "one_digit", "--frozen", "--engine", "py-statsmodels",
       "--engine", "py-linearmodels")  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Every format written by one run."""
    folder = tmp_path_factory.mktemp("made")
    options = [word for name in FORMATS for word in (f"--{name}", folder / f"run.{name}")]
    done = run(*RUN, *options, "--summary", folder / "summary.md", env={"PARITY_CACHE": str(folder / "cache")})
    assert done.exit_code == 1, done.output
    (folder / "run.txt").write_text(done.output, encoding="utf-8")
    return folder


def test_every_format_again_from_json_byte_for_byte(made):
    for name in FORMATS:
        again = made / f"again.{name}"
        done = run("report", made / "run.json", f"--{name}", again)
        assert done.exit_code == 0 and done.output == ""
        assert again.read_bytes() == (made / f"run.{name}").read_bytes(), name
    assert (made / "summary.md").read_text(encoding="utf-8") == (made / "run.markdown").read_text(encoding="utf-8") + "\n"


def test_a_kept_report_prints_as_the_run_did(made):
    done = run("report", made / "run.json")
    assert done.exit_code == 0 and "one_digit/baseline" in done.output
    assert done.output == (made / "run.txt").read_text(encoding="utf-8")
    assert run("report", made / "run.json", "--markdown", "-").output == (made / "run.markdown").read_text(encoding="utf-8")


def test_a_summary_is_appended_where_the_variable_is_set(made, tmp_path):
    summary = tmp_path / "summary.md"
    env = {"GITHUB_STEP_SUMMARY": str(summary), "PARITY_CACHE": str(made / "cache")}
    run(*RUN, env=env)
    run(*RUN, env=env)
    assert summary.read_text(encoding="utf-8") == 2 * ((made / "run.markdown").read_text(encoding="utf-8") + "\n")


def counted(form: str, text: str) -> dict[str, int]:
    """Verdict counts as one format tells them."""
    if form == "html":
        found = re.findall(r'<li title="[^"]*"><i class="." aria-hidden="true">.</i> <b>([\d,]+)</b> (\w+)</li>', text)
    elif form in ("markdown", "latex"):
        line = next(line for line in text.splitlines() if "Comparisons:" in line).split("Comparisons:")[1].split(".")[0]
        found = re.findall(r"(\d+) (\w+)", line)
    elif form == "json":
        found = [(str(n), verdict) for verdict, n in json.loads(text)["summary"].items() if n]
    else:
        cases = ElementTree.fromstring(text.split("?>")[1]).iter("testcase")
        verdicts = ["agree" if not len(c) else c[0].get("type") or c[0].get("message").split(":")[0] for c in cases]
        return {v: verdicts.count(v) for v in verdicts}
    return {verdict: int(n.replace(",", "")) for n, verdict in found}


@pytest.mark.parametrize("form", ["html", "markdown", "latex", "junit", "json"])
def test_every_format_tells_the_same_counts(form):
    expected = {verdict: n for verdict, n in MIXED.summary.items() if n}
    assert counted(form, renderer(form)(MIXED)) == expected


def test_every_format_shows_what_there_is_without_details():
    for form in FORMATS:
        assert renderer(form)(MIXED)
    assert CAUSE.text in to_html(MIXED) and '"details"' not in to_json(MIXED)


@pytest.mark.parametrize(
    "records, said",
    [
        ([record("a", "agree")], "1 of 1 specification agrees in 2 engines."),
        ([record("a", "declined")], "Nothing was compared."),
        ([record("a", "agree"), record("b", "explained", causes=(CAUSE,))],
         "1 of 2 specifications agree in 2 engines; one differs for a reason that is known (study/b), "
         "because clusters are few."),
        ([record("a", "agree"), record("b", "failed", note="a crash.")],
         "1 of 2 specifications agree in 2 engines; one failed (study/b): two failed: a crash."),
        ([record("a", "agree"), record("b", "vacuous", note="only one has it.")],
         "1 of 2 specifications agree in 2 engines; one was compared with nothing (study/b): only one has it."),
        ([record("a", "agree"), record("b", "vacuous", note="only one has it."), record("c", "failed", note="a crash.")],
         "1 of 3 specifications agree in 2 engines; two aren't confirmed: in study/c, two failed: a crash."),
        ([record("a", "disagree", causes=(CAUSE,)), record("b", "disagree", causes=(CAUSE,))],
         "0 of 2 specifications agree in 2 engines; two differ, because clusters are few."),
    ],
)  # fmt: skip
def test_the_sentence(records, said):
    assert main_sentence(report(*records)) == said


@pytest.mark.parametrize(("printed", "said"), [(1, "Stars of one printed line are"), (2, "Stars of 2 printed lines are")])
def test_stars_without_levels_are_said_to_be_compared_with_nothing(printed, said):
    """`(0.138)*` was 1/1 and no word of its star."""
    stars = (Uncompared(quantity="stars", term="x", engine="published"),)
    kept = [record("a", "agree", kind="printed", uncompared=stars)] * printed + [record("a", "agree", kind="printed")]
    shown = report(record("a", "agree", uncompared=(Uncompared(quantity="theta", engine="one"),)), *kept)
    for text in (to_terminal(shown), *(renderer(form)(shown) for form in ("html", "markdown", "latex"))):
        plain = " ".join(text.split())
        assert f"it: theta (one). {said} compared with nothing: say what they stand for" in plain.replace("\\", "")
    assert "Stars of" not in to_terminal(report(record("a", "agree", kind="printed")))


def test_the_nearest_miss_is_not_ruled_out_in_the_same_breath():
    said = explanation_text(Answer(verdict="disagree", ruled_out=("cr2", "hc4"), nearest=Miss(id="hc4", residual=0.03)))
    assert "nearest miss: hc4, which leaves 0.03" in said and "ruled out: cr2\n" in said


def test_why_every_engine_declined_is_said():
    declined = record("a", "declined", note="no instruments here")
    assert "DECLINED study/a: no instruments here (two)" in " ".join(to_terminal(report(declined)).split())
    assert "DECLINED" not in to_terminal(report(declined, record("a", "agree")))
    assert to_terminal(report(declined), verbose=True).count("no instruments here") == 1


def test_a_reason_that_all_engines_give_is_said_once():
    both = [record("a", "declined", note="no such base", candidate=name) for name in ("two", "three")]
    assert "DECLINED study/a: no such base (two, three)" in to_terminal(report(*both))
    nothing = record("a", "vacuous", note="no such base", candidate="")
    assert missing("", [*both, nothing]) == "No estimate. two, three: declined: no such base"
    assert missing("", [nothing]) == "No estimate. vacuous: no such base"


def test_markdown_escapes_names():
    assert escape("a|b_c*d\n# <b>`[x](y)@z") == r"a\|b\_c\*d \# &lt;b&gt;\`\[x\](y)&#64;z"
    assert code("a `b` | c") == "`` a `b` \\| c ``"


def test_latex_escapes_names():
    assert latex("a_b & 5% #{x}^~\\") == r"a\_b \& 5\% \#\{x\}\textasciicircum{}\textasciitilde{}\textbackslash{}"


def test_the_badge_is_red_where_the_run_fails():
    good, bad = to_badge(report(record("a", "agree"))), to_badge(MIXED)
    assert "1 of 1 agree" in good and "#1a6e4a" in good
    assert "2 of 8 agree" in bad and "#a8320b" in bad
    ElementTree.fromstring(bad)


def test_the_badge_and_the_sentence_count_alike():
    index = record("index.dt", "disagree", kind="index")
    assert "1 of 1 agree, 1 other not" in to_badge(report(record("a", "agree"), index))
    for made in (MIXED, report(record("a", "agree")), report(record("a", "agree"), record("b", "disagree"), index)):
        good, total = re.search(r"(\d+) of (\d+) agree", to_badge(made)).groups()
        assert main_sentence(made).startswith(f"{good} of {total} ")


@pytest.mark.parametrize(
    "content, said",
    [
        (None, "no such file"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "it has no schema"),
        ('{"schema": "parity-report/9"}', "its schema is `parity-report/9`"),
        ('{"schema": "parity-report/1", "versions": {}}', "not a report of this version"),
    ],
)
@pytest.mark.parametrize("verb", ["report", "diff"])
def test_a_wrong_file_is_one_message(tmp_path, verb, content, said):
    file = tmp_path / "kept.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    done = run(verb, file, *([file] if verb == "diff" else []))
    assert done.exit_code == 2 and said in done.output and len(done.output.splitlines()) == 1


def test_two_formats_to_one_file_are_refused(tmp_path):
    kept = tmp_path / "kept.json"
    kept.write_text(to_json(MIXED), encoding="utf-8")
    done = run("report", kept, "--html", tmp_path / "x", "--markdown", tmp_path / "x")
    assert done.exit_code == 2 and "both go to" in done.output
