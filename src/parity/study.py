"""Study and Spec: what a user writes in `study.toml`, as frozen values, validated in one go.

`load_study` reads the file and reports *every* problem with file, key and what was expected. Columns are checked
against the data by `parity.data.check_columns`, because that needs the data.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from parity.conventions import CLUSTERED, PROFILES, Convention, Kind
from parity.errors import InputError, Problem, suggest
from parity.formula import Expr, Formula, FormulaError, columns_of
from parity.grammar import parse_expression, parse_formula
from parity.values import Value

DATA_FORMATS = (".csv", ".parquet", ".dta", ".xlsx")


def _parsed(parse, tree):
    def validate(value: Any) -> Any:
        if isinstance(value, tree):
            return value
        if not isinstance(value, str):
            raise ValueError(f"a text in quotes is needed, not {_shown(value)}")
        try:
            return parse(value)
        except FormulaError as error:
            raise ValueError(str(error)) from None

    return BeforeValidator(validate)


#: A spec's id names files (scripts, reports), so it may hold no path and no control character.
_ID = re.compile(r"\w[\w .+()-]{0,99}")
_ID_RULE = "a name is made of letters, digits, spaces and . _ - + ( ), at most 100, a letter or digit first"

_AS_TEXT = PlainSerializer(str, return_type=str)
FormulaText = Annotated[Formula, _parsed(parse_formula, Formula), _AS_TEXT, WithJsonSchema({"type": "string"})]
ExprText = Annotated[Expr, _parsed(parse_expression, Expr), _AS_TEXT, WithJsonSchema({"type": "string"})]


_KERNELS = {"driscoll_kraay": "DK", "newey_west": "NW"}


class Vcov(Value):
    """A covariance: `"HC1"`, `{ cluster = ["firm"], type = "CR1" }`, `{ driscoll_kraay = 2 }`, `{ newey_west = 2 }`."""

    kind: Kind = "iid"
    cluster: tuple[str, ...] = ()
    lags: int | None = Field(
        default=None, strict=True, ge=0, description="lags of the Bartlett kernel; weights 1 - l/(lags+1)"
    )

    @model_validator(mode="before")
    @classmethod
    def _spellings(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"kind": value}
        if not isinstance(value, dict) or "kind" in value:
            return value
        chosen = [key for key in ("cluster", *_KERNELS) if key in value]
        if len(chosen) != 1:
            wrong = [key for key in value if key not in ("type", "cluster", *_KERNELS)]
            if wrong:
                return value  # an unknown key is said as such
            both = " and ".join(chosen) if chosen else "nothing"
            raise ValueError(f"give one of cluster, driscoll_kraay, newey_west, not {both}")
        given = dict(value)
        if "cluster" in given:
            cluster = given.pop("cluster")
            kind = given.pop("type", "CR1")
            if kind not in CLUSTERED:
                raise ValueError(f"type `{kind}` is none of {', '.join(CLUSTERED)}{suggest(str(kind), CLUSTERED)}")
            return {"kind": kind, "cluster": [cluster] if isinstance(cluster, str) else cluster, **given}
        return {"kind": _KERNELS[chosen[0]], "lags": given.pop(chosen[0]), **given}

    @model_validator(mode="after")
    def _complete(self) -> Vcov:
        if (self.kind in CLUSTERED) != bool(self.cluster):
            raise ValueError("cluster = [...] and a type CR0, CR1, CR2 or CR3 go together")
        if len(set(self.cluster)) != len(self.cluster):
            raise ValueError("a cluster variable is named twice")
        if self.kind in ("CR2", "CR3") and len(self.cluster) > 1:
            raise ValueError(f"{self.kind} is defined for one cluster variable")
        if (self.kind in ("DK", "NW")) != (self.lags is not None):
            raise ValueError("write { driscoll_kraay = LAGS } or { newey_west = LAGS }; other kinds have no lags")
        return self

    def __str__(self) -> str:
        if self.cluster:
            return f"{self.kind} by {' and '.join(self.cluster)}"
        return f"{self.kind}({self.lags})" if self.lags is not None else self.kind


class Weights(Value):
    """`{ analytic = "w" }` (precision, N stays the number of rows) or `{ frequency = "w" }` (N is their sum)."""

    analytic: str | None = None
    frequency: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Weights:
        if (self.analytic is None) == (self.frequency is None):
            raise ValueError('give one of analytic = "column", frequency = "column"')
        return self

    @property
    def column(self) -> str:
        return self.analytic or self.frequency  # type: ignore[return-value]


def _convention(value: Any) -> Any:
    if isinstance(value, Convention):
        return value
    given = {"profile": value} if isinstance(value, str) else value
    if not isinstance(given, dict):
        raise ValueError('a profile name, or { profile = "...", setting = ... }')
    name = given.get("profile")
    if name is None:
        raise ValueError(f'profile = "..." is missing; known: {", ".join(PROFILES)}')
    if not isinstance(name, str) or name not in PROFILES:
        raise ValueError(f"there is no profile `{name}`{suggest(str(name), PROFILES)}; known: {', '.join(PROFILES)}")
    unknown = [key for key in given if key not in Convention.model_fields]
    if unknown:
        raise ValueError(f"there is no setting `{unknown[0]}`{suggest(unknown[0], Convention.model_fields)}")
    for key in ("small", "iv_small"):
        if not isinstance(given.get(key, True), bool):
            raise ValueError(f"{key} is true or false, not `{given[key]}`")
    return PROFILES[name].model_dump() | given


class Spec(Value):
    """One specification: model, sample, covariance, convention. Its id is unique within its study."""

    id: str
    title: str = ""
    formula: FormulaText
    model: Literal["ols", "first_difference", "random_effects"] = "ols"
    where: ExprText | None = None
    weights: Weights | None = None
    vcov: Vcov = Vcov(kind="iid")
    convention: Annotated[Convention, BeforeValidator(_convention)] = PROFILES["fixest"]
    reference: str = "r-stata"

    @model_validator(mode="after")
    def _consistent(self) -> Spec:
        if self.model != "ols" and (self.formula.effects or self.formula.endog):
            raise ValueError(f'model = "{self.model}" takes neither fixed effects nor instruments in the formula')
        if self.model != "ols" and self.vcov.kind not in ("iid", "HC0", "HC1", "CR0", "CR1"):
            raise ValueError(f'model = "{self.model}" takes iid, HC0, HC1 or cluster covariances')
        if self.model == "random_effects" and self.weights:
            raise ValueError("random effects take no weights")
        if self.convention.profile == "xtreg" and self.vcov.kind in ("HC0", "HC1", "HC2", "HC3") and self.model == "ols":
            raise ValueError("xtreg's vce(robust) is a cluster covariance: write vcov = { cluster = [the unit column] }")
        if not self.formula.exog and not self.formula.endog and not self.formula.intercept:
            raise ValueError("the formula has no regressor")
        if not _ID.fullmatch(self.id):
            raise ValueError(_ID_RULE)
        return self

    @property
    def iv(self) -> bool:
        return bool(self.formula.endog)

    def panel_columns(self) -> tuple[str, ...]:
        """Which of the study's unit and time the model or the covariance can't do without."""
        if self.model != "ols":
            return ("unit", "time")
        return ("time",) if self.vcov.kind in ("DK", "NW") else ()

    def columns(self) -> tuple[str, ...]:
        """Every data column the spec reads, derived ones included."""
        names = [*columns_of(self.formula), *columns_of(self.where), *self.vcov.cluster]
        names += [self.weights.column] if self.weights else []
        return tuple(dict.fromkeys(names))


class Published(Value):
    """A printed or recorded number, kept as text: its precision is part of what it says.

    kind: what stands in parentheses, "se" or "t" ("p", "ci" are not read). `engine` is "published" for a printed
    table and "stata" for recorded Stata output.
    """

    spec: str
    term: str = ""
    estimate: str | None = None
    parentheses: str | None = None
    kind: Literal["se", "t"] = "se"
    variance: str | None = None
    statistic: dict[str, str] = Field(default={}, description='named statistics: { f = "51.59", nobs = "200" }')
    engine: Literal["published", "stata"] = "published"
    source: str

    @field_validator("estimate", "parentheses", "variance")
    @classmethod
    def _number(cls, text: str | None) -> str | None:
        if text is not None and not re.fullmatch(
            r"\s*[(\[]?\s*[-−+]?(\d+\.?\d*|\.\d+)([eE][-−+]?\d{1,2})?\s*[*†‡]*\s*[)\]]?\s*[*†‡]*\s*", text, re.ASCII
        ):
            raise ValueError(f'`{text[:40]}` is no printed number such as "0.352***" or "(0.048)"')
        return text

    @field_validator("statistic")
    @classmethod
    def _numbers(cls, values: dict[str, str]) -> dict[str, str]:
        for text in values.values():
            cls._number(text)
        return values

    @model_validator(mode="after")
    def _something(self) -> Published:
        if not (self.estimate or self.parentheses or self.variance or self.statistic):
            raise ValueError("nothing to compare: give estimate, parentheses, variance or statistic")
        if (self.estimate or self.parentheses or self.variance) and not self.term:
            raise ValueError('which term is it? give term = "..."')
        return self


class Header(Value):
    """`[study]`."""

    title: str
    data: str = "data.csv"
    unit: str | None = None
    time: str | None = None
    made: bool = Field(
        default=False, strict=True, description="the data are made, not observed; said wherever they are shown"
    )
    encoding: str = "utf-8"

    @field_validator("data")
    @classmethod
    def _format(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("a file name without control characters")
        if Path(value).suffix.lower() not in DATA_FORMATS:
            raise ValueError(f"`{value}` is none of {', '.join(DATA_FORMATS)}")
        if Path(value).is_absolute() or ".." in Path(value).parts:
            raise ValueError(f"`{value}` lies outside the study's folder; give a path inside it")
        return value

    @model_validator(mode="after")
    def _panel(self) -> Header:
        if self.unit is not None and self.unit == self.time:
            raise ValueError(f"unit and time are both `{self.unit}`")
        return self


class StudyFile(Value):
    """The whole of `study.toml`."""

    study: Header
    derive: dict[str, ExprText] = {}
    spec: dict[str, Spec]
    published: tuple[Published, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _ids(cls, value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("spec"), dict):
            return value
        specs = value["spec"]
        for name, given in specs.items():
            if isinstance(given, dict) and "id" in given:
                raise ValueError(f"spec.{name}.id: there is no key `id` here; the id is the name in [spec.{name}]")
        return {**value, "spec": {k: {**v, "id": k} if isinstance(v, dict) else v for k, v in specs.items()}}

    @model_validator(mode="after")
    def _references(self) -> StudyFile:
        for i, entry in enumerate(self.published):
            if entry.spec not in self.spec:
                raise ValueError(f"published.{i}.spec: there is no spec `{entry.spec}`{suggest(entry.spec, self.spec)}")
        if not self.spec:
            raise ValueError("no [spec.NAME] in the file")
        for spec in self.spec.values():
            for key in spec.panel_columns():
                if getattr(self.study, key) is None:
                    what = f'model = "{spec.model}"' if spec.model != "ols" else f"vcov = {spec.vcov}"
                    raise ValueError(f'spec.{spec.id}: {what} needs {key} = "column" under [study]')
        return self


class Study(Value):
    """A study as loaded: the file's content, and where it lies."""

    folder: Path
    header: Header
    derive: dict[str, ExprText]
    specs: tuple[Spec, ...]
    published: tuple[Published, ...]

    @property
    def id(self) -> str:
        """Name of the folder, also where it is given as `.`"""
        return Path(os.path.abspath(self.folder)).name

    @property
    def file(self) -> Path:
        return self.folder / "study.toml"

    @property
    def data_path(self) -> Path:
        return self.folder / self.header.data

    def spec(self, spec_id: str) -> Spec:
        for spec in self.specs:
            if spec.id == spec_id:
                return spec
        known = [s.id for s in self.specs]
        raise InputError.at(str(self.file), "spec", f"there is no spec `{spec_id}`{suggest(spec_id, known)}")

    def data_hash(self) -> str:
        """SHA-256 of the data file's bytes."""
        return hashlib.sha256(self.data_path.read_bytes()).hexdigest()

    def spec_hash(self, spec: Spec) -> str:
        """SHA-256 of all that the file says about one spec's numbers: title and choice of reference are left out."""
        used = {name: str(expr) for name, expr in self.derive.items()}
        header = self.header.model_dump(include={"unit", "time", "encoding"})
        body = spec.model_dump(mode="json", exclude={"title", "reference", "id"})
        text = json.dumps([header, used, body], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def load_study(path: str | Path) -> Study:
    """Read `study.toml` of a folder (or the file itself). Raises `InputError` with every problem found."""
    path = Path(path)
    file = path / "study.toml" if path.is_dir() else path
    if not file.is_file():
        what = "there is no study.toml in it" if path.is_dir() else "there is no such folder"
        raise InputError.at(str(path), "", what)
    if file.name != "study.toml":
        raise InputError.at(str(file), "", "a study is a folder with a study.toml; give the folder")
    try:
        raw = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError.at(str(file), "", f"not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError.at(str(file), "", f"not valid TOML: {error}") from None
    except RecursionError:
        raise InputError.at(str(file), "", "not valid TOML: too deeply nested") from None
    except ValueError as error:  # tomllib lets some of int() through
        raise InputError.at(str(file), "", f"not valid TOML: {error}") from None
    if not raw:
        raise InputError.at(str(file), "", "the file is empty")
    try:
        content = StudyFile.model_validate(raw)
    except ValidationError as error:
        raise InputError(_problems(str(file), error)) from None
    folder = file.parent
    study = Study(
        folder=folder,
        header=content.study,
        derive=content.derive,
        specs=tuple(content.spec.values()),
        published=content.published,
    )
    _check_data_path(study)
    return study


def _check_data_path(study: Study) -> None:
    where, given = str(study.file), study.header.data
    try:
        resolved = study.data_path.resolve()
        inside, exists, folder = resolved.is_relative_to(study.folder.resolve()), resolved.is_file(), resolved.is_dir()
    except (OSError, RuntimeError, ValueError) as error:  # a name too long, a loop of links
        raise InputError.at(
            where, "study.data", f"`{given[:80]}` can't be followed: {getattr(error, 'strerror', None) or error}"
        ) from None
    if not inside:
        raise InputError.at(where, "study.data", f"`{given}` lies outside the study's folder")
    if not exists:
        names = [p.name for p in study.folder.iterdir() if p.suffix.lower() in DATA_FORMATS and p.is_file()]
        what = f"`{given}` is a folder" if folder else f"there is no file `{given}`"
        raise InputError.at(where, "study.data", f"{what}{suggest(given, names)}")


# ---------------------------------------------------------------- pydantic's errors, as a person would say them

_MODELS_BY_KEY: dict[str, type[Value]] = {
    "study": Header,
    "spec": Spec,
    "published": Published,
    "vcov": Vcov,
    "weights": Weights,
}


_SHAPES = {
    "study": "a table, [study]",
    "spec": "a table, [spec.NAME]",
    "published": "a list of tables, [[published]]",
    "derive": 'a table, [derive], of lines column = "expression"',
    "statistic": 'a table of quoted numbers, { f = "51.59" }',
    "vcov": 'a name such as "HC1", or a table such as { cluster = ["firm"] }',
    "weights": 'a table, { analytic = "column" } or { frequency = "column" }',
    "cluster": 'a column in quotes, or a list of them, ["firm", "year"]',
}
_TYPES = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "float_type": "a number",
}


def _problems(where: str, error: ValidationError) -> list[Problem]:
    """One problem per place and message; the members of a union say theirs once."""
    found = [_problem(where, e) for e in error.errors(include_url=False)]
    return list(dict.fromkeys(found))


def _problem(where: str, e: Any) -> Problem:
    key, message = _key(e["loc"]), _message(e)
    if not key and re.match(r"(spec|published)\.[^:]*: ", message):  # said by the whole file about one of its parts
        key, message = message.split(": ", 1)
    return Problem(where, key, message)


def _key(loc: tuple) -> str:
    """Dotted path as in the file; names of the types that a value might have had are left out."""
    return ".".join(
        f"{part}" for part in loc if not (isinstance(part, str) and part.startswith(("function-", "is-instance")))
    )


def _message(e: Any) -> str:
    kind, loc = e["type"], e["loc"]
    last = next((str(part) for part in reversed(loc) if isinstance(part, str) and not part.startswith("is-instance")), "")
    if kind == "extra_forbidden":
        parent: type[Value] = StudyFile
        for part in loc[:-1]:
            parent = _MODELS_BY_KEY.get(str(part), parent)
        known = [name for name in parent.model_fields if name != "id"]
        if parent is Vcov:
            known = ["cluster", "type", *_KERNELS]
        return f"there is no key `{loc[-1]}` here{suggest(str(loc[-1]), known) or '; known: ' + ', '.join(known)}"
    if kind == "missing":
        return f"is missing: {_SHAPES[last]}" if last in _SHAPES else "is missing"
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", e["ctx"]["expected"])
        return f"{_shown(e['input'])} is none of {', '.join(choices)}{suggest(str(e['input']), choices)}"
    if kind == "value_error":
        return str(e["ctx"]["error"])
    if kind in _TYPES:
        return f"{_TYPES[kind]} is needed, not {_shown(e['input'])}"
    if len(loc) == 2 and loc[0] == "spec":
        return f"a table, [spec.{loc[1]}], is needed, not {_shown(e['input'])}"
    if last in _SHAPES and kind in _STRUCTURES:
        return f"{_SHAPES[last]} is needed, not {_shown(e['input'])}"
    return f"{e['msg'][0].lower()}{e['msg'][1:]}, not {_shown(e['input'])}"


_STRUCTURES = ("model_type", "dict_type", "tuple_type", "list_type", "model_attributes_type")


def _shown(value: Any) -> str:
    text = str(value)
    return f"`{text if len(text) <= 60 else text[:59] + '…'}`"
