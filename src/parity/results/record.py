"""What a run found: differences, records, and the report. The JSON contract `parity-report/1`."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Literal, get_args

from pydantic import Field

from parity.base.values import Value
from parity.results.analysis_page import AnalysisDetail
from parity.results.cause import Cause
from parity.results.estimate import Accuracy
from parity.results.spec_page import SpecDetail
from parity.study.analyses.registry import KINDS

Verdict = Literal["agree", "explained", "disagree", "declined", "unavailable", "failed", "vacuous", "stale"]
#: Worst first; the terminal lists them in this order.
VERDICTS: tuple[Verdict, ...] = ("failed", "disagree", "vacuous", "stale", "explained", "unavailable", "declined", "agree")
#: Kinds of records on what every engine was given: data and samples, which are no answers.
OF_DATA = ("reading", "sample")
#: What a note says of a standard error of which rounding alone is left.
ZERO_ERROR = "the standard error is zero up to rounding, and has no t and no p"
#: Verdicts that never fail a run.
HARMLESS = ("agree", "declined", "unavailable")


Kind = Literal[
    "estimate",
    "printed",
    "recorded",
    "spec",
    *(one.kind for one in KINDS),
    "expectation",
    "reading",
    "sample",
    "study",
    "audit",
    "table",
]
#: Of printed or frozen numbers and of samples; in all other kinds two implementations are held against each other.
_NO_SIDES = ("printed", "recorded", "spec", "expectation", "sample", "study", "audit", "table")
SIDES = tuple(kind for kind in get_args(Kind) if kind not in _NO_SIDES)


class InputProblem(Value):
    """One thing that is wrong with what a user wrote: file, dotted key in it (empty for the file itself), what to mend."""

    file: str
    key: str = ""
    message: str


class Difference(Value):
    """One quantity of one term outside its tolerance, or present on one side only (the other is null)."""

    quantity: str
    term: str = ""
    reference: float | None
    candidate: float | None
    digits: float
    allowed: float = Field(description="largest absolute difference that would have passed")
    against: str = Field(default="", description="the engine that `reference` is of, where the record's has no such number")


class Uncompared(Value):
    """A quantity that one engine alone reports, so that it was compared with nothing."""

    quantity: str
    term: str = ""
    engine: str


class Comparison(Value):
    """Result of comparing two answers: how many quantities, least digits of agreement, and what differs."""

    checked: int
    digits: float
    differences: tuple[Difference, ...]

    @property
    def verdict(self) -> Verdict:
        if not self.checked:
            return "vacuous"
        return "disagree" if self.differences else "agree"


class Number(Value):
    """One number that an analysis found, by name."""

    quantity: str
    term: str = ""
    value: float


class Seen(Value):
    """A value, and the settings under which it was seen: "hash seed 1", "2 threads", "rows reversed"."""

    value: float
    settings: tuple[str, ...]


class Move(Value):
    """A quantity that moved although nothing was changed that may move it. relative: spread over the quantity's scale."""

    quantity: str
    term: str = ""
    values: tuple[Seen, ...]
    relative: float


