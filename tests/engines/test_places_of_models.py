"""Every model stands in an engine of each language, in the miniatures, among planted errors and as shipped."""

from __future__ import annotations

from typing import get_args

import pytest

from bundled import studies
from models import WITHOUT, declared, to_add
from parity.study.models import Model


@pytest.fixture(scope="module")
def found():
    return declared(tuple(studies().values()))


@pytest.mark.parametrize("model", get_args(Model))
def test_a_model_has_its_places(found, model):
    assert not to_add(found, model), "\n".join(to_add(found, model))
    by_now = [place for m, place in WITHOUT if m == model and found[model][place]]
    assert not by_now, f"{model} has {by_now}: take it out of WITHOUT in tests/models.py"


def test_what_is_said_of_a_model_that_no_spec_has():
    said = to_add(declared(()), "tobit")
    assert len(said) == 5 and "BEYOND of src/parity/engines/shipped.py" in said[-1]
