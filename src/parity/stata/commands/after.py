"""Tests of coefficients and functions of them: test, testparm, lincom, nlcom. [R] test, lincom, nlcom."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from parity.stata.commands import command
from parity.stata.estimates.functions import Dual, differentiate, marked, tree_of
from parity.stata.estimates.inference import row, wald
from parity.stata.results import Matrix, Results
from parity.stata.session import Lost, Session, place
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem
from parity.stata_language.expression import Estimate, Expression


def active(session: Session, *, covariance: bool = True) -> tuple[np.ndarray, np.ndarray, float, tuple[str, ...]]:
    """b, V, degrees of freedom of t (infinite for the normal), names.

    covariance: whether V is needed; one of draws is NaN without. Raises `Lost` where the estimates have no numbers here,
    `DataProblem` 301 where there are none.
    """
    e = session.e
    session.read |= e.doubts
    b = e.matrices.get("b")
    if b is None:
        if "parity_unknown" in e.texts:  # said where the estimation stands
            raise Lost
        raise DataProblem("last estimates not found", 301)
    v = e.matrices.get("V")
    if v is None and covariance:  # of draws
        raise Lost
    values = v.values if v is not None else np.full((len(b.columns), len(b.columns)), np.nan)
    return b.values[0], values, e.numbers.get("df_r", math.inf), b.columns


def function(session: Session, text: str) -> Dual:
    """A function of the active coefficients, whose bare names may stand in it. Raises `DataProblem`."""
    b, _, _, names = active(session, covariance=False)
    constants = frozenset(n for n in session.scalars if n not in names)

    def where(term: Estimate) -> int | None:
        return place(term.term, session, term.equation)

    def constant(node: Expression) -> float:
        from parity.stata.evaluate import one

        value = one(node, session.context())
        if isinstance(value, str) or math.isnan(value):
            raise DataProblem("expression evaluates to missing", 498)
        return value

    return differentiate(tree_of(marked(text, constants)), b, where, constant)


# ---------------------------------------------------------------- test


@command("test", "testparm", changes_data=False)
def test(session: Session, given: Command) -> None:
    """`test x z`, `test x = z`, `test (x = 0) (z = 1)`, `test 2.region`, `testparm i.year`: r(F) or r(chi2), r(p)."""
    _, v, df, names = active(session)
    restrictions = _parm(session, given, names) if given.name == "testparm" else _restrictions(session, given.about)
    if given.has("accumulate", least=1):
        restrictions = [*session.accumulated, *restrictions]
    session.accumulated = restrictions
    if not restrictions:
        raise DataProblem("no coefficients are named", 198)
    values = np.array([r.value for r in restrictions])
    slopes = np.array([r.slope for r in restrictions])
    numbers = joint(values, slopes @ v @ slopes.T, df)
    session.r = Results(numbers=numbers)
    session.show("test", **numbers, constraints=[_stated(session, r) for r in restrictions])


def _stated(session: Session, restriction: Dual) -> dict[str, float]:
    """A linear restriction as Stata states it: name -> coefficient, and "=" -> what their sum is to be."""
    b, _, _, names = active(session)
    held = {n: float(s) for n, s in zip(names, restriction.slope, strict=True) if s}
    return held | {"=": float(restriction.slope @ b - restriction.value)}


def joint(values: np.ndarray, covariance: np.ndarray, df: float) -> dict[str, float]:
    """Wald's test that values are zero: F with df, or chi-squared; restrictions that depend on others are dropped."""
    from scipy import special

    chi2, q = wald(values, covariance)
    out = {"df": float(q), "drop": float(q < len(values))}
    if not q:
        return out | {"F": math.nan, "p": math.nan}
    if math.isfinite(df):
        return out | {"df_r": df, "F": chi2 / q, "p": float(special.fdtrc(q, df, chi2 / q))}
    return out | {"chi2": chi2, "p": float(special.chdtrc(q, chi2))}


def _restrictions(session: Session, text: str) -> list[Dual]:
    groups = _groups(text)
    found: list[Dual] = []
    for group in groups:
        if match := re.fullmatch(r"\[\s*(\w+)\s*=\s*(\w+)\s*\](?:\s*:\s*(.*))?", group):
            found += _equations(session, *match.groups())
            continue
        parts = [p.strip() for p in re.split(r"(?<![<>!=])==?(?!=)", group)]
        if len(parts) == 1:
            found += [one for word in _terms(group) for one in _named(session, word)]
            continue
        first = function(session, parts[0])
        for other in parts[1:]:
            second = function(session, other)
            found.append(Dual(first.value - second.value, first.slope - second.slope))
    return found


