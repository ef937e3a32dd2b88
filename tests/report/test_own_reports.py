"""Whatever a run writes is accepted by `parity report` and `parity diff`, in every format."""

from __future__ import annotations

import os
import random
from dataclasses import replace

import pytest
from click.testing import CliRunner

import miniatures as m
from parity.cli import main
from parity.diagnose.search import Search
from parity.report.files import FORMATS, renderer
from parity.report.json import read_report, to_json
from parity.results.record import HARMLESS, Report
from parity.runs import ask
from parity.runs.runner import run
from parity.study.load import load_study

HEAD = '[study]\ntitle = "Grunfeld"\nunit = "firm"\ntime = "year"\n[derive]\nzero = "value * 0"\nhuge = "inv * 1e170"\n'
SPECS = {
    "two_way": 'formula = "inv ~ value + capital | firm + year"\nvcov = { cluster = ["firm"] }\nconvention = "reghdfe"',
    "pooled": 'formula = "inv ~ value + capital"\nvcov = "HC1"\nconvention = "regress"',
    "iv": 'formula = "inv ~ capital | firm | value ~ l(value, 1)"\nconvention = "lfe"',
    "no_row": 'formula = "inv ~ value"\nwhere = "year > 1953 and year < 1954"',
    "constant": 'formula = "inv ~ zero"\nvcov = "iid"\nconvention = "lm"',
    "refused": 'formula = "inv ~ value"\nmodel = "first_difference"\nvcov = "iid"',
    "huge": 'formula = "huge ~ value"\nvcov = "iid"\nconvention = "regress"',
    "few": 'formula = "inv ~ value + capital"\nwhere = "year == 1935 and firm < 4"\nvcov = "iid"\nconvention = "lm"',
    "few_clusters": 'formula = "inv ~ value"\nwhere = "firm < 3"\nvcov = { cluster = "firm" }\nconvention = "areg"',
}
PRINTED = '[[published]]\nspec = "{}"\nterm = "{}"\nestimate = "{}"\nparentheses = "(0.05)"\nsource = "made"\n'
#: Those that end or stop their process can't be run in this one.
PROCESS = (m.hangs, m.crashes, m.killed_as_if_out_of_memory, m.exits)


@pytest.fixture
def in_this_process(monkeypatch, request):
    """Calls run here one after the other: a hundred runs would start several hundred workers. Of what differs one cause is
    looked for, not three: most of these engines are wrong in ways that have none; one draw has the whole search."""
    whole, seed = Search.run, getattr(getattr(request.node, "callspec", None), "params", {}).get("seed")
    if seed not in range(1):
        monkeypatch.setattr(Search, "run", lambda self, most=1: whole(self, min(most, 1)))

    def calls(wanted, *, jobs, timeout, done):
        for call in wanted:
            done(call.key, call.function(*call.args))

    monkeypatch.setattr(ask, "run_calls", calls)


def drawn(seed: int, make_study) -> Report:
    """A run of some specs in some engines, most of which are wrong in one way or another."""
    rng = random.Random(seed)
    specs = rng.sample(list(SPECS), rng.randint(1, 4))
    text = HEAD + "".join(f"[spec.{name}]\n{SPECS[name]}\n" for name in specs)
    for name in specs:
        if rng.random() < 0.4:
            text += PRINTED.format(name, rng.choice(["value", "capital", "nothing"]), rng.choice(["0.1101***", "9.99"]))
    study = load_study(make_study(text))
    defects = [m.says(theta=0.3), m.says(theta=0.4, hausman=1.0), *(d for d in m.DEFECTS if d not in PROCESS)]
    chosen = [rng.choice(defects) if rng.random() < 0.5 else None for _ in range(rng.randint(1, 5))]
    engines = [m.miniature(f"e{i}", defect, refuses=rng.random() < 0.2) for i, defect in enumerate(chosen)]
    reference = rng.choice([engines[0].info.id, "r-stata"])
    study = study.model_copy(update={"specs": tuple(s.model_copy(update={"reference": reference}) for s in study.specs)})
    if rng.random() < 0.3:
        engines[-1] = replace(engines[-1], info=replace(engines[-1].info, language="recorded"))
    transport = rng.choice(["auto", "frozen"])
    return run([study], engines=engines, transport=transport, details=rng.random() < 0.8, narrowed=rng.random() < 0.5)


