"""`[test.NAME]`: Wald tests, combinations and functions of a spec's coefficients, and Hausman's test of two specs."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from parity.base.errors import suggest
from parity.base.values import several
from parity.study.analyses.contract import AnalysisSettings, Asked
from parity.study.analyses.margins import CHINESE_OF_INFERENCE, OF_INFERENCE
from parity.study.formula import Call, Column, Constant, Expr, FormulaError, Operation, has_dummies
from parity.study.grammar import named_term, parse_expression
from parity.study.header import Header
from parity.study.models import JOINT
from parity.study.spec import Spec
from parity.study.vcov import Vcov

#: Functions that have a gradient here; lags and roundings of columns mean nothing of a coefficient.
DIFFERENTIABLE = ("log", "log1p", "log10", "exp", "sqrt")
INTERCEPT = "(Intercept)"
#: Its name in Stata, which needs no quoting.
CONSTANT = "_cons"
#: What is asked, one of them a section.
QUESTIONS = ("test", "lincom", "nlcom", "hausman")
_QUOTED = re.compile(r"`([^`]*)`")
_EQUALS = re.compile(r"(`[^`]*`)|([<>!]=?|~)|(==?)")


def sides_of(text: str) -> tuple[Expr, ...]:
    """Of `a = b`, or `a = b = c`, the sides; of `a` alone a and nought. Raises `FormulaError`."""
    ends = [0]
    for match in _EQUALS.finditer(text):
        if match[2]:
            raise FormulaError(f"`{match[2]}` in a hypothesis; it says what is equal: a = b")
        if match[3]:
            ends += [match.start(), match.end()]
    ends.append(len(text))
    sides = tuple(parse_expression(text[a:b]) for a, b in zip(ends[::2], ends[1::2], strict=True))
    return sides if len(sides) > 1 else (*sides, Constant(0))


def restrictions(texts: tuple[str, ...]) -> tuple[Expr, ...]:
    """Numbers that hypotheses say are nought: left side less right side, one for each sign of equality."""
    found = []
    for text in texts:
        first, *others = sides_of(text)
        for other in others:
            found.append(first if other == Constant(0) else Operation("-", (first, other)))
    return tuple(found)


def coefficient_of(node: Expr, terms: tuple[str, ...]) -> str | None:
    """The term that a node names, as written or between backticks; None where it names none."""
    names = (str(node), node.name) if isinstance(node, Column) else (str(node),) if isinstance(node, Call) else ()
    if CONSTANT in names and CONSTANT not in terms and INTERCEPT in terms:
        return INTERCEPT
    found = next((name for name in names if name in terms), None)
    written = named_term(names[-1]) if names and not found else ""  # as a formula has it: `I(x^2)`, `log(x + 1)`
    return written if written in terms else found


def as_named(text: str, terms: tuple[str, ...]) -> str:
    """The text with names between backticks as estimates have them: `` `I(x^2)` `` is `` `x:x` ``."""

    def here(match: re.Match) -> str:
        written = "" if match[1] in terms else named_term(match[1])
        return f"`{written}`" if written in terms else match[0]

    return _QUOTED.sub(here, text)


def unknown_in(tree: Expr, terms: tuple[str, ...]) -> str:
    """What of an expression is neither a coefficient nor arithmetic, in words; "" if nothing is."""
    if coefficient_of(tree, terms) is not None:
        return ""
    match tree:
        case Constant(value) if not isinstance(value, str):
            return ""
        case Operation(op, args) if op in (*"+-*/^", "neg"):
            return next(filter(None, (unknown_in(a, terms) for a in args)), "")
        case Call(function, (argument,)) if function in DIFFERENTIABLE:
            return unknown_in(argument, terms)
        case Column(name):
            known = f"{suggest(name, terms)}" or f"; known: {', '.join(terms)}"
            return f"there is no coefficient `{name}`{known}"
    return f"`{tree}` is no coefficient, and no function of coefficients: + - * / ^, {', '.join(DIFFERENTIABLE)}"


def is_linear(tree: Expr, terms: tuple[str, ...]) -> bool:
    """Whether it is a linear function of the coefficients by the way it is written."""

    def degree(node: Expr) -> int:
        if coefficient_of(node, terms) is not None:
            return 1
        match node:
            case Operation("neg", (a,)):
                return degree(a)
            case Operation(op, (a, b)) if op in "+-":
                return max(degree(a), degree(b))
            case Operation("*", (a, b)):
                return degree(a) + degree(b)
            case Operation("/", (a, b)):
                return degree(a) if degree(b) == 0 else 2
            case Operation(_, args) | Call(_, args):
                return 2 * max(map(degree, args))
        return 0

    return degree(tree) <= 1


class HypothesisSettings(AnalysisSettings):
    """A question about the coefficients of a spec, under its covariance and convention. One of test, lincom, nlcom, hausman.

    spec      of Hausman's test the consistent one, which `hausman` is compared with
    test      hypotheses that hold together, `["capital = 0", "value = capital"]`: Wald's statistic, as F and as chi-squared.
              What isn't linear is tested by the delta method (testnl)
    lincom    linear combinations, `"value + 2*capital"`: estimate, standard error, t, p, interval
    nlcom     functions by the delta method, `"value / capital"`; + - * / ^, log, log1p, log10, exp, sqrt
    hausman   the spec that is efficient if the hypothesis holds, and biased if not
    form      of Hausman's: "full", each covariance its own; "sigmamore", both with the error variance of the efficient
              estimate; "sigmaless", with the consistent one's
    constant  whether Hausman's test is about the constants too
    df        of t and F: "convention", the spec's; "resid", N - K; "groups", G - 1; "normal": z and chi-squared. By default
              the convention's, of nlcom the normal, as Stata's nlcom and R's deltaMethod have it
    vcov      a covariance in place of the spec's, as specs write it; of Hausman's test in both

    A coefficient is named as reports name it; what is no plain word stands in backticks: `year::1936`, `(Intercept)`.
    """

    spec: str
    test: tuple[str, ...] = ()
    lincom: tuple[str, ...] = ()
    nlcom: tuple[str, ...] = ()
    hausman: str = ""
    form: Literal["full", "sigmamore", "sigmaless"] = "full"
    constant: bool = Field(default=False, strict=True)
    df: Literal["convention", "resid", "groups", "normal"] | None = None
    vcov: Vcov | None = None

    _several = field_validator("test", "lincom", "nlcom", mode="before")(several)

    @field_validator("test", "lincom", "nlcom")
    @classmethod
    def _tidied(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(" ".join(text.split()) for text in texts)

    @model_validator(mode="after")
    def _one_question(self) -> HypothesisSettings:
        asked = [key for key in QUESTIONS if getattr(self, key)]
        if len(asked) != 1:
            said = f"not {' and '.join(asked)}" if asked else "and this section has none"
            raise ValueError(f"give one of {', '.join(QUESTIONS)}, {said}")
        if self.question != "hausman" and (self.form != "full" or self.constant):
            raise ValueError(f"{'constant' if self.form == 'full' else 'form'}: belongs to hausman")
        if self.question == "hausman" and self.df is not None:
            raise ValueError("df: Hausman's test is chi-squared, its degrees of freedom the rank of a difference")
        for text in getattr(self, self.question) if self.question != "hausman" else ():
            try:
                sides = sides_of(text)
            except FormulaError as error:
                raise ValueError(f"{self.question}: `{text}`: {error}") from None
            if self.question != "test" and "=" in _EQUALS.sub(lambda m: m[3] or "", text):
                raise ValueError(f"{self.question}: `{text}` is an equation; write test = [...], or {sides[0]} alone")
        return self

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Data columns it reads, by key."""
        return {"vcov": self.vcov.cluster if self.vcov else ()}

    @property
    def question(self) -> str:
        return next((key for key in QUESTIONS if getattr(self, key)), "")

    @property
    def in_words(self) -> str:
        """What a row of a table is called."""
        if not self.hausman:
            return "; ".join((*self.test, *self.lincom, *self.nlcom))
        return f"Hausman: {self.spec}, {self.hausman}{'' if self.form == 'full' else f' ({self.form})'}"

    @property
    def functions(self) -> dict[str, Expr]:
        """Of test, each number that is nought under the hypotheses; of lincom and nlcom each by its text."""
        if self.question == "test":
            return {str(tree): tree for tree in restrictions(self.test)}
        return {text: parse_expression(text) for text in (*self.lincom, *self.nlcom)}

    @property
    def df_rule(self) -> str:
        return self.df or ("normal" if self.nlcom else "convention")


