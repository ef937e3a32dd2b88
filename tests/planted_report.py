"""What became of planted cases, as the page docs/evidence/planted.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from parity.diagnose.cause import GROUPS, Cause

#: Best first; the tables print them in this order.
RESULTS = (
    "found exactly", "within the set", "same numbers, fewer causes", "same numbers, other causes", "possible only", "missed",
    "wrong among several", "wrong with certainty", "broke", "not named", "named among several", "named with certainty",
)  # fmt: skip
#: Named exactly, or within a set that these numbers cannot tell apart.
FOUND = RESULTS[:4]
#: Making the case or diagnosing it raised an error.
BROKE = "broke"
MEANING = """\
- *found exactly*: the planted causes are the only answer
- *within the set*: they are one of several answers that reproduce every number shown
- *same numbers, fewer causes*: one cause does on this data exactly what the two planted ones do, and parsimony names it
- *same numbers, other causes*: the same in full precision, by as many other causes
- *possible only*: listed, but as one of so many that chance might have fitted it
- *missed*: *disagree*
- *wrong among several*, *wrong with certainty*: other numbers were explained, by several answers or by a single one
- *broke*: an error was raised
"""


@dataclass(frozen=True)
class Outcome:
    """What the diagnosis made of a case."""

    seed: int
    study: str
    spec: str
    kind: str
    planted: tuple[str, ...]
    parameters: tuple
    result: str
    answers: tuple[tuple[str, ...], ...]
    seconds: float
    decidable: bool = True  # of one that isn't named: whether the numbers shown say enough, see `planted_doubt`

    def __str__(self) -> str:
        what = " + ".join(self.planted) or self.kind
        chosen = ", ".join(f"{k} {v}" for k, v in self.parameters)
        answers = "; ".join(" + ".join(a) for a in self.answers[:4])
        where = f"{self.study}/{self.spec} {self.kind}"
        result = self.result if self.decidable else f"{self.result} (few digits)"
        return f"{result}: {where} {what} ({chosen}) -> {answers} [{self.seed}, {self.seconds:.1f} s]"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    return ["| " + " | ".join(map(str, row)) + " |" for row in (head, ["---"] * len(head), *rows)]


def confusion(outcomes: Sequence[Outcome]) -> list[str]:
    """Counts of every result, planted cases by number of causes and by what is shown, then noise and nonsense."""
    columns = {
        "one cause, estimate": lambda o: len(o.planted) == 1 and o.kind == "estimate",
        "one cause, table": lambda o: len(o.planted) == 1 and o.kind == "table",
        "two causes, estimate": lambda o: len(o.planted) == 2 and o.kind == "estimate",
        "two causes, table": lambda o: len(o.planted) == 2 and o.kind == "table",
        "noise": lambda o: o.kind == "noise",
        "nonsense": lambda o: o.kind == "nonsense",
    }
    counts = {name: Counter(o.result for o in outcomes if chosen(o)) for name, chosen in columns.items()}
    rows = [[r, *(counts[c][r] for c in columns)] for r in RESULTS if any(counts[c][r] for c in columns)]
    return _table(["result", *columns], rows)


def by_group(outcomes: Sequence[Outcome], causes: Sequence[Cause]) -> list[str]:
    """The same by group of the planted cause; a pair counts in both its groups."""
    group = {c.id: c.group for c in causes}
    rows = []
    for name in GROUPS:
        own = [o for o in outcomes if any(group[c] == name for c in o.planted)]
        counts = Counter(o.result for o in own)
        if own:
            rows.append([name, len(own), *(counts[r] for r in RESULTS[:9])])
    return _table(["group", "planted", *RESULTS[:9]], rows)


def text(outcomes: Sequence[Outcome], command: str, causes: Sequence[Cause]) -> str:
    planted = [o for o in outcomes if o.planted]
    rest = [o for o in outcomes if not o.planted]
    seconds = sorted(o.seconds for o in outcomes) or [0.0]
    lines = ["# Planted discrepancies", "",
             "How often the diagnosis names what was done. Causes of the catalogue are applied to bundled studies and to",
             "random panels, and the search sees nothing but the declared spec and the other side's numbers.", "",
             f"Written by `{command}`.", ""]  # fmt: skip
    lines += [*confusion(outcomes), "", MEANING]
    if planted:
        good = sum(o.result in FOUND for o in planted)
        wrong = sum(o.result == "wrong with certainty" for o in planted)
        made = sum(o.study.startswith("random-") for o in planted)
        kinds = {c for o in planted for c in o.planted}
        never = [c.id for c in causes if c.id not in kinds]
        share = f"{good} of {len(planted)} planted are named ({good / len(planted):.1%})"
        lines += [f"**{share}, {wrong} wrongly with certainty.** "
                  f"{made} lie on random panels. {len(kinds)} of {len(causes)} causes were planted."]  # fmt: skip
        doubt = sum(o.result not in FOUND and not o.decidable for o in planted)
        few = (
            f"{doubt} show too few changed digits to tell one cause, or one pair, of as many as apply (marked *few digits*)"
        )
        lines += [f"Of the {len(planted) - good} others {few}."]
        lines += ["Never drawn where they move a number: " + ", ".join(never) + "."] if never else []
    if rest:
        named = sum(o.result != "not named" for o in rest)
        lines += [f"Of {len(rest)} cases of noise and nonsense {named} were named."]
    lines += [f"Processor time: median {seconds[len(seconds) // 2]:.2f} s, slowest {seconds[-1]:.1f} s."]
    if planted:
        lines += ["", "By group of what was planted (a pair counts in both):", "", *by_group(planted, causes)]
    not_named = [o for o in outcomes if o.result not in (*FOUND, "not named")]
    if not_named:
        lines += ["", "Those not named, or named wrongly:", "", *(f"- {o}" for o in not_named)]
    return "\n".join(lines) + "\n"
