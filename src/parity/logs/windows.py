"""The output below one command as windows, messages, and lines that nobody understood.

Tables are found by their headings first; what stands between them are tests, scalars, data shown, and words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from parity.logs.bars import CROSSED, RULE, bar_table
from parity.logs.censored_foot import censored_counts
from parity.logs.conley_table import conley_table
from parity.logs.dynamic_tests import abond, foot
from parity.logs.equation_table import equation_tables
from parity.logs.estimates import estimates
from parity.logs.exhibit import Exhibit, Message, NotUnderstood, Place, Statistic, Window
from parity.logs.iv_tests import iv_tests
from parity.logs.lines_around import with_lines
from parity.logs.loose import described, listed, lone, matrix, percentiles, spaced, wild
from parity.logs.messages import error_code, message
from parity.logs.numbers import NUMBER, cell
from parity.logs.pairs import behind, complete, equations
from parity.logs.screen import screen_table
from parity.logs.statistic_names import statistic_name
from parity.logs.window_words import Said, constraints, foot_words, titles_above
from parity.printed.lines import Line

_DIGIT = re.compile(r"\d")
_VALUE = re.compile(rf"\s*=\s*({NUMBER})\s*")
_GROUP = re.compile(r"-> +(\S.*)")
#: Commands whose coefficients are of no model of their own.
_OF_COMMAND = ("lincom", "nlcom", "margins", "contrast", "pwcompare")
_CONSTRAINT = re.compile(r" *\( *\d+\) .*[=<>].*")
#: Lines that belong to the window above them, whatever the command.
_FOOT = re.compile(
    r"\s*\(?(?:Sanderson|F test that|F test of|LR test|Pearson chi2|likelihood-ratio chi2|Cramér's V|Cram\wr's V|gamma|"
    r"Kendall|Fisher|"
    r"1-sided|"
    r"Pr\(|diff = |H[0o]: |Ha: |Sargan|Hansen|Basmann|Underidentification|Weak identification|Stock-Yogo|Anderson|Cragg|"
    r"Kleibergen|"
    r"Chi-sq\(|\d+% maximal|Source: Stock|NB: |Instrument|Included instruments|Excluded instruments|Regressors tested|"
    r"Endogenous|"
    r"Exogenous|-endog- option|Wald test of exogeneity|Test of|Durbin|Wu-Hausman|legend:|chi2\(|Prob ?> ?|Partialled|"
    r"Dropped|"
    r"GMM-type: |Standard: |D\.|LD\.|L\dD\.|"
    r"Replications|Obs per|Mean VIF|AR\(\d|Arellano-Bond|Difference-in|\(Robust, but|\(Not robust|GMM instruments|Note:|"
    r"Warning:|"
    r"\* = FE nested|\*.*nested|z = |ratio = |degrees of freedom|combined|Number of|t = |adj |Observations?:|"
    r"under Ho|assumptions|H0 |Underid|\(Subset|\(If |Warnings?|Standard errors|Group variable|F\(|Satterthwaite|Welch|"
    r"exp\(|Ho:|unadjusted variance|adjustment for ties|adjusted variance|Exact|symmetric|b = |B = |Test:)",
    re.IGNORECASE,
)


#: Readers of what has no bars, by what its first line is.
_READERS = (iv_tests, abond, conley_table, wild, percentiles, spaced, matrix, described, listed)


@dataclass
class Found:
    """What one chunk of output holds."""

    windows: list[Window] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    outside: list[NotUnderstood] = field(default_factory=list)
    exhibits: list[Exhibit] = field(default_factory=list)


def windows_of(lines: Sequence[Line], file: str, command: str, *, mixed: bool = False) -> Found:
    """command: canonical name of the command above, "" if none; mixed: lines may be of several commands, as below a loop."""
    found = Found()
    spans: list[tuple[int, int, Window]] = []
    taken: set[int] = set()
    at = end = 0
    while at < len(lines):
        read = estimates(lines, at, end, file)
        if read is None:
            at += 1
            continue
        window, top, at = read
        end = at
        spans.append((top, at, window))
    for table in equation_tables(lines, file):
        below = next((i for i, (_, end, _) in enumerate(spans) if end > table.start), None)
        if below is not None and all(not line.text.strip(" -") for line in lines[table.end : spans[below][0]]):
            top, end, window = spans[below]
            window = replace(window, statistics=(*window.statistics, *table.statistics))
            spans[below] = (min(top, table.start), end, window)
    for window in spans:
        taken.update(range(window[0], window[1]))
    at = free = 0
    while at < len(lines):
        free = at + 1 if at in taken else free
        read = None if at in taken else bar_table(lines, at, free, file, command)
        if read is None:
            at += 1
            continue
        window, top, at = read
        spans.append((top, at, window))
        taken.update(range(top, at))
        free = at
    spans.sort(key=lambda span: span[0])
    _between(lines, spans, file, command, mixed, found)
    found.windows.sort(key=lambda window: window.first)
    found.windows = [_named(window, lines, command) for window in found.windows]
    if not mixed:
        found.windows = with_lines(found.windows, lines)
    return found


def _named(window: Window, lines: Sequence[Line], command: str) -> Window:
    """The window with its group of `by`, and the kind that its command says."""
    group, at = "", 0
    for line in lines:
        if line.number > window.first:
            break
        if found := _GROUP.match(line.text):
            group, at = found[1].strip(), line.number
    kind = command if window.kind == "estimates" and command in _OF_COMMAND else window.kind
    words = (*window.words, Said("by group", group, at)) if group else window.words
    return replace(window, group=group, kind=kind, words=words)


def _between(
    lines: Sequence[Line], spans: list[tuple[int, int, Window]], file: str, command: str, mixed: bool, found: Found
) -> None:
    """Windows with their heads and feet, and what stands between them."""
    ends = [0, *(end for _, end, _ in spans)]
    for i, start in enumerate(ends):
        above = spans[i - 1][2] if i else None
        stop = spans[i][0] if i < len(spans) else len(lines)
        at = start
        if i < len(spans) and not mixed and spans[i][2].kind == "estimates":
            top, end, window = spans[i]
            titled = any(s.name == "title" for s in window.words)
            spans[i] = (
                top,
                end,
                window if titled else replace(window, words=(*window.words, *titles_above(lines[start:top]))),
            )
        if above is not None:
            window, at = _tested(above, lines, start, stop, file) or _footed(above, lines, start, stop, file, mixed)
            if window.kind == "estimates":
                window = replace(window, words=(*window.words, *foot_words(lines[start:stop])))
            found.windows.append(window)
        _loose(lines, at, stop, file, command, found)


def _tested(window: Window, lines: Sequence[Line], at: int, stop: int, file: str) -> tuple[Window, int] | None:
    """The window of a dynamic panel with the tests below it, and the position behind them; None where none stand."""
    found = foot(lines, at, stop, file) if window.kind == "estimates" else None
    if found is None:
        return None
    statistics, lost, end = found
    window = replace(
        window, statistics=(*window.statistics, *statistics), not_understood=(*window.not_understood, *lost),
        last=lines[end - 1].number,
    )  # fmt: skip
    return window, end


def _footed(window: Window, lines: Sequence[Line], at: int, stop: int, file: str, mixed: bool) -> tuple[Window, int]:
    """The window with the statistics of its foot, and the position behind it. mixed: only what can be no other command's."""
    statistics: list[Statistic] = []
    lost: list[NotUnderstood] = []
    words: list[Message] = []
    end = at
    about, formula = "", ""
    while at < stop:
        line = lines[at]
        text = line.text.strip()
        if _CONSTRAINT.fullmatch(line.text) or error_code(line) is not None or "Smallest" in text:
            break
        pairs = _statistics(line, file, about, formula)
        formula = text.partition("=")[0].strip() if "=" in text and not pairs else ""
        if text:
            about = text[:-1] if text.endswith(":") and not pairs else about if pairs else ""
        known = bool(_FOOT.match(line.text))
        if text and not RULE.fullmatch(line.text):
            if not known and (mixed or not pairs):
                break
            statistics += pairs
            if known and not complete(line, pairs) and _unread_number(text, pairs):
                lost.append(NotUnderstood(text, "its numbers have no name that is known", Place(file, line.number)))
            elif known and not complete(line, pairs):
                words.append(Message(text, "note", Place(file, line.number)))
            end = at + 1
        at += 1
    last = max([window.last, *(s.cell.place.line for s in statistics), *(m.place.line for m in words)])
    window = replace(
        window,
        statistics=(*window.statistics, *statistics),
        not_understood=(*window.not_understood, *lost),
        last=last,
        messages=(*window.messages, *words),
    )
    return window, end


