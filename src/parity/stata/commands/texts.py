"""Texts as numbers and numbers as texts: encode, decode, destring, tostring, split. [D]"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.create import check_new
from parity.stata.formats import shown
from parity.stata.functions import number_of
from parity.stata.session import Session
from parity.stata_language.command import Command, Option
from parity.stata_language.dataset import Column, DataProblem, text_kind
from parity.stata_language.expression import unquoted
from parity.stata_language.values import codes, compare, smallest, stored


@command("encode")
def encode(session: Session, given: Command) -> None:
    """`encode text, generate(new) [label()]`: numbers by the order of the texts."""
    name, option = session.name(given.about), given.option("generate", least=1)
    if option is None or not option.value:
        raise DataProblem("option generate() required", 198)
    column, used = session.there[name], session.used(given)
    if not column.text:
        raise DataProblem("not possible with numeric variable", 107)
    check_new(session, option.value)
    labelled = given.option("label", least=1)
    label_name = labelled.value if labelled and labelled.value else option.value
    held = dict(session.there.value_labels.get(label_name, {}))
    known = {text: number for number, text in held.items()}
    rows = used & (column.values != "")
    new = sorted(set(column.values[rows].tolist()) - set(known), key=lambda t: t.encode())
    start = max([0.0, *[n for n in held if n == n]])
    known |= {text: start + i for i, text in enumerate(new, 1)}
    values = np.array(
        [known[t] if use else np.nan for t, use in zip(column.values.tolist(), rows.tolist(), strict=True)], dtype=float
    )
    data = replace(session.there, value_labels={**session.there.value_labels, label_name: {n: t for t, n in known.items()}})
    session.data = data.with_columns(
        {option.value: Column(values, "long", "%8.0g", column.label, label_name, column.doubts)}
    )


@command("decode")
def decode(session: Session, given: Command) -> None:
    name, option = session.name(given.about), given.option("generate", least=1)
    if option is None or not option.value:
        raise DataProblem("option generate() required", 198)
    check_new(session, option.value)
    column, labels, used = session.there[name], session.there.labels_of(name), session.used(given)
    texts = np.array(
        [labels.get(v, "") if use else "" for v, use in zip(column.values.tolist(), used.tolist(), strict=True)],
        dtype=object,
    )
    session.set_columns({option.value: Column(texts, text_kind(texts), label=column.label, doubts=column.doubts)})


@command("destring")
def destring(session: Session, given: Command) -> None:
    """`destring [x], replace|generate() [ignore("...") force percent dpcomma]`: stored in the smallest type, or double."""
    names = session.names(given.about) if given.about else tuple(session.there.columns)
    option, ignore = given.option("generate", least=3), given.option("ignore", least=1)
    _either(option, given)
    gone = _ignored(ignore.value or "") if ignore else ""
    targets = option.value.split() if option and option.value else names
    new = {}
    for name, target in zip(names, targets, strict=True):
        column = session.there[name]
        if not column.text:
            session.say(f"{name} already numeric; no {'generate' if option else 'replace'}")
            continue
        texts = ["".join(c for c in t if c not in gone).strip() for t in column.values.tolist()]
        if given.has("percent"):
            texts = [t.replace("%", "").strip() for t in texts]
        if given.has("dpcomma"):
            texts = [_with_comma(t) for t in texts]
        bad = [t for t in texts if t and np.isnan(number_of(t)) and not re.fullmatch(r"\.[a-z]?", t)]
        made = "generate" if option else "replace"
        if bad and not given.has("force"):
            session.say(f"{name}: contains nonnumeric characters; no {made}")
            continue
        values = np.array([number_of(t) if t else np.nan for t in texts], dtype=float)
        values = values / 100 if given.has("percent") else values
        kind = smallest(values, most="float" if given.has("float") else "double")
        new[target] = Column(stored(values, kind), kind, "%10.0g", column.label, doubts=column.doubts)
        what = "contains nonnumeric characters" if bad else f"characters {' '.join(gone)} removed" if gone else (
            "all characters numeric"
        )  # fmt: skip
        session.say(f"{name}: {what}; {f'{target} generated' if option else 'replaced'} as {kind}")
        if np.isnan(values).any():
            session.say_counted(int(np.isnan(values).sum()), "missing value", "generated")
    session.set_columns(new)
    _beside(session, dict(zip(targets, names, strict=True)), new)


def _with_comma(text: str) -> str:
    """A number with a decimal comma as one with a point; one with a point is none then, a missing value stays one."""
    return text if re.fullmatch(r"\.[a-z]?", text) else text.replace(".", ";").replace(",", ".")


def _either(option: Option | None, given: Command) -> None:
    """Raises `DataProblem` where neither or both of generate() and replace are given."""
    if (option is None) != given.has("replace"):
        raise DataProblem("either generate() or replace is required, not both", 198)


def _ignored(typed: str) -> str:
    """`ignore("$,")`, `ignore($)`: the characters."""
    quoted = re.match(r'`?"(.*)"', typed.strip(), re.DOTALL)
    return quoted[1] if quoted else typed.split(",")[0].strip() or typed.strip()


def _beside(session: Session, source: dict[str, str], new: Mapping[str, Column]) -> None:
    """A made variable stands right behind the one that it was made from."""
    data = session.there
    behind: dict[str, list[str]] = {}
    for target in new:
        if source[target] != target:
            behind.setdefault(source[target], []).append(target)
    moved = {n for names in behind.values() for n in names}
    names = [m for n in data.columns if n not in moved for m in (n, *behind.get(n, ()))]
    session.data = replace(data, columns={n: data.columns[n] for n in names})


@command("tostring")
def tostring(session: Session, given: Command) -> None:
    """`tostring x, replace|generate() [format() usedisplayformat force]`; what `real()` doesn't bring back needs force."""
    names = session.names(given.about)
    option, form = given.option("generate", least=3), given.option("format")
    _either(option, given)
    targets = option.value.split() if option and option.value else names
    new = {}
    for name, target in zip(names, targets, strict=True):
        column = session.there[name]
        if column.text:
            continue
        wanted = (
            unquoted(form.value) if form and form.value else column.format if given.has("usedisplayformat", least=1) else ""
        )
        texts = np.array([_text(v, wanted or "%12.0g") for v in column.numbers.tolist()], dtype=object)
        if not given.has("force"):
            back = np.array([number_of(t) for t in texts], dtype=float)
            if compare("!=", back, column.numbers).any():
                session.say(f"{name} cannot be converted reversibly; no {'generate' if option else 'replace'}")
                continue
            if option is None and column.value_label:
                session.say(f"{name} has value label {column.value_label}; no replace")
                continue
        new[target] = Column(texts, text_kind(texts), label=column.label, doubts=column.doubts)
        kind = new[target].kind
        session.say(f"{target} generated as {kind}" if option else f"{name} was {column.kind} now {kind}")
    session.set_columns(new)
    _beside(session, dict(zip(targets, names, strict=True)), new)


