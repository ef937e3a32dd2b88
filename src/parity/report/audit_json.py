"""An audit as JSON, `parity-audit/1`: all of its numbers, and first the sentence that the other formats begin with."""

from __future__ import annotations

from parity.report.audit_first import caveat, plain_sentence
from parity.results.audit import Audit


def audit_json(audit: Audit) -> str:
    """The whole audit."""
    said = audit.model_copy(update={"sentence": plain_sentence(audit), "caveat": caveat(audit)})
    return said.model_dump_json(by_alias=True, indent=1) + "\n"
