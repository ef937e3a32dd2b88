"""Analyses that no section of their own asks for: of indices and derived columns, of instruments, of samples."""

from __future__ import annotations

from parity.study.analyses.contract import Asked

ASKED = (
    Asked("index", "indices and derived columns", 0, names=lambda study: study.index, alone=True),
    Asked("diagnostics", "diagnostics of instruments", 2, names=lambda study: [s.id for s in study.specs if s.diagnostics]),
    Asked("summary", "summaries of samples", 6, names=lambda study: study.summed_up),
)
