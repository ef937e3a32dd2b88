"""A package's report whose verdicts were edited: what is called reproduced must stand beside its estimate."""

from __future__ import annotations

import json

import pytest

from conftest import ROOT
from parity.base.errors import InputError
from parity.package.document import from_json, to_json
from parity.package.verify import verify


@pytest.fixture(scope="module")
def kept():
    return to_json(verify(ROOT / "docs" / "examples" / "package"))


def test_what_a_run_wrote_is_read(kept):
    assert from_json(kept, "kept.json").summary.cells == 21


@pytest.mark.parametrize("change", ["verdict", "verdict and summary", "estimate"])
def test_an_edited_one_is_refused(kept, change):
    held = json.loads(kept)
    cells = held["exhibits"][0]["cells"]
    if change == "estimate":
        next(c for c in cells if c["verdict"] == "reproduced" and c["quantity"] == "se")["estimated"] += 0.5
    else:
        next(c for c in cells if c["verdict"] == "differs")["verdict"] = "reproduced"
    if change == "verdict and summary":
        held["summary"] |= {"differs": 0, "reproduced": held["summary"]["reproduced"] + 1}
    with pytest.raises(InputError, match="the report was altered"):
        from_json(json.dumps(held), "kept.json")
