"""Verdicts of one exhibit: its columns judged, then explained together, the likeliest kind of cause first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from parity.base.tolerance import COLUMN_MOSTLY, CONVENTION_REACH
from parity.logs.star_marks import in_order
from parity.package import causes, siblings
from parity.package.by_chance import Told, of_one_change, together
from parity.package.captions import of_caption
from parity.package.cells_left_out import of_cells_left_out
from parity.package.changed_labels import of_labels
from parity.package.diagnosed import diagnosed
from parity.package.doubts import answered, by_chance, of_strangers
from parity.package.echoed import below_another, note_of, of_echo, of_echo_unknown, of_window, unverified_below
from parity.package.estimates import Estimated, plain
from parity.package.fit import Fit
from parity.package.loops import of_loops
from parity.package.mapping import Match
from parity.package.model_words import of_models
from parity.package.named_samples import of_named_samples
from parity.package.note_counts import of_counts
from parity.package.noted_effects import of_noted_controls, of_noted_effects
from parity.package.noted_instruments import of_instruments
from parity.package.notes import Note, alike, of_covariance, of_order, of_outcome, of_sample
from parity.package.opposite_heads import of_opposites
from parity.package.printed import Printed
from parity.package.rows_left_out import of_columns_left_out, of_rows_left_out
from parity.package.said_kind import of_kinds
from parity.package.said_outcomes import of_said_outcomes
from parity.package.some_columns import of_some
from parity.package.stars import due_stars, stars_of, stars_of_panels
from parity.package.stopped_early import ENDING, of_its_test, stopped_early
from parity.package.typed_rows import of_typed_rows
from parity.package.verdict import Cause, Judged, brackets, judge, share, signed
from parity.package.window_rows_called import rows_called_otherwise
from parity.package.window_says import of_words
from parity.package.work import LEAST, OF_CATEGORIES, Search, Work
from parity.results.cause import certain
from parity.stata_language.vce import CATEGORICAL, CENSORED, JOINT, SERIES


def exhibit_cells(
    exhibit: Printed, matches: Sequence[Match], estimates: Sequence[Estimated], why: Sequence[str], work: Work
) -> tuple[list[Judged], list[Note]]:
    """Every cell of an exhibit with its verdict. why: for each column, the reason where it has no estimate."""
    fits = [m.fit if m.fit is not None and m.fit.estimate.known else None for m in matches]
    place = exhibit.notes.place.line if exhibit.notes.place is not None else exhibit.line
    kinds, stars = brackets(exhibit.columns, fits, dict(exhibit.notes.brackets)), _stars(exhibit, fits)
    judged = _explained(_by_columns(exhibit, matches, why, kinds, stars), exhibit, matches, estimates, stars, work)
    judged, notes = _called(judged, exhibit, fits, estimates)
    out, of_brackets = _of_brackets([c for cells in judged for c in cells], exhibit, fits, kinds, place)
    out, of_stars = _of_stars(out, exhibit, fits, stars, place)
    notes += [*of_brackets, *of_stars, *of_covariance(exhibit, fits, place)]
    if exhibit.origin == "log" and fits[0] is not None:
        notes += of_window(exhibit, fits[0].estimate, notes)
    if wrong := of_echo(exhibit, matches[0]):
        out = below_another(out, wrong)
        notes.append(note_of(exhibit, wrong))
    elif unknown := of_echo_unknown(exhibit, matches[0]):
        out = unverified_below(out, unknown)
    return out, [*notes, *_of_words(exhibit, matches, fits, judged, estimates, place), *_of_places(exhibit, matches)]


@dataclass(frozen=True)
class _Stars:
    """Levels of an exhibit's stars: those that they stand at, None where that isn't known; those that are announced and
    aren't these, else None; those of each column."""

    cuts: tuple[float, ...] | None
    announced: tuple[float, ...] | None
    each: Sequence[tuple[float, ...] | None]


