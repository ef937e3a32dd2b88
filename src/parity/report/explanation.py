"""An explanation as text for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping

import wcwidth

from parity.base.printing import printing
from parity.base.quantities import place, short_name
from parity.diagnose.explanation import Explanation, Solution
from parity.diagnose.questions.answer import Answer
from parity.report.chinese import Told, as_it_is
from parity.report.text import lines_of
from parity.report.words import difference_line, ways

#: Its indent, and what it says.
Line = tuple[str, str]
#: Solutions printed in full; the rest are named. Numbers that differ, likewise.
SHOWN = 3
SHOWN_NUMBERS = 8


def explanation_text(answer: Answer, told: Told = as_it_is) -> str:
    """How the question was read, what differs, then each solution with its formula, source, and remedy.

    told: in which language; what has no words there stays in English, whole.
    """
    sections = [
        _count(answer),
        [_line(said) for said in answer.read],
        _reading(answer),
        _numbers(answer),
        _differences(answer),
        *(_verdict(answer) if answer.verdict != "agree" else [_agreement(answer)]),
        _lost(answer),
    ]
    return "\n\n".join("\n".join(_wrap(line, told) for line in lines) for lines in sections if lines) + "\n"


def explanations_text(answers: Mapping[str, Answer], told: Told = as_it_is) -> str:
    """Each engine that differs with its explanation; those that agree in one line."""
    sections = []
    for name, answer in answers.items():
        if answer.verdict != "agree":
            sections += [f"{name}\n{'=' * wcwidth.width(name)}", explanation_text(answer, told).rstrip("\n")]
    same = [name for name, answer in answers.items() if answer.verdict == "agree"]
    if same:
        what = "what the declared convention gives, to the digits that their arithmetic allows"
        sections.append(_wrap(_line(f"{', '.join(same)}: {what}."), told))
    return "\n\n".join(sections or [told("No engine has an estimate of this spec.")]) + "\n"


def _count(answer: Answer) -> list[Line]:
    """N where it differs, alone at the top: other rows are behind all other differences."""
    typed = next((a for a in answer.asked if a.quantity == "nobs" and not a.agrees), None)
    if typed is not None:
        sides = f"printed {typed.text}, declared {'absent' if typed.declared is None else f'{typed.declared:.10g}'}"
    else:
        both = next((d for d in answer.differences if d.quantity == "nobs"), None)
        if both is None or both.reference is None or both.candidate is None:
            return []
        sides = f"{both.reference:.10g} in the reference, {both.candidate:.10g} in the candidate"
    return [_line(f"N DIFFERS: {sides}. Other rows enter; look there before anything else.")]


def _agreement(answer: Answer) -> list[Line]:
    if answer.compared:
        return [_line(f"They agree in {answer.compared} quantities to {answer.digits or 0:.1f} digits: nothing to explain.")]
    n = len(answer.asked)
    if answer.reading and answer.reading.lost:
        return [_line(f"The {n} numbers that were compared are what the declared convention gives.")]
    if n > 1:
        return [_line(f"All {n} numbers are what the declared convention gives: nothing to explain.")]
    return [_line("The number is what the declared convention gives: nothing to explain.")]


def _reading(answer: Answer) -> list[Line]:
    """How many numbers of a table were seen, read and compared, and what was left."""
    reading = answer.reading
    if reading is None:
        return []
    of = f" in column {reading.column} (of {reading.table} in {reading.columns} columns)" if reading.columns > 1 else ""
    right = sum(a.agrees for a in answer.asked if a.quantity != "stars")
    counts = f"{reading.read} read, {reading.compared} compared, {right} as the declared spec gives"
    said = (f"numbers seen: {reading.seen}{of}; {counts}", *reading.unread)
    return [_line(words) for words in said]


def _lost(answer: Answer) -> list[Line]:
    """Why nothing said of a table is a clean answer."""
    lost = answer.reading.lost if answer.reading else ()
    head = "READ IN PART, so this is no clean answer about the table (exit code 1):"
    return [_line(head), *(_line(said, "  ") for said in lost)] if lost else []


def _numbers(answer: Answer) -> list[Line]:
    """The printed numbers that the declared spec does not give, beside what it gives."""
    off = [a for a in answer.asked if not a.agrees]
    if not off:
        return []
    n = len(answer.asked)
    head = "The printed number is not what the declared spec gives:" if n == 1 else (
        f"{len(off)} of {n} printed numbers are not what the declared spec gives:"
    )  # fmt: skip
    lines = [_line(head)]
    for a in off[:SHOWN_NUMBERS]:
        name = short_name(a.quantity)
        given = "absent" if a.declared is None else f"{a.declared:.10g}"
        text = a.text
        if a.quantity == "stars":
            text, given = "*" * a.text.count("*") or "none", "*" * int(a.declared or 0) or "none"
        lines.append(_line(f"{f'{name} {a.term}'.strip()}: printed {text}, declared {given}", "  "))
    return lines + ([_line(f"and {len(off) - SHOWN_NUMBERS} more", "  ")] if len(off) > SHOWN_NUMBERS else [])


def _differences(answer: Answer) -> list[Line]:
    if not answer.differences:
        return []
    n = len(answer.differences)
    ranked = sorted(answer.differences, key=lambda d: (place(d.quantity), d.digits))
    lines = [_line(f"They differ in {n} of {answer.compared} quantities (reference first):")]
    lines += [_line(difference_line(d), "  ") for d in ranked[:SHOWN_NUMBERS]]
    return lines + ([_line(f"and {n - SHOWN_NUMBERS} more", "  ")] if n > SHOWN_NUMBERS else [])


def _verdict(answer: Answer) -> list[list[Line]]:
    sections: list[list[Line]] = []
    typed = bool(answer.asked)
    if answer.stopped:
        found = "what fits so far is no more than that" if answer.causes else "nothing that was tried fits"
        tried = f"after {answer.worlds:,} variants ({answer.stopped})"
        sections.append([_line(f"STOPPED before all was tried, {tried}: {found}.")])
    if answer.causes:
        alike = len(answer.causes)
        head = "EXPLAINED:" if alike == 1 else f"EXPLAINED by {alike} causes that these numbers cannot tell apart:"
        if answer.stopped:
            head = f"FITS SO FAR, {alike} of those tried:"
        if answer.verdict != "explained" and not answer.stopped:
            most = max(s.chance for s in answer.causes)
            head = "NOT EXPLAINED FOR CERTAIN: this fits" if alike == 1 else f"NOT EXPLAINED FOR CERTAIN: {alike} causes fit"
            head += f", and about {most:.2g} of {answer.worlds:,} variants tried would fit any number of so few digits:"
        sections.append([_line(head)])
        sections += [part for solution in answer.causes[:SHOWN] for part in _solution(solution, typed)]
        if alike > SHOWN:
            rest = ", ".join(" + ".join(s.ids) for s in answer.causes[SHOWN:])
            sections.append([_line(f"as well as: {rest}")])
        sections.append([_line("More on each cause: parity cause and its name.")])
    else:
        none = "no cause, alone or with others, reproduces these numbers."
        chance = "what reproduces these numbers may do so by chance, so many variants were tried."
        if answer.possible and len(_of_arithmetic(answer)) == len(answer.possible):
            chance = "arithmetic may leave as much on these data as they are off, and would hide other causes too."
        lines = [_line(f"NOT EXPLAINED: {chance if answer.possible else none}")] if not answer.stopped else []
        if answer.nearest:
            miss = answer.nearest
            lines.append(_line(f"nearest miss: {miss.id}, which leaves {miss.residual:.2g} (relative)"))
        out = sorted(set(answer.ruled_out) - ({answer.nearest.id} if answer.nearest else set()))
        lines += [_line(f"ruled out: {', '.join(out)}")] if out else []
        sections.append(lines)
    if answer.defaults:
        names = ", ".join(answer.defaults)
        sections.append([_line(f"All of these numbers are what this spec gives under the whole convention of: {names}")])
    sections.append(_possible(answer))
    if typed and len(answer.causes) + len(answer.possible) > 1:
        sections.append([_line("More printed digits, or more numbers of the same table, would tell them apart.")])
    elif typed and answer.causes and answer.verdict != "explained":
        sections.append([_line("More printed digits, or more numbers of the same table, would settle it.")])
    if answer.untried:
        sections.append([_line(f"Not tried, too costly on this many rows: {', '.join(answer.untried)}")])
    return sections


def _of_arithmetic(answer: Explanation) -> list[Solution]:
    """Possible solutions that reproduce no number, but say within what arithmetic leaves them."""
    return [s for s in answer.possible if s.causes[0].group == "arithmetic"]


def _possible(answer: Explanation) -> list[Line]:
    if not answer.possible:
        return []
    names = list(dict.fromkeys(" + ".join(s.ids) for s in answer.possible))
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    start = "Possible too, but so many variants were tried that one may fit by chance" if answer.causes else "Possible"
    said = [_line(s.causes[0].sentence, "  ") for s in _of_arithmetic(answer)]
    return [_line(f"{start}: {', '.join(names[:8])}{more}"), *said]


def _solution(solution: Solution, typed: bool) -> list[list[Line]]:
    sections: list[list[Line]] = []
    for cause in solution.causes:
        lines = [_line(cause.sentence, "  ")]
        lines += [_line(cause.formula, "    ")] if cause.formula else []
        lines += [_line(said, "    ") for said in (f"source: {cause.source}", *ways(cause), f"cause: {cause.id}")]
        if solution.no_way and cause.how and solution.no_way not in cause.how:
            lines.append(_line(f"{solution.no_way}, whose numbers these are, has no option for it", "    "))
        sections.append(lines)
    last = sections[-1]
    if solution.profile:
        last.append(_line(f"together: what {solution.profile} does by default", "  "))
    nothing = (
        "nothing, within the printed digits" if typed and not solution.residual else f"{solution.residual:.1e} (relative)"
    )
    last.append(_line(f"what is left: {nothing}", "  "))
    return sections


def _line(text: str, indent: str = "") -> Line:
    return indent, text


def _wrap(line: Line, told: Told) -> str:
    indent, text = line
    return "\n".join(lines_of(printing(told(text), keep=""), initial=indent, subsequent=indent + "  "))
