"""Which estimate a printed column is: by the map, by the call that wrote it, by the log's echo and order, by its numbers.

Nothing is chosen at random: a column that several estimates fit alike stays without one, and its candidates are said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from parity.base.patterns import BLANKS
from parity.base.tolerance import COLUMN_LEAD, COLUMN_LIKELY
from parity.package.but_one import but_one, left_over, without
from parity.package.calls import RowsAsked, Written, labelled, rows_of_columns, statistics_named
from parity.package.estimates import Estimated, exponentiated, of_call, plain, unlike
from parity.package.fit import Fit, Index, fit, left_out
from parity.package.may_be import has_room, may_be, misses, others, telling
from parity.package.printed import Column, Printed
from parity.package.stages import first_stage, is_outcome


@dataclass(frozen=True)
class Match:
    """A column's estimate.

    fit         beside the estimate; None where there is none
    how         "map", "call", "echo", "numbers", "likely", "name", "N and R2"; "" for none
    meant       the estimate that its place says, where its numbers are those of another one
    candidates  where several could be: the estimates with the share of the column's numbers that each gives
    other       what else its command prints under this heading, with the reason in one sentence
    alike       another estimate's that gives every number, where the data of the one that belongs here are in doubt
    asked       which terms the call that wrote the column puts into rows; None where no call is known
    """

    fit: Fit | None = None
    how: str = ""
    meant: Estimated | None = None
    candidates: tuple[tuple[Estimated, float], ...] = ()
    other: tuple[Fit, str] | None = None
    alike: Fit | None = None
    asked: RowsAsked | None = None


class Mapper:
    """All estimates of a package, ready to be asked which of them a column is."""

    def __init__(self, estimates: Sequence[Estimated], among: range | None = None):
        """among: the places of those that a column may be; default all."""
        self.estimates = tuple(estimates)
        self.among = tuple(estimates) if among is None else tuple(estimates[i] for i in among)
        self.index = Index(self.among)

    # ---------------------------------------------------------------- tables

    def table(self, exhibit: Printed, written: Written | tuple[Written, ...] | None, given: Given) -> tuple[Match, ...]:
        """A match for each column of an exported table."""
        placed = self._placed(exhibit, written)
        named = labelled(written.last.options) if isinstance(written, Written) else {}
        statistics = statistics_named(written.last.options) if isinstance(written, Written) else {}
        asked = rows_of_columns(written) if isinstance(written, Written) else ()
        out = []
        for column, given_e in zip(exhibit.columns, placed, strict=True):
            e = _with_statistics(column, given_e, statistics)
            terms = _told(column, e, named) | dict(given.terms)
            found = self._one(column, e, "call", terms, given.columns.get(name_of(column)))
            if found.how == "call" and asked and found.fit is not None:
                found = replace(found, asked=asked[column.number - 1])
                if found.fit.estimate.known and (more := left_over(column, found.fit, asked[column.number - 1])):
                    found = replace(found, fit=fit(column, found.fit.estimate, {**terms, **more}))
            out.append(found)
        return self._beside_each_other(exhibit.columns, out)

    def _beside_each_other(self, columns: Sequence[Column], found: Sequence[Match]) -> tuple[Match, ...]:
        """Columns that several estimates could be, without those that give every number of another column."""
        taken = [m.fit.estimate for m in found if m.fit is not None and m.fit.perfect]
        out = []
        for column, match in zip(columns, found, strict=True):
            if match.fit is None and match.candidates and taken:
                near = [fit(column, self.estimates[i]) for i in self.index.near(column)]
                again = self._by_numbers(column, without(near, taken))
                match = again if again.fit is not None or again.candidates else match
            out.append(match)
        return tuple(out)

    def _placed(self, exhibit: Printed, written: Written | tuple[Written, ...] | None) -> list[Estimated | None]:
        """The estimate that the call puts into each column; None where it can't be said."""
        if isinstance(written, tuple):
            panels = list(dict.fromkeys(c.panel for c in exhibit.columns))
            by_panel = dict(zip(panels, written, strict=True))
            return [self._at(by_panel[c.panel], c.number, exhibit) for c in exhibit.columns]
        if written is None:
            return [None] * len(exhibit.columns)
        return [self._at(written, c.number, exhibit) for c in exhibit.columns]

    def _at(self, written: Written, number: int, exhibit: Printed) -> Estimated | None:
        """The estimate in a column, counted from 1; columns that a person took out leave no place that is certain."""
        models = max(c.number for c in exhibit.columns)
        if len(written.columns) != models:
            return None
        place = written.columns[number - 1]
        if place is None:
            return None
        e = self.estimates[place]
        return exponentiated(e) if {"eform", "or"} & set(written.last.options) else e

    # ---------------------------------------------------------------- any column

    def _one(
        self, column: Column, placed: Estimated | None, how: str, terms: Mapping[str, str], wanted: int | None
    ) -> Match:
        if wanted is not None:
            return Match(fit(column, self.estimates[wanted], terms), "map")
        near = [fit(column, self.estimates[i], terms) for i in self.index.near(column)]
        if placed is not None:
            mine = fit(column, placed, terms)
            other = self._alone(column, near)
            unlikely = not mine.perfect and (mine.share < COLUMN_LIKELY or misses(column, mine))
            if other is not None and unlikely and others(other.estimate, placed):
                return Match(other, "numbers", meant=placed)
            other = self._by_rows(column, mine)
            return Match(mine, how) if other is None else Match(other, "numbers", meant=placed)
        return self._by_numbers(column, near)

    def _by_rows(self, column: Column, mine: Fit) -> Fit | None:
        """The one other estimate that has a term for every row, by its label, every number and N, where the estimate that
        belongs there lacks a term."""
        known = [bool(t) or left_out(r, mine.estimate) for r, t in zip(column.rows, mine.terms, strict=True)]
        if all(known) or mine.share >= COLUMN_LIKELY or column.statistic("nobs") is None:
            return None
        fits = [f for e in self.among if e.known and e.index != mine.estimate.index for f in [fit(column, e, {})]
                if f.by_label == len(column.rows) and f.perfect]  # fmt: skip
        return fits[0] if len(unlike(f.estimate for f in fits)) == 1 else None

    def _by_numbers(self, column: Column, near: list[Fit], may: Callable[[Estimated], bool] | None = None) -> Match:
        """may: whether an estimate that has not all of a column's numbers may be what its place says of its command"""
        alone = self._alone(column, near)
        if alone is not None:
            return Match(alone, "numbers")
        near = [f for f in near if has_room(column, f) and (may is None or may(f.estimate))]
        ranked = sorted(near, key=lambda f: f.rank, reverse=True)
        distinct = {e.index for e in unlike(f.estimate for f in ranked)}
        ranked = [f for f in ranked if f.estimate.index in distinct and f.share > 0]
        best = ranked[0] if ranked else None
        second = ranked[1].share if len(ranked) > 1 else 0.0
        likely = best is not None and best.share >= COLUMN_LIKELY and best.share - second >= COLUMN_LEAD
        if best is not None and likely and telling(column, best):
            return Match(best, "likely")
        nearly = but_one(column, near)
        if nearly is not None and telling(column, nearly):
            return Match(nearly, "likely")
        told = self._told(column)
        if told is not None:
            return told
        return Match(candidates=tuple((f.estimate, f.share) for f in ranked[:5] if f.coefs))

    def _told(self, column: Column) -> Match | None:
        """The one estimate that has all rows among its terms, and its heading for a name, or its N and R2."""
        heads = {plain(h) for h in (*column.heads, column.outcome) if h}
        fits = [f for e in self.among if e.known for f in [fit(column, e, {})] if f.by_label == len(column.rows)]
        last = {name: e.index for e in self.among for name in e.names}
        named = [f for f in fits if any(plain(n) in heads and last[n] == f.estimate.index for n in f.estimate.names)]
        if len(named) == 1:
            return Match(named[0], "name")
        r2 = column.statistic("r2") or column.statistic("r2_a") or column.statistic("r2_within")
        if r2 is None or column.statistic("nobs") is None:
            return None
        same = [f for f in fits if f.nobs and any(
            (v := f.estimate.number(k)) is not None and r2.holds(v) for k in ("r2", "r2_a", "r2_within")
        )]  # fmt: skip
        return Match(same[0], "N and R2") if len(same) == 1 else None

    def _alone(self, column: Column, near: list[Fit]) -> Fit | None:
        """The estimate that gives every number of a column, where no other with other numbers does."""
        perfect = [f for f in near if f.perfect]
        if not perfect or not telling(column, perfect[0]):
            return None
        several = unlike(f.estimate for f in perfect)
        if len(several) > 1 and len({_shown(column, f) for f in perfect}) > 1:
            return None
        labelled = sorted(perfect, key=lambda f: (-f.by_label, f.estimate.index))
        return labelled[0]

    # ---------------------------------------------------------------- windows of a log

    def log(self, windows: Sequence[Printed], given: Mapping[str, Given], lost: Collection[str] = ()) -> dict[str, Match]:
        """A match for each window of estimates, by its id: what is echoed and in what order, then numbers.

        lost: windows whose own command had no data; another of the same words, on other data, is theirs by all numbers alone
        """
        echoes = _Echoes(self.among, lost)
        out: dict[str, Match] = {}
        shown = []
        for window in (w for w in windows if w.kind == "estimates"):
            stage = first_stage(window, [self.estimates[j] for j in echoes.of(window)])
            if stage is None:
                shown.append(window)
            else:
                runs = (fit(window.columns[0], stage.in_runs), stage.why) if stage.in_runs is not None else None
                out[window.id] = Match(fit(window.columns[0], stage.estimate), "echo", other=runs)
        fits: dict[tuple[int, int], Fit] = {}
        scores: list[dict[int, float]] = []
        for i, window in enumerate(shown):
            column = window.columns[0]
            row: dict[int, float] = {}
            said = echoes.of(window)
            for j in dict.fromkeys([*said, *self.index.near(column), *echoes.shown_again(window)]):
                e = exponentiated(self.estimates[j]) if _ratios(column) else self.estimates[j]
                found = fits[i, j] = fit(column, e, given[window.id].terms if window.id in given else {})
                score = 4.0 * (j in said) + 3.0 * found.share + found.by_label / max(len(column.rows), 1)
                if not is_outcome(column.outcome, e) and j not in said:
                    score = 0.0
                if score > 1.0:
                    row[j] = score
            scores.append(row)
        chosen = in_order(scores, len(self.estimates))
        told = [tuple(echoes.of(window)) for window in shown]
        windows_of = Counter(told)
        perfect = {j for i, j in chosen.items() if j in told[i] and fits[i, j].perfect}
        for i, window in enumerate(shown):
            wanted = given[window.id].columns.get("1") if window.id in given else None
            if wanted is not None:
                out[window.id] = Match(fit(window.columns[0], self.estimates[wanted], given[window.id].terms), "map")
            else:
                again = windows_of[told[i]] > len(told[i])
                taken = frozenset() if again else perfect
                out[window.id] = self._of_window(window, i, chosen.get(i), fits, told[i], taken, window.id in lost)
        return out

    def _of_window(
        self, window: Printed, i: int, j: int | None, fits: Mapping[tuple[int, int], Fit], said: Sequence[int],
        taken: Collection[int], lost: bool = False,
    ) -> Match:  # fmt: skip
        """In order where it is echoed there; a rerun anywhere; by numbers where no echo is, or where all are another's.

        taken: estimates that other windows of the log are, each run of a command having printed one
        """
        if j is not None and j in said:
            best = fits[i, j]
            better = [fits[i, k] for k in said if (i, k) in fits and fits[i, k].perfect]
            if not best.perfect and better:  # run again later, or out of the do-file's order
                free = [f for f in better if f.estimate.index not in taken]
                return Match(free[0], "echo") if free else Match(better[0], "numbers", meant=best.estimate)
            return self._or_another(window.columns[0], best)
        if len(said) == 1:
            return self._or_another(window.columns[0], fits[i, said[0]])
        near = [f for (a, _), f in fits.items() if a == i]
        if lost:
            alone = self._alone(window.columns[0], near)
            return Match(alone, "numbers") if alone is not None else Match()
        if said:
            near = [f for f in near if f.estimate.index in said]
            near = [f for f in near if f.estimate.index not in taken] or near
            ranked = sorted(near, key=lambda f: f.rank, reverse=True)
            if ranked and (len(ranked) == 1 or ranked[0].share - ranked[1].share >= COLUMN_LEAD):
                return Match(ranked[0], "echo")
        return self._by_numbers(window.columns[0], near, may_be(window))

    def _or_another(self, column: Column, echoed: Fit) -> Match:
        """The command that is echoed above; where it gives less than half, the one other of the package that gives all."""
        e = echoed.estimate
        if not e.known or echoed.perfect or echoed.share >= COLUMN_LIKELY:
            return Match(echoed, "echo")
        near = [fit(column, self.estimates[i]) for i in self._every.near(column)]
        other = self._alone(column, near)
        if other is None or e.doubts:
            return Match(echoed, "echo", alike=other)
        return Match(other, "numbers", meant=e)

    @cached_property
    def _every(self) -> Index:
        """Of all estimates of the package, not only those that a column of this exhibit may be."""
        return Index(self.estimates)


