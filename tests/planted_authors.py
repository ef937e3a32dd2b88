"""Mistakes that authors of provincial panels make, planted in two panels and diagnosed blind.

    PYTHONPATH=tests python -m planted_authors --each 40 --seed 1 --markdown docs/evidence/authors.md

Each case draws a declared study (which indicators, controls, cuts, filter) in `digital_trade` or in `fatalities`, plants one
mistake on a random choice (which indicator, unit, year, cut), and computes the numbers by `authors_recipe`, which shares no
line with parity. The diagnosis sees the declared study and the numbers: coefficients and standard errors of four terms, to
four significant digits or in full, with N; of an index also its scores, to four digits or in full.

Named: the mistake is among the answers, alone or beside others that give the same digits. Falsely named: there are answers
and it is none of them, nor does it stand beside a slip of the page as possible too. Draws that no digit shows are drawn
again.
"""

from __future__ import annotations

import argparse
import functools
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from authors_recipe import Recipe, columns, estimated, scores
from parity.data.derive.index import index_rows
from parity.data.derive.study_columns import add_columns, indicator_columns
from parity.data.evaluate import Panel
from parity.diagnose import TargetNumber, explain_targets
from parity.diagnose.catalogue import CAUSES
from parity.diagnose.questions.index_search import Target, Targets, explain_index
from parity.study.derived import Lag, Lead, PerHead, Standardise, Winsorise
from parity.study.grammar import parse_expression
from parity.study.header import Header
from parity.study.index import Index
from parity.study.spec import Spec
from parity.study.study import Study

FIXTURES = Path(__file__).parent.parent / "fixtures"
TERMS = ("x", "control", "head", "money")
PANELS = ("digital_trade", "fatalities")
#: Digits of a print; None: all of them.
DIGITS = (4, None)
COAST = (
    "ca", "or", "wa", "fl", "ga", "sc", "nc", "va", "md", "de", "nj", "ny", "ct", "ri", "ma", "nh", "me",
)  # fmt: skip
SLIPS = frozenset(c.id for c in CAUSES if c.layer == "printing")
CUTS = ((1.0, 99.0), (5.0, 95.0), (2.5, 97.5), (10.0, 90.0))


# ---------------------------------------------------------------- the panels


@dataclass(frozen=True)
class Source:
    """A panel and what may be drawn in it. frame: `unit`, `time` and raw columns, sorted by both."""

    name: str
    frame: pd.DataFrame
    outcome: tuple[tuple[str, str], ...]
    key: tuple[tuple[str, str], ...]
    levels: tuple[str, ...]
    zeros: str
    heads: tuple[tuple[str, str], ...]
    money: tuple[str, ...]
    group: str
    cities: tuple[str, ...]


