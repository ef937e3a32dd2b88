"""Errors of input as they are said, also from another process."""

import pickle

from parity.base.errors import InputError, Problem


def test_an_error_comes_whole_from_another_process():
    problems = Problem("study.toml", "index.score", "2 values are missing", ("a", "b")), Problem("data.csv", "", "no rows")
    error = InputError(problems)
    again = pickle.loads(pickle.dumps(error))
    assert again.problems == problems
    assert str(again) == str(error) == "study.toml: index.score: 2 values are missing\ndata.csv: no rows"
