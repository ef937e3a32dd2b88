"""Explain numbers that somebody printed: read what was typed, check it against the spec, ask the diagnosis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from parity.base.errors import InputError
from parity.base.watching import Watch, unwatched
from parity.diagnose.questions.answer import Answer, Asked
from parity.printed.terms import no_term, same_term
from parity.study.hints import in_printed
from parity.study.published import PRINTED_NUMBER
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    from parity.diagnose import TargetNumber
    from parity.diagnose.fitter import Fitter


def typed_targets(given: Mapping[str, Sequence[str]], nobs: str | None) -> list[TargetNumber]:
    """`{"se": ["capital=.0618"]}` as target numbers. Raises `InputError` for what is no TERM=VALUE or no number."""
    from parity.diagnose import TargetNumber

    targets = []
    for quantity, texts in given.items():
        for text in texts:
            term, separator, value = text.rpartition("=")
            if not separator or not term.strip() or not PRINTED_NUMBER.fullmatch(value):
                hint = in_printed(value) if separator else ""
                what = f"`{text}` is not TERM=VALUE, such as capital=.0618{hint and f'; {hint}'}"
                raise InputError.at(f"--target-{quantity}", "", what)
            targets.append(TargetNumber(quantity, term.strip(), value.strip()))
    if nobs is not None:
        if not nobs.replace(",", "").isdigit():
            raise InputError.at("--target-n", "", f"`{nobs}` is no number of observations")
        targets.append(TargetNumber("nobs", "", nobs))
    return targets


@dataclass(frozen=True)
class Declared:
    """A spec of a study at work: its terms, columns left out of it, and the fitter that computes what it prints."""

    study: Study
    spec: Spec
    fitter: Fitter
    terms: tuple[str, ...]
    dropped: tuple[str, ...] = ()

    def number(self, quantity: str, term: str) -> float | None:
        """What the declared spec gives; None where it has no such number."""
        from parity.diagnose.scenario import Scenario

        numbers = self.fitter.numbers(Scenario(self.spec))
        if numbers is None or (term and term not in numbers.terms):
            return None
        value = getattr(numbers, quantity)
        value = float(value[numbers.terms.index(term)] if term else value)
        return value if math.isfinite(value) else None


def declared(study: Study, spec_id: str) -> Declared:
    """Load the data and build the spec's sample. Raises `InputError`, also where the spec can't be estimated."""
    from parity.base.errors import Unestimable
    from parity.data.load import load_frame
    from parity.data.runnable import part_with
    from parity.diagnose.fitter import Fitter
    from parity.sample.build import build_design

    study = part_with(study, spec_id)
    spec, frame = study.spec(spec_id), load_frame(study)
    try:
        design = build_design(study, spec, frame)
    except Unestimable as error:
        raise InputError.at(str(study.file), f"spec.{spec_id}", str(error)) from None
    return Declared(study, spec, Fitter(study, frame), design.terms, design.facts.dropped)


def explain_printed(
    study: Study, spec_id: str, targets: Sequence[TargetNumber], cuts: Sequence[float] | None = None,
    *, printed_by: str = "", watch: Watch = unwatched,
) -> Answer:  # fmt: skip
    """Which causes turn the declared spec into these numbers. cuts: of p, for one star, two stars and so on.

    printed_by: the software whose numbers they are, where it is known. Raises `InputError`.
    """
    known = declared(study, spec_id)
    named = [replace(t, term=same_term(t.term, known.terms) or t.term) for t in targets]
    for target in named:
        if target.term and target.term not in known.terms:
            message = no_term(target.term, known.terms, known.spec, known.dropped)
            raise InputError.at(f"--target-{target.quantity}", "", message)
    return explain_numbers(known, named, cuts, printed_by=printed_by, watch=watch)


def explain_numbers(
    known: Declared, targets: Sequence[TargetNumber], cuts: Sequence[float] | None = None, read: Sequence[str] = (),
    *, printed_by: str = "", watch: Watch = unwatched,
) -> Answer:  # fmt: skip
    """The diagnosis of printed numbers, each of a term of the spec."""
    from parity.diagnose import explain_targets
    from parity.diagnose.numbers import STARS

    stars = tuple(cuts) if cuts is not None else STARS
    found = explain_targets(
        known.study, known.spec, known.fitter.original, targets, fitter=known.fitter, stars=stars, printed_by=printed_by,
        watch=watch,
    )  # fmt: skip
    return Answer(
        **dict(found), asked=tuple(_asked(known, targets, stars)), read=tuple(read),
        defaults=tuple(_defaults(known, targets, stars)) if found.verdict != "agree" else (),
    )  # fmt: skip


def _defaults(known: Declared, targets: Sequence[TargetNumber], stars: tuple[float, ...]) -> Iterator[str]:
    """Profiles whose own conventions give every number: few digits hide them behind single causes."""
    from parity.conventions.profiles import family_of
    from parity.diagnose.observed import from_text
    from parity.diagnose.scenario import Scenario

    observed, spec = from_text(targets), known.spec
    for name, profile in family_of(spec.convention.profile).items():
        if name == spec.convention.profile:
            continue
        numbers = known.fitter.numbers(Scenario(spec.model_copy(update={"convention": profile}), stars=stars))
        if numbers is not None and not observed.failing(numbers).any():
            yield name


def _asked(known: Declared, targets: Sequence[TargetNumber], stars: tuple[float, ...]) -> list[Asked]:
    """Every number beside its declared one; stars are a number of their own."""
    from parity.diagnose.observed import from_text
    from parity.diagnose.scenario import Scenario

    observed, numbers = from_text(targets), known.fitter.numbers(Scenario(known.spec, stars=stars))
    if numbers is None:
        return []
    failing, values = observed.failing(numbers), observed.predicted(numbers)
    return [
        Asked(
            quantity=t.quantity, term=t.term, text=t.text, agrees=not bad,
            declared=float(value) if math.isfinite(value) else None,
        )
        for t, bad, value in zip(observed.targets, failing, values, strict=True)
    ]  # fmt: skip
