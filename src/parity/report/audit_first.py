"""An audit's first sentences: a verdict, and what the claim hangs on, for somebody who doesn't know the method.

Every count is of the same thing, and counts add up to all ways: the ways under the options of a choice, and those in which
the claim holds, beside those in which it doesn't.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from parity.report.audit_options import axis_of, choice, named, plural, tick, under
from parity.report.figures import short
from parity.results.audit import Audit, Hangs, HoldsUnder
from parity.results.audit_verdict import Doubt, doubt, verdict

#: Options that a sentence tells one by one; of more, the audited one and the one that is worst, and the others together.
MOST_TOLD = 4
_DOUBTED: dict[Doubt, str] = {
    "wild": "two ways to have the p of the audited estimate disagree",
    "rows": "the audited estimate says otherwise on its own rows",
    "instruments": "the instruments of the audited estimate are weak",
}


def plain_sentence(audit: Audit) -> str:
    """The verdict and what the result hangs on. Empty where nothing could be estimated."""
    return " ".join(sentences(audit))


def sentences(audit: Audit) -> tuple[str, ...]:
    """The same one by one; the first has the verdict."""
    return () if audit.hangs is None else tuple(_sentences(audit, audit.hangs))


def caveat(audit: Audit) -> str:
    """Where a wild bootstrap says otherwise than t, of the audited specification and of what t would have named; and where
    the audited specification says otherwise on its own rows; or ""."""
    return " ".join(caveats(audit))


def caveats(audit: Audit) -> tuple[str, ...]:
    """The same one by one."""
    return () if audit.hangs is None else tuple(_contradicted(audit, audit.hangs))


def _sentences(audit: Audit, found: Hangs) -> Iterator[str]:
    said = verdict(audit)
    word = f"{said[0].upper()}{said[1:]}"
    if found.claim == "size":
        yield f"No claim to judge: the audited specification has {_none(audit)}."
        yield from _size(audit, found)
        return
    if said == "hangs on one group":
        yield f"{_one_group(found)}, `{audit.term}` {_no_longer(audit, found)}."
        yield from _without(audit, found)
        if audit.summary.estimable > 1:
            yield f"{_all_rows(audit)}{_claim(audit, found)}."
        yield from _rest(audit, found)
        return
    by_itself = f"{choice(audit, found.axis)}" if found.enough else ""
    claim = _all_rows(audit) + _claim(audit, found)
    if said == "hangs on one choice":
        yield f"Hangs on one choice: {by_itself}."
        yield f"{claim}."
    elif doubted := doubt(audit):
        yield f"Fragile: {_DOUBTED[doubted]}."
        yield f"{claim}."
    else:
        yield f"{word}: {claim[0].lower()}{claim[1:]}."
    yield from _rest(audit, found)
    if not _told_below(audit, found):
        yield from _as_printed(audit)
    if found.group and not found.axis:
        yield f"{_one_group(found)}, it {_no_longer(audit, found)}."
        yield from _without(audit, found)
    elif not found.axis:
        if audit.summary.estimable > 1:
            yield "It hangs on none of the choices."
    elif found.kept == audit.summary.estimable:
        yield from _size(audit, found)
    else:
        yield from _by_choice(audit, found, known=said == "hangs on one choice")


def _told_below(audit: Audit, found: Hangs) -> bool:
    """Whether the audited estimate stands beside what it is compared with."""
    if found.group and not found.axis:
        return True
    if found.axis and found.kept == audit.summary.estimable:
        return sum(o.coef is not None for o in found.options) > 1 and audit.summary.specs > 1
    return bool(found.axis and found.enough and any(o.option == found.worst and o.coef is not None for o in found.options))


def _as_printed(audit: Audit) -> Iterator[str]:
    if (base := audit.summary.base) is not None:
        yield f"The audited estimate is {_estimate(base.coef, base.p)}."


# ---------------------------------------------------------------- the claim, and what is left of all ways


def _claim(audit: Audit, found: Hangs) -> str:
    """`x` is positive and significant at 5 % in 11,996 of 13,196 ways to estimate it (91 %)."""
    specs = audit.summary.estimable
    ways = "way" if specs == 1 else "ways"
    of = f"{found.kept:,} of {specs:,} {ways} to estimate it{_percent(found.kept, specs)}"
    if found.kept == specs:
        of = "the one way that could be estimated" if specs == 1 else f"all {specs:,} ways to estimate it"
    drawn = f" that were drawn of {audit.drawn_of:,}" if audit.drawn_of else ""
    own = f" ({_sign(audit)} as audited)" if found.claim == "no star" else ""
    return f"`{audit.term}`{own} is {does(audit, found)} in {of}{drawn}"


def _all_rows(audit: Audit) -> str:
    return "" if audit.printed is None else "On the rows that all specifications have, "


def does(audit: Audit, found: Hangs) -> str:
    """What the claim is; where there is none, what all ways are."""
    star = f"significant at {100 * audit.level:g} %"
    return {"star": f"{_sign(audit)} and {star}", "no star": f"not {star}", "size": "estimated"}[found.claim]


def _no_longer(audit: Audit, found: Hangs) -> str:
    return (
        f"is no longer {does(audit, found)}" if found.claim == "star" else f"becomes significant at {100 * audit.level:g} %"
    )


def _rest(audit: Audit, found: Hangs) -> Iterator[str]:
    """The ways in which the claim doesn't hold, by what is so instead; all of them add up."""
    rest = audit.summary.estimable - found.kept
    level = next((s for s in audit.summary.significant if s.level == audit.level), None)
    if not rest or level is None:
        return
    other = "positive" if _sign(audit) == "negative" else "negative"
    if found.claim == "star":
        turned = level.positive if other == "positive" else level.negative
        parts = {"not significant": rest - turned, f"{other} and significant": turned}
    else:
        parts = {"negative and significant": level.negative, "positive and significant": level.positive}
    there = {words: n for words, n in parts.items() if n}
    start = "In the other one it is" if rest == 1 else f"In the other {rest:,} it is"
    if len(there) == 1:
        yield f"{start} {next(iter(there))}."
    else:
        yield f"{start} {' or '.join(f'{words} ({n:,})' for words, n in there.items())}."