def _equations(session: Session, one: str, other: str, listed: str | None) -> list[Dual]:
    """`[a = b]`: all coefficients but the constants that both equations have; `[a = b]: x z` those named."""
    _, _, _, names = active(session)
    inside = [{n.partition(":")[2] for n in names if n.startswith(f"{e}:")} for e in (one, other)]
    common = [n.partition(":")[2] for n in names if n.startswith(f"{one}:") and n.partition(":")[2] in inside[1]]
    wanted = listed.split() if listed else [n for n in common if n != "_cons"]
    if not wanted:
        raise DataProblem(f"equation [{one}] or [{other}] not found", 303)
    pairs = [(function(session, f"[{one}]_b[{n}]"), function(session, f"[{other}]_b[{n}]")) for n in wanted]
    return [Dual(a.value - b.value, a.slope - b.slope) for a, b in pairs]


def _groups(text: str) -> list[str]:
    """`(a = b) (c = d)` apart; a text without parentheses around it is one."""
    text = text.strip()
    if not text.startswith("("):
        return [text]
    found, depth, held = [], 0, ""
    for char in text:
        depth += (char == "(") - (char == ")")
        held += char
        if depth == 0 and held.strip():
            found.append(held.strip())
            held = ""
    inner = [f[1:-1].strip() for f in found if f.startswith("(") and f.endswith(")")]
    return inner if len(inner) == len(found) else [text]


def _terms(text: str) -> list[str]:
    joined = re.sub(r"\]\s+", "]", text)
    return joined.split()


def _named(session: Session, word: str) -> list[Dual]:
    """The coefficients that one word of a list names: one, or several under a wildcard."""
    _, _, _, names = active(session)
    if "*" in word or "?" in word:
        pattern = re.compile(re.escape(word).replace(r"\*", ".*").replace(r"\?", ".") + r"\Z")
        matching = [n for n in names if pattern.match(n.rpartition(":")[2]) and not n.endswith("_cons")]
        if not matching:
            raise DataProblem(f"{word} not found", 111)
        return [function(session, f"_b[{n}]") for n in matching]
    if re.match(r"_b\[", word) or any(c in word for c in "+-*/("):
        return [function(session, word)]
    if match := re.fullmatch(r"\[([^\]]+)\](\w.*)?", word):
        equation, name = match.group(1), match.group(2)
        inside = [n for n in names if n.startswith(f"{equation}:")]
        if name is None:
            return [function(session, f"[{equation}]_b[{n.partition(':')[2]}]") for n in inside if not n.endswith(":_cons")]
        return [function(session, f"[{equation}]_b[{name}]")]
    if re.match(r"i\.", word):  # test i.year
        return _levels(session, word)
    if equations := equations_of(names):  # every one that has it
        return [function(session, f"_b[{e}:{word}]") for e in equations if _there(session, word, e)]
    at = place(word, session)
    if at is None:
        return []
    return [function(session, f"_b[{word}]")]


def equations_of(names: Sequence[str]) -> list[str]:
    """Of estimates all of whose coefficients belong to equations, these in order."""
    return list(dict.fromkeys(n.partition(":")[0] for n in names)) if all(":" in n for n in names) else []


def _there(session: Session, word: str, equation: str) -> bool:
    try:
        return place(word, session, equation) is not None
    except DataProblem:
        if any(_stem(n) == _stem(word) for n in active(session)[3]):
            return False
        raise


def _levels(session: Session, word: str) -> list[Dual]:
    _, _, _, names = active(session)
    return [function(session, f"_b[{n}]") for n in names if _stem(n) == _stem(word)]


def _stem(name: str) -> str:
    """Which variables a coefficient is of, levels aside."""
    pieces = []
    for piece in name.rpartition(":")[2].split("#"):
        operator, _, variable = piece.rpartition(".")
        low = operator.lower()
        group = low[:1].isdigit() or low in ("i",) or low.startswith(("ib", "i("))
        pieces.append(f"i.{variable}" if group else f"{operator.upper().removeprefix('C')}.{variable}".lstrip("."))
    return "#".join(sorted(pieces))


