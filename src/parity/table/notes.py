"""What is said below a table: what stands in parentheses, what stars mean, who verified what, which column is marked."""

from __future__ import annotations

from collections.abc import Sequence

from parity.study.spec import Spec
from parity.study.table import OF_INSTRUMENTS, TableSettings
from parity.table.differences import difference_notes
from parity.table.lost import lost_notes
from parity.table.numbers import by_column, ranges
from parity.table.verified import Standing, Verified

#: Stands beside the number of a column that is not verified.
MARK = "†"
PARENTHESES = {
    "se": "Standard errors in parentheses", "t": "t statistics in parentheses", "p": "p-values in parentheses",
    "ci": "95 % intervals in brackets",
}  # fmt: skip
MADE = "The data are made, not observed."


def numbered(standings: Sequence[Standing]) -> list[str]:
    """(1), (2)†, ..."""
    return [f"({i}){MARK if s.trouble else ''}" for i, s in enumerate(standings, 1)]


def notes_of_specs(
    table: TableSettings, terms: Sequence[str], specs: Sequence[Spec], standings: Sequence[Standing], verified: Verified
) -> tuple[str, ...]:
    """terms: those shown."""
    errors = by_column([_errors(table, spec) for spec in specs])
    convention = by_column([spec.convention.profile for spec in specs])
    notes = [f"{PARENTHESES[table.parentheses]}: {errors}. Convention: {convention}.", *_weighted(table, specs)]
    # p-values of diagnostics stand in brackets
    if {"underidentification", "overidentification", "anderson_rubin", "endogeneity", "hausman"} & set(table.shown):
        notes.append("p-values of tests in brackets.")
    about = [*lost_notes(table, terms, specs, verified), *difference_notes(table, terms, verified)]
    found = [*verification(standings), *_below(table, specs, verified), *_made(verified)]
    return tuple([*said(table), *about, *notes, *starred(table), *found])


def _weighted(table: TableSettings, specs: Sequence[Spec]) -> list[str]:
    """`Analytic weights: population.`, with the columns that have them where not all do."""
    if not any(spec.weights for spec in specs):
        return []
    said = by_column([_weights(table, spec) for spec in specs])
    return [f"{said[0].upper()}{said[1:]}."]


def _weights(table: TableSettings, spec: Spec) -> str:
    if spec.weights is None:
        return "unweighted"
    return f"{'analytic' if spec.weights.analytic else 'frequency'} weights: {table.label(spec.weights.column)}"


def _errors(table: TableSettings, spec: Spec) -> str:
    vcov = spec.vcov
    if vcov.kind in ("HC1", "CR1") and _unscaled(spec):
        # the names stand for a factor that the convention leaves out
        return f"{_robust(table, spec)}, without small-sample factor"
    if vcov.cluster:
        return f"{_robust(table, spec)} ({vcov.kind})"
    return {"iid": "homoskedastic", "DK": f"Driscoll-Kraay, {vcov.lags} lags", "NW": f"Newey-West, {vcov.lags} lags"}.get(
        vcov.kind, f"{_robust(table, spec)} ({vcov.kind})"
    )


def _robust(table: TableSettings, spec: Spec) -> str:
    cluster = spec.vcov.cluster
    return f"clustered by {' and '.join(table.label(c) for c in cluster)}" if cluster else "heteroskedasticity-robust"


def _unscaled(spec: Spec) -> bool:
    """Whether the convention applies no factor to what HC1 or CR1 names."""
    convention = spec.convention
    if not convention.small or (spec.iv and not convention.iv_small):
        return True
    if spec.vcov.cluster:
        return convention.cluster_scale == "none" and convention.cluster_groups == "none"
    return convention.robust == "none"


def said(table: TableSettings) -> list[str]:
    return [table.note] if table.note else []


def starred(table: TableSettings) -> list[str]:
    return [", ".join(f"{'*' * i} p < {cut:g}" for i, cut in enumerate(table.stars, 1)) + "."] if table.stars else []


def verification(standings: Sequence[Standing]) -> list[str]:
    """In how many engines each column was verified; for a marked one, what is wrong."""
    good = {i: len(s.engines) for i, s in enumerate(standings, 1) if not s.trouble}
    sizes = sorted(set(good.values()), reverse=True)
    notes = []
    if len(good) == len(standings) and len(sizes) == 1:
        notes.append(f"Every column was estimated in {sizes[0]} engines, which agree on every number.")
    elif good:
        parts = [f"{n} in {ranges([i for i, m in good.items() if m == n])}" for n in sizes]
        notes.append(f"Number of engines that estimated a column and agree on every number: {'; '.join(parts)}.")
    return notes + troubles(standings)


def troubles(standings: Sequence[Standing]) -> list[str]:
    """What is wrong with the marked columns; those with the same trouble together."""
    at: dict[str, list[int]] = {}
    for i, standing in enumerate(standings, 1):
        if standing.trouble:
            at.setdefault(standing.trouble, []).append(i)
    return [f"{MARK} Column{'s' if len(n) > 1 else ''} {ranges(n)}: {text.rstrip('.')}." for text, n in at.items()]


def _below(table: TableSettings, specs: Sequence[Spec], verified: Verified) -> list[str]:
    """By whom the numbers at the foot were verified."""
    names = {
        "Diagnostics of instruments": [f"diagnostics.{s.id}" for s in specs if set(table.shown) & set(OF_INSTRUMENTS)],
        "Differences of groups": [f"difference.{b.difference}" for b in table.differences],
        "Wild cluster bootstrap": [f"wild.{n}" for n in table.chosen_wild(verified.study.wild)],
    }
    notes = []
    for what, analyses in names.items():
        records = [r for name in analyses for r in verified.of(name)]
        if records and all(r.checked and r.harmless for r in records):
            said = "; ".join(dict.fromkeys(r.note for r in records if r.note))
            notes.append(f"{what}: computed in Python and in R, which agree{f' ({said})' if said else ''}.")
    return notes


def _made(verified: Verified) -> list[str]:
    return [MADE] if verified.study.header.made else []
