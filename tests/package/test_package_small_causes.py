"""What public packages showed in numbers that were right: p of a test by the test's name, estpost's names, Git LFS."""

from __future__ import annotations

import numpy as np
import pytest

from estimates_table import READ, data_into
from parity.logs.statistic_names import statistic_name
from parity.package.verify import verify
from parity.stata.do import run_do

IV = f"{READ}ivreg2 y w (x = z v), robust\noutreg2 using t.txt, replace\n"
#: Of that regression, as ivreg2 gives them.
TABLE = """\t(1)
VARIABLES\ty
\t
x\t{x}
\t({se})
w\t{w}
\t({se_w})
Observations\t200
{label}\t{shown}
Robust standard errors in parentheses
"""


def _written(folder, label: str, shown) -> list:
    data_into(folder)
    (folder / "main.do").write_text(IV)
    (fitted,) = run_do(IV, folder).estimations
    by = {c.term: c for c in fitted.coefficients}
    numbers = fitted.estimated.numbers
    (folder / "t.txt").write_text(
        TABLE.format(x=f"{by['x'].b:.4f}", se=f"{by['x'].se:.4f}", w=f"{by['w'].b:.4f}", se_w=f"{by['w'].se:.4f}",
                     label=label, shown=shown(numbers))
    )  # fmt: skip
    return [(c.quantity, c.verdict) for e in verify(folder).exhibits for c in e.cells if c.label == label]


@pytest.mark.parametrize(
    ("label", "shown", "quantity", "verdict"),
    [
        ("Overid", lambda n: f"{n['jp']:.3f}", "j_p", "reproduced"),
        ("Hansen J", lambda n: f"{n['jp']:.3f}", "j_p", "reproduced"),
        ("Hansen J", lambda n: f"{n['j']:.3f}", "j", "reproduced"),
        ("Hansen J p-value", lambda n: f"{n['jp']:.3f}", "j_p", "reproduced"),
        ("Hansen J p-value", lambda n: f"{n['j']:.3f}", "j_p", "differs"),
        ("Hansen J statistic", lambda n: f"{n['jp']:.3f}", "j", "differs"),
        ("Overid", lambda n: f"{n['jp'] / 2 + 0.3:.3f}", "j", "differs"),
    ],
)
def test_overidentification_is_told_by_statistic_or_p(tmp_path, label, shown, quantity, verdict):
    assert _written(tmp_path, label, shown) == [(quantity, verdict)]


@pytest.mark.parametrize(
    ("label", "name"),
    [("Sargan (p-value)", "j_p"), ("P-value of Hansen J", "j_p"), ("Overidentification test (p)", "j_p"), ("Hansen J", "j"),
     ("Overid", "j"), ("p-value", "p"), ("jp", "j_p")],
)  # fmt: skip
def test_names_of_tests_of_overidentification(label, name):
    assert statistic_name(label) == name


def test_what_cells_asks_for_in_capitals_is_what_estpost_gives(tmp_path):
    data_into(tmp_path)
    data = np.loadtxt(tmp_path / "d.csv", delimiter=",", skiprows=1)[:, :2]
    (tmp_path / "main.do").write_text(
        f"{READ}estpost tabstat y x, stat(mean sd min max n) col(stat)\n"
        'esttab using t.csv, replace noobs nonumber nomtitle cells("Mean(fmt(3)) SD(fmt(3)) Max(fmt(3))")\n'
    )
    rows = [f'"{n}","{v.mean():.3f}","{v.std(ddof=1):.3f}","{v.max():.3f}"' for n, v in zip("yx", data.T, strict=True)]
    (tmp_path / "t.csv").write_text("\n".join(['"","Mean","SD","Max"', *rows]) + "\n")
    cells = [c for e in verify(tmp_path).exhibits for c in e.cells]
    assert [c.verdict for c in cells] == ["reproduced"] * 6, [c.reason for c in cells]


@pytest.mark.parametrize("name", ["d.csv", "d.dta"])
def test_a_pointer_of_git_lfs_is_no_data(tmp_path, name):
    (tmp_path / name).write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 1234567\n")
    read = READ if name == "d.csv" else "use d.dta, clear\n"
    (tmp_path / "main.do").write_text(f"{read}regress y x\n")
    (tmp_path / "t.csv").write_text('"","(1)"\n"","y"\n"x","0.5**"\n"","(0.1)"\n"N","200"\n')
    report = verify(tmp_path)
    (absent,) = [f for f in report.findings if f.id == "file-absent"]
    assert "pointer of Git LFS" in absent.text and "git lfs pull" in absent.text
    assert {c.verdict for e in report.exhibits for c in e.cells} == {"not verified"}
