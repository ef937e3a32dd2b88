"""docs/evidence/mutants.md, from draws that were kept: what each drew, what no test noticed, and why some change nothing.

PYTHONPATH=tests python -m mutants.page docs/evidence/mutants.md tests/mutants/draws/*.json
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mutants.sites import Site
from mutants.trial import HUNG, KILLED, SURVIVED, Trial

EQUIVALENT = Path(__file__).with_name("equivalent.toml")
DRAWS = Path(__file__).with_name("draws")
INTRODUCTION = """# Small wrong changes to the core

One operator, number or setting of the core is changed at a time (`<` to `<=`, `and` to `or`, `min` to `max`, a number by
one, a setting of a convention left out), and the tests that run its line are run until one fails. R is hidden: what is
noticed is noticed by Python's tests alone. A test that fails without the change too counts for nothing.

The mutants are drawn over conventions, facts, harmonising, comparing, judging, references and printed tables, resampling,
instruments, derived columns and indices, and the diagnosis, as many from each. The seed is the clock's. Draws marked
*before* were tried before any test was written for them; then tests were written that hold what the lines left mean, and
the same mutants tried again (*after*). A draw without *after* was tuned for by nobody. Where fewer were tried than drawn,
they are the first in a shuffled order; where not all tests were tried on a mutant, the share is the least that it can be:
the test files named after the module, and those whose tests run the line most often, come first. Of seeds 1795937056 and
1795938880 only tests that take seconds together were tried, of 1795947891 and 1795948398 those of up to three seconds,
twenty together. What did not end, which may be the machine's other work,
counts as not noticed: a draw since seed 1795938880 measures that by the processor's time, and tries it twice."""
Key = tuple[str, str, str, str]
#: (file, function, before, after), column -> why nothing changes: that place, not another of the function that reads alike.
Reasons = Mapping[tuple[Key, int], str]


@dataclass(frozen=True)
class Draw:
    """Mutants of one seed. tests: what they were tried on, in words: "before" any test was written for them, or "after".

    drawn: how many were drawn; where fewer were tried, they are the first in a shuffled order. most: test files of each
    mutant that were tried, 0 for all that run its module
    """

    seed: int
    tests: str
    trials: tuple[Trial, ...]
    drawn: int = 0
    most: int = 0

    @property
    def name(self) -> str:
        return f"{self.seed}-{self.tests}"

    def text(self) -> str:
        kept = [{"site": asdict(t.site), "outcome": t.outcome, "by": t.by} for t in self.trials]
        body = {"seed": self.seed, "tests": self.tests, "drawn": self.drawn, "most": self.most, "trials": kept}
        return json.dumps(body, ensure_ascii=False, indent=0) + "\n"

    @classmethod
    def read(cls, path: Path) -> Draw:
        kept = json.loads(path.read_text(encoding="utf-8"))
        trials = tuple(Trial(Site(**t["site"]), t["outcome"], t["by"]) for t in kept["trials"])
        return cls(kept["seed"], kept["tests"], trials, kept["drawn"], kept["most"])


@dataclass(frozen=True)
class Counts:
    """drawn = killed + missed + hung + same: noticed by a test, by none, not ended, and such as change nothing."""

    drawn: int
    killed: int
    missed: int
    hung: int
    same: int

    @property
    def share(self) -> str:
        """The least that it can be: what did not end counts as not noticed."""
        return f"{100 * self.killed / max(self.drawn - self.same, 1):.1f} %"


def equivalent() -> Reasons:
    """`column` of an entry: where the expression begins, counted from 0; several where several places have one reason."""
    entries = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("mutant", [])
    return {((e["file"], e["function"], e["before"], e["after"]), column): e["why"]
            for e in entries for column in (e["column"] if isinstance(e["column"], list) else [e["column"]])}  # fmt: skip


def key(site: Site) -> Key:
    return site.file, site.function, site.before, site.after


def why(site: Site, reasons: Reasons) -> str | None:
    """The reason that a change changes nothing; None: it has none."""
    return reasons.get((key(site), site.column))


def counts(trials: Sequence[Trial], reasons: Reasons) -> Counts:
    """A mutant that changes nothing is no evidence, whether a test fell over it or not: it can only be one that survived."""
    left = [t for t in trials if t.outcome != KILLED or t.hung]
    same = sum(why(t.site, reasons) is not None for t in left)
    hung = sum(t.hung and why(t.site, reasons) is None for t in left)
    return Counts(len(trials), len(trials) - len(left), len(left) - same - hung, hung, same)


def folder(site: Site) -> str:
    return site.file.removeprefix("src/parity/").split("/")[0]


def section(draw: Draw, reasons: Reasons) -> list[str]:
    """One draw: counts by folder, and what no test noticed."""
    by: dict[str, list[Trial]] = {}
    for t in draw.trials:
        by.setdefault(folder(t.site), []).append(t)
    rows = [(name, counts(trials, reasons)) for name, trials in sorted(by.items())]
    missed = [t for t in draw.trials if (t.outcome != KILLED or t.hung) and why(t.site, reasons) is None]
    return [
        f"## Seed {draw.seed}, {draw.tests}", "",
        "| folder | tried | noticed | not noticed | did not end | change nothing |", "|---|---:|---:|---:|---:|---:|",
        *(f"| `{name}/` | {c.drawn} | {c.killed} | {' | '.join(str(n or '') for n in (c.missed, c.hung, c.same))} |"
          for name, c in rows), "",
        *(["Not noticed:", "", *(f"- {said(t.site)}{_beyond(t)}" for t in missed), ""] if missed else []),
    ]  # fmt: skip


def _beyond(trial: Trial) -> str:
    return f": {HUNG}" if trial.hung else "" if trial.outcome == SURVIVED else f": {trial.outcome}"


def said(site: Site) -> str:
    def code(text: str) -> str:
        return f"`` {text} ``" if "`" in text else f"`{text}`"

    return f"`{site.file.removeprefix('src/parity/')}` {site.function}: {code(site.before)} to {code(site.after)}"


def row(draw: Draw, c: Counts) -> str:
    tried = (draw.drawn or c.drawn, c.drawn, draw.most or "all")
    return f"| {' | '.join(map(str, (draw.seed, draw.tests, *tried, c.same, c.killed, c.missed, c.hung, c.share)))} |"


def page(draws: Sequence[Draw], reasons: Reasons) -> str:
    """The whole page: shares first, then each draw, then what changes nothing, with the proof of each."""
    found = [(draw, counts(draw.trials, reasons)) for draw in draws]
    same = {(key(t.site), t.site.column): t.site for d in draws for t in d.trials
            if (t.outcome != KILLED or t.hung) and why(t.site, reasons) is not None}  # fmt: skip
    return "\n".join([
        INTRODUCTION,
        "",
        "| seed | tests | drawn | tried | test files of each | change nothing | noticed | not noticed | did not end "
        "| share noticed |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(row(d, c) for d, c in found), "",
        "Made by `python -m mutants` (see `tests/mutants/`); this page by `python -m mutants.page`.", "",
        *(line for draw in draws for line in section(draw, reasons)),
        *(["## What changes nothing", "", "Each with the reason that no input can tell it from the code.", "",
           *dict.fromkeys(f"- {said(site)}. {reasons[k]}" for k, site in sorted(same.items())), ""] if same else []),
    ])  # fmt: skip


def main(argv: list[str]) -> int:
    out, *kept = map(Path, argv)
    draws = [Draw.read(path) for path in kept]
    out.write_text(page(sorted(draws, key=lambda d: (d.seed, d.tests != "before")), equivalent()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
