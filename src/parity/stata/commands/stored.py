"""Estimates by name, and tables of them: eststo, estimates store, estadd, esttab, estout, outreg2, estimates table."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace

from parity.stata import sample_now
from parity.stata.commands import command
from parity.stata.commands.macros import by_hand
from parity.stata.files import Absent
from parity.stata.lists import added_statistics, split_words
from parity.stata.results import Called, Results
from parity.stata.session import Lost, Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Unstored


def active_fit(session: Session) -> int | None:
    """The place of the active estimates among the fits; None where they are of no fit."""
    places = [i for i, fit in enumerate(session.fits) if fit.results is session.active]
    return places[-1] if places else None


def store(session: Session, name: str) -> None:
    """Keep the active estimates under a name. Raises `DataProblem` 301 where there are none."""
    at = active_fit(session)
    if at is None and not session.active.texts and not session.active.numbers:
        raise DataProblem("last estimates not found", 301)
    if at is not None:
        fit = session.fits[at]
        session.fits[at] = replace(fit, names=(*fit.names, name))
    session.stored[name] = (at, session.active)


@command("eststo", "eststo:", changes_data=False)
def eststo(session: Session, given: Command) -> None:
    """`eststo [name]`, and the prefix; `eststo clear`."""
    prefix = given.prefix("eststo")
    words = (prefix.text if prefix is not None else given.about).split()
    if words[:1] == ["clear"] and prefix is None:
        for name in [n for n in session.stored if n in session.numbered]:
            session.stored.pop(name)
        session.numbered.clear()
        return
    if words[:1] in (["drop"], ["dir"]):
        for word in words[1:] if words[0] == "drop" else ():
            for name in matching(session, word if not word.isdigit() else f"est{word}"):
                session.stored.pop(name, None)
        return
    if words:
        name = words[0]
    else:
        number = sum(1 for n in session.numbered if re.fullmatch(r"est\d+", n)) + 1
        name = f"est{number}"
    store(session, name)
    session.numbered[name] = None
    options = (*given.options, *(prefix.options if prefix is not None else ()))
    title = next((o.value for o in options if o.name in ("title", "t", "ti") and o.value), None)
    if title:
        session.active.texts["_estimates_title"] = title.strip('"')
    _added(session, " ".join(o.value or "" for o in options if o.name in ("addscalars", "add", "adds")))


def _added(session: Session, text: str) -> None:
    """`addscalars(name exp ...)`."""
    words = text.split()
    for name, value in zip(words[::2], words[1::2], strict=False):
        held = session.value(value)
        if not isinstance(held, str):
            session.e.numbers[name] = held


def matching(session: Session, pattern: str) -> list[str]:
    """Names of stored estimates under a name or a pattern, in the order in which they were stored."""
    if pattern == "_all":
        return [n for n in session.stored if n not in session.hidden]
    wanted = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".") + r"\Z")
    return [n for n in session.stored if wanted.match(n) and n not in session.hidden]


@command("estimates", changes_data=False)
def estimates(session: Session, given: Command) -> None:
    """`estimates store|restore|clear|drop|table|replay|title`. Raises `DataProblem` for what isn't known here."""
    verb, _, rest = given.about.partition(" ")
    name = rest.split(",")[0].strip()
    if verb in ("store", "sto", "stor", "st"):
        if not name:
            raise DataProblem("a name is needed", 198)
        store(session, name.split()[0])
    elif verb in ("restore", "res", "rest"):
        session.active = named(session, name)
    elif verb == "clear" or (verb in ("drop", "dro") and name == "_all"):
        for one in matching(session, "_all"):
            session.stored.pop(one)
        session.numbered.clear()
    elif verb in ("drop", "dro"):
        for word in name.split():
            for one in matching(session, word):
                session.stored.pop(one, None)
    elif verb in ("table", "tab", "stats", "stat", "st", "replay", "for"):
        columns = [n for word in name.split() for n in matching(session, word)] or ([""] if verb.startswith("tab") else [])
        if verb.startswith("tab"):
            session.tables.append(_called(session, given, "estimates table", columns, ""))
    elif verb in ("save", "use"):
        _file(session, verb, name.strip().strip('"'))
    elif verb == "esample":
        raise DataProblem(f"estimates {verb} is not known here", 198)


