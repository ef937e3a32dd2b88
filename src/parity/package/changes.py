"""What changed between two reports of a package: a revision held against the first submission, number by number."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from pydantic import Field

from parity.base.values import Value
from parity.package.document import VERDICTS, CellOf, ExhibitOf, FindingOf, Package, Summary, Verdict

#: From the best verdict to the worst.
RANK = {v: i for i, v in enumerate(("reproduced", "explained", "not verified", "differs"))}


class CellChange(Value):
    """A number whose verdict or print is another. old, new: None where it isn't there"""

    exhibit: str
    column: int
    label: str
    quantity: str
    printed: tuple[str | None, str | None]
    verdict: tuple[Verdict | None, Verdict | None]
    why: str = ""

    @property
    def worse(self) -> bool:
        old, new = self.verdict
        if new is None:
            return old == "reproduced"  # a number that was verified is gone
        return RANK[new] > (RANK[old] if old is not None else RANK["explained"])


class PackageChanges(Value):
    """cells that changed; files whose content is another; findings that are new and that are gone"""

    schema_name: Literal["parity-package-changes/1"] = Field(default="parity-package-changes/1", alias="schema")
    classification: tuple[str, str]
    summary: tuple[Summary, Summary]
    cells: tuple[CellChange, ...] = ()
    files: tuple[str, ...] = ()
    new_findings: tuple[FindingOf, ...] = ()
    gone_findings: tuple[FindingOf, ...] = ()

    model_config = {**Value.model_config, "populate_by_name": True}

    @property
    def exit_code(self) -> int:
        """1 where a verdict got worse, a new number isn't verified, or one that was reproduced is gone."""
        return int(any(c.worse for c in self.cells))


Key = tuple[str, int, str, str, int]


def compare_packages(old: Package, new: Package) -> PackageChanges:
    a, b = _cells(old), _cells(new)
    changed = []
    for key in dict.fromkeys([*a, *b]):
        one, other = a.get(key), b.get(key)
        before, after = (one.verdict if one else None), (other.verdict if other else None)
        if before != after or (one and other and one.printed != other.printed):
            why = "" if other is None else "; ".join(c.text for c in other.causes) or other.reason
            changed.append(
                CellChange(
                    exhibit=key[0], column=key[1], label=key[2], quantity=key[3], verdict=(before, after), why=why,
                    printed=(one.printed if one else None, other.printed if other else None),
                )
            )  # fmt: skip
    hashes = {f.path: f.sha256 for f in old.files}
    files = [f.path for f in new.files if f.path not in hashes or f.sha256 != hashes[f.path]]
    files += [path for path in hashes if path not in {f.path for f in new.files}]
    said = {(f.id, f.file, f.text) for f in old.findings}, {(f.id, f.file, f.text) for f in new.findings}
    return PackageChanges(
        classification=(old.classification, new.classification), summary=(old.summary, new.summary), cells=tuple(changed),
        files=tuple(dict.fromkeys(files)),
        new_findings=tuple(f for f in new.findings if (f.id, f.file, f.text) not in said[0]),
        gone_findings=tuple(f for f in old.findings if (f.id, f.file, f.text) not in said[1]),
    )  # fmt: skip


def _cells(package: Package) -> dict[Key, CellOf]:
    """Cells by what they are: a window by its command and its turn, so that lines of a log may move."""
    out: dict[Key, CellOf] = {}
    turns: Counter[str] = Counter()
    for e in package.exhibits:
        name = e.id
        if e.origin == "log":
            said = e.command.text if e.command is not None else e.kind
            name = f"{e.file}: {' '.join(said.split())}"
            turns[name] += 1
            name += f" #{turns[name]}" if turns[name] > 1 else ""
        out |= _of_exhibit(e, name)
    return out


def _of_exhibit(e: ExhibitOf, name: str) -> dict[Key, CellOf]:
    out: dict[Key, CellOf] = {}
    seen: Counter[tuple] = Counter()
    for c in e.cells:
        key = (name, c.column, c.label or c.term, c.quantity)
        out[*key, seen[key]] = c
        seen[key] += 1
    return out


__all__ = ["RANK", "VERDICTS", "CellChange", "PackageChanges", "compare_packages"]
