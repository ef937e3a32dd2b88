"""Columns of plain numbers are read at once: as one by one, whatever the entries are."""

from __future__ import annotations

import random

import numpy as np
import pytest

from parity.stata.commands import delimited
from parity.stata.commands.delimited import column_of
from parity.stata.functions import number_of


def test_any_text_of_the_signs_of_numbers():
    random_ = random.Random(3)
    for _ in range(5000):
        text = "".join(random_.choice("0123456789.-+eE") for _ in range(random_.randint(1, 7)))
        got, due = delimited._plain([text]), number_of(text)
        if got is None:
            assert text == "." or np.isnan(due), text
        else:
            assert got[0] == due, text


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "", "3"], "byte"),
        (["1.5", "2"], "float"),
        (["12345678901"], "double"),
        ([".", "1"], "byte"),
        (["1", "x"], "str1"),
        (["", ""], "byte"),
        (["1e3", "-.5"], "float"),
        (["1", "1_0"], "str3"),
        (["1 ", "2"], "byte"),
        ([".a", "2"], "byte"),
    ],
)
def test_kinds_are_those_of_the_slow_way(monkeypatch, values, kind):
    found = column_of(values)
    monkeypatch.setattr(delimited, "_plain", lambda values: None)
    slow = column_of(values)
    assert found.kind == slow.kind == kind
    assert np.array_equal(found.values, slow.values, equal_nan=not found.text)
