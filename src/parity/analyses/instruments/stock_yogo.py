"""Critical values of the Cragg-Donald F for weak instruments, two-stage least squares (Stock and Yogo 2005, table 5).

They were simulated for homoskedastic errors; ivreg2 prints them beside the Kleibergen-Paap F too.
"""

from __future__ import annotations

#: Largest bias relative to OLS -> number of instruments -> critical values for 1, 2, 3 endogenous columns.
BIAS: dict[str, dict[int, tuple[float, ...]]] = {
    "5%": {
        3: (13.91,), 4: (16.85, 11.04), 5: (18.37, 13.97, 9.53), 6: (19.28, 15.72, 12.20), 7: (19.86, 16.88, 13.95),
        8: (20.25, 17.70, 15.18), 9: (20.53, 18.30, 16.10), 10: (20.74, 18.76, 16.80),
    },
    "10%": {
        3: (9.08,), 4: (10.27, 7.56), 5: (10.83, 8.78, 6.61), 6: (11.12, 9.48, 7.77), 7: (11.29, 9.92, 8.50),
        8: (11.39, 10.22, 9.01), 9: (11.46, 10.43, 9.37), 10: (11.49, 10.58, 9.64),
    },
    "20%": {
        3: (6.46,), 4: (6.71, 5.57), 5: (6.77, 5.91, 4.99), 6: (6.76, 6.08, 5.35), 7: (6.73, 6.16, 5.56),
        8: (6.69, 6.20, 5.69), 9: (6.65, 6.22, 5.78), 10: (6.61, 6.23, 5.83),
    },
    "30%": {
        3: (5.39,), 4: (5.34, 4.73), 5: (5.25, 4.79, 4.30), 6: (5.15, 4.78, 4.40), 7: (5.07, 4.76, 4.44),
        8: (4.99, 4.73, 4.46), 9: (4.92, 4.69, 4.46), 10: (4.86, 4.66, 4.45),
    },
}  # fmt: skip

#: Largest size of a nominal 5 % Wald test -> number of instruments -> critical values for 1, 2 endogenous columns.
SIZE: dict[str, dict[int, tuple[float, ...]]] = {
    "10%": {
        1: (16.38,), 2: (19.93, 7.03), 3: (22.30, 13.43), 4: (24.58, 16.87), 5: (26.87, 19.45), 6: (29.18, 21.68),
        7: (31.50, 23.72), 8: (33.84, 25.64), 9: (36.19, 27.51), 10: (38.54, 29.32),
    },
    "15%": {
        1: (8.96,), 2: (11.59, 4.58), 3: (12.83, 8.18), 4: (13.96, 9.93), 5: (15.09, 11.22), 6: (16.23, 12.33),
        7: (17.38, 13.34), 8: (18.54, 14.31), 9: (19.71, 15.24), 10: (20.88, 16.16),
    },
    "20%": {
        1: (6.66,), 2: (8.75, 3.95), 3: (9.54, 6.40), 4: (10.26, 7.54), 5: (10.98, 8.38), 6: (11.72, 9.10),
        7: (12.48, 9.77), 8: (13.24, 10.41), 9: (14.01, 11.03), 10: (14.78, 11.65),
    },
    "25%": {
        1: (5.53,), 2: (7.25, 3.63), 3: (7.80, 5.45), 4: (8.31, 6.28), 5: (8.84, 6.89), 6: (9.38, 7.42),
        7: (9.93, 7.91), 8: (10.50, 8.39), 9: (11.07, 8.85), 10: (11.65, 9.31),
    },
}  # fmt: skip


def critical_values(instruments: int, endogenous: int) -> dict[str, float]:
    """ "bias 5%" .. and "size 10%" .. where the tables have them: up to ten instruments, three endogenous columns."""
    tables = {**{f"bias {share}": t for share, t in BIAS.items()}, **{f"size {share}": t for share, t in SIZE.items()}}
    rows = {name: table.get(instruments, ()) for name, table in tables.items()}
    return {name: row[endogenous - 1] for name, row in rows.items() if 1 <= endogenous <= len(row)}