def _stars(exhibit: Printed, fits: Sequence[Fit | None]) -> _Stars:
    said = exhibit.notes.stars.cuts if exhibit.notes.stars is not None else exhibit.stars
    cuts, other = stars_of(exhibit.columns, fits, said) if exhibit.origin == "table" else (None, None)
    return _Stars(cuts, other, stars_of_panels(exhibit, fits, cuts))


def _by_columns(
    exhibit: Printed, matches: Sequence[Match], why: Sequence[str], kinds: Mapping[str, str], stars: _Stars
) -> list[list[Judged]]:
    """Each number beside its estimate; signs of t, and digits that are cut off, are asked of all columns together."""
    judged = [judge(exhibit, i, m.fit, why[i], kinds, stars.each[i]) for i, m in enumerate(matches)]
    every = signed([c for cells in judged for c in cells], exhibit.origin, exhibit.signed)
    if exhibit.origin == "table":  # a program that prints a log rounds
        every = causes.cut_digits(every)
    left = iter(every)
    return [[next(left) for _ in cells] for cells in judged]


def _explained(
    judged: list[list[Judged]], exhibit: Printed, matches: Sequence[Match], estimates: Sequence[Estimated], stars: _Stars,
    work: Work,
) -> list[list[Judged]]:  # fmt: skip
    out = [list(cells) for cells in judged]
    told: dict[int, Told] = {}
    for i, (match, cells) in enumerate(zip(matches, judged, strict=True)):
        if match.fit is None:
            continue
        if match.how == "map" and exhibit.origin != "text":
            cells = of_strangers(cells, match.fit, exhibit.columns[i].rows)
        search = work.of(exhibit.id, exhibit.columns[i].number, _rows(match.fit.estimate))
        out[i], by = _explain(cells, exhibit, i, match, match.fit, estimates, stars.each[i], search)
        told |= {i: by} if by is not None else {}
    _settle(out, told)
    return out


def _of_brackets(
    cells: list[Judged], exhibit: Printed, fits: Sequence[Fit | None], kinds: Mapping[str, str], place: int
) -> tuple[list[Judged], list[Note]]:
    """Notes that announce something else in parentheses than stands there, and the numbers that they explain."""
    notes, announced = [], dict(exhibit.notes.brackets)
    for bracket, kind in kinds.items():
        claimed = announced.get(bracket, "")
        if claimed in ("se", "t", "p") and claimed != kind and any(f is not None for f in fits):
            cells = causes.wrong_note(cells, bracket, claimed, kind)
            names = {"se": "standard errors", "t": "t statistics", "p": "p-values"}
            where = "brackets" if bracket == "[" else "parentheses"
            text = f"the note announces {names[claimed]} in {where}; they are {names[kind]}"
            notes.append(Note("note-brackets", place, text))
    return cells, notes


def _of_stars(
    cells: list[Judged], exhibit: Printed, fits: Sequence[Fit | None], stars: _Stars, place: int
) -> tuple[list[Judged], list[Note]]:
    """What is wrong about an exhibit's stars as a whole, and the numbers whose stars that explains."""
    said: list[str] = []
    cuts, other = stars.cuts, stars.announced
    asked = exhibit.usual_stars if exhibit.notes.stars is not None and other is None else None
    alike = asked is not None and cuts is not None and (exhibit.stars is not None or len(asked) == len(cuts))
    if asked and alike and set(asked) != set(cuts or ()) and _stars_at(exhibit, fits, asked):
        levels = [_levels(sorted(cut, reverse=True)) for cut in (cuts or (), asked)]
        gives = "asks for" if exhibit.stars is not None else "has"
        said.append(f"the note announces stars at {levels[0]}; its command {gives} {levels[1]}")
    marks = exhibit.notes.stars
    if marks is not None and not in_order(marks) and any(c.stars for col in exhibit.columns for c in col.cells):
        levels = [f"{mark} at {cut:g}" for mark, cut in marks.levels]
        said.append(f"the note gives fewer stars to smaller p: {', '.join(levels)}")
    for panel, own in {c.panel: cut for c, cut in zip(exhibit.columns, stars.each, strict=True) if cut != cuts}.items():
        said.append(f"stars of `{panel}` stand at {_levels(own or ())}, those of other panels at {_levels(cuts or ())}")
    if other is not None and cuts is not None:
        says = "the note announces" if exhibit.notes.stars else "its command asks for"
        said.append(f"{says} stars at {_levels(other)}; they stand at {_levels(cuts)}")
        cause = Cause("note-stars", f"stars stand at {_levels(cuts)}; {says} them at {_levels(other)}")
        cells = [c.explained(cause) if c.cell.stars and c.verdict == "reproduced" else c for c in cells]
    return cells, [Note("note-stars", place, text) for text in said]


