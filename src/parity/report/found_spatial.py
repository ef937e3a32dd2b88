"""A spatial model on its page: coefficients, effects, tests and Moran's I, each number beside what says how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from parity.report.figures import short
from parity.report.found_table import FoundTable

Numbers = Mapping[str, Mapping[str, float]]
#: Local I_i that are shown: those farthest from what no pattern would give.
LOCAL = 10
_MULTIPLIERS = {"lag": "LM, lag", "error": "LM, error", "robust lag": "Robust LM, lag", "robust error": "Robust LM, error"}


def spatial_tables(numbers: Numbers) -> Iterator[FoundTable]:
    """numbers: quantity -> term -> value."""
    of = ("coef", "se", "z", "p")
    yield FoundTable("Coefficients", of, _rows(numbers, of, list(numbers.get("coef", {}))))
    if "direct" in numbers:
        head = tuple(f"{effect}{what}" for effect in ("direct", "indirect", "total") for what in ("", " se", " p"))
        yield FoundTable(
            "Effects of a regressor: own, of neighbours, both", head, _rows(numbers, head, list(numbers["direct"]))
        )
    yield FoundTable("Tests", ("chi²", "p"), tuple(_tests(numbers)))
    if "moran" in numbers:
        of = ("moran", "moran z", "moran p")
        yield FoundTable("Moran's I by period", ("I", "z", "p"), _rows(numbers, of, list(numbers["moran"])))
    if numbers.get("local z"):
        yield _local(numbers)
    single = [("log likelihood", numbers.get("likelihood", {}).get("")), *numbers.get("rows", {}).items()]
    yield FoundTable("Counts and likelihood", ("Value",), tuple((name, (short(v),)) for name, v in single))


def _rows(numbers: Numbers, quantities: Sequence[str], terms: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((term, tuple(short(numbers.get(q, {}).get(term)) for q in quantities)) for term in terms)


def _tests(numbers: Numbers) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Multipliers of the spec without W, and what a Durbin model may be reduced to."""
    for test, names in (("lm", _MULTIPLIERS), ("wald", {}), ("lr", {})):
        for term, value in numbers.get(test, {}).items():
            name = names.get(term, f"{test.upper() if test == 'lr' else 'Wald'}: reduces to the {term} model")
            yield name, (short(value), short(numbers.get(f"{test} p", {}).get(term)))


def _local(numbers: Numbers) -> FoundTable:
    """Of the latest period."""
    period = next(reversed(numbers["local z"])).rpartition(":")[2]
    there = [term for term in numbers["local z"] if term.endswith(f":{period}")]
    far = sorted(there, key=lambda term: -abs(numbers["local z"][term]))[:LOCAL]
    title = f"Local Moran's I in {period}" + (f", the {LOCAL} largest |z| of {len(there)}" if len(there) > LOCAL else "")
    rows = _rows(numbers, ("local", "local z", "local p"), far)
    return FoundTable(title, ("I", "z", "p"), tuple((term.rpartition(":")[0], cells) for term, cells in rows))
