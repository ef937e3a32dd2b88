"""Functions of expressions by name: numbers, texts, dates, chance. [FN]

Numeric functions take and give doubles, missing being NaN; those of texts go element by element. What takes the data's
order (`sum`, subscripts) is `evaluate`'s.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from functools import reduce
from importlib import import_module
from typing import Any

import numpy as np

from parity.stata import dates
from parity.stata.bounds import check_text
from parity.stata_language.dataset import DataProblem
from parity.stata_language.values import Doubles, Texts, compare, missing, settled

Value = Any  # doubles or texts: an array over rows, or one number or text


class _Special:
    """`scipy.special`, loaded when the first of its functions is called: most do-files call none."""

    def __getattr__(self, name: str) -> Callable:
        return lambda *arguments: getattr(import_module("scipy.special"), name)(*arguments)


special = _Special()


def _doubles(function: Callable) -> Callable:
    def call(*arguments: Value) -> Doubles:
        with np.errstate(all="ignore"):
            return settled(np.asarray(function(*(np.asarray(a, dtype=float) for a in arguments)), dtype=float))

    return call


def _texts(function: Callable, *, number: bool = False) -> Callable:
    """Element by element over texts and numbers; number: gives numbers."""

    def call(*arguments: Value) -> Value:
        if all(isinstance(a, str | float | int) or np.ndim(a) == 0 for a in arguments):
            return function(*(a.item() if isinstance(a, np.ndarray) else a for a in arguments))
        whole = np.broadcast_arrays(*(np.asarray(a, dtype=object if _is_text(a) else float) for a in arguments))
        found = [function(*row) for row in zip(*(w.tolist() for w in whole), strict=True)]
        return np.asarray(found, dtype=float) if number else _objects(found)

    return call


def _objects(found: list) -> Texts:
    out = np.empty(len(found), dtype=object)
    out[:] = found
    return out


def _is_text(value: Value) -> bool:
    return isinstance(value, str) or (isinstance(value, np.ndarray) and value.dtype == object)


# ---------------------------------------------------------------- numbers


def _round(x: Doubles, unit: Doubles | float = 1.0) -> Doubles:
    """round(x, y) is y times the nearest whole number of x/y, halves upward."""
    unit = np.abs(unit)
    return np.where(unit == 0, x, unit * np.floor(x / np.where(unit == 0, 1, unit) + 0.5))


def _extreme(pick: Callable) -> Callable:
    """max() and min() leave missing values out; all missing is missing."""

    def call(*arguments: Value) -> Doubles:
        return reduce(pick, (np.asarray(a, dtype=float) for a in arguments))

    return call


def _mod(x: Doubles, y: Doubles) -> Doubles:
    return np.where(y > 0, x - y * np.floor(x / np.where(y > 0, y, 1)), np.nan)


def _cond(test: Value, yes: Value, no: Value, lost: Value = None) -> Value:
    test = np.asarray(test, dtype=float)
    out = np.where(test != 0, yes, no) if not (_is_text(yes) or _is_text(no)) else np.where(test != 0, _wide(yes), _wide(no))
    out = out if lost is None else np.where(np.isnan(test), lost, out)
    return out if np.ndim(out) else out[()]  # of one text a text, no array without rows


def _wide(value: Value) -> Value:
    return np.asarray(value, dtype=object)


def _inlist(value: Value, *others: Value) -> Doubles:
    found = np.zeros(np.shape(value), dtype=bool)
    for other in others:
        same = _same(value, other)
        found = found | same
    return found.astype(float)


def _same(a: Value, b: Value) -> Any:
    if _is_text(a) or _is_text(b):
        return np.asarray(np.equal(np.asarray(a, dtype=object), np.asarray(b, dtype=object)), dtype=bool)
    return compare("==", np.asarray(a, dtype=float), np.asarray(b, dtype=float)) != 0


def _inrange(z: Value, a: Value, b: Value) -> Doubles:
    """a <= z <= b; a missing a stands for minus, a missing b for plus infinity; a missing z is never inside, but for
    two missing ends."""
    if _is_text(z):
        z, a, b = (np.asarray(v, dtype=object) for v in (z, a, b))
        return ((z >= a) & (z <= b)).astype(float)
    z, a, b = (np.asarray(v, dtype=float) for v in (z, a, b))
    low = np.isnan(a) | (z >= a)
    high = np.isnan(b) | (z <= b)
    return np.where(np.isnan(z), (np.isnan(a) & np.isnan(b)).astype(float), (low & high).astype(float))


def _missing(*values: Value) -> Doubles:
    found = False
    for value in values:
        found = found | (
            np.asarray(value, dtype=object) == "" if _is_text(value) else np.isnan(np.asarray(value, dtype=float))
        )
    return np.asarray(found, dtype=float)


def _recode(x: Doubles, *cuts: Doubles) -> Doubles:
    """recode(x, c1, ..., cn): the first cut that x doesn't exceed, else the last."""
    out = np.full(np.shape(x), np.nan)
    for cut in reversed(cuts):
        out = np.where(x <= cut, cut, out)
    return np.where(np.isnan(x), np.nan, np.where(np.isnan(out), cuts[-1], out))


