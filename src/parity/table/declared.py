"""The tables of a study: those it declares, else one of all its specs."""

from __future__ import annotations

from collections.abc import Mapping

from parity.base.errors import InputError
from parity.study.study import Study
from parity.study.table import TableSettings


def default_tables(study: Study) -> Mapping[str, TableSettings]:
    """The study's tables; where it declares none, all its specs in one, or without specs all its mediation analyses.

    Raises `InputError` where there is neither.
    """
    if study.tables:
        return study.tables
    if not (study.specs or study.mediation):
        raise InputError.at(str(study.file), "table", "it has neither a specification nor a mediation analysis for a table")
    whole = TableSettings(title=study.header.title, columns=tuple(spec.id for spec in study.specs),
                          mediation=() if study.specs else tuple(study.mediation))  # fmt: skip
    return {"specs": whole.labelled(study.labels, study.header.language)}