def _levels(cuts: Sequence[float]) -> str:
    return ", ".join(f"{c:g}" for c in cuts)


def _of_words(
    exhibit: Printed, matches: Sequence[Match], fits: Sequence[Fit | None], judged: Sequence[Sequence[Judged]],
    estimates: Sequence[Estimated], place: int,
) -> list[Note]:  # fmt: skip
    """Titles, headings, labels, typed rows and notes that the commands deny, where it is certain which these are."""
    sure = [f if m.meant is None and _mostly(cells) else None for f, m, cells in zip(fits, matches, judged, strict=True)]
    notes: list[Note] = []
    if exhibit.origin == "log" and sure[0] is not None:
        notes += [*of_words(exhibit, sure[0].estimate), *of_loops(exhibit, sure[0].estimate)]
    notes += of_typed_rows(exhibit, sure)
    notes += [*of_models(exhibit, sure, place), *of_noted_effects(exhibit, sure, place), *of_order(exhibit)]
    notes += [*of_instruments(exhibit, sure, place), *of_said_outcomes(exhibit, sure, place)]
    notes += of_noted_controls(exhibit, sure, place)
    notes += [*of_labels(exhibit, sure), *of_opposites(exhibit, sure)]
    for part, theirs in of_some(exhibit, sure):
        headless = replace(part, columns=tuple(replace(c, heads=()) for c in part.columns))
        notes += [*of_models(headless, theirs, place), *of_noted_effects(part, theirs, place)]
        notes += [*of_covariance(part, theirs, place), *of_instruments(part, theirs, place)]
        notes += [*of_said_outcomes(part, theirs, place), *of_noted_controls(part, theirs, place)]
    notes += [*of_caption(exhibit, sure, estimates), *of_rows_left_out(exhibit, matches, sure)]
    notes += of_cells_left_out(exhibit, sure)
    notes += [*of_counts(exhibit, sure, place), *of_named_samples(exhibit, sure, place)]
    notes += [*of_kinds(exhibit, fits, judged, place), *alike(exhibit, matches), *of_columns_left_out(exhibit, matches)]
    samples = [of_sample(c, f) for c, f in zip(exhibit.columns, sure, strict=True) if f is not None]
    return [*notes, *(Note("note-sample", exhibit.line, text) for text in samples if text)]


def _of_places(exhibit: Printed, matches: Sequence[Match]) -> list[Note]:
    """Columns with the numbers of another command than the one whose place they have."""
    meant = [m for m in matches if m.meant is not None and m.fit is not None]
    if not meant:
        return []
    text = "; ".join(
        f"column {exhibit.columns[i].number} has the numbers of {m.fit.estimate.place}"
        for i, m in enumerate(matches) if m in meant and m.fit is not None
    )  # fmt: skip
    kind = "table-of-another-run" if len(meant) == len(matches) > 1 else "another-column"
    return [Note(kind, exhibit.line, f"{text}, which its code doesn't put there")]


def _stars_at(exhibit: Printed, fits: Sequence[Fit | None], cuts: tuple[float, ...]) -> bool:
    """Whether every star of the exhibit that is known stands at these levels."""
    return stars_of(exhibit.columns, fits, cuts) == (cuts, None) and not any(
        due_stars(f.estimate, term, cuts) != cell.stars
        for column, f in zip(exhibit.columns, fits, strict=True) if f is not None
        for row, term in zip(column.rows, f.terms, strict=True) if term
        for cell in row.cells if cell.kind == "coef"
    )  # fmt: skip


