"""Values set to others: recode, mvdecode. [D] recode, mvencode"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from parity.base.patterns import BLANKS
from parity.stata.commands import command
from parity.stata.functions import number_of
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem
from parity.stata_language.expression import unquoted
from parity.stata_language.values import compare, promoted, stored
from parity.stata_language.varlist import numbers


@command("recode")
def recode(session: Session, given: Command) -> None:
    """`recode x (1/3 = 1 "low") (4 = 2) (missing = 9) (else = .) [, generate() prefix() label()]`; the first rule counts."""
    text = given.about
    rules, bare = _rules(text)
    names = session.names(bare if rules else text.split()[0])
    if not rules:  # recode x 1=2 3/5=4 .=0
        rest = text.split(None, len(names))[-1]
        said = re.finditer(r"[^\s=]++(?:\s++[^\s=]++)*+\s*+(=\s*+\S+)?", rest)
        rules = [rule[0] for rule in said if rule[1]]
    option, prefix, used = given.option("generate", least=3), given.option("prefix"), session.used(given)
    targets = (
        option.value.split() if option and option.value else [f"{prefix.value}{n}" for n in names] if prefix else list(names)
    )
    labels: dict[float, str] = {}
    new = {}
    for name, target in zip(names, targets, strict=True):
        column = session.there[name]
        x = column.numbers
        out, done = x.copy(), ~used
        for rule in rules:
            left, _, right = rule.partition("=")
            match = re.match(r"\s*(\.[a-z]?(?!\d)|-?[\d.]+(?:e-?\d+)?|missing|copy)\s*(.*)\Z", right)
            if match is None:
                raise DataProblem(f"recode: `{rule}` is no rule", 198)
            value = _code(match.group(1))
            if match.group(2).strip():
                labels[value] = unquoted(match.group(2).strip())
            hit = _matched(left.strip(), x) & ~done
            out[hit] = x[hit] if match.group(1) == "copy" else value
            done |= hit
        if target != name:
            out = np.where(used | (given.has("copyrest")), out, np.nan)
        # a made variable has the type of its source, unless the new values need a wider one
        kind = promoted(out, column.kind)
        changed = int(np.count_nonzero(compare("!=", x, out)))
        if target == name:
            session.say_counted(changed, "change", f"made to {name}")
        else:
            session.say_counted(changed, "difference", f"between {name} and {target}")
        new[target] = Column(
            stored(out, kind),
            kind,
            label=column.label,
            value_label=column.value_label if target == name else "",
            doubts=column.doubts,
        )
    data = session.there
    if labels and targets != list(names):
        attached = given.option("label")
        called = attached.value if attached and attached.value else targets[0]
        data = replace(data, value_labels={**data.value_labels, called: labels})
        new = {n: replace(c, value_label=called) for n, c in new.items()}
    session.data = data.with_columns(new)


def _rules(text: str) -> tuple[list[str], str]:
    """What stands in parentheses, labels with parentheses in quotes included, and the text without it."""
    rules, bare, held, depth, quoted = [], "", "", 0, False
    for char in text:
        quoted ^= char == '"'
        if char == "(" and not quoted:
            depth += 1
            held = "" if depth == 1 else held + char
        elif char == ")" and not quoted and depth:
            depth -= 1
            if depth:
                held += char
            elif "=" in held:
                rules.append(held)
        elif depth:
            held += char
        else:
            bare += char
    return rules, bare


def _code(text: str) -> float:
    if text == "missing" or text == "copy":
        return np.nan
    return number_of(text)


def _matched(text: str, x: np.ndarray) -> np.ndarray:
    """Rows that the left side of a rule names."""
    hit = np.zeros(len(x), dtype=bool)
    there = x[~np.isnan(x)]
    low, high = (there.min(), there.max()) if len(there) else (np.nan, np.nan)
    for word in re.findall(r"\S+", re.sub(BLANKS + r"/\s*", "/", text)):
        if word in ("else", "*"):
            return np.ones(len(x), dtype=bool)
        if word in ("missing", "miss", "mis"):
            hit |= np.isnan(x)
        elif word in ("nonmissing", "nonmiss", "nonm"):
            hit |= ~np.isnan(x)
        elif "/" in word:
            a, _, b = word.partition("/")
            first = low if a in ("min", "low") else _element(a)
            last = high if b in ("max", "high") else _element(b)
            hit |= (x >= first) & (x <= last) if not np.isnan(last) else (x >= first) | np.isnan(x)
        elif re.fullmatch(r"\.[a-z]?", word):
            hit |= compare("==", x, np.full(len(x), number_of(word))) != 0
        else:
            value = low if word == "min" else high if word == "max" else _element(word)
            hit |= x == value
    return hit


def _element(text: str) -> float:
    """A number of a rule, or a missing value. Raises `DataProblem` for what is neither, a list with a step among it."""
    value = number_of(text)
    if np.isnan(value) and not re.fullmatch(r"\.[a-z]?", text):
        raise DataProblem(f"unknown el {text} in rule", 198)
    return value


@command("mvdecode")
def mvdecode(session: Session, given: Command) -> None:
    """`mvdecode x, mv(99 = . \\ 98 = .a)` or `mv(99)`."""
    option = given.option("mv")
    if option is None or not option.value:
        raise DataProblem("option mv() required", 198)
    for name in session.names(given.about):
        column = session.there[name]
        if column.text:
            continue
        out = column.values.copy()
        for rule in option.value.split("\\"):
            left, _, right = rule.partition("=")
            out[np.isin(column.values, numbers(left)) & session.used(given)] = number_of(right.strip() or ".")
        session.set_columns({name: replace(column, values=out)})
