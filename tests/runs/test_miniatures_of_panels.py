"""The harness before random effects and dynamic panels: the dense engine passes beside one like it, a spoilt one doesn't."""

from __future__ import annotations

import miniatures as m
from parity.results.record import OF_DATA
from parity.runs.runner import run
from parity.study.load import load_study

STUDY = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[spec.random]
formula = "inv ~ value + capital"
model = "random_effects"
vcov = { cluster = ["firm"] }

[spec.differences]
formula = "inv ~ 0 + l(inv, 1) + value"
model = "difference_gmm"
dynamic = { gmm = { inv = [2, 4] }, collapse = true }

[spec.system]
formula = "inv ~ l(inv, 1) + value"
model = "system_gmm"
dynamic = { gmm = { inv = [2, 3] }, collapse = true, steps = 2, weight = "joint", levels = "both" }
vcov = { cluster = ["firm"] }
"""


def test_the_right_engine_passes_and_a_spoilt_one_does_not(make_study):
    study = load_study(make_study(STUDY))
    engines = [m.miniature("right"), m.miniature("also-right"), m.miniature("spoilt", m.se_scaled)]
    report = run([study], engines=engines, jobs=1)
    found = {(r.candidate, r.spec): r.verdict for r in report.records if r.kind not in OF_DATA}
    verdicts = {"also-right": "agree", "spoilt": "disagree"}
    assert found == {(engine, spec.id): verdict for engine, verdict in verdicts.items() for spec in study.specs}
