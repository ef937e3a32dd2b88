"""parity data: what was read and made of it, and the columns that scripts read."""

from __future__ import annotations

import csv
import io

from click.testing import CliRunner

from parity.cli import main
from parity.data.load import load_frame
from parity.study.load import load_study

STUDY = """
[study]
title = "columns"
unit = "firm"
time = "year"
made = true
[derive]
value_l1 = { lag = "value" }
[index.size]
indicators = [
  { column = "value", direction = "+", dimension = "p" },
  { column = "capital", direction = "-", dimension = "q" },
]
[index.size.variants]
wrong_k = { entropy_k = "periods" }
[spec.a]
formula = "inv ~ size + value_l1 | firm"
"""


def run(*args: str):
    return CliRunner().invoke(main, ["data", *args])


def test_it_says_what_was_read_and_how_indices_came_about(make_study):
    done = run(str(make_study(STUDY)))
    assert done.exit_code == 0, done.output
    for said in ("200 rows", "The data are made, not observed.", "value_l1 10", "size: 200 scores from 0.", "indicator",
                 "wrong_k: entropy above 1: value, capital"):  # fmt: skip
        assert said in done.output
    weights = [float(line.split()[1]) for line in done.output.splitlines() if line.startswith(("value ", "capital "))]
    assert len(weights) == 2 and abs(sum(weights) - 1) < 2e-4


def test_the_columns_that_specs_read_with_every_digit(make_study):
    folder = make_study(STUDY)
    done = run(str(folder), "--csv", "-")
    rows = list(csv.DictReader(io.StringIO(done.output)))
    frame = load_frame(load_study(folder))
    assert set(rows[0]) == {"firm", "year", "inv", "size", "value_l1"}
    assert [float(r["size"]) for r in rows] == frame["size"].tolist()
    assert rows[0]["value_l1"] == ""
    assert float(rows[1]["value_l1"]) == frame["value"][0]
    whole = next(csv.reader(io.StringIO(run(str(folder), "--csv", "-", "--all").output)))
    assert whole == list(frame.columns)


def test_a_mistake_is_said_without_a_traceback(make_study):
    done = run(str(make_study(STUDY.replace('"capital", direction', '"kapital", direction'))))
    assert done.exit_code == 2
    assert "did you mean `capital`?" in done.output
