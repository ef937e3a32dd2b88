"""What a statement that failed is called among the findings, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable

from parity.base.errors import suggest_same_digits
from parity.stata.bounds import TooLarge
from parity.stata.files import Absent, Outside
from parity.stata.session import Lost
from parity.stata_language.dataset import DataProblem, NotFound, UnknownFunction


class NotRun(DataProblem):
    """A command that isn't known, or never run."""


class OptionNotRead(NotRun):
    """A command that is known, with an option that isn't read here and may change what it does."""


def kind_of(error: Exception) -> str:
    """Id of the finding."""
    if isinstance(error, OptionNotRead):
        return "option-not-read"
    if isinstance(error, TooLarge):
        return "too-much"
    if isinstance(error, NotRun):
        return "never-run" if "never" in str(error) else "unknown-command"
    if isinstance(error, UnknownFunction):
        return "unknown-function"
    if isinstance(error, Absent):
        return "file-absent"
    return "outside-folder" if isinstance(error, Outside) else "stata-error"


def said(error: Exception, empty: Iterable[str] = ()) -> str:
    """Text of the finding, with Stata's return code and what may have been meant. empty: macros of the statement without
    a text, which a path may lack."""
    if isinstance(error, Absent):
        file = f"the file `{error}` isn't there" if str(error).strip() else "no file is named"
        if error.pointed:
            return f"{file}: its place holds a pointer of Git LFS; `git lfs pull` fetches it"
        if error.namesakes:
            return f"{file}: several files are called so, and which is meant isn't known: {', '.join(error.namesakes[:4])}"
        return f"{file}{suggest_same_digits(error.name, error.beside) or _lacking(empty)}"
    if isinstance(error, Lost):
        return "its data could not be read"
    code = getattr(error, "code", 0)
    remedy = error.remedy if isinstance(error, NotFound) else ""
    return f"{error}; r({code}){remedy}" if code and not isinstance(error, NotRun) else str(error)


def _lacking(names: Iterable[str]) -> str:
    """Which macros are empty, as a half-sentence."""
    said = [f"the global {n}" if n.startswith("$") else f"the local `{n}'" for n in dict.fromkeys(names) if not n.isdigit()]
    return f": {' and '.join(said)} {'is' if len(said) == 1 else 'are'} empty" if said else ""