@dataclass(frozen=True)
class Given:
    """What a map says of one exhibit: column -> place of an estimate, label -> term, labels left out ("")."""

    columns: Mapping[str, int]
    terms: Mapping[str, str]


class _Echoes:
    """Estimates by the text of their command as the do-file has it, and as it is with its macros expanded."""

    def __init__(self, estimates: Sequence[Estimated], lost: Collection[str] = ()):
        self._lost = frozenset(lost)
        self._by_name: dict[str, list[int]] = {}
        self._by_text: dict[str, list[int]] = {}
        for e in estimates:
            self._by_name.setdefault(e.name, []).append(e.index)
            if e.quietly:
                continue
            for text in dict.fromkeys((bare(e.raw), bare(e.command))):
                if text:
                    self._by_text.setdefault(text, []).append(e.index)

    def of(self, window: Printed) -> list[int]:
        if window.id in self._lost:
            return []
        texts = [window.command] if window.command else list(window.candidates)
        return list(dict.fromkeys(j for text in texts for j in self._by_text.get(bare(text), ())))

    def shown_again(self, window: Printed) -> list[int]:
        """Below `logit, or`, a command without variables that shows its estimates again: those of its kind."""
        name, comma, _ = (window.command or "").partition(",")
        return self._by_name.get(name.strip(), []) if comma and name.strip().isidentifier() else []


