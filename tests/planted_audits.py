"""Panels in which one thing drives a result, and panels in which there is nothing to find: what does an audit say first?

    PYTHONPATH=tests python -m planted_audits --panels 100 --seed 1 --keep /tmp/planted.jsonl
    PYTHONPATH=tests python -m planted_audits --null 1000 --seed 1

A panel of firms over years is drawn with one driver: a control (left out, or taken in), a firm, a package's convention, or
a cut (values far out, or one half of the years). Beside it stand choices that don't matter. Where the driver, by itself,
leaves the audited claim as it is, it doesn't drive the result, and where one of the choices beside it by itself overturns
the claim as well, the driver isn't the one thing that does: then another panel is drawn. Both are looked at by estimating
one specification at a time, never by what an audit says.

What a panel gave stands in the file of `--keep` as soon as it is known, a line a panel; the same command goes on from there,
as long as neither parity's code nor this file's has changed.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import math
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from parity.audit.joint import joint
from parity.audit.null import null_of
from parity.audit.plan import plan_of
from parity.audit.run import outcomes
from parity.audit.single import estimated
from parity.audit.space import Space, space_of
from parity.audit.whole import Wanted, audited
from parity.base.cache import PACKAGE, code_hash
from parity.base.errors import Unestimable
from parity.report.audit_first import plain_sentence
from parity.results.audit import Hangs
from parity.study.load import parse_study

LEVEL = 0.05
KINDS = ("control", "firm", "convention", "cut")
CONTROLS = ("c1", "c2", "c3", "c4")
#: Choices beside the driver, each of which a panel may have.
BESIDE = {
    "absorb": ["firm"], "where": ["c1 > -2"], "transform": {"x": [{"winsorise": "x", "cuts": [1, 99]}]},
    "convention": ["fixest", "lfe"],
}  # fmt: skip


@dataclass
class Panel:
    """frame; formula; choices of the audit; axis and option of the driver ("" where it is no choice), and the firm."""

    kind: str
    frame: pd.DataFrame
    formula: str
    choices: dict[str, Any]
    axis: str
    option: str
    firm: str = ""


def firms_by_years(rng: np.random.Generator, firms: int, years: int) -> pd.DataFrame:
    """x, controls and e with effects of firms and years; e is correlated within a firm, as clusters are for."""
    firm, year = (a.ravel() for a in np.indices((firms, years)))
    one = lambda scale, n, of: rng.normal(0, scale, n)[of]  # noqa: E731
    frame = pd.DataFrame({"firm": [f"f{i:02d}" for i in firm], "year": 2001 + year})
    slow = np.repeat(rng.normal(size=(firms, 1)), years, axis=1) * np.linspace(-1, 1, years)
    frame["x"] = rng.normal(size=len(frame)) + one(0.7, firms, firm) + 0.5 * slow.ravel()
    for name in CONTROLS:
        frame[name] = rng.normal(size=len(frame)) + one(0.5, firms, firm)
    shock = np.repeat(rng.normal(size=(firms, 1)), years, axis=1) * np.linspace(-1, 1, years)
    frame["e"] = rng.normal(size=len(frame)) + one(1.0, firms, firm) + one(0.3, years, year) + 0.4 * shock.ravel()
    return frame


def _control(rng: np.random.Generator) -> Panel:
    """Left out it makes x significant; or x is so only with it, which takes noise away and what hides x."""
    frame = firms_by_years(rng, int(rng.integers(20, 45)), int(rng.integers(5, 12)))
    frame["w"] = 0.8 * frame["x"] + rng.normal(size=len(frame))
    if rng.random() < 0.5:
        frame["y"] = rng.uniform(0.5, 1.2) * frame["w"] + frame["e"]
        return Panel("control", frame, "y ~ x + c1 + c2", {"controls": ["c1", "c2", "c3", "w"]}, "w", "in")
    frame["y"] = rng.uniform(0.6, 1.0) * (frame["x"] - frame["w"] / 0.8) + frame["e"]
    return Panel("control", frame, "y ~ x + w + c1 + c2", {"controls": ["c1", "c2", "c3", "w"]}, "w", "out")


def _firm(rng: np.random.Generator) -> Panel:
    """One firm of many has all of the effect, and x moves far in it. The audit may leave out firms, or not."""
    frame = firms_by_years(rng, int(rng.integers(20, 40)), int(rng.integers(6, 12)))
    one = frame["firm"].iloc[int(rng.integers(len(frame)))]
    mine = frame["firm"] == one
    frame.loc[mine, "x"] *= rng.uniform(3, 6)
    frame["y"] = frame["e"] + np.where(mine, rng.uniform(0.6, 1.5), 0.0) * frame["x"]
    choices: dict[str, Any] = {"controls": list(CONTROLS)}
    if rng.random() < 0.5:
        return Panel("firm", frame, "y ~ x + c1 + c2", choices | {"leave_out": "firm"}, "leave_out.firm", one, one)
    return Panel("firm", frame, "y ~ x + c1 + c2", choices, "", "", one)


def _convention(rng: np.random.Generator) -> Panel:
    """A t between the two lines that are drawn where effects of firms count in K, and where they don't."""
    frame = firms_by_years(rng, int(rng.integers(30, 60)), 3)
    frame["y"] = frame["e"]
    panel = Panel("convention", frame, "y ~ x + c1", {"controls": ["c1", "c2", "c3"], "convention": ["fixest", "areg"]},
                  "convention", "areg")  # fmt: skip
    space = space_for(panel)
    own, other = (estimated(space, _at(space, "convention", o), {}) for o in (None, "areg"))
    from scipy import stats

    lines = [stats.t.ppf(1 - LEVEL / 2, f.df) * f.se for f in (own, other)]
    frame["y"] += (lines[0] + rng.uniform(0.3, 0.7) * (lines[1] - lines[0]) - own.coef) * frame["x"]
    return panel


