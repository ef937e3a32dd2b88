"""The whole run, with miniature engines: cache, frozen and stale references, transports, interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from functools import partial

import psutil
import pytest

import miniatures as m
from conftest import TESTS
from parity.base.cache import AnswerCache
from parity.base.errors import InputError
from parity.engines import engine
from parity.engines.frozen import FrozenAnswer, FrozenReference, read_reference, reference_path, write_reference
from parity.report.json import from_json, to_json
from parity.runs.runner import run
from parity.study.load import load_study

STUDY = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[spec.two_way]
formula = "inv ~ value + capital | firm + year"
vcov = { cluster = ["firm"] }
convention = "reghdfe"
"""


def recorded(name: str, defect=None) -> m.Miniature:
    """A miniature that counts as an engine outside Python: it may be frozen."""
    from dataclasses import replace

    one = m.miniature(name, defect)
    return replace(one, info=replace(one.info, language="recorded"))


@pytest.fixture
def study(make_study):
    return load_study(make_study(STUDY))


def of_engines(report):
    """Records but those of the second reading, which has tests of its own."""
    return [r for r in report.records if r.kind not in ("reading", "sample")]


def freeze(study, engine, *, data_hash=None, spec_hash=None, change=lambda e: e):
    from parity.data.load import load_frame
    from parity.sample.build import build_design

    spec = study.specs[0]
    answer = change(engine.estimate(spec, build_design(study, spec, load_frame(study))))
    reference = FrozenReference(
        study=study.id, engine=engine.info.id, command="test", recorded="2026-01-01", versions={},
        data_hash=data_hash or study.data_hash(),
        answers={spec.id: FrozenAnswer(spec_hash=spec_hash or study.spec_hash(spec), answer=answer)},
    )  # fmt: skip
    write_reference(reference_path(study, engine.info.id), reference)
    return answer


def test_frozen_numbers_read_back_to_the_same_double(study):
    answer = freeze(study, recorded("ref"))
    held = read_reference(reference_path(study, "ref"))
    assert held.answers["two_way"].answer == answer
    text = json.loads(reference_path(study, "ref").read_text())
    assert isinstance(text["answers"]["two_way"]["answer"]["coef"][0], str)


def test_frozen_again_without_a_change_keeps_its_date(study):
    freeze(study, recorded("ref"))
    path = reference_path(study, "ref")
    before = path.read_bytes()
    held = read_reference(path)
    write_reference(path, held.model_copy(update={"recorded": "2027-01-01"}))
    assert path.read_bytes() == before
    write_reference(path, held.model_copy(update={"recorded": "2027-01-01", "versions": {"R": "5"}}))
    assert read_reference(path).recorded == "2027-01-01"


def test_frozen_transport_uses_the_file(study):
    freeze(study, recorded("ref"))
    report = run([study], engines=[recorded("ref", m.raises), m.miniature("right")], transport="frozen")
    assert [r.verdict for r in of_engines(report)] == ["agree"]
    assert report.transports == {"ref": "frozen", "right": "live"}


@pytest.mark.parametrize("moved", ["data_hash", "spec_hash"])
@pytest.mark.parametrize("transport", ["frozen", "auto"])
def test_a_moved_hash_is_stale_and_fails(study, moved, transport):
    freeze(study, recorded("ref"), **{moved: "0" * 64})
    report = run([study], engines=[recorded("ref"), m.miniature("right"), m.miniature("other")], transport=transport)
    assert "stale" in [r.verdict for r in report.records]
    assert report.exit_code == 1


def test_a_live_answer_is_held_against_the_frozen_one(study):
    freeze(study, recorded("ref"), change=lambda e: m.with_coef(e, [b * (1 + 1e-6) for b in e.coef]))
    report = run([study], engines=[recorded("ref"), m.miniature("right")])
    kinds = {r.kind: r.verdict for r in of_engines(report)}
    assert kinds == {"estimate": "agree", "recorded": "disagree"}


def test_live_ignores_no_stale_reference(study):
    freeze(study, recorded("ref"))
    report = run([study], engines=[recorded("ref"), m.miniature("right")], transport="live")
    assert {r.kind: r.verdict for r in of_engines(report)} == {"estimate": "agree", "recorded": "agree"}


