"""Choices that are vacuous, collinear, empty or wrong: each has a clear word, and nothing is left out unsaid."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner

from audit.test_same import frame, numbers, study_of, text_of
from parity.audit import whole
from parity.audit.space import space_of
from parity.cli import main

ONE_OF, HAS_NONE = "1 of", "has no estimate of its own"


@pytest.mark.parametrize(
    ("choices", "code", "said"),
    [
        ("", 0, ["Nothing to compare: `x` is", "the one way that could be", "and there is this one alone: no choice"]),
        ('controls = ["c1"]', 0, ["these 2 are the options of one choice"]),
        ('where = ["year > 1900"]', 0, ["and there is this one alone", "`where`: `year > 1900` is the same as `all`"]),
        ('where = ["year > 3000", "year > 2003"]', 0, [f"{ONE_OF} 3 {HAS_NONE} (1: no row is left: `where` keeps 0",
                                                          "`where` with `year > 3000` yields nothing: no row is left"]),
        ('leave_out = ["firm", "firm"]', 0, ["are the options of one choice"]),
        ('levels = [0.1, 0.2]', 0, ["significant at 20 %"]),
        ('where = ["half == \'never\'"]', 0, [f"{ONE_OF} 2 {HAS_NONE} (1: "]),
        ('where = ["firm == \'f03\'"]', 0, [f"{ONE_OF} 2 {HAS_NONE} (1: "]),
        ('treatment = ["const"]', 0, [f"{ONE_OF} 2 {HAS_NONE} (1: `const` is determined by the effects"]),
        ('treatment = ["c1"]', 0, ["these 2 are the options of one choice"]),
        ('controls = ["const", "c1", "c2"]', 0, ["these 8 are all combinations", "What moves nothing: `const`."]),
        ('controls = { free = ["c1", "c2", "size"], together = [["c1", "c2"]] }', 0, ["these 4 are all combinations of 2"]),
        ('transform.x = ["log(minus)", "exp(x)"]', 0, [f"{ONE_OF} 3 {HAS_NONE} (1: no row is left"]),
        ('controls = ["half"]', 0, [f"{ONE_OF} 2 {HAS_NONE} (1: ", "half"]),
        ('weights = [{ aweight = "minus" }]', 0, [f"{ONE_OF} 2 {HAS_NONE} (1: a weight is negative: `minus`"]),
        ('convention = "all"\nvcov = ["HC1", "HC3"]', 0,
         ["0 are below that, 0 above", "of 39 have no estimate of their own"]),
        ("controls = [\"`收入 水平`\", \"`it's`\", '`q\"q`']", 0, ["the control `"]),
        ('controls = ["c11"]\nwhere = ["yaer > 2000"]', 2, ["audit.a.controls: there is no column `c11`", "`year`?"]),
    ],
)  # fmt: skip
def test_odd_choices_have_a_clear_word(tmp_path, monkeypatch, choices, code, said):
    monkeypatch.setattr(whole, "_sensitivity", lambda space: None)
    data = frame().assign(const=1.0, minus=-1.0)
    for i, name in enumerate(("收入 水平", "it's", 'q"q')):
        data[name] = data["w"] * data["c1"] ** i + i * data["size"]
    (tmp_path / "study.toml").write_text(text_of(choices), encoding="utf-8")
    data.to_csv(tmp_path / "data.csv", index=False)
    done = CliRunner().invoke(main, ["audit", str(tmp_path), "--no-engines", "--draws", "0"])
    assert done.exit_code == code, done.output
    text = " ".join(done.output.split())
    for part in said:
        assert part in text, text
    assert "``" not in text


def test_leaving_out_a_group_keeps_the_rows_that_are_of_none(tmp_path):
    data = frame()
    data["region"] = np.where(data["year"] < 2003, "a", np.where(data["year"] < 2005, "b", None))
    found = numbers(space_of(study_of(tmp_path, 'leave_out = "region"', data), "a"))
    assert sorted(int(nobs) for *_, nobs in found) == [48, 48, 72]