# ---------------------------------------------------------------- the choice or the group that is named


def _by_choice(audit: Audit, found: Hangs, known: bool) -> Iterator[str]:
    """known: whether the verdict names the choice already."""
    what = choice(audit, found.axis)
    so = f"it is {_sign(audit)} and significant" if found.claim == "star" else "it is not significant"
    told = _told(found, audit, lambda o: counted(o.kept, o.of))
    if found.enough:
        start = "Option by option" if known else f"One choice by itself {_ends(found)}, {what}:"
        yield f"{start} {so} {told}."
        yield from _alone(audit, found)
        if found.group:
            yield f"Leaving out {_group(found)} by itself {_ends(found)} too."
        return
    if not (found.contradicted or found.unasked or audit.drawn_of):
        yield "No one choice by itself changes that."
    if found.group:
        yield f"Leaving out {_group(found)} by itself does."
    yield f"Whether it is significant depends most on {what}: {so} {told}."


def _alone(audit: Audit, found: Hangs) -> Iterator[str]:
    """From which estimate to which one the choice by itself leads."""
    base, worst = audit.summary.base, next(o for o in found.options if o.option == found.worst)
    if base is None or worst.coef is None:
        return
    where = under(audit, found.axis, found.worst)
    wild = "" if found.wild is None else f", by a wild bootstrap {short(found.wild, 3)}"
    yield (
        f"The audited estimate is {_estimate(base.coef, base.p)}; {where}, and all else as audited, it is "
        f"{short(worst.coef)} (p {short(worst.p, 3)}{wild})."
    )


def _size(audit: Audit, found: Hangs) -> Iterator[str]:
    """Where only the size hangs on a choice: the estimates under its options, all else as audited."""
    if not found.axis:
        return
    specs, size = audit.summary.estimable, f"from {short(audit.summary.least)} to {short(audit.summary.largest)}"
    what = choice(audit, found.axis)
    if found.claim == "size":
        yield f"How large it is, {size}, hangs most on {what}."
    else:
        yield f"Only its size, {size}, hangs on a choice, and most on {what}."
    estimated = [o for o in found.options if o.coef is not None]
    if len(estimated) > 1 and specs > 1:
        told = _told(found, audit, lambda o: _estimate(o.coef, o.p), count=False)
        yield f"With all else unchanged it is {told}."


