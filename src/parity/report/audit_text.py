"""An audit as text for a terminal of 80 columns: one sentence that says what the claim hangs on, then short tables."""

from __future__ import annotations

from collections.abc import Sequence

import wcwidth
from tabulate import tabulate

from parity.report.figures import short
from parity.report.text import WIDTH, printable, wrapped
from parity.results.audit import Audit, AuditChange, Extreme, FewestRemoved, LeftOutOneByOne, Overturn

#: Rows of a table that are shown.
MOST_ROWS = 8
NO_BREAK = "\N{NO-BREAK SPACE}%"
_STATISTICS = {
    "median": "median coefficient", "share": "share significant, dominant sign", "stouffer": "Stouffer's z",
}  # fmt: skip


def audit_text(audit: Audit) -> str:
    """The whole audit."""
    parts = [
        _said(audit_sentence(audit)),
        _range(audit),
        _moved(audit),
        *(_overturn(audit, o) for o in audit.overturned),
        _joint(audit),
        _unobserved(audit),
        *(_left_out(l) for l in (audit.sensitivity.left_out if audit.sensitivity else ())),
        *(_said(_removal(audit, r)) for r in (audit.sensitivity.removals if audit.sensitivity else ())),
        _extremes(audit),
        *(_said(note) for note in (*(audit.sensitivity.notes if audit.sensitivity else ()), *audit.notes)),
    ]
    return printable("\n\n".join(p for p in parts if p)) + "\n"


def audit_sentence(audit: Audit) -> str:
    """`x` keeps its sign in 16,384 of 16,384 specifications and its 5 % star in 9,012; what moves it most is ..."""
    found, star = audit.summary, f"{100 * audit.level:g} % star"
    if not found.estimable:
        return f"None of {found.specs:,} specifications of `{audit.term}` could be estimated."
    at = next((s for s in found.significant if s.level == audit.level), None)
    of = f"{found.estimable:,} {_plural('specification', found.estimable)}"
    if found.base is None or found.base.coef == 0:
        said = f"`{audit.term}` is positive in {found.positive:,} of {of} and negative in {found.negative:,}"
        said += f"; {at.positive + at.negative:,} have a {star}" if at else ""
    else:
        up = found.base.coef > 0
        same = found.positive if up else found.negative
        said = f"`{audit.term}` keeps its sign in {same:,} of {of}"
        stars = (at.positive if up else at.negative) if at else 0
        if at and found.base.p < audit.level:
            said += f" and its {star} in {stars:,}"
        elif at:
            said += f"; its printed specification has no {star}, {stars:,} of them have one with that sign"
    return f"{said}; {_most(audit)}."


def _most(audit: Audit) -> str:
    moved = next((m for m in audit.decomposition if m.what == "coef"), None)
    if moved is None or not moved.shares or not moved.variance:
        return "no choice moves it"
    first = moved.shares[0]
    said = f"what moves it most is `{first.axis}` ({_percent(first.shapley)} of the variance of the coefficient)"
    if len(moved.shares) > 1 and moved.shares[1].shapley > first.shapley / 2:
        second = moved.shares[1]
        said += f", then `{second.axis}` ({_percent(second.shapley)})"
    return said


def _range(audit: Audit) -> str:
    found = audit.summary
    if not found.estimable:
        return _reasons(audit)
    lines = []
    quantiles = dict(found.quantiles)
    middle = f", the middle half from {short(quantiles[0.25])} to {short(quantiles[0.75])}" if 0.25 in quantiles else ""
    lines.append(
        f"Coefficients from {short(found.least)} to {short(found.largest)}, median {short(found.median)}{middle}."
    )  # fmt: skip
    if found.base:
        b = found.base
        lines.append(
            f"The audited one is {short(b.coef)} (standard error {short(b.se)}, p {short(b.p, 3)}): {b.below:,} are "
            f"smaller, {b.above:,} larger ({_percent(b.share_above)})."
        )
    if audit.drawn_of:
        lines.append(f"These specifications were drawn of {audit.drawn_of:,}.")
    return "\n".join(filter(None, [*(_said(line) for line in lines), _reasons(audit)]))


