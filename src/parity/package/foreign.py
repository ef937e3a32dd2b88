"""Logs that aren't run by their own commands, though no do-file has most of these, or not the one that writes such a log."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.package.mapping import bare

if TYPE_CHECKING:
    from parity.logs.exhibit import Command
    from parity.stata.results import Done

#: Fewer commands say nothing of the whole.
LEAST = 4
#: Commands that neither make data nor print numbers; and `save`, whose file and `replace` are typed anew at a prompt.
_ASIDE = set(
    """adopath br browse cap capture cd cl clear cls di display do ed edit end exit gl global h help include loc local log
    macro matrix more noi noisily pause pwd qui quietly run save saveold scalar se set sort timer version which""".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Foreign:
    """gone: commands of a log that its do-files lack, of `of`; writers: do-files that open this log, perhaps none"""

    gone: int
    of: int
    writers: tuple[str, ...]

    @property
    def said(self) -> str:
        first = f"{self.gone} of its {self.of} commands that make data or print numbers"
        if not self.writers:
            return f"{first} stand in no do-file: the code that gave it isn't here"
        one = len(self.writers) == 1
        return f"{first} aren't in {' or '.join(self.writers[:3])}, which write{'s' * one} a log of this name"


def foreign(
    path: str, commands: Sequence[Command], raws: Mapping[tuple[str, int], str], expanded: Mapping[str, set[str]]
) -> Foreign | None:
    """None where most of a log's commands are the do-files'. expanded: do-file -> its statements, macros expanded"""
    from parity.logs.command_names import command_name

    texts: dict[str, set[str]] = {}
    for (file, _), text in raws.items():
        texts.setdefault(file, set()).add(text)
    writers = tuple(f for f, held in texts.items() if any(_opens(t, path) for t in held))
    if any(_calls(t) for f in writers for t in texts[f]):
        writers = ()  # what they run may stand anywhere
    known = {_clean(t) for f in (writers or texts) for t in (*texts[f], *expanded.get(f, ()))}
    telling = [c.text for c in commands if (n := command_name(c.text)) and n not in _ASIDE]
    gone = sum(_clean(t) not in known for t in telling)
    return Foreign(gone, len(telling), writers) if len(telling) >= LEAST and 2 * gone > len(telling) else None


def by_file(statements: Sequence[Done]) -> dict[str, set[str]]:
    """Do-file -> its statements as they were run."""
    out: dict[str, set[str]] = {}
    for s in statements:
        out.setdefault(s.file, set()).add(s.text)
    return out


def _opens(text: str, path: str) -> bool:
    """Whether a statement is `log using` of a file of this log's name, ending or not."""
    if not re.match(r"\s*(?:cap\w*\s+|qui\w*\s+)*log\s+using\b", text):
        return False
    stem = path.rpartition("/")[2].rpartition(".")[0].lower()
    words = re.split(r"[\s\"',/\\`]+", text.lower())
    return any(w in (stem, f"{stem}.log", f"{stem}.smcl", f"{stem}.txt") for w in words)


def _calls(text: str) -> bool:
    return re.match(r"\s*(?:cap\w*\s+|qui\w*\s+|noi\w*\s+)*(?:do|run|include)\s", text) is not None


def _clean(text: str) -> str:
    """A command without comments, and without what `bare` leaves out."""
    text = re.sub(r"(?:^|\s)//[^\n]*", " ", re.sub(r"/\*[^*]*\*/", " ", text))
    return bare(text).removesuffix(";")
