"""What an audit found, in words: sentences and short tables that every format shows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from parity.base.tolerance import MOVES_NOTHING as NOTHING
from parity.report.audit_block import Block, percent
from parity.report.audit_first import MOST_TOLD, does
from parity.report.audit_options import axis_of, choice, named, plural, tick
from parity.report.figures import short
from parity.results.audit import Audit, AuditChange, Extreme, Overturn
from parity.results.audit_sensitivity import FewestRemoved, LeftOutOneByOne

#: What each section is about, in a sentence for somebody who doesn't know the method.
ABOUT = {
    "moved": "How much of the differences between specifications each choice makes:",
    "instruments": "Strength of the first stage, which is how strongly the instruments move the variable they are for:",
    "joint": "Could all of these together come about by chance, if there were nothing to find?",
    "unobserved": "How strong something that was left out would have to be:",
    "left out": "Of the audited specification:",
    "removed": "The fewest units, periods or rows of the audited specification that overturn it:",
    "wild": "The same p by a wild cluster bootstrap, the one to trust where there are few clusters:",
    "again": "These were estimated again by the engines of a run, and compared:",
}
#: A variant of every index that changes its unit alone.
TIMES = "times_100"
#: Rows of a table that are shown.
MOST_ROWS = 8
_STATISTICS = {
    "median": "median coefficient", "share": "share significant, commoner sign", "stouffer": "all p together (Stouffer's z)",
}  # fmt: skip
#: What of a specification is decomposed, as columns are headed.
MOVED = {"coef": "coefficient", "se": "std. error", "p": "p"}


def blocks(audit: Audit) -> tuple[Block, ...]:
    """All that follows the first sentences, in the order in which it is read; those without content are left out."""
    more = audit.sensitivity
    found = [
        _by_option(audit), _range(audit), _moved(audit), *(_overturn(audit, o) for o in audit.overturned),
        _instruments(audit), _joint(audit), _unobserved(audit),
        *(Block("left out", _left_out(l)) for l in (more.left_out if more else ())),
        *(Block("removed", (_removal(r),)) for r in (more.removals if more else ())),
        _wild(audit),
        _extremes(audit),
        *(Block("notes", (note,)) for note in (*(more.notes if more else ()), *audit.notes)),
    ]  # fmt: skip
    return tuple(b for b in found if b.before or b.rows or b.after)


# ---------------------------------------------------------------- blocks


def _by_option(audit: Audit) -> Block:
    """Of the choice that is named, where it has more options than a sentence tells."""
    found = audit.hangs
    if found is None or not found.axis or len(found.options) <= MOST_TOLD:
        return Block("by option")
    axis = axis_of(audit, found.axis)
    own = "" if axis is None else axis.options[axis.base]
    by_share = sorted(found.options, key=lambda o: (o.kept / o.of, -abs((o.coef or 0.0) - _own(audit))))
    options = sorted(by_share, key=lambda o: o.option != own)
    shown = options if len(options) <= MOST_ROWS + 1 else options[:MOST_ROWS]
    rows = [(_as_audited(o.option, own), f"{o.kept:,} of {o.of:,}", short(o.coef), short(o.p, 3)) for o in shown]
    if rest := options[len(shown) :]:
        rows.append((f"{len(rest):,} others", f"{sum(o.kept for o in rest):,} of {sum(o.of for o in rest):,}", "", ""))
    about = f"Under each option of {choice(audit, found.axis)}: the ways that are {does(audit, found)}, and the estimate "
    heads = ("option", "ways", "estimate", "p")
    return Block("by option", (f"{about}with all else as audited.",), heads, tuple(rows))


def _as_audited(option: str, own: str) -> str:
    return f"{option}, as audited" if option == own else option


def _own(audit: Audit) -> float:
    return audit.summary.base.coef if audit.summary.base else 0.0


def _range(audit: Audit) -> Block:
    found = audit.summary
    if not found.estimable:
        return Block("range", (*_counted(audit), *_reasons(audit)))
    quantiles = dict(found.quantiles)
    middle = f", the middle half from {short(quantiles[0.25])} to {short(quantiles[0.75])}" if 0.25 in quantiles else ""
    lines = [] if found.estimable == 1 else [
        f"Coefficients from {short(found.least)} to {short(found.largest)}, median {short(found.median)}{middle}."
    ]  # fmt: skip
    if found.base:
        b = found.base
        equal = found.estimable - b.below - b.above
        lines.append(
            f"The audited one is {short(b.coef)} (standard error {short(b.se)}, p {short(b.p, 3)}): {b.below:,} "
            f"{_are(b.below)} below that, {b.above:,} above ({percent(b.share_above)} of all), {equal:,} equal "
            "(itself included)."
        )
    lines += [
        f"`{a.name}`: `{TIMES}` changes the unit alone; in sizes (the range, the median, and what moves coefficient and "
        "standard error) it counts as another estimate."
        for a in audit.axes if a.name.startswith("index.") and TIMES in a.options and len(a.options) > 1
    ]  # fmt: skip
    if found.rows is not None and found.rows[0] < found.rows[1]:
        lines.append(f"Specifications have from {found.rows[0]:,.0f} to {found.rows[1]:,.0f} rows.")
    if own := audit.printed:
        lines.append(
            f"On its own {own.nobs:,.0f} rows, which not all specifications have, it is {short(own.coef)} (standard error "
            f"{short(own.se)}, p {short(own.p, 3)})."
        )
    return Block("range", (*_counted(audit), *lines, *_reasons(audit)))


def _counted(audit: Audit) -> Iterator[str]:
    """What a specification is, and how many there are, for somebody who hasn't met the word."""
    specs, choices = audit.summary.specs, sum(len(a.options) > 1 for a in audit.axes)
    one = f"A specification is one way to estimate `{audit.term}`"
    if not choices:
        yield f"{one}, and there is this one alone: no choice of this audit has a second option."
    elif audit.drawn_of:
        yield f"{one}; these {specs:,} were drawn of {audit.drawn_of:,} combinations of {choices} choices."
    else:
        crossed = math.prod(len(a.options) for a in audit.axes)
        what = f"all combinations of {choices} choices" if choices > 1 else "the options of one choice"
        if choices > 1 and crossed > specs:
            limits = ["that the limits on controls allow"] if crossed > specs + audit.same else []
            only = [*limits, "that are different"] if audit.same else limits
            what = f"those of {crossed:,} combinations of {choices} choices {' and '.join(only)}"
        yield f"{one}; these {specs:,} are {what}."
    if audit.same:
        more = "combination is" if audit.same == 1 else "combinations are"
        yield f"{audit.same:,} more {more} the same specification as another, which is counted once."