def _irecode(x: Doubles, *cuts: Doubles) -> Doubles:
    return np.where(np.isnan(x), np.nan, sum((x > cut).astype(float) for cut in cuts))


def _autocode(x: Doubles, n: Doubles, low: Doubles, high: Doubles) -> Doubles:
    width = (high - low) / n
    return np.where(np.isnan(x), np.nan, low + width * np.clip(np.ceil((x - low) / width), 1, n))


def _t_tail(df: Doubles, t: Doubles) -> Doubles:
    return special.stdtr(df, -t)


NUMERIC: dict[str, Callable] = {
    name: _doubles(function)
    for name, function in {
        "abs": np.abs, "ceil": np.ceil, "floor": np.floor, "int": np.trunc, "trunc": np.trunc, "round": _round,
        "sqrt": np.sqrt,
        "exp": np.exp, "ln": np.log, "log": np.log, "log10": np.log10, "ln1p": np.log1p, "log1p": np.log1p,
        "expm1": np.expm1,
        "sign": np.sign, "mod": _mod, "logit": lambda p: np.log(p / (1 - p)), "invlogit": special.expit,
        "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
        "atan2": np.arctan2, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh,
        "atanh": np.arctanh, "lngamma": special.gammaln, "digamma": special.digamma, "comb": special.comb,
        "lnfactorial": lambda n: special.gammaln(n + 1),
        "normal": special.ndtr, "norm": special.ndtr, "normprob": special.ndtr,
        "normalden": lambda z, *s: _normal_density(z, *s),
        "lnnormal": special.log_ndtr,
        "invexponential": lambda b, p: -b * np.log1p(-p),
        "exponential": lambda b, x: np.where(x > 0, -np.expm1(-x / b), 0.0),
        "invnormal": special.ndtri, "invnorm": special.ndtri, "chi2": lambda df, x: special.chdtr(df, x),
        "chi2tail": lambda df, x: special.chdtrc(df, x), "invchi2": lambda df, p: special.chdtri(df, 1 - p),
        "invchi2tail": special.chdtri, "t": special.stdtr, "ttail": _t_tail, "invttail": lambda df,
        p: -special.stdtrit(df, p),
        "invt": special.stdtrit, "tden": lambda df, t: np.exp(_log_t(df, t)),
        "F": special.fdtr, "Ftail": special.fdtrc, "invF": special.fdtri, "invFtail": lambda a, b, p: special.fdtri(a, b,
        1 - p),
        "binomial": lambda n, k, p: special.bdtr(k, n, p), "poisson": lambda m, k: special.pdtr(k, m),
        "ibeta": special.betainc, "gammap": special.gammainc, "recode": _recode, "irecode": _irecode, "autocode": _autocode,
        "float": lambda x: np.where(np.isnan(x), x, x.astype(np.float32).astype(float)),
        "mdy": lambda m, d, y: dates.days(y, m, d), "ym": lambda y, m: dates.of_period(y, m, "m"),
        "yq": lambda y, q: dates.of_period(y, q, "q"), "yw": lambda y, w: dates.of_period(y, w, "w"),
        "yh": lambda y, h: dates.of_period(y, h, "h"),
        **{name: (lambda d, name=name: dates.part(d, name))
           for name in ("year", "month", "day", "quarter", "halfyear", "week", "dow", "doy")},
        **{f"{u}ofd": (lambda d, u=u: dates.from_days(d, u)) for u in "wmqhyc"},
        **{f"dof{u}": (lambda v, u=u: dates.to_days(v, u)) for u in "wmqhyc"},
        "hh": lambda c: np.floor(np.mod(c, 86_400_000) / 3_600_000), "mm": lambda c: np.floor(np.mod(c, 3_600_000) / 60_000),
        "mdyhms": lambda m, d, y, h, mi, s: dates.days(y, m, d) * 86_400_000 + (h * 3600 + mi * 60 + s) * 1000,
        "hours": lambda ms: ms / 3_600_000, "minutes": lambda ms: ms / 60_000, "seconds": lambda ms: ms / 1000,
    }.items()
}  # fmt: skip
NUMERIC |= {"max": _extreme(np.fmax), "min": _extreme(np.fmin)}


def _normal_density(z: Doubles, *scale: Doubles) -> Doubles:
    mean, sd = (scale[0], scale[1]) if len(scale) == 2 else (np.float64(0), scale[0] if scale else np.float64(1))
    u = (z - mean) / sd
    return np.exp(-u * u / 2) / (sd * math.sqrt(2 * math.pi))


