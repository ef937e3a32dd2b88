r"""Logs that sjlog and texdoc turned into LaTeX (`stlog`): rules, bars and signs as the text they stand for.

Source: the Stata Journal's style `stata.sty` and the help of sjlog: `\HLI{13}`, `{\VBAR}`, `{\PLUS}`, `{\smallskip}`,
`{\lbr}`.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"\\HLI\{\d{1,3}\}|\\begin\{stlog\}")
_SIGNS = {
    "VBAR": "|", "PLUS": "+", "TOPT": "-", "BOTT": "-", "LFTT": "|", "RGTT": "|",
    "TLC": "+", "TRC": "+", "BLC": "+", "BRC": "+",
    "lbr": "{", "rbr": "}", "bs": "\\", "textbackslash": "\\", "dlr": "$", "caret": "^", "tytilde": "~", "smallskip": "",
    "oom": "", "moreline": "", "tbar": "|", "stup": "^", "hash": "#",
}  # fmt: skip


def is_stlog(text: str) -> bool:
    return bool(_MARK.search(text))


def shown(text: str) -> str:
    """The text of a log; what stands outside its environments is left out where it has any."""
    parts = re.findall(r"\\begin\{stlog\}(?:\[[^\]\n]*\])?(.*?)(?:\\end\{stlog\}|\Z)", text, re.DOTALL)
    text = "\n".join(parts) if parts else text
    text = re.sub(r"\\HLI\{(\d{1,3})\}", lambda m: "-" * int(m[1]), text)
    text = re.sub(r"\{\\(\w+)\}|\\(VBAR|PLUS|TOPT|BOTT)(?![a-zA-Z])", lambda m: _SIGNS.get(m[1] or m[2], ""), text)
    text = re.sub(r"\{\\(?:bftt|sltt|rmtt)\{([^{}]*)\}\}|\\(?:bftt|sltt)\{([^{}]*)\}", lambda m: m[1] or m[2] or "", text)
    return re.sub(r"\\([_%&#$~^{}])(?:\{\})?", r"\1", text)
