"""Derived columns and index scores that were made otherwise: the study's own lines with other settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from parity.data.evaluate import periods_of
from parity.diagnose import cause
from parity.diagnose.catalogue.common import on_large_data
from parity.diagnose.catalogue.remade import MadeAnew, MadeWithout, anew, lines_of, made_of, read_by, step
from parity.diagnose.cause import Cause
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.diagnose.substitute import found, with_items
from parity.study.derived import Lag, Lead, Standardise, Trim, Winsorise
from parity.study.formula import Call, Column

CUTS = ((1.0, 99.0), (5.0, 95.0), (0.5, 99.5), (10.0, 90.0), (2.5, 97.5), (2.0, 98.0))


Variants = Callable[[Cause, Scenario, Fitter], Iterable[cause.Step]]


def _other_cuts(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    """Each cut column at other cuts, then all of them at once where they have the same ones: `winsor2 y x, cuts()`."""
    cut = list(lines_of(scenario, fitter, Winsorise, Trim))
    together = [cut] if len(cut) > 1 and len({line.cuts for _, line in cut}) == 1 else []
    for chosen in [[one] for one in cut] + together:
        declared = chosen[0][1].cuts
        for cuts in CUTS:
            if cuts != declared:
                other = anew(scenario, [(name, line.model_copy(update={"cuts": cuts})) for name, line in chosen])
                yield cause.Step(c, other, (
                    ("column", "`, `".join(name for name, _ in chosen)), ("cuts", f"{cuts[0]:g} and {cuts[1]:g}"),
                    ("declared", f"{declared[0]:g} and {declared[1]:g}"),
                ))  # fmt: skip


def _other_percentiles(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    for name, line in lines_of(scenario, fitter, Winsorise, Trim):
        other = "type7" if line.percentiles == "stata" else "stata"
        shown = {"stata": "Stata's (type 2)", "type7": "type 7"}[other]
        yield step(
            c,
            scenario,
            name,
            line.model_copy(update={"percentiles": other}),
            ("rule", shown),
            ("type", {"stata": 2, "type7": 7}[other]),
        )


def _exchanged(c: Cause, scenario: Scenario, fitter: Fitter, of: type, to: type) -> Iterable[cause.Step]:
    """Each winsorised column trimmed, or the reverse; then all of them where there are several."""
    key = {Winsorise: "winsorise", Trim: "trim"}
    lines = [
        (name, to(**{key[to]: getattr(line, key[of])}, **line.model_dump(include={"cuts", "percentiles", "by"})))
        for name, line in lines_of(scenario, fitter, of)
    ]
    for chosen in [[one] for one in lines] + ([lines] if len(lines) > 1 else []):
        yield cause.Step(c, anew(scenario, chosen), (("column", "`, `".join(name for name, _ in chosen)),))


def _as_it_is(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    """Each cut column uncut, then all of them where there are several."""
    cut = [(name, line.winsorise if isinstance(line, Winsorise) else line.trim)
           for name, line in lines_of(scenario, fitter, Winsorise, Trim)]  # fmt: skip
    for chosen in [[one] for one in cut] + ([cut] if len(cut) > 1 else []):
        other = scenario
        for name, of in chosen:
            other = other.edited(MadeAnew(name, of, Column(of), read_by(scenario)))
        names = ("column", "`, `".join(name for name, _ in chosen)), ("of", "`, `".join(of for _, of in chosen))
        yield cause.Step(c, other, names)


def _groups_ignored(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    for name, line in lines_of(scenario, fitter, Winsorise, Trim, Standardise):
        if line.by:
            yield step(c, scenario, name, line.model_copy(update={"by": ()}), ("by", ", ".join(line.by)))


def _within_groups(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    """Cuts and scores of each period, or of each unit, by itself where the study makes them of all rows."""
    header = fitter.study.header
    for name, line in lines_of(scenario, fitter, Winsorise, Trim, Standardise):
        for by in (header.time, header.unit):
            if by and not line.by:
                yield step(c, scenario, name, line.model_copy(update={"by": (by,)}), ("by", by))


def _other_ddof(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    for name, line in lines_of(scenario, fitter, Standardise):
        ddof = 1 - line.ddof
        yield step(c, scenario, name, line.model_copy(update={"ddof": ddof}), ("ddof", ddof))


def _other_periods(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    for name, line in lines_of(scenario, fitter, Lag, Lead):
        of = line.lag if isinstance(line, Lag) else line.lead
        yield step(c, scenario, name, Column(of), ("of", of))


def _reversed(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    """A lead for each lag and the reverse: of derived columns, and in the formula."""
    for name, line in lines_of(scenario, fitter, Lag, Lead):
        of, k = line.lag if isinstance(line, Lag) else line.lead, line.periods
        other = Lead(lead=of, periods=k) if isinstance(line, Lag) else Lag(lag=of, periods=k)
        yield step(c, scenario, name, other)
    for call in found(scenario, lambda n: isinstance(n, Call) and n.function in _REVERSE):
        other = Call(_REVERSE[call.function], call.args)
        changed = with_items(scenario, lambda n, call=call, other=other: other if n == call else n)
        if changed is not scenario:
            yield cause.Step(c, changed, (("column", str(call)),))


_REVERSE = {"l": "f", "f": "l"}


def _without(which: str) -> Variants:
    """Each unit or period left out before anything is made of all rows."""

    def variants(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
        column, names = getattr(fitter.study.header, which), made_of(scenario, fitter)
        lines = [fitter.study.derive.get(name) for name in names]
        of_all_rows = any(n in fitter.study.index for n in names) or any(
            isinstance(line, Winsorise | Trim | Standardise) for line in lines
        )
        if column is not None and of_all_rows and not scenario.edits:
            for value in fitter.columns.levels(column):
                edit = MadeWithout(column, value, frozenset(names) & frozenset(fitter.study.index), read_by(scenario))
                shown = f"{value:.15g}" if isinstance(value, float) else str(value)
                yield cause.Step(c, scenario.edited(edit), ((which, f"{column} {shown}"),))

    return variants


def _index(c: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[cause.Step]:
    from parity.data.derive.variants import single_changes

    first = float(np.nanmin(periods_of(fitter.original, fitter.panel))) if fitter.study.index and fitter.panel.time else 0.0
    for name in made_of(scenario, fitter):
        if name not in fitter.study.index:
            continue
        index = fitter.study.index[name]
        for variant, settings in single_changes(index.forms()[""], first):
            line = index.model_copy(update=dict(settings))
            edit = MadeAnew(name, variant.id, line, read_by(scenario), index=True)
            yield cause.Step(c, scenario.edited(edit), (("index", name), ("variant", variant.text)))


_WINSOR = "winsor2 (SSC); Cox (2006), Stata Journal 6(3)"
_RULES = "Hyndman and Fan (1996): Stata's percentiles are type 2, R's and numpy's default type 7"


def _cause(id: str, sentence: str, formula: str, source: str, how: dict[str, str], variants: Variants, **more) -> Cause:
    return Cause(id, "transformation", "design", "derived", sentence, formula, source, how, variants, **more)


CAUSES = (
    _cause("other-cuts", "`{column}` is cut at {cuts} per cent, not at {declared}.", "percentiles {cuts}", _WINSOR,
           {"Stata": "winsor2, cuts({cuts})"}, _other_cuts, parametrised=True,
        avoids={"Stata": "winsor2, cuts({declared})"}),
    _cause("other-percentile-rule", "`{column}` is cut at {rule} percentiles.", "{rule}", _RULES,
           {"R": "quantile(type = {type})"}, _other_percentiles),
    _cause("trimmed-for-winsorised", "`{column}` is trimmed, not winsorised: values beyond the cuts are missing.",
           "missing instead of the percentile", _WINSOR, {"Stata": "winsor2, trim"},
           partial(_exchanged, of=Winsorise, to=Trim),
        avoids={"Stata": "winsor2 without trim"}),
    _cause("winsorised-for-trimmed", "`{column}` is winsorised, not trimmed.", "the percentile instead of missing", _WINSOR,
           {"Stata": "winsor2 without trim"}, partial(_exchanged, of=Trim, to=Winsorise),
        avoids={"Stata": "winsor2, trim"}),
    _cause("cuts-left-out", "`{column}` is `{of}` as it is, neither winsorised nor trimmed.", "no cut", _WINSOR,
           {}, _as_it_is,
        avoids={"Stata": "winsor2 {of}"}),
    _cause("groups-of-a-transformation-ignored", "`{column}` is made over all rows, not within {by}.", "no groups", _WINSOR,
           {}, _groups_ignored,
        avoids={"Stata": "winsor2, by({by}); egen, by({by})"}),
    _cause("made-within-groups", "`{column}` is made within each `{by}` by itself, not over all rows.", "by {by}", _WINSOR,
           {"Stata": "winsor2, by({by}); bysort {by}: egen std()", "pandas": "groupby('{by}').transform()"}, _within_groups,
           parametrised=True),
    _cause("standardised-with-other-ddof", "`{column}` is standardised with ddof {ddof}.", "sd over n - {ddof}",
           "numpy's std has ddof 0; R's sd and Stata's have 1", {"numpy": "std(ddof={ddof})"}, _other_ddof),
    _cause("derived-lag-left-out", "`{column}` is `{of}` of the same period.", "x_t instead of a shift of it",
           "the equation", {}, _other_periods,
        avoids={"Stata": "L.{of}"}),
    _cause("shift-reversed", "`{column}` is shifted the other way: a lead for a lag, or a lag for a lead.",
           "x_(t+1) and x_(t-1) exchanged", "Stata [U] 11.4.4: L. is the period before, F. the one after; pandas shift(-1) "
           "is a lead", {"Stata": "F.x", "pandas": "groupby(unit).shift(-1)"}, _reversed,
        avoids={"Stata": "L.x after xtset", "pandas": "groupby(unit).shift(1)"}),
    _cause("unit-missing-before-derived", "{unit} is left out before indices and derived columns are made.",
           "N = {N} instead of {N_before}; other minima, weights, percentiles", "the order of the steps", {},
           _without("unit"), parametrised=True, costly=on_large_data),
    _cause("period-missing-before-derived", "{time} is left out before indices and derived columns are made.",
           "N = {N} instead of {N_before}; other minima, weights, percentiles", "the order of the steps", {},
           _without("time"), parametrised=True, costly=on_large_data),
    _cause("index-made-otherwise", "The index `{index}` has {variant}.", "{variant}",
           "variants met in published code: parity.data.derive.variants", {},
           _index, parametrised=True, costly=on_large_data),
)  # fmt: skip
