"""Study and Spec: what a user writes in `study.toml`, as frozen values, validated in one go.

`load_study` reads the file and reports *every* problem with file, key and what was expected. Columns are checked
against the data by `parity.data.check_columns`, because that needs the data.
"""

from __future__ import annotations

import hashlib
import json
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


def _parsed(parse):
    def validate(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return parse(value)
        except FormulaError as error:
            raise ValueError(str(error)) from None

    return BeforeValidator(validate)


_AS_TEXT = PlainSerializer(str, return_type=str)
FormulaText = Annotated[Formula, _parsed(parse_formula), _AS_TEXT, WithJsonSchema({"type": "string"})]
ExprText = Annotated[Expr, _parsed(parse_expression), _AS_TEXT, WithJsonSchema({"type": "string"})]


class Vcov(Value):
    """A covariance: `"HC1"`, `{ cluster = ["firm"], type = "CR1" }`, `{ driscoll_kraay = 2 }`, `{ newey_west = 2 }`."""

    kind: Kind = "iid"
    cluster: tuple[str, ...] = ()
    lags: int | None = Field(default=None, ge=0, description="lags of the Bartlett kernel; weights 1 - l/(lags+1)")

    @model_validator(mode="before")
    @classmethod
    def _spellings(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"kind": value}
        if not isinstance(value, dict) or "kind" in value:
            return value
        given = dict(value)
        if "cluster" in given:
            cluster = given.pop("cluster")
            given = {
                "kind": given.pop("type", "CR1"),
                "cluster": [cluster] if isinstance(cluster, str) else cluster,
                **given,
            }
        for key, kind in (("driscoll_kraay", "DK"), ("newey_west", "NW")):
            if key in given:
                given = {"kind": kind, "lags": given.pop(key), **given}
        return given

    @model_validator(mode="after")
    def _complete(self) -> Vcov:
        if (self.kind in CLUSTERED) != bool(self.cluster):
            raise ValueError("cluster = [...] and a type CR0, CR1, CR2 or CR3 go together")
        if len(set(self.cluster)) != len(self.cluster):
            raise ValueError("a cluster variable is named twice")
        if self.kind in ("CR2", "CR3") and len(self.cluster) > 1:
            raise ValueError(f"{self.kind} is defined for one cluster variable")
        if (self.kind in ("DK", "NW")) != (self.lags is not None):
            raise ValueError("driscoll_kraay and newey_west need their number of lags, and only they")
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
    if name not in PROFILES:
        raise ValueError(f"there is no profile `{name}`{suggest(str(name), PROFILES)}; known: {', '.join(PROFILES)}")
    unknown = [key for key in given if key not in Convention.model_fields]
    if unknown:
        raise ValueError(f"there is no setting `{unknown[0]}`{suggest(unknown[0], Convention.model_fields)}")
    return PROFILES[name].model_dump() | given


class Spec(Value):
    """One specification: model, sample, covariance, convention. Its id is unique within its study."""

    id: str
    title: str = ""
    formula: FormulaText
    model: Literal["ols", "first_difference", "random_effects"] = "ols"
    where: ExprText | None = None
    weights: Weights | None = None
    vcov: Vcov = Vcov()
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
        return self

    @property
    def iv(self) -> bool:
        return bool(self.formula.endog)

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
            r"\s*[(\[]?\s*[-−+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*[*†‡]*\s*[)\]]?\s*[*†‡]*\s*", text
        ):
            raise ValueError(f'`{text}` is no printed number such as "0.352***" or "(0.048)"')
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
    made: bool = Field(default=False, description="the data are made, not observed; said wherever they are shown")
    encoding: str = "utf-8"

    @field_validator("data")
    @classmethod
    def _format(cls, value: str) -> str:
        if Path(value).suffix.lower() not in DATA_FORMATS:
            raise ValueError(f"`{value}` is none of {', '.join(DATA_FORMATS)}")
        return value


class StudyFile(Value):
    """The whole of `study.toml`."""

    study: Header
    derive: dict[str, ExprText] = {}
    spec: dict[str, Spec]
    published: tuple[Published, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _ids(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("spec"), dict):
            specs = {k: {**v, "id": k} if isinstance(v, dict) else v for k, v in value["spec"].items()}
            return {**value, "spec": specs}
        return value

    @model_validator(mode="after")
    def _references(self) -> StudyFile:
        for entry in self.published:
            if entry.spec not in self.spec:
                raise ValueError(f"published: there is no spec `{entry.spec}`{suggest(entry.spec, self.spec)}")
        if not self.spec:
            raise ValueError("no [spec.NAME] in the file")
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
        return self.folder.name

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
    file = path if path.suffix == ".toml" else path / "study.toml"
    if not file.is_file():
        what = "there is no such folder" if not path.exists() else "there is no study.toml in it"
        raise InputError.at(str(path), "", what)
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise InputError.at(str(file), "", f"not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError.at(str(file), "", f"not valid TOML: {error}") from None
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
    where = str(study.file)
    resolved = study.data_path.resolve()
    if not resolved.is_relative_to(study.folder.resolve()):
        raise InputError.at(where, "study.data", f"`{study.header.data}` lies outside the study's folder")
    if not resolved.is_file():
        names = [p.name for p in study.folder.iterdir() if p.suffix in DATA_FORMATS]
        raise InputError.at(
            where, "study.data", f"there is no file `{study.header.data}`{suggest(study.header.data, names)}"
        )


# ---------------------------------------------------------------- pydantic's errors, as a person would say them

_MODELS_BY_KEY: dict[str, type[Value]] = {
    "study": Header,
    "spec": Spec,
    "published": Published,
    "vcov": Vcov,
    "weights": Weights,
}


def _problems(where: str, error: ValidationError) -> list[Problem]:
    return [Problem(where, _key(e["loc"]), _message(e)) for e in error.errors(include_url=False)]


def _key(loc: tuple) -> str:
    return ".".join(f"{part}" for part in loc)


def _message(e: Any) -> str:
    kind, loc = e["type"], e["loc"]
    if kind == "extra_forbidden":
        parent: type[Value] = StudyFile
        for part in loc[:-1]:
            parent = _MODELS_BY_KEY.get(str(part), parent)
        known = [name for name in parent.model_fields if name != "id"]
        if parent is Vcov:
            known = ["cluster", "type", "driscoll_kraay", "newey_west"]
        return f"there is no key `{loc[-1]}` here{suggest(str(loc[-1]), known) or '; known: ' + ', '.join(known)}"
    if kind == "missing":
        return "is missing"
    if kind == "literal_error":
        expected = e["ctx"]["expected"]
        choices = re.findall(r"'([^']*)'", expected)
        return f"`{e['input']}` is none of {', '.join(choices)}{suggest(str(e['input']), choices)}"
    if kind == "value_error":
        return str(e["ctx"]["error"])
    got = e["input"]
    return f"{e['msg'][0].lower()}{e['msg'][1:]}, not `{got}`" if isinstance(got, str | int | float) else e["msg"].lower()
