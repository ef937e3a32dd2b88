"""What each command after an estimation prints, by the row and column of its window: lincom, margins, tests of a model."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from parity.package.estimates import plain
from parity.package.row_labels import Lookup, near, spells
from parity.printed.window_head import COEFFICIENT

if TYPE_CHECKING:
    from parity.stata.do import Printed as Said


#: Heads of a column of ratios, which lincom prints with `or` and its kin.
_RATIOS = ("odds ratio", "haz. ratio", "irr", "rrr", "exp(b)")


def of_lincom(said: Sequence[Said]) -> Lookup:
    """lincom and nlcom: each row by its place, else the last one."""
    v = said[-1].numbers
    names = {"coef": "estimate", "se": "se", "p": "p", "ci_low": "lb", "ci_high": "ub"}

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None:
            return None
        of = said[row].numbers if row < len(said) and len(said) > 1 else v
        key = "coef" if COEFFICIENT.fullmatch(name) or name.lower() in _RATIOS else name
        return of.get("t", of.get("z")) if name == "t" else of.get(names.get(key, key))

    return look


def of_margins(said: Sequence[Said]) -> Lookup:
    """Each row by its term, or by the labels of its levels; of what stands beside no row, the number of observations, and at
    what values it is."""
    heads = dict.fromkeys((*(f"{a}y/{b}x" for a in "de" for b in "de"), "Margin", "coef"), "estimate")
    names = {**heads, "ci_low": "lb", "ci_high": "ub"}

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None:
            held = said[-1].values.get("at") or {}
            at = near(re.sub(r"^at\s*:\s*", "", label, flags=re.IGNORECASE), list(held))
            return said[-1].numbers.get("N") if name == "nobs" else None if at is None else list(held.values())[at]
        found = _rows_called(label, said)
        if len(found) != 1:
            return None
        return found[0].get("t", found[0].get("z")) if name == "t" else found[0].get(names.get(name, name))

    return look


def _rows_called(label: str, said: Sequence[Said]) -> list[Mapping[str, float]]:
    """The numbers of the row that a label is: by the labels of its levels, else by their values; below the heading of a
    variable whose effects the rows are, that variable is left out. Several where nobody can say which."""
    rows = [(str(s.values.get("called", "")), str(s.values.get("term", "")), s.numbers) for s in said]
    due = plain(label)
    for place in (0, 1):
        if len(exact := [row[2] for row in rows if plain(row[place]) == due]) == 1:
            return exact
    pieces = label.split("#")
    alike: list[Mapping[str, float]] = []
    for below in (0, 1):
        for called, term, numbers in rows:
            forms = list(zip(called.split("#"), term.split("#"), strict=False))
            if len(forms) == len(pieces) + below and all(map(_is_piece, pieces, forms)):
                alike.append(numbers)
        if alike:
            return alike
    return []


def _is_piece(piece: str, forms: tuple[str, str]) -> bool:
    """Whether one factor of a label is a level, `Low price.price`, `Low price` or cut as `High mile..`."""
    bare = [form.rpartition(".")[0] for form in forms]
    if ".." in piece:
        head = piece.partition("..")[0]
        return any(form.startswith(head) for form in forms)
    return plain(piece) in {plain(form) for form in (*forms, *bare)}


#: Names of tests after ivregress, as their windows have them -> the statistic's own in r().
_AFTER_IV = {
    "sargan (score)": "sargan", "basmann": "basmann", "score": "score", "hansen's j": "HansenJ", "durbin (score)": "durbin",
    "wu-hausman": "wu", "robust score": "r_score",
}  # fmt: skip


def of_after_iv(said: Sequence[Said]) -> Lookup:
    """A test by its name: its value, ` p`, and degrees of freedom, ` df`, ` df_r`."""
    v = said[-1].numbers

    def look(row: int | None, label: str, name: str) -> float | None:
        found = re.fullmatch(r"(.*?)( p| df| df_r)?", label.lower())
        key = _AFTER_IV.get(found[1], "") if found is not None else ""
        if found is None or key not in v:
            return None
        what = (found[2] or "").strip()
        return v[key] if not what else v.get(f"p_{key}") if what == "p" else v.get(what)

    return look


def of_abond(said: Sequence[Said]) -> Lookup:
    """`estat abond`: z and p of each order, by the row that is called so."""
    v = said[-1].numbers

    def look(row: int | None, label: str, name: str) -> float | None:
        return v.get({"z": f"ar{label}", "Prob > z": f"ar{label}_p"}.get(name, "")) if row is not None else None

    return look


def of_vif(said: Sequence[Said]) -> Lookup:
    """Each regressor's, by its name, and their mean."""
    v = said[-1].numbers

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None:
            return v.get("mean") if plain(label) == "meanvif" else None
        at = near(label, [n for n in v if n != "mean"])
        value = [v[n] for n in v if n != "mean"][at] if at is not None else v["mean"] if plain(label) == "meanvif" else None
        return None if value is None else {"vif": value, "1vif": 1 / value}.get(plain(name))

    return look


def of_hausman(said: Sequence[Said]) -> Lookup:
    """Each coefficient by its name, in both models; the test beside no row."""
    v = said[-1].values
    rows = v.get("rows") or {}
    columns = {"(b-B)": "difference", "(b)": "b", "(B)": "B", "sqrt(": "se"}

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None:
            return said[-1].numbers.get(name)
        at = near(label, rows.get("names", ()))
        held = next((columns[begins] for begins in columns if name.startswith(begins)), "")
        return rows[held][at] if at is not None and held else None

    return look


def of_xttest0(said: Sequence[Said]) -> Lookup:
    """The variances by their names; the test beside no row."""
    v, numbers = said[-1].values, said[-1].numbers

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None:
            return numbers.get(
                {"chibar2(01)": "lm", "chi2(1)": "lm", "Prob > chibar2": "p", "Prob > chi2": "p"}.get(name, name)
            )
        held = (
            v["variances"].get(label)
            if label in ("e", "u")
            else v["variances"]["y"]
            if spells(label, v["outcome"])
            else None
        )
        return (
            None
            if held is None
            else {"Var": held}.get(name, math.sqrt(held) if name.startswith("sd") or "sqrt" in name else None)
        )

    return look
