"""The count of `planted_audits.py`: each kind of driver is named first, and what isn't named is not counted as named."""

from __future__ import annotations

import json

import pytest

from parity.results.audit import Hangs
from planted_audits import (
    KINDS,
    SIZES,
    Panel,
    Truth,
    alone,
    audit_of,
    counted,
    drives,
    interval,
    named_first,
    planted,
    rejected,
    truths,
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_driver_is_named_first(kind):
    panel, _ = planted(kind, 10_000)
    assert drives(panel) and named_first(panel, audit_of(panel).hangs)


@pytest.mark.parametrize("kind", ["control", "convention", "cut"])
def test_a_choice_that_overturns_it_too_is_a_second_driver(kind):
    panel, _ = planted(kind, 10_000)
    assert alone(panel) and not alone(Panel(**{**vars(panel), "axis": "c2", "option": "out"}))


def test_another_choice_or_firm_is_not_the_driver():
    panel, _ = planted("firm", 10_000)
    assert not named_first(panel, None) and not named_first(panel, Hangs(claim="star", kept=1, axis="c1", worst="out"))
    assert not named_first(panel, Hangs(claim="star", kept=1, kind="firm", group="another", groups=30))
    panel, _ = planted("control", 10_000)
    other = {"in": "out", "out": "in"}[panel.option]
    assert not named_first(panel, Hangs(claim="star", kept=1, axis="w", worst=other))


def test_a_panel_without_an_effect_has_its_tests_counted():
    said = rejected(1, 19, 12, 4)
    counted = {"median", "share", "share, ties by lot", "stouffer", "step-down", "smallest p", "audited one, drawn"}
    assert set(said) == {*counted, "audited one, by t", *SIZES}
    assert said["largest t"] >= said["one t"] and said["asked of it"] > said["asked of one"]
    assert said["audited one, by t"] == (said["one t"] > 2.2010)  # of 11 degrees of freedom
    assert interval(0, 10)[0] == 0.0 and interval(50, 1_000) == pytest.approx((0.0373, 0.0654), abs=1e-4)


def test_what_is_known_is_not_drawn_again_and_another_code_is_not_known(tmp_path, capsys):
    asked, keep = [], tmp_path / "kept.jsonl"

    def made(kind, seed):
        asked.append(seed)
        return Truth(kind, "w in", seed % 2 == 0, "A sentence.", 64, {"the driver leaves the claim as it is": 2})

    whole = list(truths(5, 7, keep, made))
    assert [one.kind for one in whole] == [*KINDS, KINDS[0]] and asked == [70_000 + i for i in range(5)]
    lines = keep.read_text().splitlines()
    other = json.dumps(json.loads(lines[1]) | {"code": "another"})
    keep.write_text("\n".join([lines[0], other, *lines[2:4], lines[4][:40]]))
    asked.clear()
    assert list(truths(5, 7, keep, made)) == whole and asked == [70_001, 70_004]
    assert list(truths(5, 7, keep, made)) == whole and len(asked) == 2
    counted(5, iter(whole), 7)
    said = capsys.readouterr().out
    assert "5 panels, seed 7, 320 specifications; 15 panels drawn for them" in said
    assert "drawn again as the driver leaves the claim as it is: 10" in said and "all: 3 of 5" in said
    assert said.count("not named first: ") == 2