def _parm(session: Session, given: Command, names: Sequence[str]) -> list[Dual]:
    from parity.stata.estimates.columns import operator_of
    from parity.stata_language.varlist import terms

    found: list[Dual] = []
    text = re.sub(r"\(([^()]*)\)", r"\1", given.about) if given.about.startswith("(") else given.about
    wanted: list[str] = []
    for word in text.split():
        if ("*" in word or "?" in word) and not re.search(r"[#.]", word):
            pattern = re.compile(re.escape(word).replace(r"\*", ".*").replace(r"\?", ".") + r"\Z")
            wanted += [n for n in names if pattern.match(n.rpartition(":")[2]) and not n.endswith("_cons")]
            continue
        for term in terms(word, session.resolver):
            pieces = []
            for factor in term.factors:
                operator = operator_of(factor)
                if factor.kind == "factor" and factor.levels:
                    pieces.append(tuple(f"{level:g}.{factor.name}" for level in factor.levels))
                elif factor.kind == "factor":
                    pieces.append((f"i.{factor.name}",))
                else:
                    pieces.append((f"{operator}.{factor.name}".lstrip("."),))
            stem = "#".join(sorted(p[0] for p in pieces))
            chosen = [n for n in names if _stem(n) == _stem(stem)]
            if len(pieces) == 1 and len(pieces[0]) >= 1 and pieces[0][0][:1].isdigit():
                chosen = [n for n in names if n.rpartition(":")[2] in pieces[0]]
            wanted += chosen
    for name in dict.fromkeys(wanted):
        found.append(function(session, f"_b[{name}]"))
    if given.has("equal", least=2):
        found = [Dual(f.value - found[0].value, f.slope - found[0].slope) for f in found[1:]]
    return found


# ---------------------------------------------------------------- lincom, nlcom


@command("lincom", changes_data=False)
def lincom(session: Session, given: Command) -> None:
    """A linear combination: r(estimate), r(se), r(t) or r(z), r(p), r(lb), r(ub), r(df).

    `or` and its kin show exp(b), its error by the delta method and exp of the interval's ends; r() isn't known then.
    """
    _, v, df, _ = active(session)
    found = function(session, given.about)
    se = math.sqrt(max(float(found.slope @ v @ found.slope), 0.0))
    level = given.option("level", least=1)
    t, p, low, high = row(found.value, se, df, float(level.value) if level and level.value else 95.0)
    numbers = {"estimate": found.value, "se": se, "p": p, "lb": low, "ub": high}
    numbers |= {"t": t, "df": df} if math.isfinite(df) else {"z": t}
    session.r = Results(numbers=numbers)
    ratio = next((o for o in ("or", "hr", "irr", "rrr", "eform") if given.has(o)), "")
    if ratio:
        value = math.exp(found.value)
        numbers |= {"estimate": value, "se": value * se, "lb": math.exp(low), "ub": math.exp(high)}
        session.r = Results(texts={"parity_unknown": "lincom of ratios"})
    told = {"ratio": ratio, "outcome": session.e.texts.get("depvar", "")}
    session.show("lincom", **numbers, told=told, constraints=[_stated(session, found)])


@command("nlcom", changes_data=False)
def nlcom(session: Session, given: Command) -> None:
    """Functions by the delta method, z and the normal: r(b), r(V). `nlcom (name: exp) ... [, post]`."""
    _, v, df, _ = active(session)
    names, values, slopes, texts = [], [], [], []
    for i, group in enumerate(_groups(given.about), 1):
        match = re.match(r"([A-Za-z_]\w*)\s*:(?!:)\s*(.*)", group, re.DOTALL)
        names.append(match.group(1) if match else f"_nl_{i}")
        texts.append(match.group(2) if match else group)
        found = function(session, texts[-1])
        values.append(found.value)
        slopes.append(found.slope)
    b, gradient = np.array(values), np.array(slopes)
    covariance = gradient @ v @ gradient.T
    matrices = {"b": Matrix(b[None, :], ("r1",), tuple(names)), "V": Matrix(covariance, tuple(names), tuple(names))}
    session.r = Results(matrices=matrices)
    level = given.option("level", least=1)
    told = {
        "texts": dict(zip(names, texts, strict=True)),
        "outcome": session.e.texts.get("depvar", ""),
        "t": math.isfinite(df),
    }
    for name, value, variance in zip(names, values, np.diag(covariance), strict=True):
        se = math.sqrt(max(float(variance), 0.0))
        z, p, low, high = row(value, se, math.inf, float(level.value) if level and level.value else 95.0)
        session.show("nlcom", name=name, told=told, estimate=value, se=se, z=z, p=p, lb=low, ub=high)
    if given.has("post"):
        post(session, names, b, covariance, "nlcom")


def post(session: Session, names: Sequence[str], b: np.ndarray, v: np.ndarray, cmd: str, df: float = math.inf) -> None:
    """Results that take the place of the active estimates."""
    held = session.e
    numbers = {k: held.numbers[k] for k in ("N",) if k in held.numbers} | ({"df_r": df} if math.isfinite(df) else {})
    session.e = Results(
        numbers=numbers, texts={"cmd": cmd, "properties": "b V"}, sample=held.sample, token=held.token,
        matrices={"b": Matrix(np.atleast_2d(b), ("y1",), tuple(names)), "V": Matrix(v, tuple(names), tuple(names))},
    )  # fmt: skip


__all__ = ["active", "function", "joint", "post"]