def test_an_unchanged_run_asks_nobody(study, tmp_path):
    engines = [engine("py-moments"), engine("py-statsmodels")]
    cache = AnswerCache(tmp_path / "c")
    asked = []
    first = run([study], engines=engines, cache=cache, progress=lambda done, total: asked.append(total))
    before = len(asked)
    second = run([study], engines=engines, cache=cache, progress=lambda done, total: asked.append(total))
    assert first == second
    assert len(asked) == before


def test_changed_data_are_asked_anew(study, tmp_path):
    engines = [engine("py-moments"), engine("py-statsmodels")]
    cache = AnswerCache(tmp_path / "c")
    asked = []
    first = run([study], engines=engines, cache=cache, progress=lambda done, total: asked.append(total))
    before = len(asked)
    text = study.data_path.read_text()
    study.data_path.write_text(text.replace("317.6", "318.6", 1))
    assert text != study.data_path.read_text()
    second = run([study], engines=engines, cache=cache, progress=lambda done, total: asked.append(total))
    assert len(asked) == 2 * before
    assert first.exit_code == second.exit_code == 0


def test_an_engine_and_its_own_frozen_answer_are_no_comparison(study):
    freeze(study, recorded("ref"))
    report = run([study], engines=[recorded("ref")])
    assert {r.kind: r.verdict for r in of_engines(report)} == {"recorded": "agree", "spec": "vacuous"}
    assert report.exit_code == 1


def test_data_that_change_under_way_are_neither_used_nor_kept(study, tmp_path):
    from parity.runs.plan import plan_study
    from parity.runs.worker import ask, count_facts

    spec, before = study.specs[0], study.data_hash()
    plan = plan_study(study, study.specs, [m.miniature("right")], "auto")
    study.data_path.write_text(study.data_path.read_text().replace("317.6", "318.6", 1))
    assert plan.data_hash == before
    with pytest.raises(InputError, match="the data changed while the run was under way"):
        count_facts(study, spec, before)
    assert b"the data changed while" in ask(study, spec, before, m.miniature("right"))


def as_a_file_says(file, estimate, spec, design):
    return m.with_coef(estimate, [float(file.read_text()) * b for b in estimate.coef])


def test_an_engine_of_another_package_is_asked_in_every_run(make_study, tmp_path):
    """A file beside its adaptor changes and its version doesn't: what it said before is no answer. It turns the sign of a
    coefficient, which a page need not search for long to explain.
    """
    study = load_study(make_study(STUDY.replace("value + capital", "value")))
    file, cache = tmp_path / "scale", AnswerCache(tmp_path / "c")
    engines = [engine("py-moments"), m.miniature("other", partial(as_a_file_says, file))]

    def verdict(factor: float, **options) -> str:
        file.write_text(str(factor))
        report = run([study], engines=engines, transport="frozen", cache=cache, **options)
        return next(r.verdict for r in report.records if r.candidate == "other")

    # records that a run without a page kept would be those of the next, with one, whose details are kept by themselves
    asked = [verdict(1.0), verdict(-1.0, details=True), verdict(1.0, details=True)]
    assert asked == ["agree", "disagree", "agree"]


def test_answers_of_parity_s_own_engines_are_kept():
    from parity.engines import registry
    from parity.engines.shipped import AsShipped
    from parity.runs.ask import may_keep

    own = [e for e in registry().values() if type(e).__module__.startswith("parity.")]
    assert len(own) == 10 and all(may_keep(e) and may_keep(AsShipped(e)) for e in own)
    assert not may_keep(m.miniature("py-moments")) and not may_keep(AsShipped(m.miniature("other")))


def test_records_made_with_an_engine_of_another_package_are_not_kept(study):
    from parity.runs.ask import plans_content
    from parity.runs.plan import plan_study
    from parity.runs.shipped.plan import plan_shipped

    for engines, kept in [([engine("py-moments")], True), ([engine("py-moments"), m.miniature("other")], False)]:
        assert bool(plans_content("records", plan_study(study, study.specs, engines, "auto"))) is kept
    # as shipped a miniature declines, but may be the reference that the others are held against
    assert plan_shipped(study, study.specs, [engine("py-moments")], "auto").content
    assert not plan_shipped(study, study.specs, [engine("py-moments"), m.miniature("other")], "auto").content


