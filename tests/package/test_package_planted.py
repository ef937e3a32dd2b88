"""The key of planted mistakes: each is found in the right cells with the right cause or finding, and nowhere else."""

from __future__ import annotations

import random
import shutil
import tomllib
from pathlib import Path

import pytest

from conftest import FIXTURES
from parity.package.verify import Asked, verify

MADE = FIXTURES / "packages" / "made"
KEY = tomllib.loads((FIXTURES / "packages" / "planted.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def bed():
    from planted_package import Bed

    return Bed(MADE)


def planted(key: dict, folder: Path) -> None:
    shutil.copytree(MADE, folder)
    path = folder / key["file"]
    text = path.read_bytes().decode("utf-8")
    for before, after in key["edits"]:
        assert before in text, before
        text = text.replace(before, after, 1)
    path.write_bytes(text.encode("utf-8"))


@pytest.mark.parametrize("name", [n for n, key in KEY.items() if "cells" in key])
def test_a_mistake_in_print_is_found_in_its_cells_and_named(name, tmp_path, bed):
    from parity.package.matched import rematched
    from parity.package.verify import EVERYTHING

    key = KEY[name]
    planted(key, tmp_path / "made")
    report = bed.assembled(tmp_path / "made", rematched(tmp_path / "made", bed.found, bed.have, EVERYTHING))
    at = key.get("exhibit", key["file"])
    wanted = key["cells"]
    hit = {
        (e.id, i)
        for e in report.exhibits
        for i, c in enumerate(e.cells)
        if e.id == at and all([c.column == wanted.get("column", c.column), c.label in wanted.get("labels", [c.label]),
                               c.quantity == wanted.get("quantity", c.quantity)])
    }  # fmt: skip
    off = {(e.id, i): c for e in report.exhibits for i, c in enumerate(e.cells) if c.verdict != "reproduced"}
    assert hit and set(off) == hit
    for cell in off.values():
        assert cell.verdict == key["verdict"]
        assert [c.id for c in cell.causes] == [key["cause"]]
        assert key.get("says", "") in cell.causes[0].text
    if "finding" in key:
        assert key["finding"] in {f.id for f in report.findings if f.file == key["file"]}


@pytest.mark.parametrize("name", [n for n, key in KEY.items() if "cells" not in key])
def test_a_mistake_in_the_code_is_a_finding_at_its_file(name, tmp_path):
    key = KEY[name]
    planted(key, tmp_path / "made")
    report = verify(tmp_path / "made", Asked(tables=("tables/table5.md",)))
    new = {f.id for f in report.findings if f.file == key["file"]}
    assert key["finding"] in new
    assert key["finding"] not in {f.id for f in verify_made().findings}


def verify_made(kept: list = []):  # noqa: B006 - made once
    if not kept:
        kept.append(verify(MADE, Asked(tables=("tables/table5.md",))))
    return kept[0]


@pytest.mark.parametrize(
    ("maker", "said"), [("column", "another-estimate"), ("note", "note-"), ("label", "labels-swapped"), ("cluster", "other")]
)
def test_a_mistake_in_a_window_of_a_log_is_named(bed, maker, said):
    """Of every log: its numbers are another command's, its heading says other or no clusters, two rows exchange names."""
    from package_faults import MAKERS
    from planted_package import outcome

    seen = []
    for beside, exhibit in bed.clean():
        fault = MAKERS[maker](bed, beside, exhibit, random.Random(2)) if exhibit.origin == "log" else None
        if fault is not None and len(seen) < 4:
            seen.append(fault.said)
            found = outcome(bed.report, fault, *bed.with_fault(fault))
            assert found.named and said in found.said and not found.wrong, (fault, found)
    assert len(set(seen)) > 1


def test_the_short_way_over_one_altered_file_says_what_the_whole_way_says(bed):
    from package_faults import MAKERS
    from planted_package import from_its_files, outcome

    fault = MAKERS["cluster"](bed, *bed.clean()[0], random.Random(1))
    assert outcome(bed.report, fault, *bed.with_fault(fault)) == from_its_files(bed, fault)


def test_one_star_too_few_is_not_explained_by_levels_of_one_column(bed):
    """p lies between two levels that other tables have, and the rest of the column would allow them."""
    from package_faults import stars
    from planted_package import outcome

    (pair,) = [(b, e) for b, e in bed.clean() if e.id == "tables/table4.txt"]
    seen = {}
    for seed in range(12):
        fault = stars(bed, *pair, random.Random(seed))
        if fault is not None and fault.edits not in seen:
            found = seen[fault.edits] = outcome(bed.report, fault, *bed.with_fault(fault))
            assert found.named and "1 differs" in found.said, (fault, found)
    assert len(seen) > 2
