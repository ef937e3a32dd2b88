"""The tables of a study: those it declares, else one of all its specs."""

from __future__ import annotations

from collections.abc import Mapping

from parity.study import Study
from parity.table.settings import TableSettings


def default_tables(study: Study) -> Mapping[str, TableSettings]:
    """The study's tables; where it declares none, all its specs in one."""
    if study.tables:
        return study.tables
    whole = TableSettings(title=study.header.title, columns=tuple(spec.id for spec in study.specs))
    return {"specs": whole.labelled(study.labels)}
