"""Stock and Yogo's tables 5.1 and 5.2 as they are printed: a row for each number of instruments, levels side by side."""

from __future__ import annotations

import pytest

from parity.analyses.instruments.stock_yogo import BIAS, SIZE, critical_values

#: Table 5.1, TSLS bias: K2, then 5, 10, 20, 30 % of one endogenous column, of two, of three.
TABLE_1 = """
 3  13.91  9.08 6.46 5.39
 4  16.85 10.27 6.71 5.34  11.04  7.56 5.57 4.73
 5  18.37 10.83 6.77 5.25  13.97  8.78 5.91 4.79   9.53 6.61 4.99 4.30
 6  19.28 11.12 6.76 5.15  15.72  9.48 6.08 4.78  12.20 7.77 5.35 4.40
 7  19.86 11.29 6.73 5.07  16.88  9.92 6.16 4.76  13.95 8.50 5.56 4.44
 8  20.25 11.39 6.69 4.99  17.70 10.22 6.20 4.73  15.18 9.01 5.69 4.46
 9  20.53 11.46 6.65 4.92  18.30 10.43 6.22 4.69  16.10 9.37 5.78 4.46
10  20.74 11.49 6.61 4.86  18.76 10.58 6.23 4.66  16.80 9.64 5.83 4.45
"""
#: Table 5.2, size of the Wald test: K2, then 10, 15, 20, 25 % of one endogenous column, of two.
TABLE_2 = """
 1  16.38  8.96  6.66  5.53
 2  19.93 11.59  8.75  7.25   7.03  4.58  3.95 3.63
 3  22.30 12.83  9.54  7.80  13.43  8.18  6.40 5.45
 4  24.58 13.96 10.26  8.31  16.87  9.93  7.54 6.28
 5  26.87 15.09 10.98  8.84  19.45 11.22  8.38 6.89
 6  29.18 16.23 11.72  9.38  21.68 12.33  9.10 7.42
 7  31.50 17.38 12.48  9.93  23.72 13.34  9.77 7.91
 8  33.84 18.54 13.24 10.50  25.64 14.31 10.41 8.39
 9  36.19 19.71 14.01 11.07  27.51 15.24 11.03 8.85
10  38.54 20.88 14.78 11.65  29.32 16.16 11.65 9.31
"""


def printed(table: str, levels: tuple[str, ...]) -> dict[str, dict[int, tuple[float, ...]]]:
    """level -> instruments -> critical values by number of endogenous columns."""
    out: dict[str, dict[int, tuple[float, ...]]] = {level: {} for level in levels}
    for line in table.split("\n"):
        if line:
            instruments, *values = line.split()
            for i, level in enumerate(levels):
                out[level][int(instruments)] = tuple(map(float, values[i :: len(levels)]))
    return out


@pytest.mark.parametrize(
    ("held", "table", "levels"),
    [(BIAS, TABLE_1, ("5%", "10%", "20%", "30%")), (SIZE, TABLE_2, ("10%", "15%", "20%", "25%"))],
)
def test_the_tables_are_those_that_were_printed(held, table, levels):
    assert held == printed(table, levels)


def test_values_are_given_where_the_tables_have_them():
    for instruments in range(13):
        for endogenous in range(5):
            found = critical_values(instruments, endogenous)
            names = [f"bias {n}" for n in BIAS if instruments in BIAS[n] and 1 <= endogenous <= len(BIAS[n][instruments])]
            names += [f"size {n}" for n in SIZE if instruments in SIZE[n] and 1 <= endogenous <= len(SIZE[n][instruments])]
            assert list(found) == names, (instruments, endogenous)
    assert critical_values(5, 3) == {"bias 5%": 9.53, "bias 10%": 6.61, "bias 20%": 4.99, "bias 30%": 4.30}
    assert critical_values(3, 0) == {} == critical_values(0, 1)
