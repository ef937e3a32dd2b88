"""What the numbers of an analysis in a kept report must be to each other and to its draws, or they were edited."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping

from parity.analyses.event_study.about import sample_in_words
from parity.base.tolerance import EXACT, P_SCALE
from parity.compare.agree import hold
from parity.conventions.formulas import critical_value, p_value
from parity.results.analysis_page import AnalysisDetail, Histogram
from parity.results.record import Record

#: quantity -> what it is made of, and how.
RATIOS = {"t interaction": ("difference interaction", "se interaction"), "z suest": ("difference", "se suest")}
#: p -> the number that the replicates are held against, and whether only its own side counts.
SHARES = {"p permutation": ("difference", False), "p one permutation": ("difference", True), "p": ("t", False)}


def contradictions_of(record: Record, page: AnalysisDetail | None) -> Iterator[str]:
    """Sentences. page: how its draws are distributed, where that was kept."""
    if record.kind == "mediation":
        yield from _of_mediation({(n.quantity, n.term): n.value for n in record.numbers})
    if record.kind == "event_study":
        yield from _of_event_study(record, page)
    if record.kind not in ("difference", "wild") or not record.numbers:
        return
    values = {n.quantity: n.value for n in record.numbers if not n.term}
    if len(values) < len(record.numbers):
        yield "a quantity stands twice"
        return
    yield from _made_of(values)
    drawn = next((h for h in page.histograms if h.null), None) if page else None
    if drawn is not None:
        yield from _of_draws(values, drawn)
    said = page.about.get("p", "") if page else ""
    p = values.get("p permutation", values.get("p"))
    if said and p is not None and said.partition(":")[0] != f"{p:.6g}":
        yield f"p is {p:.6g}, and {said} where its draws are shown"


def _made_of(values: Mapping[str, float]) -> Iterator[str]:
    follows = {}
    if {"first", "second"} <= values.keys():
        follows["difference"] = (values["first"] - values["second"], abs(values["first"]) + abs(values["second"]))
    for name, (over, under) in RATIOS.items():
        if over in values and values.get(under, 0.0) > 0:
            follows[name] = (values[over] / values[under], max(1.0, abs(values[over] / values[under])))
    if "z suest" in values:
        p = p_value(values["z suest"], math.inf)
        follows["p suest"] = (p, max(p * max(1.0, values["z suest"] ** 2), P_SCALE))
    for name, (expected, scale) in follows.items():
        if name in values and not hold(values[name], expected, EXACT * scale, scale).agree:
            yield f"{name} is {values[name]:.6g}, and the numbers beside it make it {expected:.6g}"
    t, p = values.get("t interaction"), values.get("p interaction")
    if t is not None and p is not None and not _of_some_df(t, p):
        yield f"p interaction is {p:.6g}, which no degrees of freedom make of t {t:.6g}"


def _of_mediation(values: Mapping[tuple[str, str], float]) -> Iterator[str]:
    """Effects are products and sums of coefficients; t, z and p follow from them and their standard errors."""
    follows: dict[tuple[str, str], tuple[float, float]] = {}
    effects = {term: v for (quantity, term), v in values.items() if quantity == "effect"}
    for term in effects:
        first, second = (effects.get(term.replace("indirect ", f"{side} ", 1)) for side in ("first", "second"))
        if term.startswith("indirect ") and first is not None and second is not None:
            follows["effect", term] = (first * second, abs(first * second))
    for (quantity, term), v in values.items():
        over, under = values.get(("effect", term)), values.get(("se", term), 0.0)
        if quantity == "t" and over is not None and under > 0:
            follows[quantity, term] = (over / under, max(1.0, abs(over / under)))
            p = values.get(("p", term))
            if p is not None and not _of_some_df(v, p):
                yield f"p of {term} is {p:.6g}, which no degrees of freedom make of t {v:.6g}"
        over, under = effects.get(f"indirect {term}"), values.get((quantity.replace("z by", "se by"), term), 0.0)
        if quantity.startswith("z by") and over is not None and under > 0:
            follows[quantity, term] = (over / under, max(1.0, abs(over / under)))
            p = p_value(v, math.inf)
            follows[quantity.replace("z by", "p by"), term] = (p, max(p * max(1.0, v * v), P_SCALE))
    for (quantity, term), (expected, scale) in follows.items():
        found = values.get((quantity, term))
        if found is not None and not hold(found, expected, EXACT * scale, scale).agree:
            yield f"{quantity} of {term} is {found:.6g}, and the numbers beside it make it {expected:.6g}"


def _of_event_study(record: Record, page: AnalysisDetail | None) -> Iterator[str]:
    """t, interval and p are of one standard error and of the clusters counted; averages lie among what they are of."""
    of: dict[str, dict[str, float]] = defaultdict(dict)
    for n in record.numbers:
        of[n.quantity][n.term] = n.value
    if sum(map(len, of.values())) < len(record.numbers):
        yield "a number stands twice"
        return
    effects, errors, clusters = of["effect"], of["se"], of["clusters"]
    for quantity in ("t", "p", "ci_low", "ci_high"):
        if of[quantity].keys() != errors.keys():
            yield f"{quantity} stands for other terms than se"
            return
    for term, n in of["nobs"].items():
        groups = clusters.get(term, 1.0)
        if n % 1 or groups % 1 or not 1 <= groups <= n:
            yield f"{n:g} rows and {groups:g} clusters"
    for term, se in errors.items():
        if term not in effects or not se > 0:
            yield f"se of {term} is {se:.6g}, without an effect or not above nought"
            continue
        yield from _of_one_effect(term, effects[term], se, clusters.get(term, clusters.get("", math.inf)), of)
    yield from _averaged(effects, of)
    said = page.about.get("Sample") if page else None
    if said is not None and record.numbers and said != sample_in_words(of["nobs"], clusters):
        yield f"{sample_in_words(of['nobs'], clusters)} are counted, and {said} where the sample is described"


def _of_one_effect(
    term: str, effect: float, se: float, clusters: float, of: Mapping[str, Mapping[str, float]]
) -> Iterator[str]:
    t, p, ends = of["t"][term], of["p"][term], (of["ci_low"][term], of["ci_high"][term])
    half = (ends[1] - ends[0]) / 2
    dfs = [df for df in (clusters - 1.0, math.inf) if hold(half, critical_value(df) * se, EXACT * half, 1.0).agree]
    follows = {
        "t": (t, effect / se, max(1.0, abs(t))),
        "the middle of the interval": (sum(ends) / 2, effect, abs(effect) + half),
    }
    if not dfs:
        follows["half of the interval"] = (half, critical_value(clusters - 1.0) * se, half)
    elif not any(hold(p, p_value(t, df), EXACT * max(p * max(1.0, t * t), P_SCALE), 1.0).agree for df in dfs):
        follows["p"] = (p, p_value(t, dfs[0]), P_SCALE)
    for name, (found, expected, scale) in follows.items():
        if name == "p" or not hold(found, expected, EXACT * scale, scale).agree:
            yield f"{name} of {term} is {found:.6g}, and the numbers beside it make it {expected:.6g}"


def _averaged(effects: Mapping[str, float], of: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Effects are averages of those of cells; TWFE is that of its comparisons by their weights."""
    cells, share = of.get("cell", {}), of.get("share", {})
    size = max(map(abs, [*cells.values(), *effects.values()]), default=0.0)
    for term, effect in effects.items() if cells else ():
        if not min(cells.values()) - EXACT * size <= effect <= max(cells.values()) + EXACT * size:
            yield f"effect of {term} is {effect:.6g}, and no average of its cells"
    if share:
        whole, weights = sum(w * effects.get(name, math.nan) for name, w in share.items()), sum(share.values())
        is_whole = hold(whole, effects.get("all", math.nan), EXACT * size, 1.0).agree
        if not (is_whole and hold(weights, 1.0, EXACT, 1.0).agree):
            yield f"the weighted comparisons sum to {whole:.6g}, their weights to {weights:.6g}"
        yield from _by_kind(effects, of, size)


