"""An audit as JSON, `parity-audit/1`: all of its numbers, and first what the other formats begin with."""

from __future__ import annotations

from parity.report.audit_first import caveat, plain_sentence
from parity.results.audit import Audit
from parity.results.audit_verdict import verdict


def audit_json(audit: Audit) -> str:
    """The whole audit."""
    first = {"verdict": verdict(audit), "sentence": plain_sentence(audit), "caveat": caveat(audit)}
    said = audit.model_copy(update=first)
    return said.model_dump_json(by_alias=True, indent=1) + "\n"