def _unread_number(text: str, pairs: Sequence[Statistic]) -> bool:
    """Whether a line has a number apart from its statistics; numbers of a sentence (`10% maximal`) are words."""
    left = text
    for s in pairs:
        left = left.replace(s.label, " ").replace(s.cell.text, " ")
    return bool(re.search(r"(?:^|\s)-?\d*\.\d{2,}(?:\s|$)", left))


def _statistics(line: Line, file: str, about: str = "", formula: str = "") -> list[Statistic]:
    """about: the line above, `F test of excluded instruments:`; formula: what the line above defines, whose value
    follows."""
    if counts := censored_counts(line, file):
        return counts
    pairs = list(equations(line, file))
    if about:
        pairs = [Statistic(f"{about}: {s.label}", statistic_name(about) if s.name == "f" else "", s.cell) for s in pairs]
    if formula and (alone := _VALUE.fullmatch(line.text)):
        place = Place(file, line.number)
        return [Statistic(formula, statistic_name(formula), cell(alone[1], place))]
    if not pairs and (one := behind(line, file)):
        pairs = [one]
    return pairs


# ---------------------------------------------------------------- between tables


def _loose(lines: Sequence[Line], at: int, stop: int, file: str, command: str, found: Found) -> None:
    while at < stop:
        line = lines[at]
        text = line.text.strip()
        if shown := screen_table(lines, at, stop, file):
            found.exhibits += shown[0]
            at = shown[1]
            continue
        if not text or RULE.fullmatch(line.text) or CROSSED.fullmatch(line.text):
            at += 1
            continue
        if (code := error_code(line)) is not None:
            words = " ".join(part.text.strip() for part in lines[max(0, at - 3) : at] if part.text.strip())
            found.messages.append(Message(f"{words} {text}".strip(), "error", Place(file, line.number), code))
            at += 1
            continue
        read = next((one for reader in _READERS if (one := reader(lines, at, stop, file))), None)
        if read is not None:
            found.windows.append(read[0])
            at = read[1]
            continue
        if _CONSTRAINT.fullmatch(line.text) or (list(equations(line, file)) and not _said(line, file)):
            window, at = _paragraph(lines, at, stop, file, command)
            found.windows.append(window)
            continue
        if said := message(line, file):
            found.messages.append(said)
        elif window := lone(line, file, command):
            found.windows.append(window)
        elif (one := behind(line, file)) and complete(line, [one]) and one.name:
            found.windows.append(_scalars([one], "statistics", line, line))
        elif _DIGIT.search(text):
            found.outside.append(NotUnderstood(text, "in no table, test or message that is known", Place(file, line.number)))
        at += 1


