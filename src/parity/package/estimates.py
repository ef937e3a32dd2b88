"""The estimates of a package: what its do-files' commands give, by parity's own estimator, under names that tables print."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from parity.base.patterns import BLANKS
from parity.base.quantities import OF_TERMS
from parity.base.terms import SIGMA
from parity.package import beyond_e, dynamic_tests, two_equations
from parity.package.equation_statistics import of_equations
from parity.stata_language.vce import SERIES

if TYPE_CHECKING:
    from parity.stata.do import DoResult, Estimation
    from parity.stata_language.varlist import Factor

#: parity's names of statistics -> e()'s, the first that is there.
STATISTICS: dict[str, tuple[str, ...]] = {
    "nobs": ("N",), "r2": ("r2",), "r2_a": ("r2_a",), "r2_within": ("r2_within", "r2_w"), "r2_between": ("r2_b",),
    "r2_overall": ("r2_o",), "r2_a_within": ("r2_a_within",), "r2_pseudo": ("r2_p",), "f": ("F",), "chi2": ("chi2",),
    "clusters": ("N_clust",), "rmse": ("rmse",), "ll": ("ll",), "groups": ("N_g",), "p": ("p",), "df_m": ("df_m",),
    "df_r": ("df_r",), "sigma_u": ("sigma_u",), "sigma_e": ("sigma_e",), "rho": ("rho",), "rss": ("rss",), "mss": ("mss",),
    "tss": ("tss",), "aic": ("aic",), "bic": ("bic",), "mean": ("ymean", "mean"), "sd": ("ysd", "sd"),
    "group_min": ("g_min",), "group_avg": ("g_avg",), "group_max": ("g_max",), "f_first": ("widstat", "rkf", "cdf"),
    "j_p": ("jp", "sarganp"),
    "k": ("k",), "n_moments": ("n_moments",), "Number of instruments": ("zrank",),
    "singletons": ("num_singletons",), "HDFE groups": ("N_hdfe",), "min": ("g_min",), "avg": ("g_avg",), "max": ("g_max",),
    "Obs per group: min": ("g_min",),
    "within": ("r2_w",), "between": ("r2_b",), "overall": ("r2_o",),
    "corr(u_i, Xb)": ("corr",), "F of the effects": ("F_f",), "p of the effects": ("p_f",),
}  # fmt: skip

#: Rows that an interaction's bases may have.
MOST_BASES = 400


@dataclass(frozen=True)
class Estimated:
    """One estimation command that was run, and what it gives.

    index       its place among those of the package; file, line: of the do-file; command: its text, macros expanded
    raw         as the do-file has it, macros unexpanded: what a log echoes
    terms       Stata's name -> quantity -> value; empty where there is no estimate, and then `why_not` says why
    statistics  parity's name, and e()'s, -> value
    aliases     what tables may call a term, spelled plainly -> the terms that it may mean
    doubts      findings that make its data uncertain
    hanging     terms whose numbers hang on which of collinear columns is left out, which isn't known
    drawn       how its standard errors are drawn: no other program repeats them, and there are none here
    df          of t and of intervals, infinite for z; ratios: whether coefficients are exp(b)
    loops       heads of the blocks that it stands in, as the do-file has them, from the outermost on
    """

    index: int
    file: str
    line: int
    command: str
    name: str
    outcome: str = ""
    raw: str = ""
    names: tuple[str, ...] = ()
    quietly: bool = False
    terms: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    omitted: tuple[str, ...] = ()
    statistics: Mapping[str, float] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outcome_aliases: tuple[str, ...] = ()
    why_not: str = ""
    doubts: tuple[str, ...] = ()
    hanging: frozenset[str] = frozenset()
    drawn: str = ""
    df: float = math.inf
    ratios: bool = False
    loops: tuple[str, ...] = ()
    source: Any = field(default=None, repr=False, compare=False)

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    def number(self, quantity: str, term: str = "") -> float | None:
        """A number of a term, or of the whole; None where there is none."""
        held = self.terms.get(term, {}) if term else self.statistics
        value = held.get(quantity)
        return value if value is not None and math.isfinite(value) else None

    @property
    def known(self) -> bool:
        return bool(self.terms)

    @property
    def equations(self) -> tuple[str, ...]:
        """Of a model of several equations their names, in order, that of the base outcome too; () of any other."""
        if not all(":" in term for term in self.terms):
            return ()
        return tuple(dict.fromkeys(term.partition(":")[0] for term in (*self.terms, *self.omitted)))


def exponentiated(e: Estimated) -> Estimated:
    """Coefficients as odds ratios: exp(b), its standard error by the delta method, exp of the interval's ends."""

    def of(q: Mapping[str, float]) -> dict[str, float]:
        if not q["coef"] < MOST_EXPONENT:
            return dict(q)
        ratio = math.exp(q["coef"])
        ends = {k: math.exp(q[k]) if q[k] < MOST_EXPONENT else math.inf for k in ("ci_low", "ci_high")}
        return {**q, "coef": ratio, "se": ratio * q["se"], **ends}

    return replace(e, terms={t: of(q) for t, q in e.terms.items()}, ratios=True)