def test_failures_are_not_kept(study, tmp_path):
    cache = AnswerCache(tmp_path / "c")
    wrong, right = m.miniature("x", m.raises), m.miniature("x")
    assert run([study], engines=[m.miniature("right"), wrong], cache=cache).exit_code == 1
    assert run([study], engines=[m.miniature("right"), right], cache=cache).exit_code == 0


def test_report_survives_json(study):
    report = run([study], engines=[m.miniature("right"), m.miniature("nan", m.one_coefficient_nan)])
    again = from_json(to_json(report))
    assert to_json(again) == to_json(report)
    body = json.loads(to_json(report))
    assert body["schema"] == "parity-report/1"
    assert set(body["records"][0]) >= {
        "study",
        "spec",
        "kind",
        "reference",
        "candidate",
        "mode",
        "verdict",
        "checked",
        "digits",
    }


def test_every_record_says_what_it_compared(study):
    report = run([study], engines=[m.miniature("right"), m.miniature("other")])
    (record,) = of_engines(report)
    # per term: coef, se, t, p, two ends of the interval; covariances; model
    assert record.checked >= 2 * 6 + 3 + 1 + 5


def test_published_numbers(make_study):
    entry = '[[published]]\nspec = "two_way"\nterm = "{}"\nestimate = "{}"\nsource = "a test"\n'
    toml = STUDY + entry.format("value", "0.1177***") + entry.format("value", "0.1178") + entry.format("no_such", "1.0")
    report = run([load_study(make_study(toml))], engines=[m.miniature("right"), m.miniature("other")])
    printed = [r.verdict for r in report.records if r.kind == "printed"]
    # .1178 is one digit off .1177: of four digits that is no certain misprint, and it is not let pass
    assert printed == ["agree", "disagree", "disagree"]
    assert report.exit_code == 1


#: A program whose engines `b` and `c` never answer, and say in a file of their own that they have been asked.
HANGING = """
import os, pathlib, sys
sys.path.insert(0, {tests!r})
import miniatures as m

def hangs(estimate, spec, design):
    (pathlib.Path({asked!r}) / str(os.getpid())).touch()
    m.hangs(estimate, spec, design)

ENGINES = [m.miniature(name, defect) for name, defect in (("a", None), ("b", hangs), ("c", hangs))]
if __name__ == "__main__":
"""


def hanging(folder, main: str, workers: int, **options) -> tuple[subprocess.Popen, list[psutil.Process]]:
    """A process of this program, once so many of its workers hang, and all of its children; nothing is asked of R."""
    asked, script = folder / "asked", folder / "main.py"
    asked.mkdir()
    script.write_text(HANGING.format(tests=str(TESTS), asked=str(asked)) + textwrap.indent(textwrap.dedent(main), "    "))
    process = subprocess.Popen([sys.executable, str(script)], env=os.environ | {"PARITY_R": "none"}, **options)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(list(asked.iterdir())) < workers:
        time.sleep(0.05)
    children = psutil.Process(process.pid).children(recursive=True)
    assert {int(path.name) for path in asked.iterdir()} <= {child.pid for child in children}
    assert len(list(asked.iterdir())) == workers
    return process, children


@pytest.mark.parametrize(("sent", "workers"), [(signal.SIGINT, 2), (signal.SIGTERM, 1), (signal.SIGHUP, 1)])
def test_interruption_leaves_no_worker(make_study, tmp_path, sent, workers):
    """Ctrl-C, or a signal to end, while an engine hangs: exit 128 and its number, no child left, no file written."""
    folder = make_study(STUDY + 'reference = "a"\n')
    main = f"""
    from parity import engines, cli
    engines.registry = lambda: {{one.info.id: one for one in ENGINES}}
    cli.main(["run", {str(folder)!r}, "--json", {str(tmp_path / "out.json")!r}, "--no-cache", "--jobs", "{workers}"])
    """
    process, children = hanging(
        tmp_path, main, workers, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(sent, signal.SIG_DFL),  # under nohup, or behind `&`, it would be ignored
    )  # fmt: skip
    os.kill(process.pid, sent)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + sent, (out, err)
    assert "Traceback" not in err
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    assert not list(tmp_path.glob("*out.json*"))