def _reasons(audit: Audit) -> str:
    found = audit.summary
    if found.specs == found.estimable:
        return ""
    why = "; ".join(f"{n:,}: {reason}" for reason, n in found.reasons[:MOST_ROWS])
    return _said(f"{found.specs - found.estimable:,} of {found.specs:,} could not be estimated ({why}).")


def _moved(audit: Audit) -> str:
    if not any(m.variance for m in audit.decomposition):
        return ""
    shares = {m.what: {s.axis: s for s in m.shares} for m in audit.decomposition}
    titles = {"coef": "coefficient", "se": "std. error", "p": "p"}
    axes = list(dict.fromkeys(s.axis for m in audit.decomposition for s in m.shares[:MOST_ROWS] if s.shapley > 0))
    axes.sort(key=lambda a: -max(by[a].shapley for by in shares.values()))
    rows = [(a, *(_percent(shares[w][a].shapley) if w in shares else "–" for w in titles)) for a in axes[:MOST_ROWS]]
    lines = [_table(("what moves it", *titles.values()), rows)]
    if len(axes) > MOST_ROWS:
        lines.append(_said(f"and {len(axes) - MOST_ROWS} more choices, each with less."))
    first = audit.decomposition[0]
    if first.method == "regression":
        how = f" over {first.permutations:,} orders of the choices that were drawn" if first.permutations else ""
        lines.append(_said(
            "Specifications are missing, so these are shares of R² of a regression on the choices"
            f"{how}; it explains {_percent(first.explained)} of the coefficient."
        ))  # fmt: skip
    together = [i for m in audit.decomposition if m.what == "coef" for i in m.interactions if i.share >= 0.01][:3]
    if together:
        pairs = "; ".join(f"`{i.axes[0]}` and `{i.axes[1]}` {_percent(i.share)}" for i in together)
        lines.append(_said(f"Together, beyond what each does: {pairs}."))
    return "\n".join(lines)


def _overturn(audit: Audit, found: Overturn) -> str:
    star = f"{100 * (found.level or audit.level):g} % star"
    claim = {"sign": "other sign", "ends": f"no {star}", "creates": star}[found.claim]
    keeps = {"sign": "the sign", "ends": f"the {star}", "creates": f"that there is no {star}"}[found.claim]
    if found.fewest is None:
        return _said(f"No specification overturns {keeps}.")
    head = (
        f"{found.fewest} {_plural('choice', found.fewest)} {'is' if found.fewest == 1 else 'are'} enough to overturn "
        f"{keeps}, in {found.count:,} {_plural('way', found.count)} ({claim} in {found.total:,} of {found.of:,} in all):"
    )
    rows = [(_changes(s.changes), short(s.coef), short(s.se), short(s.p, 3)) for s in found.sets[:5]]
    return _said(head) + "\n" + _table(("changed", "coefficient", "std. error", "p"), rows)


def _changes(changes: Sequence[AuditChange]) -> str:
    said = []
    for c in changes:
        if {c.before, c.after} == {"in", "out"}:
            said.append(f"{'with' if c.after == 'in' else 'without'} {c.axis}")
        else:
            said.append(f"{c.axis}: {c.after} for {c.before}")
    return "; ".join(said)


def _joint(audit: Audit) -> str:
    found = audit.joint
    if found is None:
        return ""
    rows = [(_STATISTICS[s.name], short(s.observed, 4), short(s.null[1], 4), short(s.p, 3)) for s in found.statistics]
    how = f" ({found.how})" if found.how else ""
    lines = [_table(("jointly", "observed", "under the null", "p"), rows)]
    said = (
        f"From {found.draws:,} draws under the null{how}. After the step-down over all specifications "
        f"{found.significant:,} have p below {found.level:g}"
    )
    said += f"; the audited one's is {short(found.base[1], 3)} ({short(found.base[0], 3)} by itself)" if found.base else ""
    return "\n".join([*lines, _said(said + ".")])


