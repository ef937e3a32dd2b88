"""What an engine will need is held against what is free: it declines with the numbers, and is not asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import miniatures as m
from parity.base import pool
from parity.data.load import load_frame
from parity.engines import engine, memory
from parity.engines.memory import declined_for_memory, free_memory
from parity.engines.needs import Needs
from parity.runs import worker
from parity.runs.runner import run
from parity.runs.worker import ask
from parity.sample.build import build_design
from parity.study.load import load_study

needs_r = pytest.mark.needs_r
TOML = """
[study]
title = "G"
unit = "firm"
time = "year"

[spec.s]
formula = "inv ~ value + capital | firm + year"
vcov = { cluster = ["firm"] }
"""


@pytest.fixture
def asked(make_study, monkeypatch):
    monkeypatch.setattr(memory, "SMALL", 0.0)
    study = load_study(make_study(TOML))
    return study, study.specs[0], build_design(study, study.specs[0], load_frame(study))


def test_dummies_are_counted_where_an_engine_has_them(asked):
    _, _, design = asked
    assert Needs(copies=2).bytes(design) == 8 * 2 * 200 * (1 + 2 + 2 + 1)  # outcome, two slopes, two effects, a cluster
    assert Needs(copies=2, dummies=3).bytes(design) == 8 * 200 * (2 * 6 + 3 * (10 + 20))
    assert Needs(copies=2, clusters=1.5).bytes(design) == 8 * 200 * (2 * 6 + 1.5 * 10)


@pytest.mark.parametrize(("free", "sharing", "fits"), [(1e6, 1, True), (1e5, 1, False), (1e6, 10, False), (5.7e5, 1, False)])
def test_what_does_not_fit_is_declined_with_the_numbers(asked, monkeypatch, free, sharing, fits):
    _, _, design = asked
    monkeypatch.setattr(memory, "free_memory", lambda: free)
    monkeypatch.setattr(pool, "_sharing", sharing)
    one = m.miniature("dense")
    one = replace(one, info=replace(one.info, needs=Needs(copies=10, dummies=10)))
    answer = declined_for_memory(one, design)
    assert (answer is None) == fits
    if answer is not None:
        assert (
            answer.gap == "never"
            and "200 rows of 10 x 6 columns and 10 x 30 dummies" in answer.reason
            and "are free" in answer.reason
        )
        assert ("a worker's part" in answer.reason) == (sharing > 1)


def test_an_engine_that_does_not_fit_is_not_asked(asked, monkeypatch):
    study, spec, _ = asked
    monkeypatch.setattr(memory, "free_memory", lambda: 10.0)

    def never(*_):
        raise AssertionError("it was asked all the same")

    text = ask(study, spec, study.data_hash(), m.miniature("large", never)).decode()
    assert '"declined"' in text and "GB are free" in text


def test_small_data_are_never_declined(make_study, monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 0.0)
    study = load_study(make_study(TOML))
    report = run([study], engines=[m.miniature("a"), m.miniature("b")], jobs=1)
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("files", "left"),
    [
        ({"memory.max": "8000000000", "memory.current": "5000000000", "memory.stat": "anon 1\ninactive_file 1000000000"},
         4e9),
        ({"memory.max": "max", "memory.current": "5000000000", "memory.stat": "inactive_file 0\n"}, float("inf")),
        ({"memory.max": "10", "memory.current": "20", "memory.stat": "inactive_file 0\n"}, 0.0),
        ({"memory/memory.limit_in_bytes": "3000", "memory/memory.usage_in_bytes": "1000",
          "memory/memory.stat": "total_inactive_file 500\n"}, 2500.0),
        ({}, float("inf")),
    ],
)  # fmt: skip
def test_a_container_has_what_its_limit_leaves(tmp_path, files, left):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert memory._left_in_cgroup(tmp_path) == left
    assert 0 <= free_memory(tmp_path) <= max(left, 0.0) or left == float("inf")


def test_engines_that_enter_dummies_say_so():
    with_dummies = {name for name in ("r-lm", "r-ivreg", "r-stata", "py-pyfixest") if engine(name).info.needs.dummies}
    assert with_dummies == {"r-lm", "r-ivreg"}


@needs_r
def test_cells_beyond_32_bits_are_counted_and_declined():
    from parity.r.frame import Column, Frame
    from parity.r.session import get_session

    # 1,000,000 rows times 100,023 columns pass 2^31; the product of two of R's integers would be NA
    request = {
        "n_x": 14, "n_d": 0, "n_z": 0, "intercept": False, "effects": Column.text(["f1"]),
        "facts": {"absorbed_rank": 100_009}, "data": Frame({"y": Column.double(np.zeros(1_000_000))}),
    }  # fmt: skip
    reason = get_session().call("too_dense", request)["declined"]["reason"].one()
    assert "dense dummies" in reason and reason.endswith("100023 columns")


@pytest.fixture
def large(asked, monkeypatch):
    """An engine that says it needs 2 to 3 GB for this design, on a machine with 100 GB free."""
    monkeypatch.setattr(memory, "free_memory", lambda: 100e9)
    one = m.miniature("dense")
    copies = 2.5e9 / Needs(copies=1).bytes(asked[2])
    return replace(one, info=replace(one.info, needs=Needs(copies=copies)))


@pytest.mark.parametrize(("said", "fits"), [("", True), ("2", False), ("2.6", True), ("1e2", True)])
def test_a_process_is_given_so_much_whatever_is_free(asked, large, monkeypatch, said, fits):
    monkeypatch.setenv("PARITY_MEMORY", said)
    answer = declined_for_memory(large, asked[2])
    assert (answer is None) == fits
    if answer is not None:
        assert "a process is given 2 (PARITY_MEMORY=3 would give it as much)" in answer.reason and answer.for_now


def test_four_gigabytes_where_nothing_is_said(asked, large, monkeypatch):
    monkeypatch.delenv("PARITY_MEMORY", raising=False)
    twice = replace(large, info=replace(large.info, needs=Needs(copies=2 * large.info.needs.copies)))
    assert declined_for_memory(large, asked[2]) is None and "is given 4 " in declined_for_memory(twice, asked[2]).reason


@pytest.mark.parametrize("said", ["much", "0", "-1", "nan"])
def test_what_is_no_number_of_gigabytes_is_said(asked, large, monkeypatch, said):
    monkeypatch.setenv("PARITY_MEMORY", said)
    study, spec, _ = asked
    monkeypatch.setattr(memory, "SMALL", 0.0)
    assert f"PARITY_MEMORY={said} is no number of GB" in ask(study, spec, study.data_hash(), large).decode()


def test_what_did_not_fit_is_asked_again(tmp_path):
    """The memory of a moment is no part of the content under which answers are kept."""
    from parity.base.cache import AnswerCache
    from parity.base.pool import Call
    from parity.results.estimate import Declined
    from parity.runs.ask import Asking, Question
    from parity.runs.worker import ANSWER

    for for_now, kept in ((True, None), (False, b"held")):
        cache = AnswerCache(tmp_path / str(for_now))
        answer = Declined(engine="e", gap="never", reason="r", for_now=for_now)
        question = Question(Call("k", "python", bytes, (b"held",)), "content", lambda data, answer=answer: answer)
        assert Asking(cache, 1, 60.0, lambda done, total: None).answers([question]) == {"k": answer}
        assert cache.get("content") == kept and ANSWER.validate_json(ANSWER.dump_json(answer)) == answer


def test_a_worker_keeps_designs_by_their_bytes(make_study, monkeypatch):
    toml = TOML + '\n[spec.t]\nformula = "inv ~ value | firm"\n\n[spec.u]\nformula = "inv ~ capital | firm"\n'
    study = load_study(make_study(toml))
    data_hash = study.data_hash()
    sizes = [worker.design_of(study, spec, data_hash).nbytes for spec in study.specs]
    assert sizes[0] == 8 * 200 * (1 + 2 + 2 + 2 + 1 + 1)  # outcome, slopes, unit and time, effects, cluster, row numbers
    for most, kept in ((sum(sizes), 3), (sizes[0], 2), (0, 1)):
        worker._designs.clear()
        monkeypatch.setattr(worker, "BYTES_KEPT", most)
        for spec in study.specs:
            worker.design_of(study, spec, data_hash)
        assert len(worker._designs) == kept, most
