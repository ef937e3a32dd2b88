"""The contract of an analysis: what a study asks that is no estimate of a spec, found here and in R.

A new one is a folder with `analysis.py` and its `ANALYSIS`: `parity.analyses.registry` finds it there, and runs, frozen
answers and tables take it from the registry. What of it a study says is declared in `parity.study.analyses`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from parity.analyses.conventions import Convention
from parity.analyses.frozen import Held
from parity.results.record import Analysed, Kind
from parity.study.study import Study
from parity.study.table import TableSettings

#: The two sides of every record of an analysis.
REFERENCE, CANDIDATE = "base-r", "python"
#: What a record of an analysis says where R failed: that it is R's side, and that nothing stood against it.
R_FAILED = {"reference": "", "candidate": "base-r"}


class Analysis(Protocol):
    """name     of the file with R's frozen answers, `references/<name>.json`
    kinds    of its records, whose names start with one of them, and what the last line calls those, in the plural
    counted  what `parity freeze` calls these answers, in the plural
    schema   of that file
    columns  quantity -> head of its column in a table of `kind = "analysis"`; empty where there is none
    """

    name: str
    kinds: Mapping[Kind, str]
    counted: str
    schema: str
    columns: Mapping[str, str]

    def asked(self, study: Study) -> bool:
        """Whether the study asks for it at all; nothing else is called where it doesn't."""
        ...

    def names(self, study: Study) -> Sequence[str]:
        """The questions to R by name, each of which may take as long as an engine may for a spec."""
        ...

    def content(self, study: Study) -> str:
        """SHA-256 of the data and of all that says what is analysed."""
        ...

    def in_tables(self, study: Study, tables: Sequence[TableSettings]) -> bool:
        """Whether tables of the study show it."""
        ...

    def in_r(self, study: Study) -> dict[str, Any]:
        """Question -> what R finds, or {"failed": why}. Runs in a worker; plain values, as JSON has them."""
        ...

    def to_freeze(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """What is kept of R's answers."""
        ...

    def judged(self, study: Study, held: Held) -> Analysed:
        """Our side against R's answers: a record for each question, and what pages show. Without R they say why."""
        ...

    def conventions(self, study: Study, name: str) -> Iterable[Convention]:
        """Other ways to compute what a record holds, against which printed numbers are held."""
        ...

    def found(self, study: Study, name: str) -> Iterable[tuple[str, Mapping[str, float | None]]]:
        """What our side finds for one record, quantity by quantity: term -> number. Raises `LookupError`, `Unestimable`."""
        ...
