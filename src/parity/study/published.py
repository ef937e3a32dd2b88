"""Published: a number that a table prints or Stata recorded, and how such a number is written."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from parity.base.values import Value
from parity.study import hints
from parity.study.spec import Spec

#: A number as tables print it: brackets, stars, a sign of either kind. A zero of a positive power of ten, `0e9`, is none:
#: whatever is compared with it rounds to it. Every repetition keeps what it took (`*+`), so time grows with the text alone.
PRINTED_NUMBER = re.compile(
    r"\s*+[(\[]?+\s*+[-−+]?+(?![0.]++[eE]0*+[1-9])(\d++\.?+\d*+|\.\d++)([eE][-−+]?+\d{1,2}+)?+"
    r"\s*+[*†‡]*+\s*+[)\]]?+\s*+[*†‡]*+\s*+",
    re.ASCII,
)

#: What a table prints of a coefficient b: b itself, or exp(b), of a (multinomial, ordered) logit and a Poisson regression.
Printed = Literal["coefficient", "odds_ratio", "irr", "rrr"]
_RATIO_OF = {"odds_ratio": ("logit", "ologit"), "irr": ("poisson",), "rrr": ("mlogit",)}


class Published(Value):
    """A printed or recorded number, kept as text: its precision is part of what it says.

    Of a spec, or of an analysis by the name of its record, "mediation.nqp"; the latter has named numbers only.
    kind: what stands in parentheses, "se" or "t" ("p", "ci" are not read). printed: "odds_ratio", "irr" or "rrr"
    where the estimate is exp(b); its standard error is then exp(b) se(b), as Stata prints it. `engine` is "published" for
    a printed table and "stata" for recorded Stata output.
    """

    spec: str = ""
    analysis: str = Field(default="", description='"mediation.NAME", "index.NAME", "diagnostics.SPEC", "wild.NAME" ...')
    term: str = ""
    estimate: str | None = None
    parentheses: str | None = None
    kind: Literal["se", "t"] = "se"
    printed: Printed = "coefficient"
    variance: str | None = None
    stars: tuple[float, ...] = Field(default=(), description="cuts of p for one star, two stars ...; compared only if given")
    statistic: dict[str, str] = Field(default={}, description='named statistics: { f = "51.59", nobs = "200" }')
    engine: Literal["published", "stata"] = "published"
    source: str

    @field_validator("estimate", "parentheses", "variance")
    @classmethod
    def _number(cls, text: str | None) -> str | None:
        if text is not None and not PRINTED_NUMBER.fullmatch(text):
            hint = hints.in_printed(text)
            raise ValueError(f'`{text[:40]}` is no printed number such as "0.352***" or "(0.048)"{hint and f"; {hint}"}')
        return text

    @field_validator("stars")
    @classmethod
    def _falling(cls, cuts: tuple[float, ...]) -> tuple[float, ...]:
        if not all(0 < cut < 1 for cut in cuts) or list(cuts) != sorted(set(cuts), reverse=True):
            raise ValueError("falling levels of p, one star first, such as [0.1, 0.05, 0.01]")
        return cuts

    @field_validator("statistic")
    @classmethod
    def _numbers(cls, values: dict[str, str]) -> dict[str, str]:
        for text in values.values():
            cls._number(text)
        return values

    @model_validator(mode="after")
    def _about(self) -> Published:
        if bool(self.spec) == bool(self.analysis):
            raise ValueError('what is it about? give spec = "..." or analysis = "...", one of them')
        keys = ", ".join(self.of_term())
        if self.analysis and keys:
            raise ValueError(f'numbers of an analysis have names: statistic = {{ effect = "0.021" }} in place of {keys}')
        return self

    @model_validator(mode="after")
    def _something(self) -> Published:
        if not (self.estimate or self.parentheses or self.variance or self.statistic):
            raise ValueError("nothing to compare: give estimate, parentheses, variance or statistic")
        if (self.estimate or self.parentheses or self.variance) and not self.term:
            raise ValueError('which term is it? give term = "..."')
        counts = {key: text.count("*") for key, text in self.of_term().items() if "*" in text}
        if len(set(counts.values())) > 1:
            both = ", ".join(f"{key} has {n}" for key, n in counts.items())
            raise ValueError(f"stars that contradict each other: {both}; if it is printed so, make it two entries")
        return self

    def wrong_form(self, spec: Spec | None) -> str:
        """Why the model of its spec, or an analysis, has no such ratios; "" where it has."""
        model = _RATIO_OF.get(self.printed)
        if model is None or (spec is not None and spec.model in model):
            return ""
        other = f'and spec `{spec.id}` is model = "{spec.model}"' if spec else "and this is about an analysis"
        return f'"{self.printed}" is exp(b) of a spec with model = "{model[0]}", {other}'

    def of_term(self) -> dict[str, str]:
        """The numbers of its term, by their keys."""
        given = {"estimate": self.estimate, "parentheses": self.parentheses, "variance": self.variance}
        return {key: text for key, text in given.items() if text}

    def numbers(self) -> tuple[tuple[str, str, str], ...]:
        """(quantity, term, text) of every number that is printed, named as records name them; stars apart."""
        term, covariance = self.term, f"{self.term} x {self.term}"
        given = (("coef", term, self.estimate), (self.kind, term, self.parentheses), ("vcov", covariance, self.variance))
        of_whole = ((name, term if self.analysis else "", text) for name, text in self.statistic.items())
        return (*((quantity, of, text) for quantity, of, text in given if text), *of_whole)

    def starred(self) -> dict[str, str]:
        """What prints stars, or could have: its term or a statistic -> the number that they stand on.

        Stars stand on the estimate, but where another number of the term has some. A term without estimate and without
        stars says nothing of them: they may stand on the estimate in print.
        """
        texts = list(self.of_term().values())
        mine = next((text for text in texts if "*" in text), self.estimate)
        of_statistics = {name: text for name, text in self.statistic.items() if "*" in text}
        return ({self.term: mine} if mine else {}) | of_statistics