class Record(Value):
    """One spec, one candidate against the reference (or against a printed or frozen number), one verdict."""

    study: str
    spec: str
    kind: Kind
    reference: str
    candidate: str
    mode: Literal["harmonised", "as-shipped", "determinism"] = "harmonised"
    verdict: Verdict
    checked: int = 0
    digits: float | None = None
    differences: tuple[Difference, ...] = ()
    causes: tuple[Cause, ...] = ()
    moves: tuple[Move, ...] = Field(default=(), description="mode determinism: what moved, and its values")
    expected: bool = Field(default=False, description="explained, and by causes that the study expects of this engine")
    note: str = ""
    transport: Literal["live", "frozen", ""] = ""
    accuracy: Accuracy | Literal["printed", ""] = ""
    floor: float = Field(
        default=0.0, description="relative difference that rounding leaves on these columns, where accuracy allows less"
    )
    how: str = ""
    warnings: tuple[str, ...] = ()
    numbers: tuple[Number, ...] = Field(default=(), description="of an analysis that is no spec: what the candidate found")
    uncompared: tuple[Uncompared, ...] = Field(
        default=(),
        description="what one of its two sides reports, and no other engine of the spec; "
        "of a printed number, the stars that have no levels",
    )
    problems: tuple[InputProblem, ...] = Field(
        default=(), description="what is wrong with the input, where a study or spec couldn't run: the verdict is failed"
    )

    @property
    def name(self) -> str:
        """`study/spec`, or the study alone where it is the study's."""
        return f"{self.study}/{self.spec}" if self.spec else self.study

    @property
    def about_analysis(self) -> bool:
        """Whether it holds a printed number against an analysis: those of a spec say how the estimate was brought to it."""
        return self.kind == "printed" and not self.how

    @property
    def harmless(self) -> bool:
        """Whether it leaves the exit code alone: a harmless verdict, or an explanation that the study expects."""
        return self.verdict in HARMLESS or (self.verdict == "explained" and self.expected)


class Analysed(Value):
    """What the analyses of one kind found: a record for each, and what pages show of them."""

    records: tuple[Record, ...] = ()
    details: tuple[AnalysisDetail, ...] = ()

    @property
    def for_now(self) -> bool:
        """Whether it may be another another day with the same content: a failure, or nothing to hold our side against."""
        return not all(r.checked or r.verdict == "declined" for r in self.records)


class KeptStudy(Value):
    """What a run was asked: the text of a study's `study.toml`, as it was read.

    hash  SHA-256 of the text, by which a kept report shows that the text is that of its numbers
    """

    study: str
    text: str
    hash: str

    @classmethod
    def of(cls, study: str, text: str) -> KeptStudy:
        return cls(study=study, text=text, hash=hashlib.sha256(text.encode()).hexdigest())


class Report(Value):
    """All records of a run, and what was live."""

    format: Literal["parity-report/1"] = Field(default="parity-report/1", alias="schema")
    versions: dict[str, str]
    transports: dict[str, str] = Field(default={}, description="engine -> live, frozen or unavailable, and why")
    made: tuple[str, ...] = Field(default=(), description="studies whose data are made")
    read: dict[str, tuple[str, ...]] = Field(
        default={}, description="study -> what was decided by rule when its data were read and filtered, in sentences"
    )
    records: tuple[Record, ...]
    summary: dict[str, int]
    details: tuple[SpecDetail, ...] | None = Field(
        default=None, description="what pages show of each spec beside its verdicts; absent where nobody asked for it"
    )
    analyses: tuple[AnalysisDetail, ...] | None = Field(
        default=None, description="what pages show of indices and resampling; absent where nobody asked for it"
    )
    studies: tuple[KeptStudy, ...] | None = Field(
        default=None, description="what was asked, from which tables are made again; absent where nobody asked for it"
    )

    model_config = Value.model_config | {"populate_by_name": True}

    @property
    def compared(self) -> int:
        """Records in which answers were compared."""
        return sum(r.checked > 0 for r in self.records if r.kind not in OF_DATA)

    @property
    def exit_code(self) -> int:
        """2 if something of the input is wrong; else 0 if something was compared and every record is harmless, else 1."""
        if any(r.problems for r in self.records):
            return 2
        return 0 if self.compared and all(r.harmless for r in self.records) else 1


def named(found: Mapping[str, Mapping[str, float | None]]) -> tuple[Number, ...]:
    """quantity -> term -> value, as a record keeps it; what has no value is left out."""
    return tuple(
        Number(quantity=quantity, term=term, value=value)
        for quantity, terms in found.items()
        for term, value in terms.items()
        if value is not None and not math.isnan(value)
    )


def summarise(records: tuple[Record, ...]) -> dict[str, int]:
    """Count of each verdict, every verdict named."""
    return {v: sum(r.verdict == v for r in records) for v in sorted(VERDICTS)}
