"""Code of other languages in a package: nothing of it is run, and a report that doesn't say so would speak for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from parity.package.document import FindingOf
from parity.package.inventory import Inventory

#: Ending -> the language's name.
LANGUAGES = {
    ".r": "R", ".rmd": "R", ".qmd": "R", ".py": "Python", ".ipynb": "Python", ".m": "MATLAB", ".jl": "Julia", ".sas": "SAS",
    ".sps": "SPSS",
}  # fmt: skip
#: Files that are named of several.
MOST = 3


def others(found: Inventory) -> dict[str, list[str]]:
    """Language -> its files; ado-files are Stata's."""
    out: dict[str, list[str]] = {}
    for path in found.of("other code"):
        language = LANGUAGES.get("." + path.rpartition(".")[2].lower())
        if language is not None:
            out.setdefault(language, []).append(path)
    return out


def not_run(found: Inventory) -> Iterator[FindingOf]:
    """One finding a language, at its first file."""
    for language, paths in others(found).items():
        n = f"{len(paths)} file{'s' * (len(paths) > 1)} of {language}"
        said = f"{n} ({named(paths)}): nothing of it is run, and data and tables that it makes aren't made anew"
        yield FindingOf(id="other-code-not-run", file=paths[0], line=1, text=said)


def named(paths: Sequence[str]) -> str:
    more = len(paths) - MOST
    return ", ".join(paths[:MOST]) + (f" and {more} more" if more > 0 else "")


def only_others(found: Inventory) -> str:
    """What is said of a package without a do-file or a log: whose code it is, and what can be compared all the same."""
    held = others(found)
    if not held:
        return "it holds no do-file and no log, so there is nothing to verify"
    which = "; ".join(f"{language}: {named(paths)}" for language, paths in held.items())
    tables, data = found.of("table"), found.of("data")
    out = f"its code is in other languages ({which}), which parity package doesn't run, and it holds no do-file and no log"
    if tables and data:
        out += (
            f". Its tables can be held against its data all the same: `parity new NAME --data {data[0]}` begins a study, "
            f"and `parity explain NAME SPEC --table {tables[0]}` says whether a specification gives a column"
        )
    return out