def test_workers_die_with_a_killed_parent(make_study, tmp_path):
    """SIGKILL gives the parent no chance to tidy up; its workers end all the same."""
    if sys.platform != "linux":
        pytest.skip("the death of a parent is only signalled on Linux")
    main = f"""
    from parity.runs.runner import run
    from parity.study.load import load_study
    run([load_study({str(make_study(STUDY))!r})], engines=ENGINES[1:], jobs=2)
    """
    process, children = hanging(tmp_path, main, 2, stderr=subprocess.DEVNULL)
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive


def test_no_cache_key_holds_a_memory_address():
    """Two processes must arrive at one key; an engine's `rule` is a function, whose repr is its address."""
    from parity.engines import registry

    for one in registry().values():
        assert " at 0x" not in f"{type(one).__qualname__}: {one.info}"


def test_a_cache_key_is_the_same_in_another_process(study):
    """The key of every engine's answer, R's included, computed here and in a fresh process."""
    script = textwrap.dedent(f"""
        from parity.engines import registry
        from parity.runs.plan import plan_study
        from parity.runs.ask import plans_content
        from parity.study.load import load_study
        study = load_study({str(study.folder)!r})
        print(plans_content("records", plan_study(study, study.specs, list(registry().values()), "auto")))
    """)
    keys = {
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout for _ in range(2)
    }
    (key,) = keys
    assert len(key.strip()) == 64


# ---------------------------------------------------------------- what the reference doesn't report


def three(study, third: float, **more: float):
    engines = [m.miniature("reference"), m.miniature("a", m.says(theta=0.25)), m.miniature("b", m.says(theta=third, **more))]
    spec = study.specs[0].model_copy(update={"reference": "reference"})
    study = study.model_copy(update={"specs": (spec,)})
    return run([study], engines=engines, jobs=1, details=True)


def test_a_statistic_that_the_reference_lacks_is_compared_among_the_others(study, tmp_path):
    from parity.report.json import read_report
    from parity.report.terminal import to_terminal

    report = three(study, 0.5)
    bad = [r for r in report.records if not r.harmless]
    assert [(r.candidate, r.reference, r.verdict) for r in bad] == [("b", "reference", "disagree")]
    assert [(d.quantity, d.against) for d in bad[0].differences] == [("theta", "a")]
    assert "theta: 0.25 in a and 0.5" in to_terminal(report) and report.exit_code == 1
    (tmp_path / "r.json").write_text(to_json(report))
    assert read_report(tmp_path / "r.json") == report


def test_what_stays_uncompared_is_said_and_kept(study, tmp_path):
    from parity.report.html import to_html
    from parity.report.json import read_report
    from parity.report.markdown import to_markdown
    from parity.report.terminal import to_terminal

    report = three(study, 0.25, hausman=3.0)
    (record,) = [r for r in report.records if r.candidate == "b"]
    assert [(u.quantity, u.engine) for u in record.uncompared] == [("hausman", "b")] and report.exit_code == 0
    said = "Compared with nothing, as one engine alone reports it: hausman (b)"
    assert all(said in text for text in (to_terminal(report), to_html(report)))
    assert "as one engine alone reports it: hausman (b)" in to_markdown(report)
    (tmp_path / "r.json").write_text(to_json(report).replace('"quantity": "hausman"', '"quantity": "theta"', 1))
    with pytest.raises(InputError, match=r"is said to be (compared with nothing|no difference)"):
        read_report(tmp_path / "r.json")


def test_a_printed_statistic_is_held_against_whoever_reports_it(make_study):
    text = (
        STUDY
        + """
[[published]]
spec = "two_way"
source = "made"
statistic = { theta = "0.25" }
"""
    )
    study = load_study(make_study(text))
    printed = [r for r in three(study, 0.25).records if r.kind == "printed"]
    assert [(r.verdict, r.how) for r in printed] == [("agree", "by factor; theta of a")]
