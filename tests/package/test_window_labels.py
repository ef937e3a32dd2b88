"""Labels of windows: one rule says whose row it is, and nothing that is altered beside right numbers passes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from altered_labels import FAMILIES, case, denied, outcomes
from parity.package.window_labels import is_of


@pytest.mark.parametrize("family", FAMILIES)
def test_no_altered_label_passes(family):
    of = case(family)
    assert not denied(of, of.lines)
    for digits in (False, True):
        altered, passed = outcomes(family, seed=1, most=5, digits=digits)
        assert altered >= 2 and not passed


LABELS = SimpleNamespace(
    columns=("g", "h"), labels_of=lambda name: {1.0: "Male", 2.0: "Not stated, or L.x", 3.0: "Female"} if name == "g" else {}
)


@pytest.mark.parametrize(
    ("label", "term", "held"),
    [
        ("L1.x", "L.x", True), ("L2.x", "L.x", False), ("D1.x", "D.x", True), ("LD.x", "LD.x", True),
        ("D.L.x", "LD.x", False), ("x", "L.x", False), ("o.x", "x", True), ("c.x#1.g", "1.g#c.x", True),
        ("1b.g", "1.g", True), ("Male.g", "1.g", True), ("Male.g", "2.g", False), ("Male.g", "3.g", False),
        ("Fem.g", "3.g", True), ("stated.g", "2.g", True),
        ("2.g", "1.g", False), ("West.h", "1.h", None), ("very~me", "very_long_name", True),
        ("very~me", "very_long_tale", False), ("X", "x", False), ("_cons", "x", False), ("cL.x#c.z", "cL1.x#c.z", True),
        ("1.x", "x", False), ("x", "1.x", False),
    ],
)  # fmt: skip
def test_whose_row_a_label_is(label, term, held):
    e = SimpleNamespace(name="regress", outcome="y", equations=(), source=SimpleNamespace(data=LABELS, request=None))
    row = SimpleNamespace(label=label, equation="")
    assert is_of(row, term, e) is held
    assert not is_of(SimpleNamespace(label=label, equation="other"), term, e)
