"""An audit's first sentence: what the claim hangs on, for somebody who doesn't know the method."""

from __future__ import annotations

from collections.abc import Iterator

from parity.report.figures import short
from parity.results.audit import Audit, Hangs, HoldsUnder


def plain_sentence(audit: Audit) -> str:
    """What the result hangs on, in one sentence; a second where a wild bootstrap says otherwise than t. Empty where nothing
    could be estimated."""
    if audit.hangs is None:
        return ""
    return " ".join([_hangs(audit, audit.hangs), *_contradicted(audit, audit.hangs)])


def _hangs(audit: Audit, found: Hangs) -> str:
    specs = audit.summary.estimable
    of, star = f"{specs:,} {_ways(specs)}", f"significant at {100 * audit.level:g} %"
    does = {"star": f"is {star} with its sign", "no star": f"is not {star}", "size": "is the same"}[found.claim]
    if found.group and not found.axis:
        now = f"is no longer {star} with its sign" if found.claim == "star" else f"becomes {star}"
        p = f"p {short(found.p, 3)}" + (f", by a wild bootstrap {short(found.wild, 3)}" if found.wild is not None else "")
        return f"{_one_group(found)}, `{audit.term}` {now} ({short(found.coef)}, {p})."
    if not found.axis:
        none = ": it hangs on none of the choices"
        every = "the one specification that could be estimated" if specs == 1 else f"all {of}{none}"
        return f"`{audit.term}` {does} in {every}."
    if found.claim == "size":
        return f"How large `{audit.term}` is hangs most on {_choice(audit, found.axis)}."
    if found.kept == specs:
        return (
            f"`{audit.term}` {does} in all {of}; only its size, from {short(audit.summary.least)} to "
            f"{short(audit.summary.largest)}, hangs on a choice, and most on {_choice(audit, found.axis)}."
        )
    does = f"is {star}" if found.claim == "no star" else does
    too = ""
    if found.group:
        ends = "ends" if found.claim == "star" else "changes"
        too = f"; leaving out {named(found.kind, found.group)} by itself {ends} it too"
    return f"Whether `{audit.term}` {does} hangs most on {_choice(audit, found.axis)}: it is {_options(audit, found)}{too}."


def _one_group(found: Hangs) -> str:
    """`The result hangs on one firm of 10: without firm 7`, or on any one of some."""
    name = named(found.kind, found.group)
    if found.alone is None or found.alone == 1:
        return f"The result hangs on one {found.kind} of {found.groups:,}: without {name}"
    some = f"{found.alone:,} of {found.groups:,} {plural(found.kind, found.groups)}"
    return f"The result hangs on a single {found.kind}: without any one of {some}, such as {name}"


def _contradicted(audit: Audit, found: Hangs) -> Iterator[str]:
    """Where t and the wild bootstrap part, of the audited specification and of what t would have named."""
    less = "which misleads less where there are few clusters"
    own = next((w for w in audit.wild if w.which == "audited"), None)
    if own is not None and found.claim != "size" and (own.p < audit.level) != (own.wild < audit.level):
        has = "has a star" if own.wild < audit.level else "has none"
        yield f"By a wild bootstrap, {less}, the audited one itself {has} (p {short(own.wild, 3)})."
    if c := found.contradicted:
        choice = any(a.name == c.axis for a in audit.axes)
        if c.option in ("in", "out") and choice:
            what = f"{'with' if c.option == 'in' else 'without'} {tick(c.axis)}"
        else:
            what = _under(c.axis, c.option) if choice else f"without {named(c.axis, c.option)}"
        does, t = "loses its star" if found.claim == "star" else "has a star", short(c.p, 3)
        yield f"By t it {does} {what} (p {t}), by a wild bootstrap, {less}, it doesn't (p {short(c.wild, 3)})."


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


def _options(audit: Audit, found: Hangs) -> str:
    """How often it is significant under the audited option, and under the one that differs most."""
    axis = next(a for a in audit.axes if a.name == found.axis)
    by = {o.option: o for o in found.options}
    own = by.get(axis.options[axis.base])
    worst = by[found.worst]
    count = (lambda o: o.of - o.kept) if found.claim == "no star" else (lambda o: o.kept)
    said = []
    if own:
        where = f"in {count(own):,} of {own.of:,} {_ways(own.of)} {_under(axis.name, own.option)}, as audited"
        said.append(where + _turned(own, found.claim, count(own)))
    most = f"in {count(worst):,} of {worst.of:,} {_under(axis.name, worst.option)}"
    said.append(most + _turned(worst, found.claim, count(worst)))
    return ", ".join(said) if len(said) == 1 else f"{said[0]}, but {said[1]}"


def _turned(option: HoldsUnder, claim: str, count: int) -> str:
    """How many have a star and the other sign than the audited specification: beside those that keep it, or among them."""
    if not option.reversed:
        return ""
    if claim == "star":
        return f", and in {option.reversed:,} with a star of the other sign"
    of = "all of them" if option.reversed == count else f"{option.reversed:,} of them"
    return f", {of} with the other sign"


def _under(axis: str, option: str) -> str:
    kind, _, name = axis.partition(".")
    if kind == "leave_out" and name:
        return f"with no `{name}` left out" if option == "none" else f"without {named(name, option)}"
    if option in ("in", "out"):
        return "with that control" if option == "in" else "without that control"
    if axis == "where":
        return "on all rows" if option == "all" else f"where `{option}`"
    if option == "as it is" and name:
        return f"with `{name}` as it is"
    return f"with `{option}`"


def plural(word: str, n: int) -> str:
    """A column's name that isn't in Latin letters has no plural with an s."""
    return word if n == 1 or not word[-1:].isascii() or not word[-1:].isalpha() else f"{word}s"
