"""Display formats: how Stata writes a number. [D] format."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from parity.stata import date_formats, dates
from parity.stata_language.dataset import DataProblem

if TYPE_CHECKING:
    from parity.stata_language.dataset import Dataset

_FORMAT = re.compile(r"%(-)?(0)?(\d+)?(?:\.(\d+))?([gfes])(c)?\Z")
#: Characters of a number; Stata refuses a wider format.
MOST_WIDTH = 244
_DATE = re.compile(r"%-?\d*(?:t([dwmqhycC])|(d))")


def general(value: float, width: int, digits: int = 0, *, commas: bool = False) -> str:
    """`%w.0g`: as many digits as fit, trailing zeros left out, no leading zero.

    Without `digits`: at most w - 2 of them, whole numbers too, and at most so many decimals; what is larger, or less than
    1e-5, has a power of ten and w - 6 digits: `%9.0g` shows 14795382 as 1.48e+07.
    """
    if math.isnan(value):
        return "."
    if value == 0:
        return "0"
    if not digits and width > 7:
        return _fitting(value, width, commas)
    whole = abs(value) == math.floor(abs(value)) and abs(value) < 10 ** min(width - 2, 15)
    if whole and not digits:
        return f"{int(value):,}" if commas else f"{int(value)}"
    for precision in range(digits or min(width - 2, 16), 0, -1):
        text = _significant(value, precision)
        if len(text) <= width:
            return text
    return f"{value:.0e}"


def _fitting(value: float, width: int, commas: bool) -> str:
    most = width - 2
    exponent = math.floor(math.log10(abs(float(f"{value:.{most - 1}e}"))))
    if not -5 <= exponent < most:
        return f"{value:.{width - 7 - (abs(exponent) > 99)}e}"
    if value == math.floor(value):
        return f"{int(value):,}" if commas else f"{int(value)}"
    text = f"{value:.{min(most - 1 - exponent, most)}f}".rstrip("0").rstrip(".")
    return re.sub(r"^(-?)0\.", r"\1.", text)


def _significant(value: float, digits: int) -> str:
    exponent = math.floor(math.log10(abs(value)))
    if exponent < -5 or exponent >= digits + 1:
        mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}e{power[0]}{power[1:].lstrip('0').rjust(2, '0')}"
    decimals = max(digits - 1 - exponent, 0)
    text = f"{value:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return re.sub(r"^(-?)0\.", r"\1.", text)


def shown(value: float | str, form: str) -> str:
    """A value under a format such as `%9.0g`, `%8.2f`, `%td`, `%10s`, unpadded but for `%w.df`."""
    if isinstance(value, str):
        return value
    if match := _DATE.match(form):
        unit = (match.group(1) or "d").lower()
        return date_formats.shown(value, unit, codes) if (codes := form[match.end() :]) else dates.shown(value, unit)
    match = _FORMAT.match(form)
    if match is None or math.isnan(value):
        return "." if math.isnan(value) else general(value, 9)
    width, digits, kind = int(match.group(3) or 9), int(match.group(4) or 0), match.group(5)
    if max(width, digits) > MOST_WIDTH:
        raise DataProblem(f"invalid %format {form[:20]}", 120)
    if kind == "f":
        text = f"{value:,.{digits}f}" if match.group(6) else f"{value:.{digits}f}"
        text = re.sub(r"^(-?)0\.", r"\1.", text) if len(text) > width else text
        return text.zfill(width) if match.group(2) else text
    if kind == "e":
        return f"{value:.{digits}e}"
    return general(value, width, digits, commas=bool(match.group(6)))


def spellings(data: Dataset, name: str, value: float | str) -> tuple[str, ...]:
    """What windows may call a level by: its label, then the value itself."""
    own = value if isinstance(value, str) else macro_text(value)
    dated = [shown(value, form)] if _DATE.match(form := data[name].format) and not isinstance(value, str) else []
    return (*(str(label) for label in [data.labels_of(name).get(value)] if label), *dated, own)


def macro_text(value: float) -> str:
    """A number as a macro holds it: whole numbers plainly, others in up to 16 digits (`%18.0g`), `.` for missing."""
    if math.isnan(value):
        return "."
    if value == math.floor(value) and abs(value) < 1e15:
        return f"{int(value)}"
    return general(value, 18, 16)
