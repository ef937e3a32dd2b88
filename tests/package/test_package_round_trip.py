"""A report of numbers with many decimals reads back: digits that double precision does not give don't alter it."""

from __future__ import annotations

import pytest

from estimates_table import READ, data_into
from parity.base.errors import InputError
from parity.package.document import to_json
from parity.package.read_back import from_json
from parity.package.verify import verify
from parity.stata.do import run_do


@pytest.mark.parametrize(("made", "decimals"), [("", 12), ("replace y = y * 1e5\n", 9)])
def test_a_number_off_by_what_doubles_give_reads_back(tmp_path, made, decimals):
    data_into(tmp_path)
    code = f"{READ}{made}regress y x w\n"
    (e,) = run_do(code, tmp_path).estimations
    lines = ['"","(1)"', '"","y"']
    for c in e.coefficients:
        lines += [f'"{c.term}","{c.b * (1 + 3e-11):.{decimals}f}"', f'"","({c.se:.{decimals}f})"']
    lines += ['"N","200"', '"Standard errors in parentheses"']
    (tmp_path / "main.do").write_text(code)
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    report = verify(tmp_path)
    assert report.exit_code == 0 and report.summary.reproduced == report.summary.cells == 7
    assert from_json(to_json(report), "kept").summary == report.summary
    (cell, *_) = report.exhibits[0].cells
    altered = to_json(report).replace(f'"{cell.printed}"', f'"{float(cell.printed) * (1 + 1e-7):.{decimals}f}"')
    with pytest.raises(InputError, match="altered"):
        from_json(altered, "kept")