#: Before the outcome of a tobit: the square of sigma.
VARIANCE = "var(e."
#: The level of intervals where nothing says another.
LEVEL = 95.0


def at_level(e: Estimated, level: float) -> Estimated:
    """With intervals of another level, in percent."""
    from parity.stata.estimates.inference import critical

    if level in (0.0, LEVEL):
        return e
    reach = critical(e.df, level) / critical(e.df, LEVEL)

    def of(term: str, q: Mapping[str, float]) -> Mapping[str, float]:
        ends = (q["ci_low"], q["ci_high"])
        if term.startswith(two_equations.CORRELATION) and max(map(abs, ends)) < 1:
            middle, half = sum(map(math.atanh, ends)) / 2, (math.atanh(ends[1]) - math.atanh(ends[0])) / 2 * reach
            return {**q, "ci_low": math.tanh(middle - half), "ci_high": math.tanh(middle + half)}
        logs = e.ratios or term.startswith((VARIANCE, two_equations.DEVIATION))
        if logs and min(ends) > 0 and max(ends) < math.inf:
            middle, half = (math.log(ends[0]) + math.log(ends[1])) / 2, (math.log(ends[1]) - math.log(ends[0])) / 2 * reach
            return {**q, "ci_low": math.exp(middle - half), "ci_high": math.exp(middle + half)}
        middle, half = (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2 * reach
        return {**q, "ci_low": middle - half, "ci_high": middle + half}

    return replace(e, terms={t: of(t, q) for t, q in e.terms.items()})


#: exp of more is no double.
MOST_EXPONENT = 700.0


def constant(term: str) -> bool:
    """Whether a term is no slope: the constant, that of an equation, a cut between outcomes, sigma."""
    return term.rpartition(":")[2] == "_cons" or term.startswith(
        ("/", VARIANCE, two_equations.CORRELATION, two_equations.DEVIATION)
    )


def of_call(label: str) -> str:
    """Where `statistics` holds a number that a table's call names itself."""
    return f"label of the call: {label}"


@lru_cache(maxsize=50_000)
def plain(label: str) -> str:
    """A label without what typesetting changes: case, blanks, punctuation; products as `#`, levels as `=`."""
    text = re.sub(r"\\(?:text(?:it|bf|rm|sc)|emph|math(?:rm|bf|it|sf)|mbox)\b", "", label)
    text = re.sub(rf"\\times\b|×|(?<!\s)\s++[xX*]\s+|{BLANKS}##?\s*|(?<=\w)\*(?=\w)", "#", text.replace("$", ""))
    text = re.sub(r"\bc\.|\bco\.", "", text)
    text = re.sub(r"[\s{}\\()\[\],;:'\"_.\-–—^~&/]+", "", text)
    return text.casefold()


_CONSTANT = ("_cons", "Constant", "Intercept", "(Intercept)", "cons", "const", "Const.", "截距", "截距项", "常数", "常数项")


def estimates_of(done: DoResult, raws: Mapping[tuple[str, int], str], *, each=lambda i, n: None) -> tuple[Estimated, ...]:
    """raws: statements as they stand in the do-files, by file and line; each: told how many of how many are estimated."""
    total = len(done.estimations)
    out = []
    for estimation in done.estimations:
        out.append(_estimated(estimation, raws.get((estimation.file, estimation.line), "")))
        each(len(out), total)
    return tuple(out)


def _estimated(e: Estimation, raw: str) -> Estimated:
    from parity.stata.estimates.exchangeable import exchangeable
    from parity.stata.estimates.inference import critical
    from parity.stata_language.request import Declined

    request = e.request
    outcome = e.fit.request.outcome.factors[0].name if request is not None else _second_word(e.command)
    data = e.data
    common: dict[str, Any] = {
        "index": e.index, "file": e.file, "line": e.line, "command": e.command, "name": e.name, "raw": raw, "names": e.names,
        "quietly": e.quietly, "doubts": e.doubts, "source": e, "outcome": outcome,
        "outcome_aliases": tuple(plain(a) for a in _of_variable(outcome, data)),
    }  # fmt: skip
    try:
        found, rows = e.estimated, e.coefficients
    except Declined as error:
        why = str(error) if e.fit.sample.any() or not e.doubts else _unknown(e.doubts)
        return Estimated(**common, why_not=why, statistics=_statistics(e.results.numbers))
    statistics = (
        _statistics(e.results.numbers)
        | of_equations(e.results)
        | _of_absorbed(e.results.texts.get("absvars", ""), e.results.numbers)
    )
    statistics |= beyond_e.shown(request, found) if request is not None else {}
    terms = {row.term: dict(zip(OF_TERMS, (row.b, row.se, row.t, row.p, row.low, row.high), strict=True)) for row in rows}
    for term, more in (beyond_e.beside(request, found) if request is not None else {}).items():
        terms[term] |= more
    if SIGMA in terms:  # from version 15 on Stata has its square
        b, se = terms[SIGMA]["coef"], terms[SIGMA]["se"]
        terms[f"{VARIANCE}{outcome})"] = _variance(b, se, critical(float(found.df), LEVEL))
    terms |= two_equations.rows_of(terms, outcome)
    if request is not None and request.model in SERIES:  # its window's note: one-sided, and the interval ends at zero
        q = terms[SIGMA]
        terms[SIGMA] = {**q, "p": q["p"] / 2, "ci_low": max(q["ci_low"], 0.0)}
    omitted = (*found.omitted, *_bases(e, terms, found.rows))
    aliases = aliases_with((*terms, *omitted), data)
    hanging = exchangeable(found) if request is not None and request.command == "xtabond2" else frozenset()
    return Estimated(
        **common, hanging=hanging, terms=terms, omitted=omitted, statistics=statistics, df=float(found.df),
        aliases=aliases, drawn=request.drawn if request is not None else "",
    )  # fmt: skip


def _variance(sigma: float, se: float, reach: float) -> dict[str, float]:
    """Of sigma squared, by the delta method; its interval is that of its logarithm. [R] tobit"""
    value, half = sigma * sigma, math.exp(reach * 2 * se / sigma)
    numbers = (value, 2 * sigma * se, math.nan, math.nan, value / half, value * half)
    return dict(zip(OF_TERMS, numbers, strict=True))


def _unknown(doubts: Collection[str]) -> str:
    """Why data have no rows here that have some in Stata."""
    if "random" in doubts:
        return "its data are random draws, which no other program repeats"
    return f"its data could not be known: {min(doubts)}"


def aliases_with(terms: Iterable[str], data) -> dict[str, tuple[str, ...]]:
    """What tables may call each of these terms, spelled plainly -> the terms that it may mean."""
    found: dict[str, dict[str, None]] = {}
    for term in terms:
        for alias in aliases_of(term, data):
            found.setdefault(plain(alias), {})[term] = None
    return {alias: tuple(means) for alias, means in found.items() if alias}


#: Lines beside the header of a tobit's window -> names in e().
_OF_TOBIT = {
    "Uncensored": "N_unc",
    "Left-censored": "N_lc",
    "Right-censored": "N_rc",
    "Limits: Lower": "llopt",
    "Upper": "ulopt",
}


def _statistics(numbers: Mapping[str, float]) -> dict[str, float]:
    out = {k: float(v) for k, v in numbers.items()}
    for name, of in STATISTICS.items():
        value = next((numbers[n] for n in of if n in numbers), None)
        if value is not None:
            out[name] = float(value)
    if {"mss", "rss", "tss", "df_m", "df_r", "N"} <= set(numbers):  # the table above a window of regress
        for name, ss, df in (("Model", "mss", numbers["df_m"]), ("Residual", "rss", numbers["df_r"]),
                             ("Total", "tss", numbers["df_m"] + numbers["df_r"])):  # fmt: skip
            out |= {f"{name} SS": numbers[ss], f"{name} df": df}
            if df > 0:
                out[f"{name} MS"] = numbers[ss] / df
    for label, name in _OF_TOBIT.items():
        if name in numbers and "N_unc" in numbers:
            out[label] = numbers[name]
    if "levels" in numbers:  # beside the title of areg
        out |= dict.fromkeys(("No. of categories", "Number of categories"), float(numbers["levels"]))
    out |= two_equations.test_of(numbers)
    if "sar_df" in numbers:  # xtabond2's e(j) is how many instruments there are; J is in e(hansen)
        out |= {"Number of instruments": out.pop("j")} | dynamic_tests.of_xtabond2(numbers)
    if "ll" in numbers and "rank" in numbers and "N" in numbers:  # [R] estat ic
        out.setdefault("aic", -2 * numbers["ll"] + 2 * numbers["rank"])
        out.setdefault("bic", -2 * numbers["ll"] + math.log(numbers["N"]) * numbers["rank"])
    return out


def _bases(e: Estimation, terms: Iterable[str], rows) -> tuple[str, ...]:
    """Levels of factors, and of their interactions, that have no coefficient: bases, and those left out."""
    model = e.fit.request
    known, out = set(terms), []
    for term in model.regressors if model is not None else ():
        parts = sorted(term.factors, key=lambda f: f.kind != "factor")  # `c.x##g` has `1.g#c.x`
        lists = [_levels_of(f, e, rows) for f in parts]
        if parts[0].kind == "factor" and math.prod(map(len, lists)) <= MOST_BASES:
            out += ["#".join(each) for each in itertools.product(*lists)]
    return tuple(t for t in dict.fromkeys(out) if t not in known)


def _levels_of(factor: Factor, e: Estimation, rows) -> list[str]:
    """What a factor has as terms in a sample: `1.g`, `2.g`; a continuous one just `c.x`."""
    if factor.kind != "factor":
        return [f"c{factor.operator}.{factor.name}"]
    if factor.name not in e.data.columns or e.data[factor.name].text:
        return []
    return [f"{level:g}.{factor.name}" for level in sorted({v for v in e.data[factor.name].values[rows].tolist() if v == v})]


def _of_absorbed(name: str, numbers: Mapping[str, float]) -> dict[str, float]:
    """The line below a window of areg: `firm | F(9, 188) = 49.2  0.000  (10 categories)`."""
    held = {"categories": numbers.get("levels"), "p": numbers.get("p_f")}
    return {f"{name} {label}": value for label, value in held.items() if name and value is not None}


def _second_word(command: str) -> str:
    words = re.split(r"[\s,(]+", command.split(":")[-1].strip())
    return words[1] if len(words) > 1 else ""


def aliases_of(term: str, data) -> list[str]:
    """What a table or a log may call a term: itself, its label, the label of its level, each way of an interaction."""
    if ":" in term:  # of an equation: its name before each of these
        equation, _, name = term.partition(":")
        own = aliases_of(name, data)
        return [f"{equation}: {a}" for a in own] + own
    if names := two_equations.names_of(term):
        return names
    if term.startswith(VARIANCE):
        return [term, f"/{term}", f"{term}:_cons"]
    if term.startswith(("/cut", SIGMA)):  # as versions of Stata, esttab and outreg2 call it
        cut = term.removeprefix("/")
        return [term, f"_{cut}", cut, *(f"{cut}: {a}" for a in _CONSTANT), *(f"{a} {cut}" for a in _CONSTANT)]
    if term == "_cons":
        return list(_CONSTANT)
    if "@" in term:
        return _of_group(term, data)
    pieces = [_of_piece(p, data) for p in term.split("#")]
    if len(pieces) == 1:
        return [term, *pieces[0]]
    out = [term]
    short = [p[:6] for p in pieces]
    for combination in itertools.islice(itertools.product(*short), 300):
        for ordered in itertools.permutations(combination) if len(combination) <= 3 else [combination]:
            out.append(" # ".join(ordered))
    return out


def _of_group(term: str, data) -> list[str]:
    """A mean over groups, `c.wage@1.union`: its level below `c.wage@union`, and below `wage` in windows before Stata 16."""
    variable, _, of = term.removeprefix("c.").partition("@")
    level, _, group = of.partition(".")
    labels = data.labels_of(group) if group in data.columns else {}
    said = [level, *([str(labels[float(level)])] if float(level) in labels else [])]
    return [
        term,
        *(a for s in said for a in (f"{s} of c.{variable}@{group}", f"{s}.{variable}", f"{variable} {s}")),
        *said[1:],
    ]


def _of_piece(piece: str, data) -> list[str]:
    """One factor of a term: `3.region`, `c.x`, `L2.x`, `x`."""
    match = re.fullmatch(r"(?:([^.]*)\.)?(.+)", piece)
    operator, name = (match.group(1) or "", match.group(2)) if match else ("", piece)
    variable = _of_variable(name, data)
    if operator.rstrip("bno").isdigit():
        level = float(operator.rstrip("bno"))
        labels = data.labels_of(name) if name in data.columns else {}
        said = [f"{level:g}"] + ([str(labels[level])] if level in labels else [])
        out = [f"{s}.{name}" for s in said] + [f"{v} = {s}" for v in variable for s in said] + said[1:]
        return list(dict.fromkeys([*out, *(f"{v} {s}" for v in variable for s in said), f"_I{name}_{level:g}", piece]))
    operator = operator.removeprefix("c").removeprefix("o")
    if operator:
        lag = {"L": "lag", "F": "lead", "D": "d", "S": "s"}.get(operator[:1].upper(), operator)
        counted = [f"{operator}1.{name}"] if len(operator) == 1 else []  # windows have `L1.` below `x`
        return [f"{operator}.{name}", *counted, *(f"{operator}.{v}" for v in variable), *(f"{lag} {v}" for v in variable),
                *(f"{lag}ged {v}" for v in variable)]  # fmt: skip
    return variable


def _of_variable(name: str, data) -> list[str]:
    label = data.columns[name].label if name in data.columns else ""
    return [name, *([label] if label else [])]


def unlike(estimates: Iterable[Estimated]) -> list[Estimated]:
    """Estimates whose numbers differ: a regression that is run twice is one."""
    seen: dict[tuple, Estimated] = {}
    for e in estimates:
        key = tuple((t, *(f"{v:.12g}" for v in q.values())) for t, q in e.terms.items())
        seen.setdefault((key, e.statistics.get("nobs")), e)
    return list(seen.values())