@lru_cache(maxsize=200_000)
def bare(text: str) -> str:
    """A command without what doesn't matter: blanks, prefixes that print nothing else, joining marks."""
    text = re.sub(r"///.*", " ", text)
    text = re.sub(r"^\s*(?:(?:qui\w*|cap\w*|noi\w*|n|xi)\s*:?\s+|xi\s*:\s*|eststo\b[^:]*:\s*)+", "", text.strip())
    return re.sub(r"\s+", "", re.sub(BLANKS + r",\s*", ",", text))


def in_order(scores: Sequence[Mapping[int, float]], n: int) -> dict[int, int]:
    """The assignment of windows to estimates, both in order, with the largest sum of scores: i -> j."""
    best = [0.0] * (n + 1)
    tails: list[tuple[int, int] | None] = [None] * (n + 1)
    links: dict[tuple[int, int], tuple[int, int] | None] = {}
    for i, row in enumerate(scores):
        new: list[tuple[int, float, tuple[int, int] | None]] = []
        for j, score in row.items():
            new.append((j, best[j] + score, tails[j]))
        for j, total, before in new:
            links[i, j] = before
            at = j + 1
            while at <= n and total > best[at]:
                best[at], tails[at] = total, (i, j)
                at += 1
    out: dict[int, int] = {}
    link = tails[n]
    while link is not None:
        out[link[0]] = link[1]
        link = links[link]
    return out