def _reasons(audit: Audit) -> tuple[str, ...]:
    found = audit.summary
    if found.specs == found.estimable:
        return ()
    why = "; ".join(f"{n:,}: {reason}" for reason, n in found.reasons[:MOST_ROWS])
    without = found.specs - found.estimable
    has = "has no estimate of its own" if without == 1 else "have no estimate of their own"
    barren = [f"`{b.axis}` with `{b.option}` yields nothing: {b.reason}." for b in found.barren]
    return (f"{without:,} of {found.specs:,} {has} ({why}).", *barren)


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def moved_shares(audit: Audit) -> list[tuple[str, dict[str, float]]]:
    """Choice -> its shares of coefficient, standard error and p, the largest first; those that move nothing left out."""
    shares = {m.what: {s.axis: s.shapley for s in m.shares} for m in audit.decomposition}
    axes = list(dict.fromkeys(s.axis for m in audit.decomposition for s in m.shares[:MOST_ROWS] if s.shapley > NOTHING))
    axes.sort(key=lambda a: -max(by[a] for by in shares.values()))
    return [(a, {what: by[a] for what, by in shares.items()}) for a in axes]


def _moved(audit: Audit) -> Block:
    if not any(m.variance for m in audit.decomposition):
        return Block("moved")
    moved, lines = moved_shares(audit), []
    rows = [(a, *(percent(by[w]) if w in by else "–" for w in MOVED)) for a, by in moved[:MOST_ROWS]]
    if len(moved) > MOST_ROWS:
        lines.append(f"and {len(moved) - MOST_ROWS} more choices, each with less.")
    barren = Counter(b.axis for b in audit.summary.barren)
    varied = {a.name for a in audit.axes if len(a.options) - barren[a.name] > 1}
    nothing = [s.axis for s in audit.decomposition[0].shares if s.axis in varied and all(
        o.shapley <= NOTHING for m in audit.decomposition for o in m.shares if o.axis == s.axis
    )]  # fmt: skip
    if nothing:
        lines.append(f"What moves nothing: {', '.join(map(tick, nothing))}.")
    return Block("moved", heads=("what moves it", *MOVED.values()), rows=tuple(rows), after=(*lines, *_sums(audit)))