def _text(value: float, form: str) -> str:
    """`.a` as it is written, for which formats have a point alone."""
    letter = int(codes(np.array([value]))[0])
    return f".{chr(96 + letter)}" if letter > 0 else shown(value, form)


@command("split")
def split(session: Session, given: Command) -> None:
    """`split text, parse(,) generate(stub)`: pieces as new texts."""
    name = session.name(given.about)
    parse, option = given.option("parse", least=1), given.option("generate", least=3)
    signs = [unquoted(p) for p in re.findall(r'"[^"]*"|\S+', parse.value or " ")] if parse else [" "]
    stub = option.value if option and option.value else name
    pattern = "|".join(re.escape(s) for s in signs) if signs != [" "] else r"\s+"
    if not session.there[name].text:
        raise DataProblem(f"{name} must be a string variable", 109)
    texts = [t.strip(" ") for t in np.where(session.used(given), session.there[name].values, "").tolist()]
    pieces = [re.split(pattern, t) if t else [] for t in texts]
    limit = given.option("limit")
    most = int(float(limit.value)) if limit and limit.value else max(map(len, pieces), default=0)
    new = {}
    for i in range(min(most, max(map(len, pieces), default=0))):
        texts = np.array([p[i] if i < len(p) else "" for p in pieces], dtype=object)
        new[f"{stub}{i + 1}"] = Column(texts, text_kind(texts))
    session.set_columns(new)
    if given.has("destring"):
        destring(session, replace(given, about=" ".join(new), options=(Option("replace"),)))
