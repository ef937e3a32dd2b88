"""Numbers that stand behind their name: `Prob > F = 0.0000`, `Hansen J statistic:  0.123`; tests, feet of windows,
scalars."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parity.logs.exhibit import Place, Statistic
from parity.logs.numbers import NUMBER, cell
from parity.logs.statistic_names import statistic_name
from parity.printed.lines import Line

_PAIR = re.compile(rf"(?<![<>=!~])=\s*(?P<number>{NUMBER}|\.)(?![\w.])")
_FUNCTION = re.compile(r"(?:[A-Za-z][\w-]*[ -]?)?[A-Za-z]\w*\( *\d[\d., ]*\)$")
_CALL = re.compile(r"[A-Za-z][\w|]*\([^()]*\)$")
_TAIL = re.compile(
    rf"(?P<label>(?:[^\W\d]|\d+% |\([A-Z])[^|=]*?)(?:: *| {{2,}}|: {{2,}})(?P<number>{NUMBER})(?P<rest>\s+[A-Za-z*(].*)?"
)
#: A longer line is no label with its number.
_LONGEST = 300
_HYPOTHESIS = re.compile(r"(?:Ha|H0|Ho):|.*!$|.*[<>]$|.*\b[Tt]est that all ")
#: Before an equation that is what a test asks; behind one that is no estimate: `corr(u_i, X) = 0 (assumed)`.
_ASKED, _ASSUMED = re.compile(r"\s*Test: "), re.compile(r"\s*\(assumed\)")


def equations(line: Line, file: str) -> Iterator[Statistic]:
    """Every `name = number` of a line; hypotheses (`H0: diff = 0`, `Test: Var(u) = 0`) and assumptions are none."""
    if "=" not in line.text:
        return
    at = 0
    for found in _PAIR.finditer(line.text):
        before = line.text[at : found.start()]
        label = _label(before)
        at = found.end()
        asked = _HYPOTHESIS.match(label) or _ASKED.match(before) or _ASSUMED.match(line.text, at)
        if label and not asked:
            place = Place(file, line.number, found.start("number") + 1)
            yield Statistic(label, statistic_name(label), cell(found["number"], place))


def _label(left: str) -> str:
    """The name at the end of what stands before an equals sign: behind two blanks or a bar, but `F(  2,   71)` is whole."""
    left = left.rstrip()
    if found := _FUNCTION.search(left[-60:]):
        return re.sub(r"\( +", "(", re.sub(r", *", ", ", found[0])).strip()
    parts = re.split(r" {2,}|(?:^|(?<= ))\|(?= )|; |, ", left.strip(" ,;")[-90:])
    name = parts[-1].strip(" ,;")
    if name.count(")") > name.count("(") and (whole := _CALL.search(left[-120:])):  # `corr(u_i, Xb)`
        return whole[0]
    if name.startswith(":") and len(parts) > 1:  # `2._at     : age    =   36`
        name = f"{parts[-2]}{name}"
    return name.removeprefix("Note: ") if re.search(r"[^\W\d]", name) else ""


def behind(line: Line, file: str) -> Statistic | None:
    """A label and one number at the end of a line, apart by a colon or blanks: `Hansen J statistic:     0.123`."""
    text = line.text.strip()
    found = _TAIL.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    label = found["label"].strip(" :")
    if label.lower().startswith("note"):
        return None
    column = line.text.rfind(found["number"]) + 1
    return Statistic(label, statistic_name(label), cell(found["number"], Place(file, line.number, column)))


def complete(line: Line, found: Sequence[Statistic]) -> bool:
    """Whether the numbers of a line are all in its statistics: those found, and digits that are part of a label."""
    digits = sum(c.isdigit() for c in line.text)
    held = sum(c.isdigit() for s in found for c in s.label + s.cell.text)
    return held >= digits