def _sums(audit: Audit) -> Iterator[str]:
    """To what the shares add up, and whether what two choices do only together is in them.

    Of a whole product it is: the variance of an interaction is divided equally between its choices. A regression on the
    choices has no interactions, so that what two of them add to it comes beside the shares.
    """
    first = audit.decomposition[0]
    inside = first.method == "product"
    together = [i for m in audit.decomposition if m.what == "coef" for i in m.interactions if i.share >= 0.01][:3]
    pairs = "; ".join(f"{tick(i.axes[0])} and {tick(i.axes[1])} {percent(i.share)}" for i in together)
    if inside:
        yield "Each column adds up to 100 %, all choices counted."
        if pairs:
            yield f"In the column of the coefficient is, half in each of the two, what they do only together: {pairs}."
        return
    sums = ", ".join(f"{percent(m.explained)} ({MOVED[m.what]})" for m in audit.decomposition if m.variance)
    yield f"Each column adds up to what the choices explain without acting together, of 100 %: {sums}."
    if first.permutations:
        yield f"(Over {first.permutations:,} orders of the choices that were drawn.)"
    if pairs:
        yield f"Not in these shares but in the rest of the coefficient's is what two choices do only together: {pairs}."


def _overturn(audit: Audit, found: Overturn) -> Block:
    star = f"{100 * (found.level or audit.level):g} % star"
    claim = {"sign": "the other sign", "ends": f"no {star} of either sign", "creates": f"a {star}"}[found.claim]
    does = {"sign": "overturn the sign", "ends": f"end the {star} by t", "creates": f"give it a {star} by t"}[found.claim]
    if found.fewest is None:
        no = {"sign": "overturns the sign", "ends": f"ends the {star} by t", "creates": f"has a {star} by t"}[found.claim]
        return Block("overturned", (f"No specification {no}.",))
    if found.fewest == 1:
        start = "One single change" if found.count == 1 else f"Any one of {found.count:,} single changes"
        start += f" is enough to {does}"
    else:
        start = f"It takes {found.fewest} changes together to {does}; {found.count:,} such {plural('set', found.count)} "
        start += "does" if found.count == 1 else "do"
    head = f"{start} ({claim} in {found.total:,} of {found.of:,} in all):"
    rows = [(changed(s.changes), short(s.coef), short(s.se), short(s.p, 3)) for s in found.sets[:5]]
    heads = ("changed", "coefficient", "std. error", "p")
    after = _not_by_wild(audit, found)
    if audit.summary.first_stage is None:
        return Block("overturned", (head,), heads, tuple(rows), after)
    strength = [_f(s.first_stage) for s in found.sets[:5]]
    return Block("overturned", (head,), (*heads, "F"), tuple((*r, f) for r, f in zip(rows, strength, strict=True)), after)


def _not_by_wild(audit: Audit, found: Overturn) -> tuple[str, ...]:
    """What a wild bootstrap says of the change that t alone would have named."""
    against = audit.hangs.contradicted if audit.hangs is not None else None
    if against is None or found.claim == "sign" or found.fewest != 1:
        return ()
    for one in found.sets:
        c = one.changes[0]
        if c.axis in (against.axis, f"leave_out.{against.axis}") and c.after == against.option:
            held = "it stays" if found.claim == "ends" else "there is none"
            return (f"By a wild bootstrap {held} with the change `{changed(one.changes)}` (p {short(against.wild, 3)}).",)
    return ()