def _unobserved(audit: Audit) -> str:
    found = audit.sensitivity
    if found is None or (found.oster is None and found.omitted is None):
        return ""
    lines = []
    if o := found.oster:
        lines.append(
            f"Selection on unobserved variables would have to be {short(o.delta, 3)} times that on the controls to bring it "
            f"to {short(o.beta)} (Oster's delta, Rmax {o.rmax:.2f}); at {o.at:g} times it is {short(o.bounded)}."
        )
    if c := found.omitted:
        lines.append(
            f"A confounder that explains {_percent(c.robustness)} of what is left of both treatment and outcome brings it "
            f"to zero, {_percent(c.robustness_significant)} takes its significance at {100 * c.level:g} % (homoskedastic)."
        )
        worst = [b for b in c.bounds if b.times == 1]
        if worst:
            b = min(worst, key=lambda b: b.coef / c.coef)
            lines.append(f"One as strong as `{b.control}` would leave {short(b.coef)} (t {short(b.t, 3)}).")
    return "\n".join(map(_said, lines))


def _left_out(found: LeftOutOneByOne) -> str:
    if found.least is None or found.largest is None:
        return ""
    said = (
        f"Leaving out one {found.kind} of {found.groups:,}: from {short(found.least[1])} (without {found.least[0]}) to "
        f"{short(found.largest[1])} (without {found.largest[0]})"
    )
    said += f"; the sign is lost in {found.other_sign:,}" if found.other_sign else "; the sign stays"
    said += f"; {found.unidentified:,} leave nothing to estimate" if found.unidentified else ""
    return _said(said + ".")


def _removal(audit: Audit, found: FewestRemoved) -> str:
    star = f"{100 * found.level:g} % star"
    aim = {"sign": "turns the sign", "ends": f"ends the {star}", "creates": f"makes a {star}",
           "reverses": f"turns the sign with a {star}"}[found.aim]  # fmt: skip
    if found.fewest is None or found.after is None:
        return f"No removal of up to half of {found.groups:,} {_plural(found.kind, 2)} that was tried {aim}."
    named = ", ".join(found.removed[:MOST_ROWS]) + (", ..." if len(found.removed) > MOST_ROWS else "")
    sure = "" if found.certain else "; fewer may do"
    return (
        f"Without {found.fewest:,} of {found.groups:,} {_plural(found.kind, found.groups)} ({named}) it is "
        f"{short(found.after.coef)} (p {short(found.after.p, 3)}): that {aim}{sure}."
    )


def _extremes(audit: Audit) -> str:
    rows = [(e.which, short(e.coef), short(e.se), short(e.p, 3), _engines(e)) for e in audit.extremes]
    return _table(("estimated again", "coefficient", "std. error", "p", "engines"), rows) if rows else ""


def _engines(extreme: Extreme) -> str:
    """`7 agree`, or what they do else."""
    return f"{extreme.engines} agree" if extreme.verdict == "agree" else extreme.verdict or "–"


def _said(text: str) -> str:
    """Lines of a terminal; a number stays beside its percent sign."""
    return wrapped(text.replace(" %", NO_BREAK)).replace(NO_BREAK, " %")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """As wide as a terminal at most: the first column is cut for it."""
    columns = zip(*(r[1:] for r in rows), strict=True)
    # tabulate leaves two columns beside a heading
    beside = [max(len(h) + 2, *map(wcwidth.wcswidth, column)) for h, column in zip(heads[1:], columns, strict=True)]
    room = WIDTH - sum(beside) - 2 * len(beside)
    cut = [(_cut(first, room), *rest) for first, *rest in rows]
    return tabulate(cut, heads, colalign=("left", *("right" for _ in heads[1:])), disable_numparse=True)


def _percent(share: float) -> str:
    """`62 %`; `<1 %` of what is there but small."""
    if 0 < share < 0.005:
        return "<1 %"
    digits = 1 if share < 0.0995 and round(100 * share) != 100 * share else 0
    return f"{100 * share:.{digits}f} %"


def _plural(word: str, n: int) -> str:
    return word if n == 1 else f"{word}s"


def _cut(text: str, most: int) -> str:
    """To so many columns of a terminal."""
    text = printable(text)
    if wcwidth.wcswidth(text) <= most:
        return text
    while text and wcwidth.wcswidth(text) >= most:
        text = text[:-1]
    return text + "…"
