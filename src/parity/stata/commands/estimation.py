"""Estimation commands and what is done with their results: kept as requests; e() is filled where an engine answers."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from parity.stata.command import Command
from parity.stata.commands import command
from parity.stata.dataset import Column, DataProblem
from parity.stata.estimates.reading import OTHER_MODELS, READERS, request
from parity.stata.estimates.request import Declined, Request
from parity.stata.session import Fit, Results, Session
from parity.stata.varlist import Term


@command(*READERS, *OTHER_MODELS, changes_data=False)
def estimate(session: Session, given: Command) -> None:
    """Any estimation: its request with the rows that it names; e(sample) leaves out rows with a missing value."""
    data, used = session.there, session.used(given)
    doubts = set(data.doubts)
    asked: Request | None = None
    declined = ""
    resolver = session.resolver
    try:
        asked = request(given, resolver, data.panel)
    except Declined as error:
        declined = str(error)
        session.note("no-engine", f"`{given.typed}` is not estimated here: {error}", command=given.text[:200])
    session._abbreviated(resolver)
    sample = used
    if asked is not None:
        for name in columns_of(asked):
            column = data[name]
            doubts |= column.doubts
            if not column.text:
                sample = sample & ~np.isnan(column.values)
        for trap in asked.traps:
            session.note("trap", trap)
    fit = Fit(given, session.file, session.line, asked, data, sample, frozenset(doubts), declined)
    results = session.estimate(fit) if asked is not None else None
    session.e = results if results is not None else Results()
    session.e.texts |= {"cmd": given.name, "depvar": asked.outcome.factors[0].name if asked else "", "cmdline": given.text}
    session.e.sample = sample
    if results is None:
        session.e.texts["parity_unknown"] = declined or "not estimated while the do-file is read"
    session.fits.append(fit)


def columns_of(asked: Request) -> tuple[str, ...]:
    """Variables whose missing values take a row out."""
    every: tuple[Term, ...] = (asked.outcome, *asked.regressors, *asked.absorb, *asked.endogenous, *asked.instruments)
    names = [f.name for term in every for f in term.factors]
    return tuple(dict.fromkeys([*names, *asked.cluster]))


@command("eststo", "eststo:", changes_data=False)
def eststo(session: Session, given: Command) -> None:
    """`eststo [name]`, and the prefix; `eststo clear`."""
    prefix = given.prefix("eststo")
    words = (prefix.text if prefix is not None else given.about).split()
    if words[:1] == ["clear"] and prefix is None:
        session.stored.clear()
        session.settings["eststo"] = "0"
        return
    if words[:1] in (["drop"], ["dir"]):
        for name in words[1:]:
            session.stored.pop(name, None)
        return
    if not session.fits:
        raise DataProblem("last estimates not found", 301)
    number = int(session.settings.get("eststo", "0")) + 1
    session.settings["eststo"] = str(number)
    _store(session, words[0] if words else f"est{number}")


def _store(session: Session, name: str) -> None:
    session.fits[-1] = replace(session.fits[-1], name=name)
    session.stored[name] = (session.fits[-1], session.e)


@command("estimates", changes_data=False)
def estimates(session: Session, given: Command) -> None:
    """`estimates store|restore|clear|drop`; tables of them only print."""
    verb, _, rest = given.about.partition(" ")
    name = rest.split(",")[0].strip()
    if verb in ("store", "sto"):
        if not session.fits:
            raise DataProblem("last estimates not found", 301)
        _store(session, name)
    elif verb in ("restore", "res"):
        if name not in session.stored:
            raise DataProblem(f"estimation result {name} not found", 111)
        session.e = session.stored[name][1]
    elif verb == "clear" or (verb == "drop" and name == "_all"):
        session.stored.clear()
    elif verb == "drop":
        for one in name.split():
            session.stored.pop(one, None)
    elif verb in ("save", "use"):
        raise DataProblem(f"estimates {verb} is not known here", 198)


@command("estadd", "estadd:", changes_data=False)
def estadd(session: Session, given: Command) -> None:
    """`estadd local x text`, `estadd scalar x = exp`: shown in tables below the estimates."""
    prefix = given.prefix("estadd")
    text = prefix.text if prefix is not None else given.about
    match = re.match(r"(local|scalar|sca|loc)\s+(\w+)\s*(=?)\s*(.*)", text, re.DOTALL)
    if match is None:
        return
    kind, name, sign, value = match.groups()
    if kind.startswith("sca") or sign:
        held = session.value(value)
        (session.e.texts if isinstance(held, str) else session.e.numbers)[name] = held  # type: ignore[index]
    else:
        session.e.texts[name] = value.strip().strip('"')


@command("esttab", "estout", "outreg2", "estpost", "etable", changes_data=False)
def table(session: Session, given: Command) -> None:
    """A table of estimates: which stand in it is kept, for whoever compares it with its file."""
    text = given.about.partition(" using ")[0]
    names = [n for n in re.split(r"[\s\[\]]+", text) if n and n != "using"]
    columns = []
    for name in names or ["*"]:
        pattern = re.compile(re.escape(name).replace(r"\*", ".*") + r"\Z")
        columns += (
            [n for n in session.stored if pattern.match(n)] if "*" in name else [name] if name in session.stored else []
        )
    session.show("table", command=given.name, columns=tuple(columns), using=given.using or "")


@command("predict")
def predict(session: Session, given: Command) -> None:
    """`predict new [, xb residuals]`: from b where an engine gave it; else a column that can't be trusted."""
    from parity.stata.commands.create import check_new, typed

    kind, name = typed(given.about)
    name = name.strip()
    check_new(session, name)
    finding = session.note("prediction", f"`{name}` holds predictions that are not made here", taints=True)
    session.set_columns(
        {name: Column(np.full(session.there.rows, np.nan), kind or "float", doubts=frozenset({finding.doubt}))}
    )


@command("test", "testparm", "lincom", "nlcom", "margins", "estat", "hausman", "suest", "bdiff", "boottest", "ttest",
    "ranksum", "oneway",
         "sgmediation", "sgmediation2", "ritest", "dfuller", "xtunitroot", "xttest0", "xttest3", "vif", "prtest",
         "signrank", "swilk", "sktest",
         "robvar", "xtcsd", "pca", "alpha", "bacondecomp", "spmatrix", "irf", "stset", "svyset", "simulate",
         changes_data=False)  # fmt: skip
def after(session: Session, given: Command) -> None:
    """What follows an estimation, and tests: kept as asked for; r() is unknown here."""
    finding = session.note(
        "no-test", f"`{given.typed}` is not computed here: its results are unknown", command=given.text[:200]
    )
    session.r = Results(texts={"parity_unknown": finding.doubt})
    session.show("test", command=given.text)
