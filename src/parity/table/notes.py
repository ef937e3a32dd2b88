"""What is said below a table: what stands in parentheses, what stars mean, who verified what, which column is marked."""

from __future__ import annotations

from collections.abc import Sequence

from parity.conventions.kinds import CONLEY
from parity.study.spec import Spec
from parity.study.table import OF_INSTRUMENTS, TableSettings
from parity.table.differences import difference_notes
from parity.table.lost import lost_notes
from parity.table.noted import noted
from parity.table.numbers import by_column, listed, ranges
from parity.table.verified import Standing, Verified

#: Stands beside the number of a column that is not verified.
MARK = "†"


def numbered(standings: Sequence[Standing]) -> list[str]:
    """(1), (2)†, ..."""
    return [f"({i}){MARK if s.trouble else ''}" for i, s in enumerate(standings, 1)]


def notes_of_specs(
    table: TableSettings, terms: Sequence[str], specs: Sequence[Spec], standings: Sequence[Standing], verified: Verified
) -> tuple[str, ...]:
    """terms: those shown."""
    errors = by_column([_errors(table, spec) for spec in specs], table.language)
    convention = by_column([spec.convention.profile for spec in specs], table.language)
    notes = [table.says("note.parentheses", table.says(table.parentheses), errors, convention), *_weighted(table, specs)]
    # p-values of diagnostics stand in brackets
    if {
        "underidentification",
        "overidentification",
        "anderson_rubin",
        "endogeneity",
        "hausman",
        "sobel",
        "aroian",
        "goodman",
    } & set(table.shown):
        notes.append(table.says("note.tests"))
    about = [*lost_notes(table, terms, specs, verified), *difference_notes(table, terms, verified)]
    found = [*verification(table, standings), *_below(table, specs, verified), *made(table, verified)]
    return kept([*said(table), *about, *notes, *starred(table), *found])


def kept(notes: Sequence[str]) -> tuple[str, ...]:
    """Those that the study's labels don't leave out."""
    return tuple(note for note in notes if note)


def _weighted(table: TableSettings, specs: Sequence[Spec]) -> list[str]:
    """`Analytic weights: population.`, with the columns that have them where not all do."""
    if not any(spec.weights for spec in specs):
        return []
    said = by_column([_weights(table, spec) for spec in specs], table.language)
    return [table.says("note.weights", f"{said[0].upper()}{said[1:]}")]


def _weights(table: TableSettings, spec: Spec) -> str:
    if spec.weights is None:
        return table.says("unweighted")
    return table.says("analytic" if spec.weights.analytic else "frequency", table.label(spec.weights.column))


def _errors(table: TableSettings, spec: Spec) -> str:
    vcov = spec.vcov
    if vcov.kind in ("HC1", "CR1") and _unscaled(spec):
        # the names stand for a factor that the convention leaves out
        return table.says("unscaled", _robust(table, spec))
    if vcov.kind == "iid":
        return table.says("homoskedastic")
    if vcov.kind == CONLEY:
        return table.says("conley", ", ".join(c if isinstance(c, str) else f"{c:.15g}" for c in vcov.cutoff))
    kernel = {"DK": "Driscoll-Kraay", "NW": "Newey-West"}.get(vcov.kind)
    return table.says("lags", kernel, vcov.lags) if kernel else table.says("kind", _robust(table, spec), vcov.kind)


def _robust(table: TableSettings, spec: Spec) -> str:
    cluster = spec.vcov.cluster
    if not cluster:
        return table.says("heteroskedastic")
    return table.says("clustered", table.says("and").join(table.label(c) for c in cluster))


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
    """In English a level each; in Chinese `*、**、*** 分别表示在 10%、5%、1% 的水平上显著。`"""
    if not table.stars:
        return []
    if table.language != "zh":
        return [table.says("note.stars", ", ".join(f"{'*' * i} p < {cut:g}" for i, cut in enumerate(table.stars, 1)))]
    marks = "、".join("*" * i for i in range(1, len(table.stars) + 1))
    return [table.says("note.stars", marks, "、".join(f"{100 * cut:g}%" for cut in table.stars))]


def verification(table: TableSettings, standings: Sequence[Standing]) -> list[str]:
    """In how many engines each column was verified; for a marked one, what is wrong."""
    good = {i: len(s.engines) for i, s in enumerate(standings, 1) if not s.trouble}
    sizes = sorted(set(good.values()), reverse=True)
    notes = []
    if len(good) == len(standings) and len(sizes) == 1:
        notes.append(table.says("note.engines", sizes[0]))
    elif good:
        at = {n: ranges([i for i, m in good.items() if m == n], table.language) for n in sizes}
        parts = [table.says("number in", n, columns) for n, columns in at.items()]
        notes.append(table.says("note.engines by column", listed(parts, table.language)))
    return notes + troubles(table, standings)


def troubles(table: TableSettings, standings: Sequence[Standing]) -> list[str]:
    """What is wrong with the marked columns; those with the same trouble together."""
    at: dict[str, list[int]] = {}
    for i, standing in enumerate(standings, 1):
        if standing.trouble:
            at.setdefault(standing.why(table.language), []).append(i)
    return [
        f"{MARK} {table.says('columns' if len(n) > 1 else 'column', ranges(n, table.language), text)}"
        for text, n in at.items()
    ]


def trouble(table: TableSettings, standing: Standing) -> str:
    """What is wrong with a table that is one analysis."""
    return f"{MARK} {standing.why(table.language)}{'。' if table.language == 'zh' else '.'}"


def _below(table: TableSettings, specs: Sequence[Spec], verified: Verified) -> list[str]:
    """By whom the numbers at the foot were verified."""
    names = {
        "instruments": [f"diagnostics.{s.id}" for s in specs if set(table.shown) & set(OF_INSTRUMENTS)],
        "differences": [f"difference.{b.difference}" for b in table.differences],
        "mediations": [f"mediation.{name}" for name in table.through],
        "wild": [f"wild.{n}" for n in table.chosen_wild(verified.study.wild)],
    }
    notes = []
    for what, analyses in names.items():
        records = [r for name in analyses for r in verified.of(name)]
        if records and all(r.checked and r.harmless for r in records):
            said = listed(
                list(dict.fromkeys(noted(r.note, table.language, table.label) for r in records if r.note)), table.language
            )
            what = table.says(what)
            notes.append(table.says("note.analyses with", what, said) if said else table.says("note.analyses", what))
    return notes


def made(table: TableSettings, verified: Verified) -> list[str]:
    return [table.says("note.made")] if verified.study.header.made else []
