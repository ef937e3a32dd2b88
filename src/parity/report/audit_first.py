"""An audit's first sentence: what the claim hangs on, for somebody who doesn't know the method."""

from __future__ import annotations

from collections.abc import Iterator

from parity.report.figures import short
from parity.results.audit import Audit, Hangs, HoldsUnder


def plain_sentence(audit: Audit) -> str:
    """What the result hangs on, in one sentence. Empty where nothing could be estimated."""
    if audit.hangs is None:
        return ""
    said = _hangs(audit, audit.hangs)
    return said if audit.printed is None else f"On the rows that all specifications have, {said[0].lower()}{said[1:]}"


def caveat(audit: Audit) -> str:
    """Where a wild bootstrap says otherwise than t, of the audited specification and of what t would have named; and where
    the audited specification says otherwise on its own rows; or ""."""
    return "" if audit.hangs is None else " ".join(_contradicted(audit, audit.hangs))


def _hangs(audit: Audit, found: Hangs) -> str:
    specs, term = audit.summary.estimable, f"`{audit.term}`"
    of, star = f"{specs:,} {_ways(specs)}", f"significant at {100 * audit.level:g} %"
    does = {"star": f"{_sign(audit)} and {star}", "no star": f"not {star}", "size": "the same"}[found.claim]
    if found.group and not found.axis:
        now = f"is no longer {does}" if found.claim == "star" else f"becomes {star}"
        p = f"p {short(found.p, 3)}" + (f", by a wild bootstrap {short(found.wild, 3)}" if found.wild is not None else "")
        return f"{_one_group(found)}, {term} {now} ({short(found.coef)}, {p})."
    if not found.axis:
        none = ": it hangs on none of the choices"
        every = "the one specification that could be estimated" if specs == 1 else f"all {of}{none}"
        return f"{term} is {does} in {every}."
    choice = _choice(audit, found.axis)
    size = f"from {short(audit.summary.least)} to {short(audit.summary.largest)}"
    if found.claim == "size":
        return f"How large {term} is, {size} in {of}, hangs most on {choice}."
    if found.kept == specs:
        return f"{term} is {does} in all {of}; only its size, {size}, hangs on a choice, and most on {choice}."
    if not found.enough:
        known = not (found.contradicted or found.unasked or audit.drawn_of)
        kept = f", and no one choice by itself changes that{_too(found, 'does')}" if known else ""
        own = f" ({_sign(audit)} as audited)" if found.claim == "no star" else ""
        asked = _options(audit, found, False)
        of = f"{of}{_percent(found.kept, specs)}{kept}"
        return f"{term}{own} is {does} in {found.kept:,} of {of}; that depends most on {choice}: {asked}."
    audited = f" ({_sign(audit)} as audited)" if found.claim == "no star" else ""
    ends = "ends it" if found.claim == "star" else "changes it"
    return (
        f"That {term}{audited} is {does} hangs most on {choice}: {_options(audit, found, True)}{_too(found, ends + ' too')}."
    )


def _sign(audit: Audit) -> str:
    return "negative" if audit.summary.base is not None and audit.summary.base.coef < 0 else "positive"


def _standing(coef: float, p: float, level: float) -> str:
    sign = "negative" if coef < 0 else "positive"
    return f"{sign} and {'' if p < level else 'not '}significant at {100 * level:g} %"


def _too(found: Hangs, does: str) -> str:
    """The group that is told beside a choice."""
    return f"; leaving out {named(found.kind, found.group)} by itself {does}" if found.group else ""


def _one_group(found: Hangs) -> str:
    """`The result hangs on one firm of 10: without firm 7`, or on any one of some."""
    name = named(found.kind, found.group)
    if found.alone is None or found.alone == 1:
        return f"The result hangs on one {found.kind} of {found.groups:,}: without {name}"
    some = f"{found.alone:,} of {found.groups:,} {plural(found.kind, found.groups)}"
    return f"The result hangs on a single {found.kind}: without any one of {some}, such as {name}"


def _contradicted(audit: Audit, found: Hangs) -> Iterator[str]:
    less, star = "the one to trust where there are few clusters", f"significant at {100 * audit.level:g} %"
    yield from _weak(audit)
    base, printed = audit.summary.base, audit.printed
    if printed is not None and base is not None:
        now, then = ((_standing(e.coef, e.p, audit.level)) for e in (base, printed))
        if now != then:
            yield f"On its own {printed.nobs:,.0f} rows the audited specification is {then} (p {short(printed.p, 3)})."
    own = next((w for w in audit.wild if w.which == "audited"), None)
    if own is not None and found.claim != "size" and (own.p < audit.level) != (own.wild < audit.level):
        yield (
            f"By a wild bootstrap, {less}, the audited one itself is {'' if own.wild < audit.level else 'not '}{star} "
            f"(p {short(own.wild, 3)})."
        )
    if c := found.contradicted:
        choice = any(a.name == c.axis for a in audit.axes)
        if c.option in ("in", "out") and choice:
            what = f"{'with' if c.option == 'in' else 'without'} {tick(c.axis)}"
        else:
            what = _under(c.axis, c.option) if choice else f"without {named(c.axis, c.option)}"
        plain = what.startswith("without")
        changed = f"{what[0].upper()}{what[1:]}," if plain else f"With one choice changed, {what},"
        does, still = ("is no longer", "still is") if found.claim == "star" else ("becomes", "not")
        by_t = f"{changed} the audited estimate {does} {star} by the usual t test ({short(c.coef)}, p {short(c.p, 3)})"
        yield f"{by_t}, but {still} by a wild bootstrap (p {short(c.wild, 3)}), {less}."
    if found.unasked:
        more = "choice does" if found.unasked == 1 else "choices do"
        yield f"By the t test {found.unasked:,} more {more} so; no wild bootstrap was made of these."


