"""Labels and codes: label, encode, decode, destring, recode, xtile, winsor2 and the like. [D]"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from parity.base.patterns import BLANKS
from parity.stata.commands import command
from parity.stata.commands.create import check_new
from parity.stata.formats import shown
from parity.stata.functions import number_of
from parity.stata.session import Session
from parity.stata_language.command import Command, Option
from parity.stata_language.dataset import Column, DataProblem, text_kind
from parity.stata_language.expression import unquoted
from parity.stata_language.values import codes, compare, missing, promoted, smallest, stored
from parity.stata_language.varlist import numbers, words


@command("label")
def label(session: Session, given: Command) -> None:
    """`label variable|define|values|data|drop|copy`; others only print."""
    verb, _, rest = given.about.strip().partition(" ")
    rest, data = rest.strip(), session.there
    if verb.startswith("var"):
        name, _, text = rest.partition(" ")
        name = session.name(name)
        session.set_columns({name: replace(data[name], label=unquoted(text.strip()))})
    elif verb.startswith("de"):
        _define(session, rest, given)
    elif verb.startswith("val"):
        *names, last = words(rest)
        found = session.names(" ".join(names)) if names else session.names(last)
        attached = "" if last == "." or not names else last
        session.set_columns({n: replace(data[n], value_label=attached) for n in found})
    elif verb.startswith("da"):
        session.data = replace(data, label=unquoted(rest))
    elif verb == "drop":
        gone = set(data.value_labels) if rest == "_all" else set(rest.split())
        session.data = replace(data, value_labels={n: p for n, p in data.value_labels.items() if n not in gone})
    elif verb == "copy":
        a, b = rest.split()[:2]
        session.data = replace(data, value_labels={**data.value_labels, b: data.value_labels.get(a, {})})


def _define(session: Session, text: str, given: Command) -> None:
    name, _, rest = text.partition(" ")
    pairs = {}
    end = rest.rfind("\"'") + 2 if "\"'" in rest else 0  # no compound quote is closed behind it, and none looked for
    found = re.findall(r'(?<![\d.])(-?[\d.]++|\.[a-z])\s+(`"(?:[^"\']|"(?!\')|\')*+"\'|"[^"]*"|[^\s"]+)', rest[:end])
    found += re.findall(r'(?<![\d.])(-?[\d.]++|\.[a-z])\s+("[^"]*"|[^\s"]+)', rest[end:])
    for number, said in found:
        pairs[missing(ord(number[1]) - 96) if re.fullmatch(r"\.[a-z]", number) else float(number)] = unquoted(said)
    held = session.there.value_labels
    old = held.get(name, {})
    if given.has("add") and not given.has("modify") and (twice := sorted(set(pairs) & set(old))):
        raise DataProblem(f"invalid attempt to modify label {name}: {twice[0]:g} has one", 180)
    if old and not (given.has("add") or given.has("modify") or given.has("replace")):
        raise DataProblem(f"label {name} already defined", 110)
    kept = old if given.has("add") or given.has("modify") else {}
    said = {value: text for value, text in {**kept, **pairs}.items() if text}  # "" takes a label away
    session.data = replace(session.there, value_labels={**held, name: said})


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
            texts = [t.replace(".", "").replace(",", ".") for t in texts]
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
            if depth == 0 and "=" in held:
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
            first = low if a in ("min", "low") else number_of(a)
            last = high if b in ("max", "high") else number_of(b)
            hit |= (x >= first) & (x <= last) if not np.isnan(last) else (x >= first) | np.isnan(x)
        elif re.fullmatch(r"\.[a-z]?", word):
            hit |= compare("==", x, np.full(len(x), number_of(word))) != 0
        else:
            value = low if word == "min" else high if word == "max" else number_of(word)
            hit |= x == value
    return hit


@command("format")
def format_(session: Session, given: Command) -> None:
    """`format varlist %fmt`, `format %fmt varlist`: how values are displayed, and decoded where text is asked for."""
    words = given.about.split()
    forms = [w for w in words if w.startswith("%")]
    names = session.names(" ".join(w for w in words if not w.startswith("%"))) if words else ()
    if len(forms) == 1:
        session.set_columns({n: replace(session.there[n], format=forms[0]) for n in names})


@command("clonevar")
def clonevar(session: Session, given: Command) -> None:
    new, _, old = given.about.partition("=")
    check_new(session, new.strip())
    column = session.there[session.name(old.strip())]
    used = session.used(given)
    values = np.where(used, column.values, "" if column.text else np.nan)
    session.set_columns({new.strip(): replace(column, values=values)})


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


@command("recast")
def recast(session: Session, given: Command) -> None:
    kind, _, rest = given.about.partition(" ")
    new = {}
    for name in session.names(rest):
        column = session.there[name]
        if not column.text and not kind.startswith("str"):
            values = stored(column.values, kind)
            if np.array_equal(values, column.values, equal_nan=True) or given.has("force"):
                new[name] = replace(column, values=values, kind=kind)
    session.set_columns(new)