def _told(column: Column, placed: Estimated | None, named: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Labels that the call itself gives to terms of this estimate."""
    out = {}
    for row in column.rows:
        terms = [t for t in named.get(plain(row.label), ()) if placed is not None and t in placed.terms]
        if terms:
            out[row.label] = terms[0]
    return out


def _with_statistics(column: Column, e: Estimated | None, named: Mapping[str, str]) -> Estimated | None:
    """With its numbers under the labels that the call gives them."""
    if e is None:
        return None
    labels = [s.label for s in column.statistics] + [r.label for r in column.rows if len(r.cells) == 1]
    more = {of_call(label): e.statistics[name] for label in labels if (name := named.get(plain(label), "")) in e.statistics}
    return replace(e, statistics={**e.statistics, **more}) if more else e


#: Headings of coefficients as exp(b): of logit and logistic, of poisson, of other models in Stata, and of eform.
OF_RATIOS = ("odds", "irr", "rate ratio", "rrr", "haz. ratio", "hazard ratio", "risk ratio", "exp(b)")


def _ratios(column: Column) -> bool:
    """Whether its heading says that it holds exp(b)."""
    return any(c.name.lower().startswith(OF_RATIOS) for row in column.rows for c in row.cells)


def _shown(column: Column, found: Fit) -> tuple[str, ...]:
    return found.terms


def name_of(column: Column) -> str:
    return f"{column.panel}:{column.number}" if column.panel else str(column.number)