def _called(
    judged: Sequence[Sequence[Judged]], exhibit: Printed, fits: Sequence[Fit | None], estimates: Sequence[Estimated]
) -> tuple[list[list[Judged]], list[Note]]:
    """Numbers below a heading, or beside a label, that names another outcome or variable than theirs."""
    out, notes = [], []
    rows: dict[str, list[str]] = {}
    named = {plain(r.label) for c, f in zip(exhibit.columns, fits, strict=True) if f is not None
             for r, t in zip(c.rows, f.terms, strict=True) if t}  # fmt: skip
    for cells, column, found in zip(judged, exhibit.columns, fits, strict=True):
        cells = list(cells)
        if found is not None:
            cells = causes.without_term(causes.called_otherwise(cells, found, column), found, column, named)
            cells = rows_called_otherwise(cells, found, column) if exhibit.origin == "log" else cells
            swapped = {x.text for c in cells for x in c.causes if x.id in ("labels-swapped", "label-of-another")}
            for text in sorted(swapped):
                rows.setdefault(text, []).append(str(column.number))
            if wrong := of_outcome(column, found, estimates):
                notes.append(Note("note-outcome", exhibit.line, wrong))
                cells = [c.explained(Cause("note-outcome", wrong)) if c.verdict == "reproduced" else c for c in cells]
        out.append(cells)
    for text in dict.fromkeys(x.text for cells in out for c in cells for x in c.causes if x.id == "another-statistic"):
        off = [c for cells in out for c in cells if any(x.text == text for x in c.causes)]
        at = ", ".join(dict.fromkeys(str(exhibit.columns[c.column].number) for c in off))
        notes.append(Note("note-labels", off[0].cell.place.line, f"the row `{off[0].label}`: {text} (column {at})"))
    labels = [Note("note-labels", exhibit.line, f"{text} (column {', '.join(at)})") for text, at in rows.items()]
    return out, [*labels, *notes]


def _explain(
    cells: list[Judged], exhibit: Printed, at: int, match: Match, found: Fit, estimates: Sequence[Estimated], cuts,
    search: Search,
) -> tuple[list[Judged], Told | None]:  # fmt: skip
    """The cells of a column, and what else would explain them if it weren't for chance."""
    e = found.estimate
    if match.meant is not None:
        return causes.other_estimate(cells, match), None
    if match.other is not None:
        cells = causes.in_runs(cells, *match.other)
    if exhibit.origin == "log" and e.name in ENDING:
        cells = of_its_test(stopped_early(cells, e.ratios, ENDING[e.name]), e)
    cells = causes.by_itself(cells, found)
    if not _off(cells):
        return cells, None
    cells = causes.swapped_labels(cells, found)
    off = _off(cells)
    if not off:
        return cells, None
    if e.doubts and not answered(cells):
        reason = f"its data are in doubt: {e.doubts[0]}"
        hints = causes.of_another(match)
        unsure = ("differs", "reproduced") if by_chance(cells) else ("differs",)
        doubted = [
            replace(c, verdict="not verified", reason=reason, distance=0.0, causes=hints or c.causes)
            if c.verdict in unsure else c
            for c in causes.wrong_sample(cells, found)
        ]  # fmt: skip
        return doubted, _of_siblings(cells, exhibit, at, e, estimates, cuts, search)  # no doubt about data gives an option's
    left = [c for c in cells if c.verdict != "explained"]
    single = share(left) > COLUMN_MOSTLY and len(off) <= 2 and all(_far(c) for c in off)
    told = None
    if not single and not _one_star(off):
        told = _of_siblings(cells, exhibit, at, e, estimates, cuts, search)
        if told is None or not certain(told.chance):
            told = _of_catalogue(cells, e, cuts, search) or told
        if told is not None:
            told = replace(told, cells=tuple(_one_by_one(told.cells, found)))
    return _one_by_one(cells, found), told


