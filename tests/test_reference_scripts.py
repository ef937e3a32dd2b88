"""Reference scripts that people read: what R prints, what their Stata twins say, and parity's own numbers are the same.

Languages name terms differently, so rows are matched by their estimates; then every other number of the row must fit.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from conftest import FIXTURES, ROOT
from parity import engines
from parity.base.tolerance import EXACT
from parity.compare.harmonise import harmonise
from parity.data.load import load_frame
from parity.engines.frozen import read_reference, reference_path
from parity.results.estimate import Estimate
from parity.sample.build import build_design
from parity.sample.design import Design
from parity.stata.do import run_do
from parity.study.load import load_study
from parity.study.spec import Spec
from parity.study.study import Study

SCRIPTS = ROOT / "r_scripts" / "studies"
R = sorted(SCRIPTS.glob("*/*.R"))
STATA = sorted(SCRIPTS.glob("*/*.do"))
STUDIES = {file.parent.name: load_study(file.parent) for file in sorted(FIXTURES.glob("*/study.toml"))}
#: Asked in turn; none needs R.
OWN = ("py-moments", "py-linearmodels")
#: coefficient, standard error, t or z, p
Row = tuple[float, float, float, float]

#: Sources each script in an environment of its own and prints the table of coefficients that its last line is.
RUNNER = r"""
invisible(suppressWarnings(Sys.setlocale("LC_ALL", "C.UTF-8")))
for (script in commandArgs(trailingOnly = TRUE)) {
  table <- tryCatch(
    suppressWarnings(suppressMessages(source(script, local = new.env(), encoding = "UTF-8")$value)),
    error = function(e) conditionMessage(e)
  )
  if (is.character(table)) {
    cat("# error\t", script, "\t", gsub("\n", " ", table), "\n", sep = "")
  } else {
    if (inherits(table, "coef_test_clubSandwich")) table <- table[c("beta", "SE", "tstat", "p_Satt")]
    table <- matrix(as.numeric(as.matrix(table)[, 1:4]), ncol = 4)
    for (i in seq_len(nrow(table))) cat(script, sprintf("%.17g", table[i, ]), sep = "\t", fill = 10000)
  }
}
"""


def named(script: Path) -> str:
    return f"{script.parent.name}/{script.name}"


def packages(script: Path) -> set[str]:
    return set(re.findall(r"^library\((\w+)\)", script.read_text(encoding="utf-8"), re.M))


needs_r = pytest.mark.needs_r(*sorted(set().union(*map(packages, R))))


@pytest.fixture(scope="module")
def printed() -> dict[str, list[Row]]:
    """Script -> the rows of its table, all of them run by one R process from the repository's root."""
    done = subprocess.run(
        ["Rscript", "-e", RUNNER, *(str(script) for script in R)],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows: dict[str, list[Row]] = {named(script): [] for script in R}
    for line in done.stdout.splitlines():
        script, *numbers = line.split("\t")
        assert script != "# error", line
        rows[named(Path(script))].append(tuple(map(float, numbers)))
    return rows


def other_side(study: Study, spec: Spec, design: Design) -> Estimate:
    """parity's own estimate; of what no engine of Python has (CR2, HC4), what another package of R gave and was frozen."""
    for engine in map(engines.engine, OWN):
        if not engine.declines(spec, study.header.unit, study.header.time):
            answer = engine.estimate(spec, design)
            assert isinstance(answer, Estimate), answer
            return answer
    held = read_reference(reference_path(study, "r-stata" if spec.vcov.kind != "HC4" else "r-lm"))
    assert held is not None
    answer = held.answers[spec.id].answer
    assert isinstance(answer, Estimate), answer
    return answer


def own(script: Path) -> tuple[list[Row], list[Row]]:
    """Rows of parity's own estimate under the declared convention, and what each of their numbers is measured on."""
    study = STUDIES[script.parent.name]
    spec = study.spec(script.stem)
    design = build_design(study, spec, load_frame(study))
    answer = other_side(study, spec, design)
    found = harmonise(answer, design.facts, spec).quantities
    terms = sorted((term for quantity, term in found if quantity == "coef"), key=lambda term: found["coef", term].value)
    table = [[found[quantity, term] for quantity in ("coef", "se", "t", "p")] for term in terms]
    return [tuple(q.value for q in row) for row in table], [tuple(q.scale for q in row) for row in table]


def differences(rows: list[Row], script: Path) -> list[str]:
    """How a script's rows differ from parity's own."""
    mine, scales = own(script)
    if len(rows) != len(mine):
        return [f"{len(rows)} rows, not {len(mine)}: {rows}"]
    return [
        f"row {i}, number {j}: {mine[i][j]!r} here, {there[j]!r} there"
        for i, there in enumerate(sorted(rows))
        for j in range(4)
        if not abs(there[j] - mine[i][j]) <= EXACT * scales[i][j]
    ]


def test_every_study_has_two_or_three_and_each_stata_file_a_twin_in_r():
    for name in STUDIES:
        assert 2 <= len(list((SCRIPTS / name).glob("*.R"))) <= 3, name
    assert {script.with_suffix(".R") for script in STATA} <= set(R)
    for script in R:
        text = script.read_text(encoding="utf-8")
        twin = script.with_suffix(".do")
        assert script.stem in {spec.id for spec in STUDIES[script.parent.name].specs}, script
        assert len(text.splitlines()) <= 30, f"{named(script)}: what a person reads is short"
        assert (f"In Stata: {twin.name}" in text) if twin in STATA else re.search(r"[Nn]o do-file", text), named(script)
        assert f"Rscript r_scripts/studies/{named(script)}" in text


@needs_r
def test_a_reference_script_prints_its_table_run_as_its_comment_says():
    script = "r_scripts/studies/fatalities/table_2.R"
    done = subprocess.run(["Rscript", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^beertax\s+-0\.6558\d*\s+0\.2918\d*", done.stdout, re.M)


@needs_r
@pytest.mark.parametrize("script", R, ids=named)
def test_r_prints_parity_s_numbers(script, printed):
    assert not differences(printed[named(script)], script)


@pytest.mark.parametrize("script", STATA, ids=named)
def test_the_stata_twin_has_parity_s_numbers(script):
    done = run_do(script, ROOT)
    assert not [found for found in done.findings if found.id != "trap"]
    (fit,) = done.estimations
    study = STUDIES[script.parent.name]
    rows = [(c.b, c.se, c.t, c.p) for c in fit.coefficients if c.se or c.b]
    if not study.spec(script.stem).formula.intercept:
        # Stata prints a constant beside absorbed effects too
        rows = [row for row, c in zip(rows, fit.coefficients, strict=True) if c.term != "_cons"]
    assert not differences(rows, script)
