"""The table of coefficients in a Stata window that was pasted with what stands above and below it."""

from __future__ import annotations

import re

#: A rule, one or two lines of headings, a rule with a cross, rows, a rule.
_TABLE = re.compile(r"^ *-{20,} *\n(?P<body>(?:.*\n)?.*\| *Coef.*\n *-+\+-+ *\n(?:.*\n)*?) *-{20,} *$", re.MULTILINE)
_NOBS = re.compile(r"Number of obs\s*=\s*([\d,]+)")


def coefficients(text: str) -> tuple[str, str]:
    """The table's lines and the number of observations, "" where none is given; the whole text if it is no such window."""
    found = list(_TABLE.finditer(text.replace("\r\n", "\n")))
    if len(found) != 1:
        return text, ""
    nobs = _NOBS.search(text)
    return found[0]["body"], nobs[1].replace(",", "") if nobs else ""