def _one_by_one(cells: Sequence[Judged], found: Fit) -> list[Judged]:
    """What is left of a column: its sample, slips of single numbers, and how far off the others are."""
    return [_nearest(c) for c in causes.slips(causes.wrong_sample(cells, found), found)]


def _of_catalogue(cells: Sequence[Judged], e: Estimated, cuts, search: Search) -> Told | None:
    return None if search.over or e.drawn else diagnosed(cells, e, cuts, search)


def _of_siblings(
    cells: Sequence[Judged], exhibit: Printed, at: int, e: Estimated, estimates: Sequence[Estimated], cuts, search: Search
) -> Told | None:
    """Explained by another command's covariance, sample or weights; None where none gives every number, or every star where
    stars alone are off: those that an author left as they were are judged as they stand."""
    if search.over:
        return None
    alike = [o for o in estimates if o.name == e.name or o.outcome == e.outcome]
    other = siblings.explained_by(exhibit.columns[at], e, alike, search)
    if other is None:
        return None
    fit, cause, tried = other
    starred = [i for i, c in enumerate(cells) if cuts and c.quantity == "coef" and c.row is not None]
    wrong = {i for i in starred if cells[i].verdict != "not verified"
             and due_stars(fit.estimate, cells[i].term, cuts) not in (None, cells[i].cell.stars)}  # fmt: skip
    if wrong and all(c.distance == 0.0 for c in _off(cells)):  # stars are all that is off, and these aren't given
        return None
    told = tuple(c.explained(cause) if c.verdict == "differs" and i not in wrong else c for i, c in enumerate(cells))
    return Told(told, (cause,), tried * of_one_change(cells, e))


def _settle(judged: list[list[Judged]], told: Mapping[int, Told]) -> None:
    """Columns that the same causes explain are judged together; what chance may have given all of them too is only said."""
    for ids in {t.ids for t in told.values()}:
        same = {i: t for i, t in told.items() if t.ids == ids}
        sure = certain(together(same.values()))
        for i, t in same.items():
            judged[i] = list(t.cells) if sure else [_perhaps(c, t) for c in judged[i]]


def _perhaps(cell: Judged, told: Told) -> Judged:
    if cell.verdict != "differs" or cell.causes:
        return cell
    likely = "; ".join(c.text for c in told.causes)
    said = f"{cell.reason}; perhaps: {likely}; so few digits might fit that by chance"
    return cell.because(said.lstrip("; "), *told.causes)


def _rows(e: Estimated) -> int:
    """Of its data; a likelihood of several outcomes, or of sigma too, goes through them in every step and every equation."""
    if e.source is None:
        return 0
    request, rows = e.source.request, e.source.data.rows
    return (
        (rows + LEAST) * OF_CATEGORIES
        if request is not None and request.model in (*CATEGORICAL, *CENSORED, *JOINT, *SERIES)
        else rows
    )


def _one_star(off: Sequence[Judged]) -> bool:
    """Whether a star is all that is off: a slip, as any other cause would need more to show itself."""
    return len(off) == 1 and any(c.id == "stars" for c in off[0].causes)


def _far(cell: Judged) -> bool:
    """Whether a number is off by more than a convention moves it; nearer ones are asked about with their whole column."""
    return cell.estimated is not None and cell.distance > CONVENTION_REACH * abs(cell.estimated)


def _mostly(cells: Sequence[Judged]) -> bool:
    """Whether so many of a column's numbers are its command's that this is the command it is of."""
    return share([c for c in cells if c.row is not None]) >= COLUMN_MOSTLY


def _off(cells: Sequence[Judged]) -> list[Judged]:
    """Numbers that differ, or whose stars do: what else is said of a right number no cause explains."""
    return [c for c in cells if c.verdict == "differs" and (c.distance > 0.0 or c.causes)]


def _nearest(cell: Judged) -> Judged:
    if cell.verdict != "differs" or cell.reason or cell.estimated is None:
        return cell
    due = causes.due(cell)
    said = f"{due} is due" if due else f"{cell.distance:.3g} outside what it stands for"
    return cell.because(f"printed {cell.cell.text}, estimated {cell.estimated:.9g}: {said}")
