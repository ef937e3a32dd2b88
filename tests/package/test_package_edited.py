"""A package's report whose verdicts were edited: what is called reproduced must stand beside its estimate."""

from __future__ import annotations

import json

import pytest

from conftest import ROOT
from parity.base.errors import InputError
from parity.package.document import to_json
from parity.package.read_back import from_json
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


@pytest.mark.parametrize("change", ["cell", "not verified", "explained"])
def test_the_class_follows_from_numbers_and_findings(kept, change):
    """A number that differs, taken out or called otherwise in sums too, leaves the words of the class behind."""
    held = json.loads(kept)
    cells = held["exhibits"][0]["cells"]
    off = next(c for c in cells if c["verdict"] == "differs")
    held["summary"]["differs"] -= 1
    if change == "cell":
        cells.remove(off)
        held["summary"]["cells"] -= 1
    else:
        off["verdict"] = change
        held["summary"][change.replace(" ", "_")] += 1
    with pytest.raises(InputError, match="doesn't follow from its numbers and findings: the report was altered"):
        from_json(json.dumps(held), "kept.json")


def test_a_report_from_before_unread_cells_were_counted_is_read(kept):
    held = json.loads(kept)
    del held["unread"]
    held["classification_why"] = "1 differs of 21 numbers; 5 explained by something else; 3 cells not read"
    assert from_json(json.dumps(held), "kept.json").unread == 0
