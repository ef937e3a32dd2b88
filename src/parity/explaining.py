"""Explain numbers that somebody printed: read what was typed, check it against the spec, ask the diagnosis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from parity.errors import InputError, suggest
from parity.spec import PRINTED_NUMBER
from parity.study import Study

if TYPE_CHECKING:
    from parity.diagnose import Explanation, TargetNumber


def typed_targets(given: Mapping[str, Sequence[str]], nobs: str | None) -> list[TargetNumber]:
    """`{"se": ["capital=.0618"]}` as target numbers. Raises `InputError` for what is no TERM=VALUE or no number."""
    from parity.diagnose import TargetNumber

    targets = []
    for quantity, texts in given.items():
        for text in texts:
            term, separator, value = text.rpartition("=")
            if not separator or not term.strip() or not PRINTED_NUMBER.fullmatch(value):
                raise InputError.at(f"--target-{quantity}", "", f"`{text}` is not TERM=VALUE, such as capital=.0618")
            targets.append(TargetNumber(quantity, term.strip(), value.strip()))
    if nobs is not None:
        if not nobs.replace(",", "").isdigit():
            raise InputError.at("--target-n", "", f"`{nobs}` is no number of observations")
        targets.append(TargetNumber("nobs", "", nobs))
    if not targets:
        raise InputError.at("--target-se", "", "give at least one number, such as --target-se capital=.0618")
    return targets


def explain_printed(study: Study, spec_id: str, targets: Sequence[TargetNumber]) -> Explanation:
    """Which causes turn the declared spec into these numbers. Raises `InputError`, `Unestimable` as `InputError` too."""
    from parity.data import load_frame
    from parity.design import Unestimable, build_design
    from parity.diagnose import explain_targets

    spec, frame = study.spec(spec_id), load_frame(study)
    try:
        terms = build_design(study, spec, frame).terms
    except Unestimable as error:
        raise InputError.at(str(study.file), f"spec.{spec_id}", str(error)) from None
    for target in targets:
        if target.term and target.term not in terms:
            known = "; terms: " + ", ".join(terms)
            message = f"there is no term `{target.term}`{suggest(target.term, terms) or known}"
            raise InputError.at(f"--target-{target.quantity}", "", message)
    return explain_targets(study, spec, frame, targets)