#: Kinds of comparisons of a decomposition, by what the name of one holds.
_KINDS = {
    " vs later ": "earlier vs later", " vs earlier ": "later vs earlier", " vs always": "treated vs always",
    " vs never": "treated vs never",
}  # fmt: skip


def _by_kind(effects: Mapping[str, float], of: Mapping[str, Mapping[str, float]], size: float) -> Iterator[str]:
    """The weight of a kind of comparison is the sum of its comparisons', its effect their mean by weight."""
    share, total, mean = of["share"], of.get("total share", {}), of.get("mean effect", {})
    for word, kind in _KINDS.items():
        mine = [name for name in share if word in name]
        if not mine or kind not in total or kind not in mean:
            continue
        weight = sum(share[name] for name in mine)
        effect = sum(share[name] * effects[name] for name in mine) / weight if weight else mean[kind]
        if not hold(total[kind], weight, EXACT, 1.0).agree or not hold(mean[kind], effect, EXACT * size, 1.0).agree:
            yield f"{kind}: {mean[kind]:.6g} by {total[kind]:.6g}, and its comparisons make it {effect:.6g} by {weight:.6g}"


def _of_some_df(t: float, p: float) -> bool:
    """Whether p is that of t with a whole number of degrees of freedom; it falls as they grow."""
    low, high = 1, 2**31
    near = max(p * max(1.0, t * t), P_SCALE) * EXACT
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if p_value(t, middle) > p + near else (low, middle)
    return hold(p, p_value(t, low), near, 1.0).agree


def _of_draws(values: Mapping[str, float], drawn: Histogram) -> Iterator[str]:
    known = sum(drawn.counts) + drawn.below + drawn.above
    total = values.get("draws")
    if total is not None and total != known + drawn.undefined:
        yield f"there were {total:g} draws, and {known + drawn.undefined} are counted"
    for name, (of, one_side) in SHARES.items():
        if name not in values or of not in values or not known:
            continue
        if values[of] != drawn.estimate:
            yield f"{of} is {values[of]:.6g}, and {drawn.estimate:.6g} where its draws are shown"
            continue
        least, most = _beyond(drawn, values[of], one_side)
        count = values[name] * known
        if not (least - 0.5 < count < most + 0.5 and hold(count, round(count), EXACT * known, 1.0).agree):
            yield f"{name} is {values[name]:.6g}, and of {known} draws {least} to {most} lie as far out"


def _beyond(drawn: Histogram, estimate: float, one_side: bool) -> tuple[int, int]:
    """How many replicates lie as far out as the estimate, at least and at most: a bin that it cuts may count or not."""
    width = (drawn.high - drawn.low) / len(drawn.counts)
    edges = [drawn.low + i * width for i in range(len(drawn.counts) + 1)]
    bins = [(-math.inf, drawn.low, drawn.below), *zip(edges, edges[1:], drawn.counts, strict=False)]
    bins.append((drawn.high, math.inf, drawn.above))
    sides = (1.0 if estimate >= 0 else -1.0,) if one_side else (1.0, -1.0)
    near = EXACT * max(abs(drawn.low), abs(drawn.high), abs(estimate))
    least = most = 0
    for left, right, count in bins:
        ends = [(left, right) if side > 0 else (-right, -left) for side in sides]
        least += count if any(a >= abs(estimate) + near for a, _ in ends) else 0
        most += count if any(b >= abs(estimate) - near for _, b in ends) else 0
    return least, most
