"""Why a command that should have printed something has no numbers here: its data are absent, or it isn't known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from parity.package.mapping import bare
from parity.package.printed import Printed

if TYPE_CHECKING:
    from parity.stata.do import DoResult
    from parity.stata.findings import Finding


#: Findings that stand beside what ended a statement, and are not it.
_BESIDE = ("undefined-macro", "abbreviated-name", "trap", "missing-is-large")


#: Of a statement that was lost without one before it that failed.
UNKNOWN = "its data could not be known: nothing that was run loads them"


class Fates:
    """What became of the statements that did not run, by their text as typed and as expanded.

    absent: the first file that isn't there, and who wants it; "" where all are
    """

    def __init__(self, runs: Sequence[tuple[DoResult, Mapping[tuple[str, int], str]]]):
        self._by_text: dict[str, str] = {}
        self.absent = ""
        for done, raws in runs:
            findings: dict[tuple[str, int], Finding] = {}
            for f in sorted(done.findings, key=lambda f: (f.id in _BESIDE, not f.taints)):
                findings.setdefault((f.file, f.line), f)
            absent, lost_files, since = "", "", ""
            for s in done.statements:
                at = (s.file, s.line)
                texts = {bare(s.text), bare(raws.get(at, ""))} - {""}
                found = findings.get(at)
                if found is not None and found.id in ("file-absent", "outside-folder"):
                    typed = found.text.partition("`")[2].partition("`")[0].partition("'")[0]
                    name = typed.replace("\\", "/").rsplit("/", 1)[-1].strip()
                    unmade = name.startswith("__tempfile") or bool(absent and name and name.lower() in lost_files)
                    if not unmade:  # else it is only what was not made here
                        absent = f"{found.text} ({s.file}:{s.line})"
                self.absent = self.absent or absent
                if s.status != "run" and s.name in ("save", "saveold", "export"):
                    lost_files += f" {s.text.lower()}"
                if found is not None and found.taints and s.status != "run":
                    since = since or f"{found.text} ({s.file}:{s.line})"
                if s.status == "lost":
                    unknown = f"its data could not be known: {since}" if since else UNKNOWN
                    self._say(texts, f"its data are absent: {absent}" if absent else unknown)
                elif s.status != "run" and found is not None:
                    self._say(texts, f"{found.text} ({s.file}:{s.line})")
            self._never_ran(done, raws, absent)

    def _never_ran(self, done: DoResult, raws: Mapping[tuple[str, int], str], absent: str) -> None:
        """Bodies of loops and branches that were lost with their heads, up to the next statement that was met."""
        met = {(s.file, s.line): s for s in done.statements}
        above = ""
        for (file, line), raw in sorted(raws.items()):
            statement = met.get((file, line))
            if statement is not None:
                heads = statement.name in ("foreach", "forvalues", "while", "if") and statement.status != "run"
                above = f"{file}:{line}" if heads else ""
            elif above and absent:
                self._say({bare(raw)} - {""}, f"its data are absent: {absent}")
            elif above:
                self._say({bare(raw)} - {""}, f"it never ran: what stands above it could not be known ({above})")

    def _say(self, texts: set[str], why: str) -> None:
        for text in texts:
            self._by_text.setdefault(text, why)

    def of(self, exhibit: Printed) -> str:
        """Why the command of an exhibit has no numbers; "" where it ran, or isn't of the do-files."""
        if exhibit.origin == "table":
            return self._of_table(exhibit.file)
        for text in [exhibit.command] if exhibit.command else exhibit.candidates:
            if (found := self._by_text.get(bare(text))) is not None:
                return found
        return ""

    def _of_table(self, file: str) -> str:
        """By the name of the file in a command that writes tables."""
        name = file.rsplit("/", 1)[-1].lower()
        stem = name.rsplit(".", 1)[0]
        for text, why in self._by_text.items():
            low = text.lower()
            if "using" in low and (name in low or f'{stem}"' in low or f"/{stem}," in low):
                return why
        return ""
