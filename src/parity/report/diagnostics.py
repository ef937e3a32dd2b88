"""Diagnostics of one spec's instruments as text."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from parity.analyses.instruments.statistics import Diagnostics, Statistic
from parity.report.text import printable, wrapped

_ERRORS = {"iid": "homoskedastic errors", "robust": "heteroskedastic errors", "cluster": "clustered errors"}


def diagnostics_text(name: str, formula: str, found: Diagnostics, ar_set: Sequence[tuple[float, float]] | None) -> str:
    """One spec. ar_set: Anderson and Rubin's 95 % set, where there is one endogenous column."""
    iid = found.errors == "iid"
    rows = [
        *((f"first stage F, {term}", s) for term, s in found.first_stage.items()),
        ("Anderson LM" if iid else "Kleibergen-Paap rk LM", found.underidentified),
        ("Cragg-Donald Wald" if iid else "Kleibergen-Paap rk Wald", found.rank_wald),
        ("Cragg-Donald F", found.cragg_donald_f),
        *([] if iid else [("Kleibergen-Paap rk Wald F", found.weak_f)]),
        *([("Sargan" if iid else "Hansen J", found.overidentified)] if found.overidentified else []),
        ("Anderson-Rubin F", found.anderson_rubin_f),
        ("Anderson-Rubin chi2", found.anderson_rubin_chi2),
        ("endogeneity test", found.endogeneity),
        ("Wu-Hausman F", found.wu_hausman),
    ]
    lines = [wrapped(f"{name}: {formula}"), wrapped(f"for {_ERRORS[found.errors]}, as ivreg2 counts")]
    lines.append(tabulate([_row(n, s) for n, s in rows], headers=("", "statistic", "df", "p"), tablefmt="simple",
                          disable_numparse=True, colalign=("left", "right", "right", "right")))  # fmt: skip
    if not found.overidentified:
        lines.append("Exactly identified: the instruments' validity can't be tested.")
    if ar_set is not None:
        shown = " and ".join(f"[{low:.5g}, {high:.5g}]" for low, high in ar_set) or "empty"
        lines.append(wrapped(f"Anderson-Rubin 95 % set: {shown}"))
    if found.stock_yogo:
        values = ", ".join(f"{n} {v:.2f}" for n, v in found.stock_yogo.items())
        lines.append(wrapped(f"Stock-Yogo critical values: {values}"))
    return printable("\n\n".join(lines)) + "\n"


def _row(name: str, s: Statistic | float) -> tuple[str, str, str, str]:
    if not isinstance(s, Statistic):
        return name, f"{s:.5g}", "", ""
    return name, f"{s.value:.5g}", ", ".join(f"{d:g}" for d in s.df), f"{s.p:.4g}"
