"""JSON schemas of everything that is read or written, generated from the types: `python -m parity.new.schemas FOLDER`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from parity.conventions.kinds import CLUSTERED, CONLEY, KERNELS, KINDS
from parity.conventions.profiles import PROFILES, Convention
from parity.engines.frozen import FrozenReference
from parity.package.document import Package
from parity.results.audit import Audit
from parity.results.estimate import Answer
from parity.results.record import Report
from parity.study.derived import KEYS
from parity.study.header import DATA_FORMATS
from parity.study.shared import OF_ONE_COLUMN
from parity.study.study import StudyFile
from parity.study.vcov import STATA_WEIGHTS

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """Name -> schema of study.toml, an engine's answer, a frozen reference, a report, a package, an audit."""
    made = {
        "study": _study_schema(),
        "estimate": TypeAdapter(Answer).json_schema(),
        "reference": FrozenReference.model_json_schema(by_alias=True),
        "report": Report.model_json_schema(by_alias=True),
        "package": Package.model_json_schema(by_alias=True),
        "audit": Audit.model_json_schema(by_alias=True),
    }
    return {name: {"$schema": DRAFT, "title": f"parity {name}", **_drop(schema, "title")} for name, schema in made.items()}


def _drop(schema: dict, key: str) -> dict:
    return {k: v for k, v in schema.items() if k != key}


def _study_schema() -> dict[str, Any]:
    """What a user may write: the spellings that the validators accept, not only the parsed form."""
    schema = StudyFile.model_json_schema()
    settings = {k: v for k, v in Convention.model_json_schema()["properties"].items() if k != "profile"}
    profile = {"enum": list(PROFILES)}
    convention = {
        "description": "a convention profile, or a profile with single settings",
        "anyOf": [
            profile,
            {
                "type": "object", "required": ["profile"], "additionalProperties": False,
                "properties": {"profile": profile, **settings},
            },
        ],
    }  # fmt: skip
    lags = {"type": "integer", "minimum": 0}
    cutoff = {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string"}]}
    names = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
    vcov = {
        "description": "covariance of the coefficients",
        "anyOf": [
            {"enum": [kind.name for kind in KINDS if kind.errors in ("alike", "rows")]},
            {
                "type": "object", "required": ["cluster"], "additionalProperties": False,
                "properties": {"cluster": names, "type": {"enum": list(CLUSTERED)}},
            },
            *(
                {"type": "object", "required": [kind], "additionalProperties": False, "properties": {kind: lags}}
                for kind in KERNELS
            ),
            {
                "type": "object", "required": [CONLEY, "coordinates"], "additionalProperties": False,
                "properties": {CONLEY: {"anyOf": [cutoff, {"type": "array", "items": cutoff, "minItems": 1}]},
                               "coordinates": {"type": "array", "items": {"type": "string"}, "minItems": 1}, "lags": lags},
            },
        ],
    }  # fmt: skip
    spec = schema["$defs"]["Spec"]
    weights = {
        "description": "weights; pweight's errors must be robust or clustered",
        "anyOf": [
            {"type": "object", "required": [name], "additionalProperties": False, "properties": {name: {"type": "string"}}}
            for name in ("analytic", "frequency", *STATA_WEIGHTS)
        ],
    }
    spec["properties"] |= {"convention": convention, "vcov": vcov, "weights": weights}
    spec["properties"].pop("id")
    required = [k for k in spec["required"] if k not in ("id", "formula")]
    spec["required"] = required
    spec["properties"] |= {
        "stata": {
            "type": "string",
            "description": "a Stata command in place of formula, model, where, weights, vcov, convention",
        },
        "extends": {"type": "string", "description": "another spec, of which this one changes the keys that it has"},
        "split": _split(),
        "exposure": {
            "type": "string",
            "description": "an offset of its logarithm, as Stata has it",
        },
    }
    spec["anyOf"] = [{"required": [key]} for key in ("formula", "stata", "extends")]
    terms = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    schema["properties"]["controls"] = {
        "type": "object", "additionalProperties": terms,
        "description": "lists of terms by name; $NAME stands for one in formulas, and in the lists of tables and mediation",
    }  # fmt: skip
    schema["properties"]["derive"]["patternProperties"] = {r"\*": _of_several(schema["$defs"])}
    table = schema["$defs"]["TableSettings"]["properties"]
    table["index"] = names
    table["controls"] = {"anyOf": [terms, table["controls"]]}
    audit = schema["$defs"]["AuditSettings"]["properties"]  # its choices are written as a spec's own
    audit["weights"] |= {"items": {"anyOf": [{"enum": ["none"]}, *weights["anyOf"]]}}
    written = {"Convention": convention, "Vcov": vcov, "Weights": weights}
    schema["$defs"] = {k: _spelled(v, written) for k, v in schema["$defs"].items() if k not in written}
    schema["$defs"]["Header"]["properties"]["data"]["description"] = f"a file of the study: {', '.join(DATA_FORMATS)}"
    return schema


def _of_several(defs: Mapping[str, Any]) -> dict[str, Any]:
    """A step of one column, of each of a list: `"*_w" = { winsorise = ["a", "b"] }`."""
    steps = [(defs[step.__name__], key) for step, key in KEYS.items() if key in OF_ONE_COLUMN]
    columns = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    return {
        "description": "a step of several columns; their names stand in place of the *",
        "oneOf": [d | {"properties": d["properties"] | {key: columns}} for d, key in steps],
    }


def _split() -> dict[str, Any]:
    value = [{"type": "number"}, {"type": "string"}]
    group = {"type": "array", "items": {"anyOf": value}, "minItems": 1}
    return {
        "description": "a spec for each value of a column, or group of values; all: one of all rows too",
        "type": "object", "required": ["by", "values"], "additionalProperties": False,
        "properties": {
            "by": {"type": "string"}, "all": {"type": "boolean"},
            "values": {"type": "array", "minItems": 1, "items": {"anyOf": [*value, group]}},
        },
    }  # fmt: skip


def _spelled(part: Any, written: Mapping[str, Any]) -> Any:
    """A schema with these definitions as users write them, in place of the parsed form that it names."""
    if isinstance(part, dict):
        name = str(part.get("$ref", "")).rpartition("/")[2]
        return written[name] if name in written else {k: _spelled(v, written) for k, v in part.items()}
    return [_spelled(v, written) for v in part] if isinstance(part, list) else part


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        (folder / f"{name}.json").write_text(text(schema), encoding="utf-8")


def text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "schemas"))
