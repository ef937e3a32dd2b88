"""Pages of causes and the phrasebook say what the catalogue, the packages and this code say today."""

from __future__ import annotations

import json
import re
import sys

import pytest

from conftest import ROOT
from parity.diagnose.catalogue import BY_ID, CAUSES, dynamic

sys.path.insert(0, str(ROOT / "docs"))
import build_causes
import build_phrasebook

PAGES = ROOT / "docs" / "causes"
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])")


def text(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def alike(a: str, b: str) -> bool:
    """The same words, and numbers that agree to what machines share."""
    if NUMBER.split(a) != NUMBER.split(b):
        return False
    numbers = zip(NUMBER.findall(a), NUMBER.findall(b), strict=True)
    return all(float(x) == pytest.approx(float(y), rel=2e-6, abs=1e-12) for x, y in numbers)


# ---------------------------------------------------------------- causes


def test_every_cause_has_a_page_and_every_page_a_cause():
    pages = {p.stem for p in PAGES.glob("*.md")} - {"README"}
    bare, left = sorted({*BY_ID, *build_causes.BESIDE} - pages), sorted(pages - {*BY_ID, *build_causes.BESIDE})
    assert not bare, f"run PYTHONPATH=tests python docs/build_causes.py {' '.join(bare)}"
    assert not left, f"docs/causes: pages of {left}, which src/parity/diagnose/catalogue lacks: a Cause there, or no page"
    assert all(text(name) == page for name, page in build_causes.BESIDE.items())
    assert text("README") == build_causes.index(), f"run PYTHONPATH=tests python docs/build_causes.py {next(iter(BY_ID))}"


@pytest.mark.parametrize("cause", CAUSES, ids=lambda c: c.id)
def test_a_page_has_the_words_of_the_catalogue(cause):
    made = build_causes.page(cause, None)
    same = text(cause.id).split("## Example")[0] == made.split("## Example")[0]
    assert same, f"run PYTHONPATH=tests python docs/build_causes.py {cause.id}"


@pytest.mark.parametrize("id", ["counts-nested-effects", "cr2", "normal-distribution", "digits-transposed"])
def test_an_example_is_computed_anew(id):
    assert alike(text(id), build_causes.page(BY_ID[id], build_causes.example(BY_ID[id])))


def test_a_page_with_another_number_or_word_is_noticed():
    page = text("counts-nested-effects")
    row = re.search(r"standard error \| [\d.]+ \| ([\d.]+)", page)
    assert not alike(page, page.replace(row[1], row[1].replace("0.06", "0.07")))
    assert not alike(page, page.replace("Source", "Sauce"))


@pytest.mark.parametrize("cause", CAUSES, ids=lambda c: c.id)
def test_an_example_adds_up(cause):
    """The ratios are those of the numbers beside them, the cause is named, and every link leads to a page."""
    page = text(cause.id)
    assert all((PAGES / link).is_file() for link in re.findall(r"\]\(([\w-]+\.md)\)", page))
    example = page.split("## Example")[1]
    if "None: in no bundled study" in example or (cause in dynamic.CAUSES and "None: examples are not" in example):
        return
    assert re.search(rf"the diagnosis [\w ,]+ `{cause.id}`", example)
    rows = [[cell.strip() for cell in line.split("|")[-4:-1]] for line in example.splitlines() if line.count("|") == 5]
    rows = [row for row in rows if NUMBER.fullmatch(row[0]) and NUMBER.fullmatch(row[1])]
    assert any(a != b for a, b, _ in rows)
    for declared, other, ratio in rows:
        assert not ratio or float(ratio) == pytest.approx(float(other) / float(declared), rel=1e-6)


# ---------------------------------------------------------------- phrasebook


@pytest.fixture(scope="module")
def kept() -> dict:
    return json.loads(build_phrasebook.KEPT.read_text(encoding="utf-8"))


def test_the_phrasebook_is_what_its_numbers_make(kept):
    assert list(kept["numbers"]) == [w.key for w in build_phrasebook.ways()]
    assert build_phrasebook.PAGE.read_text(encoding="utf-8") == build_phrasebook.page(kept)


def agree(fresh: dict[str, list[float]], kept: dict) -> None:
    assert fresh
    off = {k: (v, kept["numbers"][k]) for k, v in fresh.items() if not build_phrasebook.same(v, kept["numbers"][k])}
    assert not off


@pytest.mark.parametrize("package", [*build_phrasebook.IN_PYTHON, "lfe"])
@pytest.mark.filterwarnings("ignore")
def test_commands_in_python_give_the_numbers_of_the_page(package, kept):
    agree(build_phrasebook.run([package]), kept)


def test_commands_in_r_and_of_stata_give_the_numbers_of_the_page(kept):
    here = [p for p in build_phrasebook.IN_R if p in build_phrasebook.installed()]
    if not here:
        pytest.skip("R or its packages are not installed")
    agree(build_phrasebook.run(here), kept)


@pytest.mark.parametrize("spec", ["two-way-effects", "instruments"])
def test_the_causes_are_those_of_a_fresh_diagnosis(spec, kept):
    fresh = build_phrasebook.causes(kept["numbers"], [spec])
    assert fresh == {k: v for k, v in kept["causes"].items() if k.startswith(f"{spec} |")}


def test_a_command_that_gives_another_number_is_noticed(kept):
    key = next(iter(kept["numbers"]))
    with pytest.raises(AssertionError):
        agree({key: [*kept["numbers"][key][:3], kept["numbers"][key][3] * (1 + 1e-6)]}, kept)


def test_a_command_of_stata_that_its_function_does_not_stand_for_is_refused():
    if "Stata" not in build_phrasebook.installed():
        pytest.skip("R or its packages are not installed")
    way = next(w for w in build_phrasebook.ways() if w.package == "Stata")
    from dataclasses import replace

    with pytest.raises(SystemExit, match="is run as"):
        build_phrasebook.run_r([replace(way, command="regress inv value capital")])


def test_every_link_of_the_phrasebook_leads_somewhere():
    page = build_phrasebook.PAGE.read_text(encoding="utf-8")
    headings = {build_phrasebook.anchor(line.lstrip("# ")) for line in page.splitlines() if line.startswith("#")}
    for link in set(re.findall(r"\]\(([^)\s]+)\)", page)):
        assert link in headings if link.startswith("#") else (ROOT / "docs" / link).exists(), link


def test_the_phrasebook_reads_the_bundled_data():
    bundled = (ROOT / "fixtures" / "grunfeld" / "data.csv").read_bytes()
    assert (build_phrasebook.STUDY / "data.csv").read_bytes() == bundled


def test_stata_s_recorded_output_is_met(kept):
    """regress invest mvalue kstock, vce(cluster company): Stata's own data are 4-byte floats, hence the eighth digit."""
    value, capital = kept["numbers"]["pooled-robust | Stata | regress inv value capital, vce(cluster firm)"][2:]
    assert value == pytest.approx(0.01589433647768, rel=1e-7) and capital == pytest.approx(0.08496711097464, rel=1e-7)


def test_the_two_way_numbers_follow_from_the_uncorrected_one(kept):
    numbers = kept["numbers"]
    raw = numbers["two-way-effects | plm | "][3]
    reghdfe = next(v for k, v in numbers.items() if k.startswith("two-way-effects | Stata | reghdfe"))[3]
    dummies = numbers['two-way-effects | statsmodels | cov_type="cluster", cov_kwds={"groups": grunfeld.firm}'][3]
    n, g = 200, 10
    assert reghdfe == pytest.approx(raw * (g / (g - 1) * (n - 1) / (n - 2 - 20)) ** 0.5, rel=1e-9)
    assert dummies == pytest.approx(raw * (g / (g - 1) * (n - 1) / (n - 2 - 29)) ** 0.5, rel=1e-9)