def _file(session: Session, verb: str, typed: str) -> None:
    """`estimates save file`, `estimates use file`: kept in memory, by the file that it would be. Raises `Absent`."""
    path = str(session.files.written(typed, ".ster"))
    if verb == "save":
        at = active_fit(session)
        session.stored[path] = (at, session.active)
        session.hidden.add(path)
    elif path in session.stored:
        session.active = session.stored[path][1]
    else:
        raise Absent(typed)


def named(session: Session, name: str) -> Results:
    """Stored estimates by name; `.` is the active ones. Raises `DataProblem` 111."""
    if name == ".":
        return session.active
    if name not in session.stored:
        raise Unstored(name)
    return session.stored[name][1]


@command("estadd", "estadd:", changes_data=False)
def estadd(session: Session, given: Command) -> None:
    """`estadd local x text`, `estadd scalar x = exp [: names]`: shown in tables below the estimates.

    Other subcommands (beta, vif, ysumm) are known as far as they are numbers of the data.
    """
    prefix = given.prefix("estadd")
    text = prefix.text if prefix is not None else given.text.partition("estadd")[2]
    text, _, names = _colon(text)
    if prefix is not None:  # `estadd local x "Yes" : m1 m2` is read as a prefix with what it is before
        names = given.text.rpartition(":")[2]
    text = text.split(", replace")[0].strip()
    targets = [session.stored[n][1] for word in names.split() for n in matching(session, word)] or [session.active]
    for results in targets:
        _add(session, results, text)


def _colon(text: str) -> tuple[str, str, str]:
    """Text before and behind the colon that names the estimates."""
    match = re.match(r'((?:[^":]++|"[^"]*")*+):([\w*?\s]++)\Z', text, re.DOTALL)
    return (match.group(1).rstrip(), ":", match.group(2).lstrip()) if match else (text, "", "")


def _add(session: Session, results: Results, text: str) -> None:
    match = re.match(r"(local|loc|macro|scalar|sca|r|matrix|mat)\s*+(?:\(\s*+)?+(\w++)\)?\s*+(=?)\s*+(.*)", text, re.DOTALL)
    if match is None:
        if re.match(r"ysum", text):
            _summary_of_outcome(session, results)
            return
        raise DataProblem(f"estadd {text[:30]} is not known here", 198)
    kind, name, sign, value = match.groups()
    if kind.startswith("sca") or (sign and kind.startswith(("loc", "mac"))):
        held = session.value(value.strip())
        results.filled()
        if by_hand(session, name):
            said = f"`estadd {text[:40]}` types a number into the table: nothing of the data gives it"
            session.note("typed-number", said)
            if name not in results.numbers:
                results.texts[name] = value.strip()  # shown, and held against nothing; a number of its own stays
        elif isinstance(held, str):
            results.texts[name] = held
        elif name in results.numbers and name in _OWN and held != results.numbers[name]:
            said = f"`estadd {text[:40]}` puts {held:.6g} in the place of e({name}), which is {results.numbers[name]:.6g}"
            session.note("replaced-statistic", said)
            results.numbers[name] = held
        else:
            results.numbers[name] = held
            results.texts.pop(name, None)
    elif kind == "r":
        held = session.result("r", name)
        if isinstance(held, float):
            results.numbers[name] = held
    elif kind.startswith(("loc", "mac")):
        results.texts[name] = value.strip().strip('`"').strip("'").strip('"')


#: What the command itself says of its fit, which a table shows under these names.
_OWN = frozenset({"N", "N_clust", "r2", "r2_a", "r2_w", "r2_p", "F", "chi2", "ll", "rmse", "df_r", "df_m"})