def _log_t(df: Doubles, t: Doubles) -> Doubles:
    constant = special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - 0.5 * np.log(df * np.pi)
    return constant - (df + 1) / 2 * np.log1p(t * t / df)


# ---------------------------------------------------------------- texts


def _substr(text: str, start: float, length: float, units: Callable, join: Callable) -> str:
    pieces = units(text)
    if math.isnan(start):
        return ""
    begin = int(start) - 1 if start > 0 else len(pieces) + int(start)
    if begin < 0 or start == 0 or length < 0:
        return ""
    end = len(pieces) if math.isnan(length) else begin + int(length)
    return join(pieces[begin:end])


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _of_bytes(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def number_of(text: str) -> float:
    """real(): the number that a text holds, or missing."""
    text = text.strip()
    if re.fullmatch(r"\.[a-z]?", text):
        return missing(0 if text == "." else ord(text[1]) - 96)
    if not re.fullmatch(r"[-+]?(\d++\.?+\d*+|\.\d++)([eEdD][-+]?\d++)?", text):
        return math.nan
    return float(text.lower().replace("d", "e"))


def as_text(value: float) -> str:
    """string(x) in `%9.0g`: at most seven or eight digits, as display has it."""
    from parity.stata.formats import general

    return general(value, 9).strip()


def _ascii_lower(text: str) -> str:
    """strlower() knows the letters of ASCII alone."""
    return _of_bytes(_bytes(text).lower())


def _ascii_upper(text: str) -> str:
    return _of_bytes(_bytes(text).upper())


def _strpos(text: str, part: str) -> float:
    return float(_bytes(text).find(_bytes(part)) + 1) if part else 0.0


def _subinstr(text: str, old: str, new: str, count: float) -> str:
    if not old:
        return text
    times = text.count(old) if math.isnan(count) else min(text.count(old), max(int(count), 0))
    check_text(len(text) + float(times) * (len(new) - len(old)))
    return text.replace(old, new, times)


def _subinword(text: str, old: str, new: str, count: float) -> str:
    return re.sub(rf"(?<!\S){re.escape(old)}(?!\S)", lambda _: new, text, count=0 if math.isnan(count) else int(count))


def _word(text: str, n: float) -> str:
    words = text.split()
    at = int(n) - 1 if n > 0 else len(words) + int(n)
    return words[at] if 0 <= at < len(words) and n != 0 else ""


def _strmatch(text: str, pattern: str) -> float:
    body = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return float(re.fullmatch(body, text, re.DOTALL) is not None)


def _proper(text: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda m: m.group()[0].upper() + m.group()[1:].lower(), text)


def _date(text: str, order: str, top: float = math.nan) -> float:
    return dates.read(text, order, None if math.isnan(top) else top)


def _periodic(unit: str) -> Callable:
    def read(text: str, order: str, top: float = math.nan) -> float:
        pieces = re.findall(r"\d+|[a-z]{3,}", text.lower())
        letters = [c for c in order.upper() if c in "YMQWH"]
        if len(pieces) != len(letters):
            return math.nan
        found = dict(zip(letters, pieces, strict=True))
        year, inner = found.get("Y", ""), next((found[c] for c in "MQWH" if c in found), "1")
        if inner[:3] in dates.MONTHS:
            inner = str(dates.MONTHS.index(inner[:3]) + 1)
        if not (year.isdigit() and inner.isdigit()):
            return math.nan
        return float(dates.of_period(np.float64(year), np.float64(inner), unit)) if unit != "y" else float(year)

    return read


def _plain_text(text: str, encoding: str, mode: float = 1.0) -> str:
    """ustrto(): characters that an encoding lacks are skipped (2), replaced (1, 3) or end the text (4)."""
    how = {2: "ignore", 4: "strict"}.get(int(mode), "replace")
    codec = encoding.lower().replace("latin1", "latin-1")
    try:
        return text.encode(codec, how).decode(codec, "replace")
    except UnicodeEncodeError as error:
        return text[: error.start]
    except LookupError:
        raise DataProblem(f"unknown encoding {encoding}", 198) from None


def _name(text: str, first: float, barred: str) -> str:
    """What isn't allowed in names as `_`, one more before a digit where `first` isn't zero, 32 characters. [FN] String."""
    out = re.sub(barred, "_", text)
    return ("_" * bool(first and out[:1].isdigit()) + out)[:32]


TEXTUAL: dict[str, Callable] = {
    "lower": _texts(_ascii_lower), "strlower": _texts(_ascii_lower), "ustrlower": _texts(str.lower),
    "upper": _texts(_ascii_upper), "strupper": _texts(_ascii_upper), "ustrupper": _texts(str.upper),
    "proper": _texts(_proper), "strproper": _texts(_proper),
    "trim": _texts(lambda s: s.strip(" ")), "strtrim": _texts(lambda s: s.strip(" ")), "ustrtrim": _texts(str.strip),
    "ltrim": _texts(lambda s: s.lstrip(" ")), "strltrim": _texts(lambda s: s.lstrip(" ")),
    "rtrim": _texts(lambda s: s.rstrip(" ")), "strrtrim": _texts(lambda s: s.rstrip(" ")),
    "itrim": _texts(lambda s: re.sub(" +", " ", s)), "stritrim": _texts(lambda s: re.sub(" +", " ", s)),
    "length": _texts(lambda s: float(len(_bytes(s))), number=True), "strlen": _texts(lambda s: float(len(_bytes(s))),
    number=True),
    "ustrlen": _texts(lambda s: float(len(s)), number=True),
    "substr": _texts(lambda s, a, n: _substr(s, a, n, _bytes, _of_bytes)),
    "usubstr": _texts(lambda s, a, n: _substr(s, a, n, list, "".join)), "strpos": _texts(_strpos, number=True),
    "ustrpos": _texts(lambda s, p: float(s.find(p) + 1), number=True),
    "strrpos": _texts(lambda s, p: float(_bytes(s).rfind(_bytes(p)) + 1), number=True),
    "ustrrpos": _texts(lambda s, p: float(s.rfind(p) + 1), number=True), "index": _texts(_strpos, number=True),
    "subinstr": _texts(_subinstr), "usubinstr": _texts(_subinstr), "subinword": _texts(_subinword),
    "word": _texts(_word), "wordcount": _texts(lambda s: float(len(s.split())), number=True),
    "reverse": _texts(lambda s: s[::-1]), "strreverse": _texts(lambda s: s[::-1]), "ustrreverse": _texts(lambda s: s[::-1]),
    "real": _texts(number_of, number=True), "char": _texts(lambda n: chr(int(n)) if n < 128 else ""),
    "uchar": _texts(lambda n: chr(int(n))), "strmatch": _texts(_strmatch, number=True), "abbrev": _texts(lambda s,
    n: s[: int(n)]),
    "ustrto": _texts(_plain_text), "ustrnormalize": _texts(lambda s, form: unicodedata.normalize(form.upper(), s)),
    "strtoname": _texts(lambda s, first=1.0: _name(s, first, r"[^A-Za-z0-9_]")),
    "ustrtoname": _texts(lambda s, first=1.0: _name(s, first, r"\W")),
    "plural": _texts(lambda n, s: s if n == 1 else s + "s"),
    "date": _texts(_date, number=True), "daily": _texts(_date, number=True),
    "monthly": _texts(_periodic("m"), number=True), "quarterly": _texts(_periodic("q"), number=True),
    "weekly": _texts(_periodic("w"), number=True), "halfyearly": _texts(_periodic("h"), number=True),
    "yearly": _texts(_periodic("y"), number=True),
    "clock": _texts(lambda s, o, t=math.nan: _clock(s, o), number=True),
    "regexr": _texts(lambda s, p, r: re.sub(p, lambda _: r, s, count=1)),
    "ustrregexra": _texts(lambda s, p, r, i=0.0: re.sub(p, _groups(r), s, flags=re.IGNORECASE * bool(i))),
    "ustrregexrf": _texts(lambda s, p, r, i=0.0: re.sub(p, _groups(r), s, count=1, flags=re.IGNORECASE * bool(i))),
}  # fmt: skip


def _groups(replacement: str) -> str:
    return re.sub(r"\$(\d)", r"\\\1", replacement)


def _clock(text: str, order: str) -> float:
    day_letters = "".join(c for c in order if c in "DMY" or c.isdigit())
    time = re.search(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", text)
    day = dates.read(re.sub(r"\d{1,2}:\d{2}(:\d{2})?.*", "", text), day_letters)
    if time is None or math.isnan(day):
        return math.nan if time is not None or "h" in order else day * 86_400_000
    hours, minutes, seconds = int(time.group(1)), int(time.group(2)), int(time.group(3) or 0)
    return day * 86_400_000 + ((hours * 60 + minutes) * 60 + seconds) * 1000


OTHER: dict[str, Callable] = {
    "cond": _cond, "inlist": _inlist, "inrange": _inrange, "missing": _missing, "mi": _missing,
    "clip": lambda x, a, b: np.clip(x, a, b),
}  # fmt: skip
#: Draws: what they give isn't reproducible here.
RANDOM = frozenset({
    "runiform", "uniform", "rnormal", "runiformint", "rbinomial", "rpoisson", "rt", "rchi2", "rgamma", "rbeta",
    "rexponential",
    "invnormaluniform", "rlogistic", "rweibull", "rhypergeometric", "rnbinomial", "rcauchy", "rlaplace",
})  # fmt: skip