def changed(changes: Sequence[AuditChange]) -> str:
    """In what a specification differs from the audited one."""
    said = []
    for c in changes:
        kind, _, name = c.axis.partition(".")
        if {c.before, c.after} == {"in", "out"}:
            said.append(f"{'with' if c.after == 'in' else 'without'} {c.axis}")
        elif kind == "leave_out" and name and c.before == "none":
            said.append(f"without {named(name, c.after)}")
        elif c.axis == "where" and c.before == "all":
            said.append(f"only {c.after}")
        elif kind in ("transform", "index") and name and c.before == "as it is":
            said.append(f"{name} built {c.after}" if kind == "index" else f"{c.after} for {name}")
        else:
            said.append(f"{c.axis}: {c.after} instead of {c.before}")
    return "; ".join(said)


def _f(value: float | None) -> str:
    return "–" if value is None else short(value, 3)


def _instruments(audit: Audit) -> Block:
    found = audit.summary.first_stage
    if found is None:
        return Block("instruments")
    limit, star = f"{found.limit:g}", f"p at {100 * audit.level:g} %"
    own = "" if found.base is None else f"The audited one's first-stage F is {short(found.base, 3)}. "
    if found.specs == 1:
        lines = [own.strip()] if own else []
    else:
        lines = [
            f"{own}F is from {short(found.least, 3)} to {short(found.largest, 3)}, median {short(found.median, 3)}, and "
            f"below {limit} in {found.below:,} of {found.specs:,} specifications ({percent(found.below / found.specs)})."
        ]
    if found.below:
        lines.append(
            f"Below {limit} instruments are called weak: the coefficient leans to that of least squares, and {star} rejects "
            "too often (Staiger and Stock 1997)."
        )
    if found.without:
        has = "has no such F: it has" if found.without == 1 else "have no such F: they have"
        lines.append(f"{found.without:,} more {has} weights, several cluster variables or too few clusters.")
    heads = ("instruments", f"below {limit}", "least F", "median F", "largest F")
    rows = tuple(
        (o.option, f"{o.below:,} of {o.specs:,}", short(o.least, 3), short(o.median, 3), short(o.largest, 3))
        for o in found.options
    )
    return Block("instruments", tuple(lines), heads if rows else (), rows)


def _joint(audit: Audit) -> Block:
    found = audit.joint
    if found is None:
        return Block("joint")
    rows = [(_STATISTICS[s.name], short(s.observed, 4), short(s.null[1], 4), short(s.p, 3)) for s in found.statistics]
    how = f" ({found.how})" if found.how else ""
    draws = (
        f"By chance: the median of {found.draws:,} draws with no effect{how}; p: the share of them that go as far as what "
        "was observed."
    )
    has = "specification has" if found.significant == 1 else "specifications have"
    said = f"Corrected for having looked at all of them (step-down), {found.significant:,} {has} p below {found.level:g}"
    said += f"; the audited one's is {short(found.base[1], 3)} ({short(found.base[0], 3)} by itself)" if found.base else ""
    least = f"The least p that {found.draws:,} draws can give is {short(1 / (found.draws + 1), 3)}."
    heads = ("all together", "observed", "by chance", "p")
    return Block("joint", (least,), heads, tuple(rows), (draws, f"{said}."))


def _unobserved(audit: Audit) -> Block:
    return Block("unobserved", tuple(_unobserved_lines(audit)))


