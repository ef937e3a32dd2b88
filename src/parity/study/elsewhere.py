"""A formula of felm, plm, linearmodels or patsy in the spelling of this grammar, as the hint of its error."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Words of a formula: texts, quoted names, names with their package, numbers, and single characters.
_WORD = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`|[^\W\d][\w.]*(?:::?(?=[^\W\d])[\w.]*)?|\d[\w.]*|\S")
#: linearmodels' words for effects -> the name that stands for the study's column of that kind.
EFFECTS = {"EntityEffects": "firm", "FixedEffects": "firm", "TimeEffects": "year", "OtherEffects": "industry"}
_GROUPS = ("C", "factor", "as.factor", "as_factor")
_SHIFTS = {"lag": "l", "Lag": "l", "L": "l", "lags": "l", "shift": "l", "lead": "f", "Lead": "f", "F": "f", "leads": "f",
           "diff": "d", "Diff": "d", "D": "d"}  # fmt: skip
_PLAIN = ("log", "log1p", "log10", "exp", "sqrt", "abs")
_OF_LEVELS = re.compile(r"\bi\(([^(),]+)\)")
_MOST_LAGS, _MOST_CALLS = 12, 50

Words = Sequence[str]


def in_elsewhere(text: str) -> tuple[str, str]:
    """The formula as it is written here, and what else must be set; empty where it holds nothing of theirs.

    The formula is a proposal: whoever shows it sees to it that it can be read.
    """
    words = _WORD.findall(text)
    if "~" not in words or words.count("(") > _MOST_CALLS:
        return "", ""
    at = words.index("~")
    left, parts = words[:at], _split(words[at + 1 :], "|")
    if len(parts) > 1 and not any("~" in part for part in parts) and set(words) & {"lag", "diff", "lead"}:
        return "", ""  # plm's second part is instruments, with no word of what they are for
    clusters = ""
    if len(parts) == 4 and not any("~" in part for part in parts[3:]):
        clusters = ", ".join(f'"{word.strip("`")}"' for word in parts.pop() if word not in ("+", "0"))
    effects = [_joined(part) for part in _split(parts[1], "+")] if len(parts) > 1 else []
    instruments = _instruments(parts[2]) if len(parts) > 2 else ""
    items = []
    for item in _split(parts[0], "+"):
        if item[:1] == ["["] and "~" in item:
            instruments = _instruments(item)
        elif len(item) == 1 and item[0] in EFFECTS:
            effects.append(EFFECTS[item[0]])
        else:
            product = len(_split(item, ":")) > 1 or len(_split(item, "*")) > 1
            # how R codes a factor in a product hangs on the other terms: left to `parity.study.r_terms`
            items.append(_OF_LEVELS.sub(r"C(\1)", _joined(item)) if product else _joined(item))
    effects = [effect for effect in effects if effect not in ("", "0")]
    said = f"{_joined(left)} ~ {' + '.join(items) or '1'}"
    if effects or instruments:
        said += f" | {' + '.join(effects) or '0'}"
    said += f" | {instruments}" if instruments else ""
    more = f"vcov = {{ cluster = [{clusters}] }}" if clusters else ""
    plain = f"{' '.join(left)} ~ {' | '.join(' '.join(part) for part in parts)}"
    return ("", "") if _squeezed(said) == _squeezed(plain) and not more else (said, more)


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _split(words: Words, mark: str) -> list[list[str]]:
    """At every mark that stands in no parentheses or brackets."""
    out: list[list[str]] = [[]]
    depth = 0
    for word in words:
        depth += (word in "([") - (word in ")]")
        if word == mark and depth == 0:
            out.append([])
        else:
            out[-1].append(word)
    return out


def _instruments(words: Words) -> str:
    """`(q | w ~ z1 + z2)` of felm, `[q ~ z]` of linearmodels -> `q + w ~ z1 + z2`; empty for 0."""
    inner = words[1:-1] if words and (words[0], words[-1]) in (("(", ")"), ("[", "]")) else words
    if "~" not in inner:
        return ""
    at = list(inner).index("~")
    endog = ["+" if word == "|" else word for word in inner[:at]]
    return f"{_joined(endog)} ~ {_joined(inner[at + 1 :])}"


def _joined(words: Words) -> str:
    """The words with calls of other programs rewritten."""
    out, at = "", 0
    while at < len(words):
        word, opens = words[at], at + 1 < len(words) and words[at + 1] == "("
        if opens:
            end = _end(words, at + 1)
            out += _call(word, words[at + 2 : end])
            at = end + 1
            continue
        out += f" {word} " if word in "+-|~" else word
        at += 1
    return " ".join(out.split())


def _end(words: Words, opening: int) -> int:
    """Where the parenthesis closes that opens there; behind the last word if it doesn't."""
    depth = 0
    for at in range(opening, len(words)):
        depth += (words[at] == "(") - (words[at] == ")")
        if depth == 0:
            return at
    return len(words)


def _call(name: str, inner: Words) -> str:
    args = _split(inner, ",")
    bare = name.split(":")[-1] if "::" in name else name
    bare = bare.rpartition(".")[2] if bare.startswith(("np.", "numpy.")) else bare
    told = [_joined(arg) for arg in args]
    first = told[0]
    if bare == "Q" and len(inner) == 1:
        return f"`{inner[0].strip(chr(34) + chr(39))}`"
    if bare in _GROUPS:
        base = next((a for a in args[1:] if a[:1] == ["Treatment"]), None)
        level = [w for w in base[2:-1] if w not in ("reference", "=")] if base else []
        return f"i({first}, ref={''.join(level)})" if level else f"i({first})"
    if bare in _SHIFTS:
        steps = _steps(args[1] if len(args) > 1 else ["1"])
        turned = {"l": "f", "f": "l"}
        made = [(_SHIFTS[bare], k) if k > 0 else (turned.get(_SHIFTS[bare], "d"), -k) for k in steps]
        return " + ".join(f"{letter}({first}, {k})" if k else first for letter, k in made)
    return f"{bare if bare in _PLAIN else name}({', '.join(told)})"


def _steps(words: Words) -> list[int]:
    """`1`, `-1`, `1:3`, `c(1, 3)`, `k = 2` -> the numbers of periods; one where they are of another form."""
    text = re.sub(r"^(?:k|n|periods)=|[c()]", "", "".join(words))
    if found := re.fullmatch(r"(\d{1,2}):(\d{1,2})", text):
        low, high = sorted((int(found[1]), int(found[2])))
        return list(range(low, min(high, low + _MOST_LAGS) + 1))
    numbers = re.findall(r"-?\d{1,3}", text)
    return [int(n) for n in numbers[:_MOST_LAGS]] or [1]
