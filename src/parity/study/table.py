"""`[table.NAME]` of a study: which specs or analyses are its columns, what its rows are, and what is said below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

from pydantic import Field, field_validator, model_validator

from parity.base.errors import suggest
from parity.base.quantities import in_tables
from parity.base.values import Value
from parity.study.analyses.hypotheses import HypothesisSettings
from parity.study.analyses.registry import CHINESE
from parity.study.analyses.resampling import DifferenceSettings, WildSettings, tested
from parity.study.formula import has_dummies
from parity.study.index import Index
from parity.study.spec import Spec
from parity.study.words_of_tables import FORM_OF, Language, label_in, text_in

#: Key -> what stands there, as a message ends.
FORMS = {
    "table": 'a table, [table.NAME], with columns = ["spec", ...] or mediation = ["analysis", ...]',
    "columns": 'a list of specs in quotes, or of { heading = "...", specs = ["..."] }',
    "differences": 'a list of tables, [{ difference = "NAME", columns = ["first", "second"] }]',
}
INTERCEPT = "(Intercept)"
#: Words that are labels by themselves.
WORDS = ("Yes", "No", "Absorbed", "Partly", "Controls", INTERCEPT)
#: Of the intervals of a table, and of a wild bootstrap's unless its row says another.
LEVEL = 0.95
Parentheses = Literal["se", "t", "p", "ci"]
#: Tables of a spec's sample: N, mean, sd, min, median, max; correlations with stars; variance inflation factors.
SampleKind = Literal["descriptive", "correlations", "vif"]
#: What is no table of coefficients: of a sample, of an index' indicators, of the tests of specs.
TableKind = Literal[SampleKind, "index", "tests", "analysis"]
#: Rows below the coefficients of specs, and of their instruments' diagnostics.
OF_SPECS = tuple(q.table for q in in_tables())
OF_INSTRUMENTS = tuple(q.table for q in in_tables("instruments"))
OF_WILD = ("wild_p", "wild_ci")
#: Below mediation analyses.
OF_MEDIATION = (
    "sobel", "aroian", "goodman", "percentile", "bias-corrected", "bca", "monte-carlo", "share", "nobs", "clusters", "draws",
)  # fmt: skip
#: Rows of `kind = "tests"`; `difference` is of the study's group differences of its specs, `test` of their [test.NAME].
OF_TESTS = (*OF_INSTRUMENTS, "hausman", "wild_p", "difference", "test")
#: Below the column of outcome on treatment and mediator.
OF_PRODUCT = tuple(s for s in OF_MEDIATION if s not in ("nobs", "clusters", "draws"))
Statistic = Literal[*dict.fromkeys((*OF_SPECS, *OF_INSTRUMENTS, *OF_WILD, *OF_MEDIATION, *OF_TESTS))]
DEFAULT_OF_SPECS = ("nobs", "r2_within")
DEFAULT_OF_PRODUCT = ("sobel", "percentile", "share")
DEFAULT_OF_MEDIATION = ("sobel", "percentile", "bias-corrected", "share", "nobs")


def falling(cuts: tuple[float, ...]) -> tuple[float, ...]:
    """Levels of p for one star, two stars ... Raises `ValueError` unless they fall and lie between 0 and 1."""
    if not all(0 < cut < 1 for cut in cuts) or list(cuts) != sorted(set(cuts), reverse=True):
        raise ValueError("falling levels of p, one star first, such as [0.1, 0.05, 0.01]; [] for no stars")
    return cuts


class Columns(Value):
    """Neighbouring columns under one heading."""

    heading: str
    specs: tuple[str, ...] = Field(min_length=1)


class Between(Value):
    """A group difference, shown under the columns of the two groups, which stand side by side."""

    difference: str
    columns: tuple[str, str]


#: What a table of a kind may have, of what tables of other kinds have too; the first it must.
_OWN: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(get_args(SampleKind), ("sample", "rows")),
    "index": ("index", "rows"),
    "analysis": ("analysis", "quantities", "rows"),
    "tests": ("columns", "wild", "headings", "statistics"),
}
_OTHERS = ("mediation", "through", "differences", "controls", *dict.fromkeys(key for own in _OWN.values() for key in own))


class TableSettings(Value):
    """One table: of specs (`columns`), of mediation analyses (`mediation`), or of what `kind` says.

    kind         "descriptive", "correlations" or "vif" of the outcome and the regressors of a spec, in its sample;
                 "index": the indicators of an index, with entropy and weight; "tests": those of specs, with p;
                 "analysis": the numbers of an analysis, a row a period or whatever they are of
    sample       the id of that spec
    index        names of indices, or of a form of one, NAME.VARIANT; several stand under one another
    analysis     "distribution.NAME", "coupling.NAME", "threshold.NAME" or "spatial.NAME"; quantities: which of its numbers,
                 in order
    columns      ids of specs, or { heading = "...", specs = [...] }; one spec may stand in several tables
    mediation    names of analyses; one with several mediators, or `by` groups, has several columns
    through      names of mediation analyses, whose test, intervals and share stand below the column of outcome on treatment
                 and mediator
    differences  { difference = NAME, columns = [first, second] }: rows below, under both columns; several under one pair
                 fill each other's rows
    wild         names of the wild bootstraps shown by `wild_p` and `wild_ci`; default all of its columns
    rows         terms in the order shown; default all but controls
    controls     terms not shown, but said by a row of Yes and No: a list, or label = list
    effects      whether fixed effects have a row of Yes and No each
    labels       what stands for a term, an outcome, a fixed effect, a statistic, or a word such as "Yes"
    headings     spec or analysis -> what stands above its column; default the label of its outcome or mediator
    statistics   rows at the foot, in order
    stars        levels of p for one star, two stars ...; [] for none
    digits       decimals of every number
    language     of labels and notes: "en" or "zh"; by default that of [study]
    """

    title: str = ""
    kind: TableKind | None = None
    sample: str = ""
    index: tuple[str, ...] = ()
    analysis: str = ""
    quantities: tuple[str, ...] = ()
    columns: tuple[str | Columns, ...] = ()
    mediation: tuple[str, ...] = ()
    through: tuple[str, ...] = ()
    differences: tuple[Between, ...] = ()
    wild: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    controls: dict[str, tuple[str, ...]] = {}
    effects: bool = Field(default=True, strict=True)
    labels: dict[str, str] = {}
    headings: dict[str, str] = {}
    statistics: tuple[Statistic, ...] | None = None
    parentheses: Parentheses = "se"
    stars: tuple[float, ...] = (0.1, 0.05, 0.01)
    digits: int = Field(default=3, strict=True, ge=0, le=12)
    note: str = ""
    language: Language | None = None

    _levels = field_validator("stars")(falling)

    @field_validator("index", mode="before")
    @classmethod
    def _one_name(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) and value else value or ()

    @field_validator("controls", mode="before")
    @classmethod
    def _one_list(cls, value: Any) -> Any:
        return {"Controls": value} if isinstance(value, list | tuple) else value

    @model_validator(mode="after")
    def _of_one_kind(self) -> TableSettings:
        own = _OWN.get(self.kind or "", ())
        if self.kind and not getattr(self, own[0]):
            raise ValueError(f'kind = "{self.kind}" and `{own[0]}` go together')
        for key in ("sample", "index", "analysis", "quantities"):
            if getattr(self, key) and key not in own:
                kinds = " or ".join(f'"{kind}"' for kind, keys in _OWN.items() if key in keys)
                raise ValueError(f"`{key}` and kind = {kinds} go together")
        if self.kind:
            self._of_a_kind(own)
            return self
        if bool(self.columns) == bool(self.mediation):
            raise ValueError("give columns = [specs], or mediation = [analyses]")
        if self.mediation and (self.rows or self.differences or self.controls or self.wild or self.through):
            raise ValueError("a table of mediation analyses has no rows, controls, differences, wild or through of its own")
        allowed = (
            OF_MEDIATION if self.mediation else (*OF_SPECS, *OF_INSTRUMENTS, *OF_WILD, *(OF_PRODUCT if self.through else ()))
        )
        wrong = next((s for s in self.shown if s not in allowed), None)
        if wrong is not None:
            whose = "mediation analyses" if self.mediation else "specs"
            raise ValueError(f"statistics: `{wrong}` is no statistic of {whose}; known: {', '.join(allowed)}")
        return self

    def _of_a_kind(self, own: tuple[str, ...]) -> None:
        beside = next((key for key in _OTHERS if key not in own and getattr(self, key)), None)
        if beside is not None:
            raise ValueError(f'a table of kind = "{self.kind}" takes no `{beside}`')
        if self.kind != "tests":
            return
        if any(not isinstance(c, str) for c in self.columns):
            raise ValueError('a table of kind = "tests" needs columns = [specs], without headings over several')
        wrong = next((s for s in self.shown if s not in OF_TESTS), None)
        if wrong is not None:
            raise ValueError(f"statistics: `{wrong}` is no test; known: {', '.join(OF_TESTS)}")

    @property
    def of_sample(self) -> bool:
        return self.kind in get_args(SampleKind)

    @property
    def shown(self) -> tuple[Statistic, ...]:
        if self.statistics is not None:
            return self.statistics
        if self.kind:
            return OF_TESTS if self.kind == "tests" else ()
        if self.mediation:
            return DEFAULT_OF_MEDIATION
        return (*DEFAULT_OF_SPECS, *DEFAULT_OF_PRODUCT) if self.through else DEFAULT_OF_SPECS

    @property
    def shows_wild(self) -> bool:
        return bool(set(self.shown) & set(OF_WILD))

    def chosen_wild(self, wild: Mapping[str, WildSettings]) -> dict[str, WildSettings]:
        """Those of a study's wild bootstraps that stand in this table, if it shows any."""
        names = [n for n in self.wild or wild if n in wild] if self.shows_wild else []
        return {n: wild[n] for n in names if wild[n].spec in self.specs}

    def chosen_differences(self, differences: Mapping[str, DifferenceSettings]) -> tuple[str, ...]:
        """Names of the study's group differences that stand in this table."""
        if self.kind != "tests":
            return tuple(between.difference for between in self.differences)
        return tuple(n for n, d in differences.items() if "difference" in self.shown and d.spec in self.specs)

    @property
    def specs(self) -> tuple[str, ...]:
        """Ids of its columns, in order."""
        return tuple(s for c in self.columns for s in ((c,) if isinstance(c, str) else c.specs))

    def labelled(self, labels: Mapping[str, str], language: Language = "en") -> TableSettings:
        """With the study's labels, and its language, where it has none of its own."""
        return self.model_copy(update={"labels": {**labels, **self.labels}, "language": self.language or language})

    def translated(self, words: Mapping[str, str]) -> TableSettings:
        """With what the study itself writes, title, headings, labels and note, in other words, where there are any."""

        def said(text: str) -> str:
            return words.get(text, text)

        columns = (c if isinstance(c, str) else Columns(heading=said(c.heading), specs=c.specs) for c in self.columns)
        return self.model_copy(update={
            "title": said(self.title), "note": said(self.note), "columns": tuple(columns),
            "labels": {**words, **{name: said(text) for name, text in self.labels.items()}},
            "headings": {name: said(text) for name, text in self.headings.items()},
        })  # fmt: skip

    def label(self, name: str, default: str | None = None) -> str:
        """What stands for a name: the study's label, else `default` in the table's language; a column's name is itself."""
        if name in self.labels:
            return self.labels[name]
        if not default and name not in WORDS:
            return name
        return label_in(self.language or "en", name if default is None else default, CHINESE)

    def effects_label(self, name: str) -> str:
        """Of the row that says whether a column has a fixed effect."""
        given = f"{name} fixed effects"
        text = label_in(self.language or "en", "{} fixed effects").format(self.label(name))
        return self.labels.get(given, text)

    def says(self, key: str, *about: object) -> str:
        """A text of `words_of_tables` in the table's language; of a whole note the study's own, if it has one."""
        own = next((k for k in (key, FORM_OF.get(key, key)) if k in self.labels), "") if key.startswith("note.") else ""
        if own:
            return self.labels[own]
        return text_in(self.language or "en", key).format(*about)

    def problems(
        self,
        specs: Mapping[str, Spec],
        mediation: Mapping[str, Any],
        differences: Mapping[str, DifferenceSettings],
        wild: Mapping[str, WildSettings],
        index: Mapping[str, Index],
        tests: Mapping[str, HypothesisSettings] | None = None,
    ) -> Iterator[str]:
        """What is wrong with it in its study, as "key: message"."""
        if self.of_sample:
            yield from self._of_sample(specs)
            return
        if self.kind == "analysis":
            return
        if self.kind == "index":
            yield from self._of_index(index)
            return
        for key, names, known, what in (
            ("columns", self.specs, specs, "spec"),
            ("mediation", self.mediation, mediation, "mediation analysis"),
            ("through", self.through, mediation, "mediation analysis"),
            ("differences", tuple(d.difference for d in self.differences), differences, "group difference"),
            ("wild", self.wild, wild, "wild bootstrap"),
        ):
            yield from (f"{key}: there is no {what} `{n}`{suggest(n, known)}" for n in names if n not in known)
        if any(name not in specs for name in self.specs):
            return
        yield from self._of_columns(specs)
        if self.kind == "tests":
            yield from self._of_tests(specs, differences, wild, tests or {})
            return
        yield from self._of_analyses(specs, differences, wild)
        grouped = (n for n in self.through if n in mediation and mediation[n].by)
        yield from (f"through: `{n}` is of groups, which have a table of their own: mediation = [...]" for n in grouped)
        formulas = [specs[name] for name in self.specs]
        if set(self.shown) & set(OF_INSTRUMENTS) and not any(s.diagnostics for s in formulas):
            yield "statistics: none of its specs has diagnostics = true"
        if self.columns and not any(dummies for _, dummies in map(terms_of, formulas)):
            known = dict.fromkeys(term for spec in formulas for term in terms_of(spec)[0])
            for key, terms in (("rows", self.rows), *((f"controls.{k}", v) for k, v in self.controls.items())):
                yield from (f"{key}: no column has a term `{t}`{suggest(t, known)}" for t in terms if t not in known)

    def _of_tests(
        self, specs: Mapping[str, Spec], differences: Mapping[str, DifferenceSettings], wild: Mapping[str, WildSettings],
        tests: Mapping[str, HypothesisSettings],
    ) -> Iterator[str]:  # fmt: skip
        chosen = [specs[name] for name in self.specs]
        has = {
            "a spec with diagnostics = true": set(self.shown) & set(OF_INSTRUMENTS) and any(s.diagnostics for s in chosen),
            'a spec with model = "random_effects"': "hausman" in self.shown
            and any(s.model == "random_effects" for s in chosen),
            "a [wild.NAME] of a spec": bool(self.chosen_wild(wild)),
            "a [difference.NAME] of a spec": bool(self.chosen_differences(differences)),
            "a [test.NAME] of a spec": "test" in self.shown and any(t.spec in self.specs for t in tests.values()),
        }
        if not any(has.values()):
            yield f"columns: there is no test of them; it needs {' or '.join(has)} among the columns"

    def _of_index(self, index: Mapping[str, Index]) -> Iterator[str]:
        forms = {name: settings.indicators for name, settings in index.items()}
        forms |= {f"{n}.{v}": form.indicators for n, settings in index.items() for v, form in settings.variants.items()}
        wrong = [name for name in self.index if name not in forms]
        yield from (f"index: there is no [index.{name}]{suggest(name, forms)}" for name in wrong)
        if wrong:
            return
        known = [i.column for name in self.index for i in forms[name]]
        yield from (f"rows: the index has no indicator `{r}`{suggest(r, known)}" for r in self.rows if r not in known)

    def _of_sample(self, specs: Mapping[str, Spec]) -> Iterator[str]:
        if self.sample not in specs:
            yield f"sample: there is no spec `{self.sample}`{suggest(self.sample, specs)}"
            return
        terms, dummies = terms_of(specs[self.sample])
        known = (str(specs[self.sample].formula.outcome), *(t for t in terms if t != INTERCEPT))
        if not dummies:
            yield from (f"rows: the sample has no column `{r}`{suggest(r, known)}" for r in self.rows if r not in known)

    def _of_analyses(
        self, specs: Mapping[str, Spec], differences: Mapping[str, DifferenceSettings], wild: Mapping[str, WildSettings]
    ) -> Iterator[str]:
        if self.shows_wild and not any(w.spec in self.specs for w in wild.values()):
            yield "statistics: none of its specs has a [wild.NAME]"
        if self.wild and not self.shows_wild:
            yield 'wild: nothing shows it; write statistics = ["wild_p"], or ["wild_ci"]'
        stray = next((n for n in self.wild if n in wild and wild[n].spec not in self.specs), None)
        if stray is not None:
            yield f"wild: `{stray}` is of spec `{wild[stray].spec}`, which is no column"
        terms: dict[tuple[str, str], tuple[str, str]] = {}
        for between in self.differences:
            settings = differences.get(between.difference)
            if settings is None or settings.spec not in specs:
                continue
            term = tested(settings, specs[settings.spec])
            other, first = terms.setdefault(between.columns, (between.difference, term))
            if term != first:
                what = f"`{other}` is of `{first}` and `{between.difference}` of `{term}`"
                yield f"differences: {what}: under one pair all are of one term"

    def _of_columns(self, specs: Mapping[str, Spec]) -> Iterator[str]:
        double = next((n for n in self.specs if self.specs.count(n) > 1), None)
        if double is not None:
            yield f"columns: `{double}` stands twice"
        known = (*self.specs, *self.mediation)
        groups = tuple(f"{name}." for name in self.mediation)  # of an analysis with `by`
        for name in self.headings:
            if name not in known and not name.startswith(groups or "\0"):
                yield f"headings: there is no column `{name}`{suggest(name, known)}"
        for between in self.differences:
            wrong = next((n for n in between.columns if n not in self.specs), None)
            if wrong is not None:
                yield f"differences: there is no column `{wrong}`{suggest(wrong, self.specs)}"
            elif self.specs.index(between.columns[1]) != self.specs.index(between.columns[0]) + 1:
                yield f"differences: `{between.columns[1]}` must be the column after `{between.columns[0]}`"
        pairs = list(dict.fromkeys(between.columns for between in self.differences))
        both = next((n for n in self.specs if sum(n in pair for pair in pairs) > 1), None)
        if both is not None:
            yield f"differences: the column `{both}` is in two pairs; one of them needs another table"


def terms_of(spec: Spec) -> tuple[tuple[str, ...], bool]:
    """Terms as its formula writes them, and whether some are dummies, whose names hang on the data."""
    items = (*spec.formula.exog, *spec.formula.endog)
    intercept = (INTERCEPT,) if spec.formula.intercept and not spec.formula.effects else ()
    return (*intercept, *map(str, items)), any(map(has_dummies, items))