def _problem(settings: HypothesisSettings, spec: Spec, header: Header) -> str:
    """What is wrong with it in its study, as "key: message", or ""."""
    if spec.own_df and not settings.hausman:
        return f"spec: `{spec.id}` has degrees of freedom by coefficient (Satterthwaite), and none of several together"
    if settings.df == "groups" and not (settings.vcov or spec.vcov).cluster:
        return f'df: "groups" is G - 1, and the covariance of `{spec.id}` has no clusters'
    if settings.hausman == spec.id:
        return f"hausman: `{spec.id}` is compared with itself"
    if settings.form != "full" and (settings.vcov or spec.vcov).kind != "iid":
        return f'form: {settings.form} is of homoskedastic covariances; add vcov = "iid"'
    if settings.form != "full" and spec.likelihood:
        return f'form: `{spec.id}` is model = "{spec.model}", which has no error variance'
    items = (*spec.formula.exog, *spec.formula.endog)
    terms = (*((INTERCEPT,) if spec.formula.intercept and not spec.formula.effects else ()), *map(str, items))
    # outcomes, levels, and columns of another equation, which only the data know
    by_data = spec.categorical or spec.model in JOINT or any(map(has_dummies, items))
    for text, tree in settings.functions.items():
        if not by_data and (unknown := unknown_in(tree, terms)):
            return f"{settings.question}: {unknown}"
        if settings.lincom and not is_linear(tree, (*terms, *_quoted(tree, terms))):
            return f"lincom: `{text}` is not linear in the coefficients; write nlcom"
    return ""


def _quoted(tree: Expr, terms: tuple[str, ...]) -> tuple[str, ...]:
    """Names in a tree that may be those of levels."""
    match tree:
        case Column(name):
            return () if name in terms else (name,)
        case Operation(_, args) | Call(_, args):
            return tuple(name for a in args for name in _quoted(a, terms))
    return ()


ASKED = (
    Asked(
        "test", "tests of coefficients", 13, HypothesisSettings, needs="spec and one of test, lincom, nlcom, hausman",
        problem=_problem, specs=("hausman",),
        heads={
            "estimate": "Estimate", "f": "F", "chi2": "Chi-squared", "df": "df", "df_r": "Denominator df", **OF_INFERENCE,
        },
        named={"difference": "Difference"},
        chinese={
            "Estimate": "估计值", "Chi-squared": "卡方统计量", "df": "自由度", "Denominator df": "分母自由度",
            "Difference": "系数差", **CHINESE_OF_INFERENCE,
        },
    ),
)  # fmt: skip
