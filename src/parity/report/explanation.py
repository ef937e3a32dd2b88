"""An explanation as text for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping

import wcwidth

from parity.base.printing import printing
from parity.base.quantities import place, short_name
from parity.diagnose.explanation import Explanation, Solution
from parity.diagnose.questions.answer import Answer
from parity.report.words import difference_line, ways

WIDTH = 80
#: Solutions printed in full; the rest are named. Numbers that differ, likewise.
SHOWN = 3
SHOWN_NUMBERS = 8


def explanation_text(answer: Answer) -> str:
    """How the question was read, what differs, then each solution with its formula, source, and remedy."""
    sections = [
        _count(answer),
        [line for said in answer.read for line in _wrap(said)],
        _reading(answer),
        _numbers(answer),
        _differences(answer),
        *(_verdict(answer) if answer.verdict != "agree" else [_agreement(answer)]),
        _lost(answer),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def explanations_text(answers: Mapping[str, Answer]) -> str:
    """Each engine that differs with its explanation; those that agree in one line."""
    sections = []
    for name, answer in answers.items():
        if answer.verdict != "agree":
            sections += [f"{name}\n{'=' * wcwidth.width(name)}", explanation_text(answer).rstrip("\n")]
    same = [name for name, answer in answers.items() if answer.verdict == "agree"]
    if same:
        what = "what the declared convention gives, to the digits that their arithmetic allows"
        sections.append("\n".join(_wrap(f"{', '.join(same)}: {what}.")))
    return "\n\n".join(sections or ["No engine has an estimate of this spec."]) + "\n"


def _count(answer: Answer) -> list[str]:
    """N where it differs, alone at the top: other rows are behind all other differences."""
    typed = next((a for a in answer.asked if a.quantity == "nobs" and not a.agrees), None)
    if typed is not None:
        sides = f"printed {typed.text}, declared {'absent' if typed.declared is None else f'{typed.declared:.10g}'}"
    else:
        both = next((d for d in answer.differences if d.quantity == "nobs"), None)
        if both is None or both.reference is None or both.candidate is None:
            return []
        sides = f"{both.reference:.10g} in the reference, {both.candidate:.10g} in the candidate"
    return _wrap(f"N DIFFERS: {sides}. Other rows enter; look there before anything else.")


def _agreement(answer: Answer) -> list[str]:
    if answer.compared:
        return _wrap(f"They agree in {answer.compared} quantities to {answer.digits or 0:.1f} digits: nothing to explain.")
    n = len(answer.asked)
    if answer.reading and answer.reading.lost:
        return _wrap(f"The {n} numbers that were compared are what the declared convention gives.")
    if n > 1:
        return _wrap(f"All {n} numbers are what the declared convention gives: nothing to explain.")
    return _wrap("The number is what the declared convention gives: nothing to explain.")


def _reading(answer: Answer) -> list[str]:
    """How many numbers of a table were seen, read and compared, and what was left."""
    reading = answer.reading
    if reading is None:
        return []
    of = f" in column {reading.column} (of {reading.table} in {reading.columns} columns)" if reading.columns > 1 else ""
    right = sum(a.agrees for a in answer.asked if a.quantity != "stars")
    counts = f"{reading.read} read, {reading.compared} compared, {right} as the declared spec gives"
    said = (f"numbers seen: {reading.seen}{of}; {counts}", *reading.unread)
    return [line for words in said for line in _wrap(words)]


def _lost(answer: Answer) -> list[str]:
    """Why nothing said of a table is a clean answer."""
    lost = answer.reading.lost if answer.reading else ()
    head = "READ IN PART, so this is no clean answer about the table (exit code 1):"
    return [*_wrap(head), *(line for said in lost for line in _wrap(said, "  "))] if lost else []


def _numbers(answer: Answer) -> list[str]:
    """The printed numbers that the declared spec does not give, beside what it gives."""
    off = [a for a in answer.asked if not a.agrees]
    if not off:
        return []
    n = len(answer.asked)
    head = "The printed number is not what the declared spec gives:" if n == 1 else (
        f"{len(off)} of {n} printed numbers are not what the declared spec gives:"
    )  # fmt: skip
    lines = [head]
    for a in off[:SHOWN_NUMBERS]:
        name = short_name(a.quantity)
        given = "absent" if a.declared is None else f"{a.declared:.10g}"
        text = a.text
        if a.quantity == "stars":
            text, given = "*" * a.text.count("*") or "none", "*" * int(a.declared or 0) or "none"
        lines += _wrap(f"{f'{name} {a.term}'.strip()}: printed {text}, declared {given}", "  ")
    return lines + ([f"  and {len(off) - SHOWN_NUMBERS} more"] if len(off) > SHOWN_NUMBERS else [])


def _differences(answer: Answer) -> list[str]:
    if not answer.differences:
        return []
    n = len(answer.differences)
    ranked = sorted(answer.differences, key=lambda d: (place(d.quantity), d.digits))
    lines = _wrap(f"They differ in {n} of {answer.compared} quantities (reference first):")
    lines += [line for d in ranked[:SHOWN_NUMBERS] for line in _wrap(difference_line(d), "  ")]
    return lines + ([f"  and {n - SHOWN_NUMBERS} more"] if n > SHOWN_NUMBERS else [])


def _verdict(answer: Answer) -> list[list[str]]:
    sections: list[list[str]] = []
    typed = bool(answer.asked)
    if answer.stopped:
        found = "what fits so far is no more than that" if answer.causes else "nothing that was tried fits"
        tried = f"after {answer.worlds:,} variants ({answer.stopped})"
        sections.append(_wrap(f"STOPPED before all was tried, {tried}: {found}."))
    if answer.causes:
        alike = len(answer.causes)
        head = "EXPLAINED:" if alike == 1 else f"EXPLAINED by {alike} causes that these numbers cannot tell apart:"
        if answer.stopped:
            head = f"FITS SO FAR, {alike} of those tried:"
        if answer.verdict != "explained" and not answer.stopped:
            most = max(s.chance for s in answer.causes)
            head = "NOT EXPLAINED FOR CERTAIN: this fits" if alike == 1 else f"NOT EXPLAINED FOR CERTAIN: {alike} causes fit"
            head += f", and about {most:.2g} of {answer.worlds:,} variants tried would fit any number of so few digits:"
        sections.append(_wrap(head))
        sections += [part for solution in answer.causes[:SHOWN] for part in _solution(solution, typed)]
        if alike > SHOWN:
            rest = ", ".join(" + ".join(s.ids) for s in answer.causes[SHOWN:])
            sections.append(_wrap(f"as well as: {rest}"))
        sections.append(["More on each cause: parity cause and its name."])
    else:
        none = "no cause, alone or with others, reproduces these numbers."
        chance = "what reproduces these numbers may do so by chance, so many variants were tried."
        if answer.possible and len(_of_arithmetic(answer)) == len(answer.possible):
            chance = "arithmetic may leave as much on these data as they are off, and would hide other causes too."
        lines = _wrap(f"NOT EXPLAINED: {chance if answer.possible else none}") if not answer.stopped else []
        if answer.nearest:
            miss = answer.nearest
            lines += _wrap(f"nearest miss: {miss.id}, which leaves {miss.residual:.2g} (relative)")
        out = sorted(set(answer.ruled_out) - ({answer.nearest.id} if answer.nearest else set()))
        lines += _wrap(f"ruled out: {', '.join(out)}") if out else []
        sections.append(lines)
    if answer.defaults:
        names = ", ".join(answer.defaults)
        sections.append(_wrap(f"All of these numbers are what this spec gives under the whole convention of: {names}"))
    sections.append(_possible(answer))
    if typed and len(answer.causes) + len(answer.possible) > 1:
        sections.append(_wrap("More printed digits, or more numbers of the same table, would tell them apart."))
    elif typed and answer.causes and answer.verdict != "explained":
        sections.append(_wrap("More printed digits, or more numbers of the same table, would settle it."))
    if answer.untried:
        sections.append(_wrap(f"Not tried, too costly on this many rows: {', '.join(answer.untried)}"))
    return sections


def _of_arithmetic(answer: Explanation) -> list[Solution]:
    """Possible solutions that reproduce no number, but say within what arithmetic leaves them."""
    return [s for s in answer.possible if s.causes[0].group == "arithmetic"]


def _possible(answer: Explanation) -> list[str]:
    if not answer.possible:
        return []
    names = list(dict.fromkeys(" + ".join(s.ids) for s in answer.possible))
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    start = "Possible too, but so many variants were tried that one may fit by chance" if answer.causes else "Possible"
    said = [line for s in _of_arithmetic(answer) for line in _wrap(s.causes[0].sentence, "  ")]
    return [*_wrap(f"{start}: {', '.join(names[:8])}{more}"), *said]


def _solution(solution: Solution, typed: bool) -> list[list[str]]:
    sections: list[list[str]] = []
    for cause in solution.causes:
        lines = _wrap(cause.sentence, "  ")
        lines += _wrap(cause.formula, "    ") if cause.formula else []
        lines += _wrap(f"source: {cause.source}", "    ")
        lines += [line for said in ways(cause) for line in _wrap(said, "    ")]
        sections.append([*lines, f"    cause: {cause.id}"])
        if solution.no_way and cause.how and solution.no_way not in cause.how:
            sections[-1] += _wrap(f"{solution.no_way}, whose numbers these are, has no option for it", "    ")
    last = sections[-1]
    if solution.profile:
        last += _wrap(f"together: what {solution.profile} does by default", "  ")
    nothing = (
        "nothing, within the printed digits" if typed and not solution.residual else f"{solution.residual:.1e} (relative)"
    )
    last.append(f"  what is left: {nothing}")
    return sections


def _wrap(text: str, indent: str = "") -> list[str]:
    clean = printing(text, keep="")
    return wcwidth.wrap(clean, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)