def _estimate(coef: float | None, p: float | None) -> str:
    return "not to be had" if coef is None else f"{short(coef)} (p {short(p, 3)})"


def counted(kept: int, of: int) -> str:
    return f"in {kept:,} of {of:,}{_percent(kept, of)}"


def _told(found: Hangs, audit: Audit, of: Callable[[HoldsUnder], str], count: bool = True) -> str:
    """Of each option, the audited one first; of many, of that, of the worst, and of the others together."""
    axis = axis_of(audit, found.axis)
    own = "" if axis is None else axis.options[axis.base]
    first = [o for o in found.options if o.option == own]
    others = sorted((o for o in found.options if o.option != own), key=lambda o: o.option != found.worst)
    many = len(found.options) > MOST_TOLD
    parts = [f"{of(o)} {under(audit, found.axis, o.option)}, as audited" for o in first]
    parts += [f"{of(o)} {under(audit, found.axis, o.option)}" for o in others[: 1 if many else None]]
    left = others[1:] if many else []
    if left and count:
        parts.append(f"{counted(sum(o.kept for o in left), sum(o.of for o in left))} with the {len(left):,} others")
    elif left:
        sizes = [o.coef for o in left if o.coef is not None]
        if sizes:
            parts.append(f"from {short(min(sizes))} to {short(max(sizes))} with the {len(left):,} others")
    return "; ".join(parts)


def _sign(audit: Audit) -> str:
    return "negative" if audit.summary.base is not None and audit.summary.base.coef < 0 else "positive"


def _standing(coef: float, p: float, level: float) -> str:
    sign = "negative" if coef < 0 else "positive"
    return f"{sign} and {'' if p < level else 'not '}significant at {100 * level:g} %"


def _none(audit: Audit) -> str:
    return "no estimate" if audit.summary.base is None else "an estimate of exactly zero"


def _ends(found: Hangs) -> str:
    return "ends it" if found.claim == "star" else "changes it"


def _group(found: Hangs) -> str:
    return named(found.kind, found.group)


def _one_group(found: Hangs) -> str:
    """`Hangs on one firm of 10: without firm 7`, or on any one of some."""
    if found.alone is None or found.alone == 1:
        return f"Hangs on one {found.kind} of {found.groups:,}: without {_group(found)}"
    some = f"{found.alone:,} of {found.groups:,} {plural(found.kind, found.groups)}"
    return f"Hangs on a single {found.kind}: without any one of {some}, such as {_group(found)}"


def _without(audit: Audit, found: Hangs) -> Iterator[str]:
    """From which estimate to which one the group by itself leads."""
    base = audit.summary.base
    wild = "" if found.wild is None else f", by a wild bootstrap {short(found.wild, 3)}"
    own = "" if base is None else f"The audited estimate is {_estimate(base.coef, base.p)}; "
    start = f"{own}without" if own else "Without"
    yield f"{start} {_group(found)} it is {short(found.coef)} (p {short(found.p, 3)}{wild})."


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
        is_choice = any(a.name == c.axis for a in audit.axes)
        if c.option in ("in", "out") and is_choice:
            what = f"{'with' if c.option == 'in' else 'without'} {tick(c.axis)}"
        else:
            what = under(audit, c.axis, c.option) if is_choice else f"without {named(c.axis, c.option)}"
        plain = what.startswith("without")
        changed = f"{what[0].upper()}{what[1:]}," if plain else f"With one choice changed, {what},"
        now, still = ("is no longer", "still is") if found.claim == "star" else ("becomes", "not")
        by_t = f"by the usual t test (it is then {short(c.coef)}, p {short(c.p, 3)})"
        wild = f"by a wild bootstrap (p {short(c.wild, 3)}), {less}"
        yield f"{changed} the audited estimate {now} {star} {by_t}, but {still} {wild}."
    if own is not None and (found.contradicted or (own.p < audit.level) != (own.wild < audit.level)):
        yield f"There are {own.clusters:,} clusters."
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
    if of < 100 or kept in (0, of):
        return ""
    digits = 1 if 0 < kept < of and round(100 * kept / of) in (0, 100) else 0
    return f" ({100 * kept / of:.{digits}f} %)"
