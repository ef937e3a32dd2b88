"""Lines of a log that say something: errors, variables left out, rows dropped, notes; and what says nothing about
results."""

from __future__ import annotations

import re

from parity.logs.exhibit import Message, Place
from parity.printed.lines import Line

_ERROR = re.compile(r"r\((\d+)\);(?: t=.*)?")
_KINDS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("omitted", r".*\bomitted\b.*|.*collinear.*|.*predicts (?:success|failure) perfectly.*"),
        ("dropped", r"\(?dropped .*singleton.*|.*singleton observations?.*|.*observations? (?:deleted|dropped|not used).*|"
                    r".*obs\.? (?:not used|dropped).*|\(\d[\d,]* observations? .*|"
                    r".*dropped and.*not used.*"),
        ("warning", r"warning.*|caution.*"),
        ("note", r"note:.*|_nl_\d+:.*|--more--|\(.*\)|\(.*|.*\)|file .* (?:saved|not found|replaced).*|"
                 r"file .* saved as .* format|"
                 r"\(?output written to.*|"
                 r"(?:Iteration|Fitting|Step|Refining|Rescale|Grid node|initial:|rescale|alternative:|feasible:).*|"
                 r"(?:panel variable|time variable|delta|Panel variable|Time variable|Delta)\s*:.*|\(?running .*|"
                 r"Replaying.*|"
                 r"(?:bootstrap|jackknife) replications.*|[.sx]{10,}\s*\d*|-+\+-+ \d -+.*|\.+x*|.* (?:was|now) .* (?:now|"
                 r"str|byte|int)"
                 r".*|obs(?:ervations)? (?:was|now).*|number of observations \(_N\) was.*|"
                 r".*[Cc]onverged in \d+ iterations.*|"
                 r"The following .* estimation results .*|(?:verifying|checking|installing|all files).*|"
                 r".*\bvariables? .*was.*|"
                 r"Contains data.*| *[Oo]bs(?:ervations)?:.*| *[Vv]ar(?:iable)?s:.*| *[Ss]ize:.*|Sorted by.*|"
                 r".*stored\)?|"
                 r"\[?\w* file .* opened.*|.*characters? .*not.*|end of do-file|r; t=.*|.*\(\d+ real changes? made.*"),
    )
)  # fmt: skip
#: A longer line is no message.
_LONGEST = 1000


def error_code(line: Line) -> int | None:
    """111 of `r(111);`, None for other lines."""
    found = _ERROR.fullmatch(line.text)
    return int(found[1]) if found else None


def message(line: Line, file: str) -> Message | None:
    """What a line outside tables says, None where it is of no kind that is known."""
    text = line.text.strip()
    if len(text) > _LONGEST:
        return None
    kind = next((kind for kind, pattern in _KINDS if pattern.fullmatch(text)), "")
    return Message(text, kind, Place(file, line.number)) if kind else None
