"""A quantity is declared once, and whoever forgets a part of it is told which."""

from __future__ import annotations

import ast
import json
import math
import re
import sys
from functools import cache

import pytest

from conftest import FIXTURES, ROOT
from parity.base.quantities import ALWAYS, BY_NAME, FIRST, QUANTITIES, is_count, scale_of
from parity.compare.harmonise import harmonise
from parity.data.load import load_frame
from parity.engines import registry
from parity.results.estimate import Estimate
from parity.sample.build import build_design
from parity.study.load import load_study
from parity.study.table import OF_INSTRUMENTS, OF_SPECS
from structure import SOURCE, nodes, sources

HOME = "src/parity/base/quantities.py"


@cache
def answers() -> list[tuple[str, Estimate, object, object]]:
    """What engines that need no R answer to a spec of each kind."""
    found = []
    for name in ("grunfeld", "cigarettes"):
        study = load_study(FIXTURES / name)
        frame = load_frame(study)
        models: dict[tuple, object] = {}
        for spec in study.specs:  # one of each model is enough
            models.setdefault((spec.model, bool(spec.formula.effects), spec.iv), spec)
        for spec in models.values():
            design = build_design(study, spec, frame)
            for id, engine in registry().items():
                if id.startswith("py-") and not engine.declines(spec, design.unit_name, design.time_name):
                    answer = engine.estimate(spec, design)
                    if isinstance(answer, Estimate):
                        found.append((id, answer, design.facts, spec))
    return found


def frozen() -> list[tuple[str, str]]:
    """(engine, statistic) of every frozen answer."""
    found = set()
    for path in FIXTURES.glob("*/references/r-*.json"):
        for answer in json.loads(path.read_text(encoding="utf-8"))["answers"].values():
            found |= {(path.stem, name) for name in answer["answer"].get("stats", {})}
    return sorted(found)


def test_names_are_unique_and_everything_is_said():
    names = [q.name for q in QUANTITIES]
    assert len(set(names)) == len(names) and set(FIRST) <= set(names)
    empty = [q.name for q in QUANTITIES if not (q.label and q.definition)]
    assert not empty, f"{HOME}: give {empty} a label and a definition"
    rows = [q.name for q in QUANTITIES if bool(q.table) != bool(q.row)]
    assert not rows, f"{HOME}: {rows}: `table` is its name among a table's statistics and `row` what stands at the row: both"


def test_every_statistic_that_an_engine_reports_is_declared():
    reported = {(id, name) for id, answer, _, _ in answers() for name in answer.stats} | set(frozen())
    assert len(reported) > 30
    unknown = sorted((id, name) for id, name in reported if not (name in BY_NAME and BY_NAME[name].answers))
    assert not unknown, f"declare it, with answers=True, in QUANTITIES of {HOME}: {unknown}"


def test_every_declared_statistic_is_reported_by_two_engines():
    """By its name in the source of engines, a folder or a file of R each: which answer has it hangs on data and model."""
    sources = [
        "\n".join(p.read_text(encoding="utf-8") for p in folder.glob("*.py")) for folder in (SOURCE / "engines").iterdir()
    ]
    sources += [p.read_text(encoding="utf-8") for p in (ROOT / "r_scripts" / "engines").rglob("*.R")]

    def reports(text: str, name: str) -> bool:
        made = {f"{start}{end}" for start in re.findall(r'_?contrast\("(\w+)"', text) for end in ("", "_df", "_p")}
        return name in made or re.search(rf"\b{name}\b", text) is not None

    alone = [q.name for q in QUANTITIES if q.answers and sum(reports(text, q.name) for text in sources) < 2]
    assert not alone, (
        f"{alone}: a number that one engine alone reports is compared with none. Add it to the `stats` of the Estimate of "
        f"two engines in src/parity/engines, or take it out of {HOME}"
    )


def test_everything_that_is_compared_is_declared_and_on_its_declared_scale():
    for id, answer, facts, spec in answers():
        side = harmonise(answer, facts, spec)
        unknown = sorted({quantity for quantity, _ in side.quantities} - BY_NAME.keys())
        assert not unknown, f"{id}: declare it in QUANTITIES of {HOME}: {unknown}"
        for (name, term), q in side.quantities.items():
            assert q.exact == is_count(name, term), name
            assert q.scale > 0 or math.isnan(q.value), name
        lacking = {name for name in ALWAYS} - {quantity for quantity, _ in side.quantities}
        assert not lacking, f"{id}: {lacking} are declared as `always`, and harmonise makes none"


def test_scales_are_those_of_their_kind():
    assert scale_of("coef", "x", -0.5, se=2.0) == 2.0 and scale_of("ci_low", "x", -5.0, se=2.0) == 5.0
    assert scale_of("se", "x", 0.1) == 0.1
    assert scale_of("t", "x", 0.1) == 1.0 and scale_of("t", "x", -7.0) == 7.0
    assert scale_of("p", "x", 0.01, t=3.0) == 0.09 and scale_of("p", "x", 1e-30, t=3.0) == 1e-6
    assert scale_of("r2", "", 0.3) == 1.0 and scale_of("r2_a", "", 0.3, lost=1.5) == 1.5
    assert scale_of("f", "", 50.0, lost=10.0) == 500.0
    assert scale_of("df_t", "", 40.0) == 1.0 and scale_of("df_t", "x", 40.0) == 40.0
    assert scale_of("unheard-of", "", 4.0) == 4.0


def test_no_other_file_says_what_quantities_are_called():
    """A dictionary of four quantities and texts is a second declaration. What *others* call them stands with the others."""
    readers = {"printed", "logs", "stata", "testing", "package"}
    found = []
    for path in sources():
        if str(path).endswith(HOME) or path.relative_to(SOURCE).parts[0] in readers:
            continue
        for node in nodes(path):
            if isinstance(node, ast.Dict):
                keys = [k.value for k in node.keys if isinstance(k, ast.Constant)]
                texts = sum(isinstance(v, ast.Constant | ast.Tuple) for v in node.values)
                if len(set(keys) & BY_NAME.keys()) >= 4 and texts >= 4:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not found, f"read it from {HOME}: a field of `Declared`"


def test_the_page_and_the_statistics_of_tables_are_those_declared():
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        from build_quantities import PAGE, TABLES, page, with_statistics
    finally:
        sys.path.pop(0)
    assert PAGE.read_text(encoding="utf-8") == page(), "run python docs/build_quantities.py"
    tables = TABLES.read_text(encoding="utf-8")
    assert tables == with_statistics(tables), "run python docs/build_quantities.py"
    assert all(f"`{name}`" in tables for name in (*OF_SPECS, *OF_INSTRUMENTS))


def test_engines_of_other_packages_may_report_what_nobody_declared():
    _, answer, facts, spec = answers()[0]
    side = harmonise(answer.model_copy(update={"stats": {**answer.stats, "gini": 0.3}}), facts, spec)
    assert side.quantities["gini", ""].scale == 1.0 and not side.quantities["gini", ""].exact


@pytest.mark.parametrize("q", [q for q in QUANTITIES if q.field], ids=lambda q: q.name)
def test_fields_of_printed_inference_exist(q):
    from parity.results.estimate import Printed

    assert q.field in Printed.model_fields