def _cut(rng: np.random.Generator) -> Panel:
    """Values far out that lie on a line, which winsorising takes away; or an effect in the first half of the years."""
    frame = firms_by_years(rng, int(rng.integers(20, 40)), int(rng.integers(6, 12)))
    if rng.random() < 0.5:
        far = rng.choice(len(frame), size=max(3, len(frame) // 80), replace=False)
        frame["y"] = frame["e"]
        frame.loc[far, "y"] += np.sign(frame["x"].to_numpy()[far]) * rng.uniform(10, 20)
        frame.loc[far, "x"] *= 2
        cuts = {"transform": {"y": [{"winsorise": "y", "cuts": [2, 98]}]}}
        return Panel(
            "cut", frame, "y ~ x + c1 + c2", {"controls": list(CONTROLS)} | cuts, "transform.y", "winsorise(y, 2, 98)"
        )
    middle = int(frame["year"].median())
    frame["y"] = frame["e"] + np.where(frame["year"] <= middle, rng.uniform(0.6, 1.0), 0.0) * frame["x"]
    cut = f"year > {middle}"
    return Panel("cut", frame, "y ~ x + c1 + c2", {"controls": list(CONTROLS), "where": [cut]}, "where", cut)


MAKERS: dict[str, Callable[[np.random.Generator], Panel]] = {
    "control": _control, "firm": _firm, "convention": _convention, "cut": _cut,
}  # fmt: skip


def study_of(panel: Panel, folder: Path = Path(".")):
    from parity.translate.page import toml

    audit = {"spec": "main", "term": "x", **panel.choices}
    text = [
        "[study]", 'title = "Planted"', 'unit = "firm"', 'time = "year"', "made = true", "[spec.main]",
        f"formula = {toml(panel.formula + ' | firm + year')}", 'vcov = { cluster = ["firm"] }', 'convention = "reghdfe"',
        "[audit.a]", *(f"{k} = {toml(v)}" for k, v in audit.items()),
    ]  # fmt: skip
    return parse_study("\n".join(text), folder / "study.toml")


def space_for(panel: Panel) -> Space:
    return space_of(study_of(panel), "a", panel.frame.copy())


def _at(space: Space, axis: str, option: str | None) -> tuple[int, ...]:
    """The audited combination with one option exchanged."""
    return tuple(
        c.options.index(option) if c.name == axis and option is not None else c.base for c in space.choices
    )  # fmt: skip


def drives(panel: Panel) -> bool:
    """Whether the driver by itself changes whether the audited coefficient is significant with its sign."""
    if not panel.axis:
        panel = Panel(**{**vars(panel), "choices": panel.choices | {"leave_out": "firm"}, "axis": "leave_out.firm",
                         "option": panel.firm})  # fmt: skip
    space = space_for(panel)
    return _overturns(space, panel.axis, panel.option)


def _overturns(space: Space, axis: str, option: str) -> bool:
    """Whether the audited coefficient with one option exchanged is on the other side of significance with its sign."""
    try:
        own, other = (estimated(space, _at(space, axis, o), {}) for o in (None, option))
    except Unestimable:
        return False
    kept = other.p < LEVEL and other.coef * own.coef > 0
    return kept != (own.p < LEVEL)


def alone(panel: Panel) -> bool:
    """Whether no other choice by itself overturns the claim too; of firms to leave out, another may."""
    space = space_for(panel)
    others = [(c.name, o) for c in space.choices for i, o in enumerate(c.options) if i != c.base and c.name != panel.axis]
    return not any(_overturns(space, name, o) for name, o in others if not name.startswith("leave_out"))


def planted(kind: str, seed: int) -> tuple[Panel, Counter[str]]:
    """A panel with its driver and some other choices; and how many were drawn in vain for it, by why."""
    again: Counter[str] = Counter()
    for tries in range(200):
        rng = np.random.default_rng([seed, tries, KINDS.index(kind)])
        panel = MAKERS[kind](rng)
        beside = random.Random(seed * 1_000 + tries).sample(sorted(BESIDE), 2)
        for key in beside:
            if key not in panel.choices:
                panel.choices[key] = BESIDE[key]
        if not drives(panel):
            again["the driver leaves the claim as it is"] += 1
        elif not alone(panel):
            again["another choice overturns it too"] += 1
        else:
            return panel, again
    raise RuntimeError(f"no panel of kind {kind} in 200 draws, seed {seed}")


def named_first(panel: Panel, hangs: Hangs | None) -> bool:
    if hangs is None:
        return False
    if panel.firm and not hangs.axis and hangs.kind == "firm" and hangs.group == panel.firm:
        return True
    return bool(panel.axis) and (hangs.axis, hangs.worst) == (panel.axis, panel.option)


def audit_of(panel: Panel):
    """By the same way as the command, from a file, wild bootstraps included; the joint tests are counted elsewhere."""
    with tempfile.TemporaryDirectory() as name:
        panel.frame.to_csv(Path(name) / "data.csv", index=False)
        return audited(study_of(panel, Path(name)), "a", Wanted(draws=1, again=False)).said


@dataclass(frozen=True)
class Truth:
    """What an audit said of a panel. again: panels that were drawn in vain, by why."""

    kind: str
    driver: str
    named: bool
    sentence: str
    specs: int
    again: dict[str, int]


def truth(kind: str, seed: int) -> Truth:
    panel, again = planted(kind, seed)
    said = audit_of(panel)
    driver = " ".join(part for part in (panel.axis, panel.option, panel.firm) if part)
    return Truth(kind, driver, named_first(panel, said.hangs), plain_sentence(said), said.summary.specs, dict(again))


def known(keep: Path | None, seeds: Iterable[int], of: Callable[[int], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What `of` finds of each seed. keep: a file of those that are known, a line each, which grows."""
    code = f"{code_hash(PACKAGE)} {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"
    text = keep.read_text() if keep is not None and keep.is_file() else ""
    if keep is not None and text and not text.endswith("\n"):
        keep.write_text(text + "\n")
    there = {}
    for line in text.splitlines():
        with contextlib.suppress(ValueError):  # a line that was cut short
            one = json.loads(line)
            there[one["code"], one["seed"]] = one["found"]
    for seed in seeds:
        found = there.get((code, seed))
        if found is None:
            found = of(seed)
            if keep is not None:
                with keep.open("a") as file:
                    file.write(json.dumps({"code": code, "seed": seed, "found": found}) + "\n")
        yield found


def truths(panels: int, seed: int, keep: Path | None = None, of: Callable[[str, int], Truth] = truth) -> Iterator[Truth]:
    """The kinds in turn."""
    seeds = range(seed * 10_000, seed * 10_000 + panels)
    for found in known(keep, seeds, lambda own: asdict(of(KINDS[(own - seeds[0]) % len(KINDS)], own))):
        yield Truth(**found)


# ---------------------------------------------------------------- nothing to find


def null_panel(seed: int, firms: int, years: int) -> Panel:
    rng = np.random.default_rng([seed, 77])
    frame = firms_by_years(rng, firms, years)
    frame["y"] = frame["e"] + 0.3 * frame["c1"]
    return Panel("null", frame, "y ~ x + c1", {"controls": ["c1", "c2", "c3"], "absorb": ["firm"]}, "", "")


def rejected(seed: int, draws: int, firms: int, years: int) -> dict[str, bool | float]:
    """Which joint tests reject at `LEVEL`, and whether any specification does after the step-down, and by itself; and what
    the step-down compares, of all specifications (`SIZES`) and of the audited one alone."""
    space = space_for(null_panel(seed, firms, years))
    plan = plan_of(space)
    found = outcomes(space, plan)
    null = null_of(space, plan, found, "firm", draws, seed)
    batches = list(null.batches())
    test = joint(null.outcomes, batches, level=LEVEL)
    base = null.outcomes.base
    own, drawn = np.abs(null.outcomes.coef / null.outcomes.se), np.abs(np.concatenate([t for _, t in batches]))
    at = 1 - LEVEL
    sizes = (own.max(), np.quantile(drawn.max(axis=1), at), own[base], np.quantile(drawn[:, base], at))
    # a p of exactly the level counts: so many draws have that p with that chance
    said = {s.name: s.p <= LEVEL + 1e-12 for s in test.statistics}
    share = next(s for s in test.statistics if s.name == "share")
    ties = int(np.isclose(share.null, share.observed, rtol=0, atol=1e-12).sum())
    at_random = (1 + share.at_least - int(np.random.default_rng(seed).integers(ties + 1))) / (1 + draws)
    return said | {
        "share, ties by lot": at_random <= LEVEL + 1e-12,
        "step-down": float(np.nanmin(test.adjusted)) <= LEVEL + 1e-12,
        "smallest p": bool((found.p < LEVEL).any()),
        "audited one, drawn": float(test.own[base]) <= LEVEL + 1e-12,
        "audited one, by t": bool(null.outcomes.p[base] < LEVEL),
    } | dict(zip(SIZES, map(float, sizes), strict=True))  # fmt: skip


#: The largest |t| of a panel and what its draws ask of it at 5 %; |t| of the audited specification and what its draws ask.
SIZES = ("largest t", "asked of it", "one t", "asked of one")


def asked(found: list[dict[str, Any]]) -> str:
    """What draws ask of a t, beside what 5 % of the panels themselves have: the test's size without their sampling noise."""

    def one(own: str, drawn: str) -> str:
        true, of = np.quantile([f[own] for f in found], 1 - LEVEL), np.array([f[drawn] for f in found])
        middle, spread = np.median(of), np.subtract(*np.quantile(of, [0.75, 0.25]))
        return f"5 % of the panels exceed {true:.2f}, draws ask for {middle:.2f} (median; quartiles {spread:.2f} apart)"

    return f"  largest |t| of all: {one(*SIZES[:2])}\n  |t| of the audited one: {one(*SIZES[2:])}"


def interval(count: int, of: int) -> tuple[float, float]:
    """Clopper and Pearson's 95 % interval of a share."""
    from scipy import stats

    low = stats.beta.ppf(0.025, count, of - count + 1) if count else 0.0
    high = stats.beta.ppf(0.975, count + 1, of - count) if count < of else 1.0
    return float(low), float(high)


def counted(panels: int, found: Iterator[Truth], seed: int) -> None:
    """Prints each miss, where it stands now and then, and the counts at the end."""
    named, of, again, specs, start = Counter(), Counter(), Counter(), 0, time.monotonic()
    for i, one in enumerate(found, 1):
        of[one.kind] += 1
        named[one.kind] += one.named
        again.update(one.again)
        specs += one.specs
        if not one.named:
            print(f"not named first: {one.kind} {one.driver}\n  {one.sentence}", flush=True)
        if i % 10 == 0 and i < panels:
            told = f"{i} of {panels} panels, {named.total()} named first, {time.monotonic() - start:.0f} s"
            print(told, file=sys.stderr, flush=True)
    drawn = panels + again.total()
    print(f"{panels} panels, seed {seed}, {specs:,} specifications; {drawn} panels drawn for them")
    for why, count in again.most_common():
        print(f"  drawn again as {why}: {count}")
    for kind in KINDS:
        print(f"  {kind}: {named[kind]} of {of[kind]} named first")
    print(f"  all: {named.total()} of {of.total()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panels", type=int, default=0)
    parser.add_argument("--null", type=int, default=0)
    parser.add_argument("--draws", type=int, default=199)
    parser.add_argument("--firms", type=int, default=40)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--keep",
        type=Path,
        help="file of the panels that are known, from which a broken run goes on; one of --panels, "
        "or of --null with its own draws, firms and years",
    )
    given = parser.parse_args()
    start = time.process_time()
    if given.panels:
        counted(given.panels, truths(given.panels, given.seed, given.keep), given.seed)
    if given.null:
        counts: Counter[str] = Counter()
        panels = []
        seeds = range(given.seed * 100_000, given.seed * 100_000 + given.null)
        for found in known(given.keep, seeds, lambda own: rejected(own, given.draws, given.firms, given.years)):
            counts.update({name: one for name, one in found.items() if name not in SIZES})
            panels.append(found)
        print(f"{given.null} panels without an effect, {given.firms} firms x {given.years} years, seed {given.seed}, "
              f"{given.draws} draws of whole firms")  # fmt: skip
        for name, count in counts.items():
            low, high = interval(count, given.null)
            print(f"  {name}: {100 * count / given.null:.1f} % rejected at 5 % ({100 * low:.1f} to {100 * high:.1f})")
        print(asked(panels))
    print(f"{math.ceil(time.process_time() - start)} seconds of a processor")


if __name__ == "__main__":
    main()
