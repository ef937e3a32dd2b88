"""Errors of another kind than the command's vce() aren't a program's way to compute them: such a run is red."""

from __future__ import annotations

from pathlib import Path

import pytest

from estimates_table import READ, data_into
from parity.diagnose.catalogue import BY_ID
from parity.package.contradicted import conventional
from parity.package.verify import verify
from parity.stata.do import run_do

#: What a command names by an option of its own.
NAMED = (
    "hc0-for-hc1", "hc1-for-other-robust", "hc2", "hc3", "hc4", "cr0", "cr1", "cr2", "cr3", "moments-weighted-iid",
    "moments-weighted-robust", "moments-weighted-by-cluster", "gmm-iterated", "moments-centred", "moments-about-zero",
)  # fmt: skip


def typed(folder: Path, code: str, decimals: int) -> str:
    """The one regression of a do-file as a table."""
    (e,) = run_do(code, folder).estimations
    lines = ['"","(1)"', '"","y"']
    for c in e.coefficients:
        lines += [f'"{c.term}","{c.b:.{decimals}f}"', f'"","({c.se:.{decimals}f})"']
    lines += [f'"N","{e.estimated.numbers["N"]:.0f}"', '"Standard errors in parentheses"']
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("id", NAMED)
def test_a_kind_of_covariance_is_no_way_of_a_program(id):
    assert id in BY_ID and not conventional(id)


@pytest.mark.parametrize("id", ["no-cluster-factor", "leverage-with-weights", "small-sample-iv", "jackknife-factor"])
def test_a_factor_is(id):
    assert conventional(id)


@pytest.mark.parametrize(
    ("code", "printed", "cause"),
    [
        ("", "vce(hc3)", "hc3"),
        ("", "vce(hc2)", "hc2"),
        ("vce(robust)", "vce(hc2)", "hc2"),
        ("vce(robust)", "vce(hc3)", "hc3"),
        ("vce(hc2)", "vce(hc3)", "hc3"),
        ("vce(cluster g)", "vce(hc2)", "hc2"),
        ("vce(cluster g)", "vce(hc3)", "hc3"),
        ("vce(cluster g)", "vce(hc2 g)", "cr2"),
        ("vce(hc2 g)", "vce(cluster g)", "cr1"),
    ],
)
def test_errors_of_another_kind_are_red(tmp_path, code, printed, cause):
    data_into(tmp_path)
    (tmp_path / "main.do").write_text(f"{READ}regress y x w, {code}\n")
    (tmp_path / "t.csv").write_text(typed(tmp_path, f"{READ}regress y x w, {printed}\n", 7))
    report = verify(tmp_path)
    found = [[x.id for x in c.causes] for e in report.exhibits for c in e.cells if c.verdict == "explained"]
    assert found == [[cause]] * 3 and not report.summary.differs
    assert report.exit_code == 1 and report.why_red().startswith("3 numbers are not what the code as it stands gives")