def _said(line: Line, file: str) -> bool:
    """A note that has an equals sign in it, or progress."""
    said = message(line, file)
    return (bool(said) and not re.match(r"[\s\w>|]++(?:\(.*\))?\s*=\s*[-\d.]", line.text)) or line.text.startswith(
        "Iteration"
    )


def _paragraph(lines: Sequence[Line], at: int, stop: int, file: str, command: str) -> tuple[Window, int]:
    """Equations that stand together: a test with its constraints, scalars, what a command returns."""
    statistics: list[Statistic] = []
    stated: list[Line] = []
    first = last = lines[at]
    test = False
    while at < stop:
        line = lines[at]
        if not line.text.strip():
            if statistics and not _goes_on(lines, at, stop, file):
                break
            at += 1
            continue
        if _CONSTRAINT.fullmatch(line.text):
            if statistics:
                break
            stated.append(line)
            test = True
        else:
            pairs = list(equations(line, file))
            if not pairs and not (statistics and (one := behind(line, file)) and (pairs := [one])) and not stated:
                break
            if not pairs and _DIGIT.search(line.text) and not re.match(r"\s*Constraint \d+ dropped", line.text):
                break
            statistics += pairs
        last = line
        at += 1
    kind = "test" if test or command in ("test", "testparm") else command or "statistics"
    window = _scalars(statistics, kind, first, last)
    return replace(window, outcome="; ".join(s.text.strip() for s in stated), words=tuple(constraints(stated))), at


def _goes_on(lines: Sequence[Line], at: int, stop: int, file: str) -> bool:
    """Whether the next line but blanks is an equation too, and no new test."""
    following = next((line for line in lines[at:stop] if line.text.strip()), None)
    return following is not None and bool(list(equations(following, file))) and not _CONSTRAINT.fullmatch(following.text)


def _scalars(statistics: Sequence[Statistic], kind: str, first: Line, last: Line) -> Window:
    file = statistics[0].cell.place.file if statistics else ""
    return Window(
        kind=kind,
        place=Place(file, first.number),
        rows=(),
        statistics=tuple(statistics),
        first=first.number,
        last=last.number,
    )


def omitted(messages: Sequence[Message]) -> Iterator[Message]:
    """Those that belong to the window below them."""
    return (m for m in messages if m.kind in ("omitted", "dropped", "warning"))