def _unobserved_lines(audit: Audit) -> Iterator[str]:
    found = audit.sensitivity
    if found is None:
        return
    if o := found.oster:
        yield (
            f"Selection on what was not observed would have to be {short(o.delta, 3)} times as strong as on the controls to "
            f"bring the coefficient to {short(o.beta)} (Oster's delta, R² at most {o.rmax:.2f}); {o.at:g} times as strong, "
            f"it would leave {short(o.bounded)}."
        )
    if c := found.omitted:
        star = f"{percent(c.robustness_significant)} would take its significance at {100 * c.level:g} % "
        yield (
            f"A confounder that explains {percent(c.robustness)} of what is left of both treatment and outcome would bring "
            f"the coefficient to zero{', ' + star if c.robustness_significant > 0 else ' '}"
            f"(of homoskedastic errors, with which t is {short(c.t, 3)})."
        )
        worst = [b for b in c.bounds if b.times == 1]
        if worst:
            b = min(worst, key=lambda b: b.coef / c.coef)
            t = f" (t {short(b.t, 3)})" if math.isfinite(b.t) else ""
            yield f"One as strong as `{b.control}` would leave {short(b.coef)}{t}."


def _left_out(found: LeftOutOneByOne) -> tuple[str, ...]:
    if found.least is None or found.largest is None:
        return ()
    said = (
        f"Leaving out one {found.kind} of {found.groups:,}: from {short(found.least[1])} (without {found.least[0]}) to "
        f"{short(found.largest[1])} (without {found.largest[0]})"
    )
    said += f"; the sign is lost in {found.other_sign:,}" if found.other_sign else "; the sign stays"
    said += f"; {found.unidentified:,} leave nothing to estimate" if found.unidentified else ""
    return (f"{said}.",)


def _removal(found: FewestRemoved) -> str:
    star = f"{100 * found.level:g} % star"
    aim = {"sign": "turns the sign", "ends": f"ends the {star}", "creates": f"makes a {star}",
           "reverses": f"turns the sign with a {star}"}[found.aim]  # fmt: skip
    if found.fewest is None or found.after is None:
        return f"No removal that was tried, of up to half of the {found.groups:,} {plural(found.kind, 2)}, {aim}."
    first = found.removed[:MOST_ROWS] if len(found.removed) > 1 else [named(found.kind, n) for n in found.removed]
    listed = ", ".join(first) + (", ..." if len(found.removed) > MOST_ROWS else "")
    sure = "" if found.certain else "; fewer may do"
    return (
        f"Without {found.fewest:,} of {found.groups:,} {plural(found.kind, found.groups)} ({listed}) it is "
        f"{short(found.after.coef)} (p {short(found.after.p, 3)}): that {aim}{sure}."
    )


def _wild(audit: Audit) -> Block:
    rows = tuple(
        (w.which, f"{w.clusters:,}", short(w.p, 3), short(w.wild, 3) if w.wild else f"<{short(1 / w.draws, 3)}")
        for w in audit.wild
    )
    if not rows:
        return Block("wild")
    star, said = f"{100 * audit.level:g} % star", []
    lost = [w.which for w in audit.wild if w.p < audit.level <= w.wild]
    gained = [w.which for w in audit.wild if w.wild < audit.level <= w.p]
    if "audited" in lost:
        said.append(f"By the bootstrap the audited one loses its {star}.")
    others = {"no": [w for w in lost if w != "audited"], "a": gained}
    said += [f"By the bootstrap these have {which} {star}: {'; '.join(held)}." for which, held in others.items() if held]
    draws = " or ".join(f"{n:,}" for n in sorted({w.draws for w in audit.wild}))
    how = f"{draws} draws of signs of whole clusters, with no effect imposed (Cameron, Gelbach and Miller 2008)."
    return Block("wild", heads=("specification", "clusters", "p", "wild p"), rows=rows, after=(*said, how))


def _extremes(audit: Audit) -> Block:
    rows = tuple((e.which, short(e.coef), short(e.se), short(e.p, 3), _engines(e)) for e in audit.extremes)
    return Block("again", heads=("estimated again", "coefficient", "std. error", "p", "engines") if rows else (), rows=rows)


def _engines(extreme: Extreme) -> str:
    """`7 agree`, or what they do else."""
    return f"{extreme.engines} agree" if extreme.verdict == "agree" else extreme.verdict or "–"