def _with_made(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A price index and a count with zeros beside the panel's own columns: it has none. Both are made."""
    rng = np.random.default_rng(seed)
    units, first = d["unit"].unique(), d["time"].min()
    slope = dict(zip(units, rng.uniform(0.01, 0.045, len(units)), strict=True))
    growth = d["unit"].map(slope) * (d["time"] - first) + rng.normal(0, 0.006, len(d)) * (d["time"] > first)
    level = dict(zip(units, rng.gamma(1.2, 14, len(units)), strict=True))
    projects = rng.poisson(d["unit"].map(level) * (1 + 0.1 * (d["time"] - first)) * rng.uniform(0.3, 1.2, len(d)))
    return d.assign(price_index=np.round(100 * np.exp(growth), 2), projects=projects.astype(float))


@functools.cache
def source(name: str) -> Source:
    if name == "digital_trade":
        d = pd.read_csv(FIXTURES / name / "data.csv").rename(columns={"省份": "unit", "year": "time"})
        trade = (
            "fibre_length", "broadband_ports", "mobile_rate", "freight_trucks", "civil_ships", "express_parcels",
            "patents_granted", "rd_spend", "tech_turnover", "telecom_volume", "postal_volume", "software_revenue",
            "ecommerce_sales",
        )  # fmt: skip
        outcome = [("unemployment", "-"), ("savings_per_head", "+"), ("output_gap", "-"), ("self_sufficiency", "+"),
                   ("loans_to_gdp", "+"), ("investment", "+"), ("rd_intensity", "+"), ("hightech_share", "+"),
                   ("tertiary_share", "+")]  # fmt: skip
        return Source(
            name, _with_made(d.sort_values(["unit", "time"], ignore_index=True), 7), tuple(outcome),
            tuple((c, "+") for c in trade), ("wage", "retail_sales", "fiscal_spend"), "projects",
            (("students", "population"), ("industry_added", "population")), ("gdp", "trade_total"), "region",
            ("北京", "天津", "上海", "重庆"),
        )  # fmt: skip
    d = pd.read_csv(FIXTURES / name / "data.csv").rename(columns={"state": "unit", "year": "time"})
    d["coast"] = np.where(
        d["unit"].isin(
            ["ca", "or", "wa", "fl", "ga", "sc", "nc", "va", "md", "de", "nj", "ny", "ct", "ri", "ma", "nh", "me"]
        ),
        "coast",
        "inner",
    )
    return Source(
        name, _with_made(d.sort_values(["unit", "time"], ignore_index=True), 8),
        (("fatal", "-"), ("nfatal", "-"), ("sfatal", "-"), ("fatal1820", "-"), ("fatal2124", "-"), ("afatal", "-")),
        (("spirits", "+"), ("youngdrivers", "+"), ("unemp", "+"), ("beertax", "-"), ("miles", "+"), ("emppop", "-")),
        ("milestot", "pop1820", "pop2124"), "projects", (("milestot", "pop"), ("pop1517", "pop")), ("income",), "coast",
        ("ri", "de", "ct", "nh"),
    )  # fmt: skip


def declared(src: Source, r: Recipe) -> Study:
    """The recipe as somebody would write it in `study.toml`."""
    score = {"y0": r.outcome, "x0": r.key}
    index = {
        name: Index.model_validate({
            "indicators": [{"column": c, "direction": s} for c, s in of], "missing": "interpolate", "edges": "nearest",
            **({"over": r.over} if name == "x0" else {}),
        })
        for name, of in score.items()
    }  # fmt: skip
    derive, y, x = {}, "y0", "x0"
    if r.cuts:
        derive |= {"yw": Winsorise(winsorise=y, cuts=r.cuts), "xw": Winsorise(winsorise=x, cuts=r.cuts)}
        y, x = "yw", "xw"
    if r.standard:
        by = {"all": (), "time": ("time",), "unit": ("unit",)}[r.standard]
        derive["xz"] = Standardise(standardise=x, by=by)
        x = "xz"
    if r.shift:
        derive["xl"] = Lag(lag=x, periods=r.shift) if r.shift > 0 else Lead(lead=x, periods=-r.shift)
        x = "xl"
    derive["control"] = parse_expression({"level": "{}", "log": "log({})", "log1p": "log1p({})"}[r.log].format(r.level))
    derive["head"] = PerHead(per_head=r.per[0], population=r.per[1])
    derive["money"] = parse_expression(f"log({r.money} / {r.price} * 100)" if r.price else f"log({r.money})")
    where = []
    if r.leave:
        where.append(f"{r.leave[0]} not in [{', '.join(repr(v) for v in r.leave[1])}]")
    if r.since is not None:
        where.append(f"time >= {r.since:g}")
    text = {"formula": f"{y} ~ {x} + control + head + money | unit + time", "vcov": {"cluster": ["unit"]},
            "convention": "reghdfe"} | ({"where": " and ".join(where)} if where else {})  # fmt: skip
    header = Header(title=src.name, unit="unit", time="time", made=True)
    spec = Spec(id="declared", **text)
    return Study(folder=Path(src.name), header=header, derive=derive, index=index, specs=(spec,), published=())


# ---------------------------------------------------------------- the mistakes


@dataclass(frozen=True)
class Planted:
    """declared, planted: the recipe as the study has it, and as the numbers were made. causes: any of these is the mistake,
    with what its parameters must hold. score: which index's scores show it, "" where none does."""

    declared: Recipe
    planted: Recipe
    causes: tuple[tuple[str, tuple[str, ...]], ...]
    score: str = ""
    text: str = ""  # what the answer on scores must say


def _some(rng: random.Random, of: tuple, least: int) -> tuple:
    """So many of them at least, in their order."""
    chosen = rng.sample(range(len(of)), rng.randint(min(least, len(of)), len(of)))
    return tuple(of[i] for i in sorted(chosen))


def drawn(rng: random.Random, src: Source) -> Recipe:
    return Recipe(
        outcome=_some(rng, src.outcome, 5), key=_some(rng, src.key, 5), level=rng.choice(src.levels),
        per=rng.choice(src.heads), money=rng.choice(src.money), price=None,
    )  # fmt: skip


def filtered(rng: random.Random, src: Source, r: Recipe) -> Recipe:
    groups = sorted(src.frame[src.group].unique())
    times = sorted(src.frame["time"].unique())
    return rng.choice((
        replace(r, leave=("unit", src.cities)), replace(r, leave=(src.group, (rng.choice(groups),))),
        replace(r, since=float(rng.choice(times[1:3]))), replace(r, leave=("time", (int(rng.choice(times[2:-2])),))),
    ))  # fmt: skip


def _which(rng: random.Random, r: Recipe) -> tuple[str, str, tuple]:
    field, index = rng.choice((("outcome", "y0"), ("key", "x0")))
    return field, index, getattr(r, field)


def direction(rng, src, r):
    field, index, of = _which(rng, r)
    column, _ = rng.choice(of)
    other = tuple((c, {"+": "-", "-": "+"}[s] if c == column else s) for c, s in of)
    return Planted(r, replace(r, **{field: other}), (("indicator-reversed", (index, column)),), index, column)


def left_out(rng, src, r):
    field, index, of = _which(rng, r)
    gone = rng.choice(of)
    others = replace(r, **{field: tuple(i for i in of if i != gone)})
    return Planted(r, others, (("indicator-left-out", (index, gone[0])),), index, gone[0])


def added(rng, src, r):
    field, index, of = _which(rng, r)
    rest = [i for i in getattr(src, field) if i not in of] + [(c, rng.choice("+-")) for c in (*src.levels, *src.money)]
    new = rng.choice(rest)
    inside = ("outcome-in-index", (index, new[0])), ("indicator-added", (index, new[0]))
    return Planted(r, replace(r, **{field: (*of, new)}), inside, index, new[0])


def outcome_inside(rng, src, r):
    column, sign = rng.choice(r.outcome)
    return Planted(r, replace(r, key=(*r.key, (column, sign))), (("outcome-in-index", ("x0", column)),), "x0", column)


def without_one(rng, src, r):
    which = rng.choice(("unit", "time"))
    value = rng.choice(sorted(src.frame[which].unique()))
    value = int(value) if which == "time" else value
    id = {"unit": "unit", "time": "period"}[which]
    return Planted(
        r, replace(r, first=(which, value)), ((f"{id}-missing-before-derived", (str(value),)),), "x0", str(value)
    )  # fmt: skip


def before_the_filter(rng, src, r):
    r = filtered(rng, src, r)
    return Planted(r, replace(r, first="filter"), (("filtered-before-derived", ()),), "x0", "left out before")


def standardised(rng, src, r):
    if rng.random() < 0.5:
        one, other = rng.sample(("pooled", "year"), 2)
        return Planted(replace(r, over=one), replace(r, over=other), (("index-made-otherwise", ("x0",)),), "x0", {
            "year": "separately in each year", "pooled": "all rows together"}[other])  # fmt: skip
    one, other = rng.choice((("all", "time"), ("time", "all"), ("all", "unit"), ("unit", "all")))
    causes = ("made-within-groups", ("xz",)), ("groups-of-a-transformation-ignored", ("xz",))
    return Planted(replace(r, standard=one), replace(r, standard=other), causes)


def indicators_cut(rng, src, r):
    cuts = rng.choice(CUTS)
    return Planted(
        r, replace(r, indicators_cut=cuts), (("indicators-winsorised", ("x0", f"{cuts[0]:g} and {cuts[1]:g}")),), "x0",
        f"{cuts[0]:g} and {cuts[1]:g}",
    )  # fmt: skip


def cuts_forgotten(rng, src, r):
    cuts = rng.choice(CUTS)
    if rng.random() < 0.7:
        return Planted(replace(r, cuts=cuts), r, (("cuts-left-out", ("yw", "xw")),))
    return Planted(r, replace(r, cuts=cuts), (("winsorised", ("y0, x0", f"{cuts[0]:g} and {cuts[1]:g}")),))


def other_cuts(rng, src, r):
    one, other = rng.sample(CUTS, 2)
    causes = (("other-cuts", ("yw", "xw", f"{other[0]:g} and {other[1]:g}")),)
    return Planted(replace(r, cuts=one), replace(r, cuts=other), causes)


def lag_after_filter(rng, src, r):
    times = sorted(src.frame["time"].unique())
    cut_off = rng.random() < 0.5
    r = replace(r, shift=1) if rng.random() < 0.8 else replace(r, shift=-1)
    since = replace(r, since=float(rng.choice(times[1:3])))
    inside = replace(r, leave=("time", (int(rng.choice(times[2:-2])),)))
    r = since if cut_off and r.shift > 0 else inside
    return Planted(r, replace(r, shift_by="left"), (("lag-after-filter", ()),))


def lag_across_units(rng, src, r):
    r = replace(r, shift=rng.choice((1, 1, 2)))
    return Planted(r, replace(r, shift_by="rows"), (("lag-across-units", ()),))


def lead_for_lag(rng, src, r):
    k = rng.choice((1, 1, 1, -1, 2))
    return Planted(replace(r, shift=k), replace(r, shift=-k), (("shift-reversed", ("xl",)),))


def log_of_one_plus(rng, src, r):
    r = replace(r, level=rng.choice((r.level, src.zeros, src.zeros)))
    one, other = rng.choice((("log", "log1p"), ("log1p", "log")))
    id = {"log1p": "log-of-one-plus", "log": "log-of-value"}[other]
    return Planted(replace(r, log=one), replace(r, log=other), ((id, ("control",)),))


def zeros(rng, src, r):
    r = replace(r, level=src.zeros)
    if rng.random() < 0.7:
        small = rng.choice((0.01, 0.01, 0.001, 0.1))
        r = replace(r, log=rng.choice(("log", "log1p")))
        return Planted(r, replace(r, log="log", zeros=small), (("zeros-as-small", (src.zeros, f"{small:g}")),))
    r = replace(r, log=rng.choice(("log1p", "level")))
    return Planted(r, replace(r, zeros=np.nan), (("zeros-as-missing", (src.zeros,)),))


def per_head(rng, src, r):
    years = sorted(src.frame["time"].unique())
    year = "last" if rng.random() < 0.5 else float(rng.choice(years))
    shown = "the year before" if year == "last" else f"{year:g}"
    return Planted(r, replace(r, per_year=year), (("divisor-of-another-year", (r.per[1], shown)),))


def prices(rng, src, r):
    if rng.random() < 0.7:
        return Planted(replace(r, price="price_index"), r, (("current-prices", ("price_index",)),))
    return Planted(r, replace(r, price="price_index"), (("constant-prices", (r.money, "price_index")),))


def cities_kept(rng, src, r):
    r = replace(r, leave=("unit", src.cities))
    pick = rng.random()
    if pick < 0.5:
        r = replace(r, since=float(sorted(src.frame["time"].unique())[1])) if rng.random() < 0.3 else r
        return Planted(r, replace(r, leave=None), (("filter-ignored", ("unit",)),))
    gone = rng.choice(src.cities)
    left = replace(r, leave=("unit", tuple(c for c in src.cities if c != gone)))
    return Planted(r, left, (("filter-misses-a-value", (gone,)),))


#: What the page calls it -> what plants it.
MISTAKES: dict[str, Callable[[random.Random, Source, Recipe], Planted]] = {
    "an indicator's direction flipped": direction,
    "one indicator left out": left_out,
    "one indicator added": added,
    "the outcome's component inside the index": outcome_inside,
    "index made without one unit or period": without_one,
    "index made after the rows were filtered": before_the_filter,
    "standardised by year, or over all": standardised,
    "indicators winsorised first": indicators_cut,
    "winsor2 y x forgotten, or run": cuts_forgotten,
    "other cuts on both columns": other_cuts,
    "lag made after a filter": lag_after_filter,
    "lag across units": lag_across_units,
    "a lead in the lag's place": lead_for_lag,
    "log(x) and log(x + 1)": log_of_one_plus,
    "zeros to 0.01, or to missing": zeros,
    "per head by another year's count": per_head,
    "current and constant prices": prices,
    "municipalities kept": cities_kept,
}


# ---------------------------------------------------------------- judging


@dataclass(frozen=True)
class Outcome:
    mistake: str
    panel: str
    shown: str
    result: str
    answers: tuple[str, ...]
    seconds: float
    seed: int


def text_of(value: float, digits: int | None) -> str:
    """So many significant digits, as a page prints them."""
    digits = digits or 13
    decimals = max(0, digits - 1 - int(np.floor(np.log10(abs(value))))) if value else digits
    return f"{value:.{decimals}f}"


@dataclass(frozen=True)
class Draw:
    """printed: coefficients, standard errors and N with the mistake, as a page has them. right: the declared study's."""

    planted: Planted
    study: Study
    frame: pd.DataFrame
    printed: list[str]
    right: tuple[np.ndarray, np.ndarray, int]


def draw(mistake: str, panel: str, seed: int, digits: int | None) -> Draw | None:
    """The first draw of a seed that the digits show; None where fifty show nothing."""
    src = source(panel)
    for attempt in range(50):
        rng = random.Random(f"{mistake} {panel} {seed} {attempt}")
        try:
            p = MISTAKES[mistake](rng, src, drawn(rng, src))
            right, wrong = (estimated(columns(src.frame, r)) for r in (p.declared, p.planted))
        except (ValueError, ZeroDivisionError, IndexError, np.linalg.LinAlgError):
            continue
        printed = [[text_of(v, digits) for v in (*b, *se)] + [str(n)] for b, se, n in (right, wrong)]
        if printed[0] != printed[1] and np.isfinite([*wrong[0], *wrong[1]]).all() and (wrong[1] > 0).all():
            study = declared(src, p.declared)
            return Draw(p, study, add_columns(study, src.frame).frame, printed[1], right)
    return None


def outcomes(mistake: str, panel: str, seed: int) -> Iterator[Outcome]:
    """One draw: the table, and where an index's scores show it, those too."""
    digits = DIGITS[seed % 2]
    given = draw(mistake, panel, seed, digits)
    if given is None:
        return
    if off := declared_is_off(given):
        raise AssertionError(off)
    yield _of_table(mistake, panel, seed, digits, given)
    if given.planted.score:
        found = _of_scores(mistake, panel, seed, digits, given)
        if found is not None:
            yield found


def _terms(study: Study) -> list[str]:
    return [str(i) for i in study.specs[0].formula.exog]


def declared_is_off(given: Draw) -> str:
    """How the recipe's numbers of the declared study are not parity's; "" where they are."""
    from parity.diagnose.fitter import Fitter
    from parity.diagnose.scenario import Scenario

    study, right = given.study, given.right
    numbers = Fitter(study, given.frame).numbers(Scenario(study.specs[0]))
    at = [numbers.terms.index(t) for t in _terms(study)]
    for mine, theirs in ((right[0], numbers.coef[at]), (right[1], numbers.se[at])):
        if not np.allclose(mine, theirs, rtol=1e-9, atol=0):  # in full means as many digits as the diagnosis goes by
            return f"{mine} by hand, {theirs} by parity, {study.specs[0].formula}"
    return "" if right[2] == numbers.nobs else f"N {right[2]} by hand, {numbers.nobs} by parity"


def _of_table(mistake: str, panel: str, seed: int, digits: int | None, given: Draw) -> Outcome:
    p, study, frame, printed = given.planted, given.study, given.frame, given.printed
    targets = []
    for k, (quantity, term) in enumerate((q, t) for q in ("coef", "se") for t in _terms(study)):
        targets.append(TargetNumber(quantity, term, printed[k]))
    targets.append(TargetNumber("nobs", "", printed[-1]))
    start = time.process_time()
    answer = explain_targets(study, study.specs[0], frame, targets)
    seconds = time.process_time() - start
    said = [(s.ids, " ".join(str(v) for c in s.causes for v in c.parameters.values()), s) for s in answer.causes]
    named = any(
        ids == (id,) and all(word in words for word in parameters) for ids, words, _ in said for id, parameters in p.causes
    )
    possible = any(s.ids == (id,) for s in answer.possible for id, _ in p.causes)
    slip = possible and all(c.id in SLIPS for s in answer.causes for c in s.causes)
    result = "named" if named else "falsely named" if said and not slip else "possible only" if possible else "not named"
    shown = f"table, {f'{digits} digits' if digits else 'in full'}"
    said_in_words = tuple(f"{' + '.join(ids)} ({words})" for ids, words, _ in said)
    return Outcome(mistake, panel, shown, result, said_in_words, seconds, seed)


def _of_scores(mistake: str, panel: str, seed: int, digits: int | None, draws: Draw) -> Outcome | None:
    """The scores of twelve rows to four digits, or of all in full."""
    p, study, frame, src = draws.planted, draws.study, draws.frame, source(panel)
    r = p.planted
    d = src.frame
    if r.first == "filter":
        keep = ~d[r.leave[0]].isin(r.leave[1]) if r.leave else d["time"] >= r.since
        d = d[keep]
    elif r.first is not None:
        d = d[d[r.first[0]] != r.first[1]]
    of = (r.outcome, "pooled", None) if p.score == "y0" else (r.key, r.over, r.indicators_cut)
    values = pd.Series(scores(d.reset_index(drop=True), *of), index=d.index)
    main = study.index[p.score].forms()[""]
    rng = random.Random(seed)
    rows = sorted(rng.sample(list(values.index), 12)) if digits else list(values.index)
    given = {}
    for i in rows:
        text = text_of(values[i], digits)
        decimals = len(text.partition(".")[2])
        given[i] = Target(float(text), 0.5 * 10.0**-decimals if digits else 0.0)
    keys = index_rows(frame, Panel.of(study), [main])
    shown = f"scores, {f'{digits} digits' if digits else 'in full'}"
    start = time.process_time()
    answer = explain_index(main, indicator_columns(main, frame), keys, Targets({}, given), **_beside(study, frame))
    seconds = time.process_time() - start
    if answer.matches and not answer.matches[0].variants:
        return None  # these digits don't show it
    said = tuple(m.text for m in answer.matches)
    result = "named" if any(p.text in text for text in said) else "falsely named" if said else "not named"
    return Outcome(mistake, panel, shown, result, said, seconds, seed)


def _beside(study: Study, frame: pd.DataFrame) -> dict:
    from parity.diagnose.questions.index import beside

    return {"beside": beside(study, frame)}


# ---------------------------------------------------------------- the page


def report(found: list[Outcome], command: str) -> str:
    kinds = sorted({o.shown for o in found})
    lines = [
        "# Mistakes of authors, planted", "", f"`{command}`", "",
        "Named of drawn; in brackets falsely named. " + __doc__.split("\n\n")[2].replace("\n", " "), "",
        "| mistake | panel | " + " | ".join(kinds) + " |", "|---|---|" + "---:|" * len(kinds),
    ]  # fmt: skip
    for mistake in MISTAKES:
        for panel in sorted({o.panel for o in found}):
            own = [o for o in found if o.mistake == mistake and o.panel == panel]
            if own:
                cells = []
                for kind in kinds:
                    of = [o for o in own if o.shown == kind]
                    wrong = sum(o.result == "falsely named" for o in of)
                    named = sum(o.result == "named" for o in of)
                    cells.append((f"{named}/{len(of)}" + (f" ({wrong})" if wrong else "")) if of else "")
                lines.append(f"| {mistake} | {panel} | " + " | ".join(cells) + " |")
    counts = Counter(o.result for o in found)
    total = ", ".join(f"{n} {result}" for result, n in counts.most_common())
    seconds = sorted(o.seconds for o in found)
    lines += [
        "",
        f"Of {len(found)}: {total}.",
        "",
        f"A processor takes {seconds[len(seconds) // 2]:.1f} s for the median answer, {seconds[-1]:.1f} s for the slowest.",
    ]
    missed = [o for o in found if o.result != "named"]
    if missed:
        lines += ["", "## Not named", ""]
        lines += [f"- {o.mistake}, {o.panel}, seed {o.seed}, {o.shown}: {o.result} {'; '.join(o.answers)}" for o in missed]
    return "\n".join(lines) + "\n"


def _kept(file: Path | None) -> list[Outcome]:
    if file is None or not file.is_file():
        return []
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [Outcome(**line | {"answers": tuple(line["answers"])}) for line in lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=40, help="draws of each mistake in each panel")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="mistakes whose name holds this")
    parser.add_argument("--keep", type=Path, help="keep outcomes in this file, a line each, and go on from there")
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    found = _kept(options.keep)
    done = {(o.mistake, o.panel, o.seed) for o in found}
    chosen = [m for m in MISTAKES if options.only in m]
    rounds = [(m, p, options.seed * 1_000 + k) for k in range(options.each) for m in chosen for p in PANELS]
    for place in rounds:
        for o in outcomes(*place) if place not in done else ():
            found.append(o)
            note = "" if o.result == "named" else f" {o.answers}"
            print(f"{o.result}: {o.mistake}, {o.panel}, {o.shown}, seed {o.seed}, {o.seconds:.1f} s{note}", flush=True)
            if options.keep:
                with options.keep.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(asdict(o), ensure_ascii=False) + "\n")
    text = report(found, f"PYTHONPATH=tests python -m planted_authors --each {options.each} --seed {options.seed}")
    print(text)
    if options.markdown:
        options.markdown.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