def _put_below(session: Session, results: Results, given: Command) -> None:
    """What outreg2 puts below a column that is not in e() as it stands, as its call finds it: `addstat(Mean, r(mean))`."""
    option = given.option("addstat", least=4)
    for label, text in added_statistics((option.value or "") if option else ""):
        if not re.fullmatch(r"e\(\w++\)|[-+.\d]++", text):
            try:
                value = session.value(text)
            except (DataProblem, Lost):
                continue
            if isinstance(value, float):
                held, key = results.filled().numbers, f"addstat {label}"
                held[key] = value if held.get(key, value) == value else math.nan  # several calls, each with its own


def _summary_of_outcome(session: Session, results: Results) -> None:
    """`estadd ysumm`: ymean, ysd ... of the outcome in e(sample)."""
    from parity.stata.commands.output import moments

    results.filled()
    values = session.there[results.texts["depvar"]].values
    sample = sample_now.sample(session.there, results)
    if sample is None:
        raise DataProblem("the data are others than those of the estimation", 459)
    found = moments(values[sample])
    results.numbers |= {f"y{k}": found[k] for k in ("mean", "sd", "min", "max", "sum") if k in found}


@command("esttab", "estout", "outreg2", "etable", "outreg", "xml_tab", changes_data=False)
def table(session: Session, given: Command) -> None:
    """A table of estimates: which stand in it, with what options, and its file."""
    inside, closed, _ = given.text.split(" using ")[0].partition("[")[2].partition("]")
    text = inside if closed and given.name in ("outreg2", "outreg") else given.about.partition(" using ")[0]
    if match := re.match(r"matrix\(\s*(\w+)", text.strip()):  # numbers of a matrix, of no estimation
        found = session.matrix("", match[1])
        if found is None:
            raise DataProblem(f"matrix {match[1]} not found", 111)
        if given.using and not re.search(r"\btr\w*", text):
            rows = {r: dict(zip(map(_headed, found.columns), v, strict=True))
                    for r, v in zip(found.rows, found.values.tolist(), strict=True)}  # fmt: skip
            session.read |= session.doubtful.get(match[1], frozenset())
            session.show("written", target=given.using.strip().strip('"'), rows=rows, labels={})
        return
    columns: list[str] = []
    for word in split_words(text):
        found = matching(session, word)
        if not found and word not in (".", "*"):
            if given.name in ("outreg2", "outreg") and _variable(session, word):
                continue  # `outreg2 x z using f`: the rows that are shown, of the active estimates
            raise Unstored(word)
        columns += found or ([""] if word == "." else [])
    if not columns:  # esttab takes what eststo kept; else, and always outreg2, the active estimates
        columns = [n for n in session.numbered if n in session.stored] if given.name in ("esttab", "estout") else []
        columns = columns or [""]
    session.tables.append(_called(session, given, given.name, columns, given.using or ""))


def _headed(name: str) -> str:
    """A name as headings are compared: letters and digits alone."""
    return re.sub(r"[\W_]+", "", name).lower()


def _variable(session: Session, word: str) -> bool:
    """Whether a word names variables of the data or of the last estimation."""
    try:
        return bool(session.names(word))
    except DataProblem:
        b = session.e.matrices.get("b")
        return b is not None and word in b.columns
    except Lost:
        return True


def _labels(session: Session, results: Results) -> Mapping[str, str]:
    if session.data is None:
        return results.labels
    return {name: c.label for name, c in session.data.columns.items() if c.label}


def _called(session: Session, given: Command, name: str, columns: list[str], using: str) -> Called:
    held = []
    for column in columns:
        at, results = session.stored[column] if column else (active_fit(session), session.active)
        if at is None and results.labels:  # esttab takes labels as they are when it writes
            results = replace(results, labels=_labels(session, results))
        if name == "outreg2":
            _put_below(session, results, given)
        held.append((column, at, results))
    using, here = using.strip().strip('"'), session.files.here.as_posix()
    return Called(name, session.file, session.line, given.text, tuple(held), given.options, using, here)