@pytest.fixture(scope="module")
def drawn_before() -> dict[int, Report]:
    """Reports by their seed: a run gives the same each time, whatever its folder is called."""
    return {}


#: More with PARITY_EXPLORE=1.
SEEDS = range(100 if os.environ.get("PARITY_EXPLORE") else 24)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_run_writes_is_read_again(seed, make_study, in_this_process, tmp_path, drawn_before):
    report = drawn_before[seed] = drawn(seed, make_study)
    path = tmp_path / "report.json"
    path.write_text(to_json(report), encoding="utf-8")
    assert to_json(read_report(path)) == to_json(report)
    shown = CliRunner().invoke(main, ["report", str(path)])
    assert shown.exit_code == 0, shown.output
    compared = CliRunner().invoke(main, ["diff", str(path), str(path)])
    assert compared.exit_code == 0 and "none got worse" in compared.output, compared.output
    again = read_report(path)
    same = repr(again) == repr(report)  # to the type of every value: what is made of the one is made of the other
    for name in FORMATS:
        shown = renderer(name)(again)
        assert same or shown == renderer(name)(report)


def test_the_draws_reach_every_verdict(make_study, in_this_process, drawn_before):
    wanted, seen = {"agree", "disagree", "failed", "vacuous", "declined", "unavailable"}, set()
    for seed in range(40):
        report = drawn_before.get(seed) or drawn(seed, make_study)
        seen |= {r.verdict for r in report.records}
        if seen >= wanted:
            break
    assert seen >= wanted


# ---------------------------------------------------------------- engines that were chosen and decline


def both(make_study, **kwargs) -> Report:
    text = HEAD + "".join(f"[spec.{name}]\n{SPECS[name]}\n" for name in ("two_way", "pooled"))
    study = load_study(make_study(text))
    study = study.model_copy(update={"specs": tuple(s.model_copy(update={"reference": "a"}) for s in study.specs)})
    fussy = m.miniature("b")
    fussy = replace(fussy, info=replace(fussy.info, gaps={**fussy.info.gaps, "fe2": ("never", "one effect only")}))
    return run([study], engines=[m.miniature("a"), fussy], details=True, **kwargs)


def test_a_spec_that_the_chosen_engine_declines_is_no_failure(make_study, in_this_process):
    from parity.report.sentence import main_sentence
    from parity.report.terminal import to_terminal

    report = both(make_study, narrowed=True)
    (of_spec,) = [r for r in report.records if r.kind == "spec"]
    assert of_spec.verdict == "declined" and "engines that were chosen" in of_spec.note and report.exit_code == 0
    said = "1 of 2 specifications agree in 2 engines, 1 was compared with nothing"
    assert said in main_sentence(report) and said in " ".join(to_terminal(report).split())


def test_a_spec_in_which_nothing_was_compared_fails_where_nobody_chose(make_study, in_this_process):
    report = both(make_study)
    assert [r.verdict for r in report.records if r.kind == "spec"] == ["vacuous"] and report.exit_code == 1


def test_a_run_whose_chosen_engine_declines_everything_compared_nothing(make_study, in_this_process):
    from parity.report.terminal import to_terminal

    study = load_study(make_study(HEAD + f"[spec.pooled]\n{SPECS['pooled']}\n"))
    report = run([study], engines=[m.miniature("a"), m.miniature("b", refuses=True)], narrowed=True)
    assert "NOTHING WAS COMPARED" in to_terminal(report) and report.exit_code == 1
    assert all(r.verdict in HARMLESS for r in report.records)
