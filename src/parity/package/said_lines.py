"""Lines in which a log's data steps say what they did, `(32 real changes made)`, held against what the do-files' say.

A line is denied where its command ran here on data without doubt and says another number, or where it is no command that
could say so. Where nothing tells, it is said that nothing was held. A line that a log lacks is no false one: versions say
more or less.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parity.package.document import FindingOf, NotVerified
from parity.package.mapping import bare

if TYPE_CHECKING:
    from parity.logs.exhibit import Command, Log
    from parity.package.matched import Matched
    from parity.stata.do import DoResult

#: Lines that data steps say, by what they are about; the groups are what is compared.
LINES = {
    "missing generated": r"\(([\d,]+) missing values? generated\)",
    "real changes": r"\(([\d,]+) real changes? made(?:, ([\d,]+) to missing)?\)",
    "observations deleted": r"\(([\d,]+) observations? (?:deleted|are duplicates)\)",
    "observations created": r"\(([\d,]+) observations? created\)",
    "recode": r"\(([\d,]+) changes? made to (\w+)\)",
    "recode, before 17": r"\((\w+): ([\d,]+) changes? made\)",
    "recode, generate": r"\(([\d,]+) differences? between (\w+) and (\w+)\)",
    "storage type": r"(?:variable )?(\w+) was (byte|int|long|float|double|str\w+) now (byte|int|long|float|double|str\w+)",
    "destring": r"(\w+): (?:all|contains|characters)\b.*; (no \w+|replaced as \w+|\w+ generated as \w+)",
    "numeric already": r"(\w+) already numeric; (no \w+)",
    "import": r"\(([\d,]+) vars?, ([\d,]+) obs\)",
    "xtset": r"panel variable: +(\w+) \((.*)\)",
    "time": r"time variable: +(\w+), (\S+) to ([^\s,]+)(?:,.*)?",
}
_LINES = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in LINES.items()}
#: Those that are compared, and the commands that say them here: names as they are spelled out.
_OF = {
    "missing generated": ("generate", "egen"), "real changes": ("replace",), "observations deleted": ("drop", "keep"),
    "recode": ("recode",), "import": ("import", "insheet"), "xtset": ("xtset", "tsset"),
    "time": ("xtset", "tsset"),
}  # fmt: skip
#: Commands that say none of these lines.
_SILENT = frozenset(
    """label summarize tabulate tabstat ttest correlate pwcorr test testparm lincom nlcom margins estat lrtest hausman
    count estimates describe list display sort gsort order format note notes regress areg xtreg reghdfe ivregress ivreg2
    logit probit poisson tobit""".split()  # noqa: SIM905
)
#: Commands that make data of those that there are.
_MAKING = frozenset(
    """generate replace drop keep egen recode merge append collapse reshape rename encode decode destring tostring xtset
    tsset winsor winsor2 expand fillin joinby mvdecode mvencode""".split()  # noqa: SIM905
)
Said = tuple[str, tuple[str, ...]]


def said_lines(texts: Sequence[str]) -> list[Said]:
    """What data steps said, in order, as (what it is about, its numbers and words)."""
    found = []
    for text in texts:
        for name, pattern in _LINES.items():
            if match := pattern.fullmatch(text.strip()):
                words = tuple((g or "").replace(",", "") for g in match.groups())
                found.append(("recode", words[::-1]) if name.endswith("17") else (name, words))
    return found


@dataclass
class _Ran:
    """All runs of commands of the same words: what they said, and whether it is certain."""

    name: str = ""
    place: str = ""
    lines: list[tuple[Said, str]] = field(default_factory=list)
    sure: bool = True


class Steps:
    """What the data steps of a run say, by the words of their commands as typed and as expanded."""

    def __init__(self, done: DoResult, raws: Mapping[tuple[str, int], str]):
        said: dict[tuple[str, int], list] = defaultdict(list)
        for p in done.said:
            said[p.file, p.line].append(p)
        self._by_text: dict[str, _Ran] = {}
        self.typed = {bare(t) for t in raws.values()}
        known: set[tuple[tuple[str, int], str]] = set()
        for s in done.statements:
            at = (s.file, s.line)
            for text in {bare(s.text), bare(raws.get(at, ""))} - {""}:
                ran = self._by_text.setdefault(text, _Ran(s.name, f"{s.file}:{s.line}"))
                ran.sure &= s.status == "run"
                if (at, text) in known:
                    continue
                known.add((at, text))
                for p in said[at]:
                    ran.sure &= not p.doubts
                    ran.lines += [(line, p.values["text"]) for line in said_lines([p.values["text"]])]

    def of(self, text: str) -> _Ran | None:
        return self._by_text.get(bare(text))


def held(have: Matched) -> tuple[list[FindingOf], list[NotVerified]]:
    """What is wrong with the lines of logs, and how many of each log were held against nothing."""
    steps: dict[int, Steps] = {}
    wrong: list[FindingOf] = []
    left: list[NotVerified] = []
    for path, log in have.logs.items():
        own = have.alone.get(path)
        at = own.run if own is not None else 0
        if path in have.foreign or at >= len(have.runs):
            continue
        run = steps.setdefault(at, Steps(*have.runs[at]))
        loose: list[tuple[int, str, str]] = []
        for line, text, said in _of_log(log, run):
            if said.startswith("?"):
                loose.append((line, text, said[1:]))
            else:
                wrong.append(FindingOf(id="note-window", file=path, line=line, text=said))
        if own is None and path not in have.older and (strange := _strange(log, run)):
            n = len(strange)
            reason = f"{n} command{'s' * (n > 1)} that make{'s' * (n == 1)} data stand{'s' * (n == 1)} in no do-file"
            left.append(NotVerified(file=path, line=strange[0].place.line, text=strange[0].text[:200], reason=reason))
        for why, n in Counter(why for *_, why in loose).items():
            line, text, _ = next(one for one in loose if one[2] == why)
            what = (
                "lines in which data steps say what they did are"
                if n > 1
                else "line in which a data step says what it did is"
            )
            reason = f"{n} {what} not verified: {why}"
            left.append(NotVerified(file=path, line=line, text=text, reason=reason))
    return wrong, left


def _strange(log: Log, run: Steps) -> list[Command]:
    """Commands of a log of the do-files that make data, and that none of them has."""
    from parity.logs.command_names import command_name

    return [
        c for c in log.commands
        if command_name(c.text) in _MAKING and run.of(c.text) is None and bare(c.text) not in run.typed
    ]  # fmt: skip


def _of_log(log: Log, run: Steps) -> Iterator[tuple[int, str, str]]:
    """(line, text, what is wrong with it; "?" and why where nothing tells) of each line that isn't the run's."""
    places = [c.place.line for c in log.commands]
    messages = [*log.messages, *(m for w in log.windows for m in w.messages)]
    for message in sorted({(m.place.line, m.text) for m in messages}):
        found = next(iter(said_lines([message[1]])), None)
        at = bisect_right(places, message[0]) - 1
        if found is None or found[0] not in _OF or at < 0:
            continue
        why = _judged(found, log.commands, at, run)
        if why:
            yield (*message, why)


def _judged(found: Said, commands: Sequence[Command], at: int, run: Steps) -> str:
    from parity.logs.command_names import command_name

    command = commands[at]
    if command.block is not None:  # of any command of the loop, in any round
        inside = [c for c in commands[command.block : at + 1] if c.block == command.block]
        ran = [r for c in inside if (r := run.of(c.text)) is not None]
        every = {line for r in ran for line, _ in r.lines}
        return "" if found in every else "?their loop's rounds aren't told apart"
    ran_alone, name = run.of(command.text), command_name(command.text)
    if ran_alone is None:
        if name in _SILENT:
            return f"the log has `{_spelled(found)}` below `{command.text[:60]}`, which says no such thing"
        return "?no do-file has the command above them"
    if any(line == found for line, _ in ran_alone.lines):
        return ""
    if not ran_alone.sure:
        return "?their data are in doubt"
    if name in _SILENT or ran_alone.name in _SILENT:
        return f"the log has `{_spelled(found)}` below `{command.text[:60]}`, which says no such thing ({ran_alone.place})"
    if name not in _OF[found[0]] and ran_alone.name not in _OF[found[0]]:
        return "?what their command says isn't known here"
    due = next((text for line, text in ran_alone.lines if line[0] == found[0]), "nothing")
    return f"the log says `{_spelled(found)}`; by the code it is `{due}` ({ran_alone.place})"


def _spelled(found: Said) -> str:
    name, (first, *rest) = found
    number = f"{int(first):,}" if first.isdigit() else first
    more = " ".join(r for r in rest if r)
    return {
        "missing generated": f"{number} missing values generated", "observations deleted": f"{number} observations deleted",
        "real changes": f"{number} real changes made{f', {more} to missing' * bool(more)}",
        "recode": f"{number} changes made to {more}", "import": f"{number} vars, {more} obs",
        "xtset": f"panel variable {first} ({more})", "time": f"time variable {first}, {' to '.join(rest)}",
    }.get(name, name)  # fmt: skip