def _weak(audit: Audit) -> Iterator[str]:
    """Where instruments are weak."""
    found = audit.summary.first_stage
    if found is None or not found.below:
        return
    limit = f"first-stage F below {found.limit:g}"
    own = (
        ""
        if found.base is None
        else f", {'as' if found.base < found.limit else 'not as'} audited (F {short(found.base, 3)})"
    )
    if found.specs == 1:
        yield f"Its instruments are weak: first-stage F is {short(found.least, 3)}, below {found.limit:g}."
        return
    yield f"In {found.below:,} of {found.specs:,} ways the instruments are weak ({limit}){own}."


def _percent(kept: int, of: int) -> str:
    """` (91 %)`, where two counts by themselves say little."""
    if of < 100:
        return ""
    digits = 1 if 0 < kept < of and round(100 * kept / of) in (0, 100) else 0
    return f" ({100 * kept / of:.{digits}f} %)"


def _ways(n: int) -> str:
    return "way to estimate it" if n == 1 else "ways to estimate it"


def named(kind: str, name: str) -> str:
    """`firm 7`; a name that says so already stays as it is."""
    return name if name.lower().startswith(kind.lower()) else f"{kind} {name}"


def tick(name: str) -> str:
    """A choice in the marks of code; a name with blanks or quotes has them already."""
    return name if name.startswith("`") and name.endswith("`") else f"`{name}`"


def _choice(audit: Audit, axis: str) -> str:
    """A choice as people say it."""
    kind, _, name = axis.partition(".")
    if kind == "leave_out" and name:
        return f"one {name}"
    known = {
        "absorb": "the fixed effects", "vcov": "the standard errors", "convention": "the package whose defaults are used",
        "where": "the sample", "outcome": "the outcome", "treatment": "how the term is measured", "weights": "the weights",
        "instruments": "the instruments",
    }  # fmt: skip
    if axis in known:
        return f"{known[axis]} (`{axis}`)"
    if kind == "transform" and name:
        return f"how `{name}` enters"
    if kind == "index" and name:
        return f"how the index `{name}` is built"
    own = next((a for a in audit.axes if a.name == axis), None)
    return f"the control {tick(axis)}" if own and {"in", "out"} >= set(own.options) else tick(axis)


def _options(audit: Audit, found: Hangs, first: bool) -> str:
    """How often it is significant under the audited option, and under the one that differs most. first: whether nothing
    said yet what is counted."""
    axis = next(a for a in audit.axes if a.name == found.axis)
    by = {o.option: o for o in found.options}
    own = by.get(axis.options[axis.base])
    worst = by[found.worst]
    star = found.claim == "star"
    count = (lambda o: o.kept) if star else (lambda o: o.of - o.kept)
    other = "positive" if _sign(audit) == "negative" else "negative"
    said = []
    if own:
        ways = f" {_ways(own.of)}" if first else ""
        where = f"in {count(own):,} of {own.of:,}{ways} {_under(axis.name, own.option)}, as audited"
        said.append(where + _turned(own, star, count(own), other))
    most = f"in {count(worst):,} of {worst.of:,} {_under(axis.name, worst.option)}"
    said.append(most + _turned(worst, star, count(worst), other))
    start = "it is so" if star else f"it is significant at {100 * audit.level:g} %" if first else "it is significant"
    return f"{start} {', but '.join(said)}"


def _turned(option: HoldsUnder, star: bool, count: int, other: str) -> str:
    """How many are significant with the sign `other`, which the audited specification hasn't: beside those that keep its
    claim, or among them."""
    if not option.reversed:
        return ""
    if star:
        return f", and {other} and significant in {option.reversed:,}"
    of = "all of them" if option.reversed == count else f"{option.reversed:,} of them"
    return f", {of} {other}"


def _under(axis: str, option: str) -> str:
    kind, _, name = axis.partition(".")
    if kind == "leave_out" and name:
        return f"with no `{name}` left out" if option == "none" else f"without {named(name, option)}"
    if option in ("in", "out"):
        return "with that control" if option == "in" else "without that control"
    if axis == "where":
        return "on all rows" if option == "all" else f"where `{option}`"
    if option == "as it is" and name:
        return f"with `{name}` unchanged"
    if kind == "index" and name:
        return f"with it built `{option}`"
    return f"with `{option}` in its place" if kind == "transform" and name else f"with `{option}`"


def plural(word: str, n: int) -> str:
    """A column's name that isn't in Latin letters has no plural with an s."""
    return word if n == 1 or not word[-1:].isascii() or not word[-1:].isalpha() else f"{word}s"
