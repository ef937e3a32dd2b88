"""Specifications of an audit as a study of their own, in the words that a person would have written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from parity.audit.space import Space
from parity.conventions.kinds import CONLEY, KERNELS
from parity.conventions.profiles import PROFILES
from parity.conventions.settings import Convention
from parity.runs.second_reading.words import given_of
from parity.study.derived import Step
from parity.study.load import parse_study
from parity.study.spec import Spec, Vcov, Weights
from parity.study.study import Study
from parity.translate.page import key, toml, toml_lines


def as_study(space: Space, picked: Mapping[str, Sequence[int]]) -> Study:
    """A study of specifications by name, beside the data of the audited one; its `text` is its study.toml.

    Raises `Unestimable` where choices don't go together.
    """
    specs = {name: space.specification(at, name) for name, at in picked.items()}
    given = given_of(space.study)
    study = {k: v for k, v in given["study"].items() if k != "title"}
    title = f"{space.study.header.title}: audit {space.name}"
    derive = {name: _line(line) for name, line in space.study.derive.items()}
    lines = ["[study]", *_lines({"title": title, **study}), "", "[derive]", *_lines(derive)]
    for name in space.study.index:
        written = given["index"][name]
        body = written | {"variants": _variants(space, name, written.get("variants", {}))}
        lines += ["", f"[index.{key(name)}]", *_lines(body)]
    for name, spec in specs.items():
        lines += ["", *toml_lines(name, _spec(spec))]
    return parse_study("\n".join([*lines, ""]), space.study.file)


def _lines(table: Mapping[str, Any]) -> list[str]:
    return [f"{key(name)} = {toml(value)}" for name, value in table.items()]


def _line(line: Any) -> Any:
    return line.model_dump(mode="json", exclude_defaults=True) if isinstance(line, Step) else str(line)


def _variants(space: Space, name: str, own: dict[str, Any]) -> dict[str, Any]:
    """Those of the file, and those that the audit adds."""
    added = {k: v for k, v in space.study.index[name].variants.items() if k not in own}
    return own | {k: {"indicators": v.model_dump(mode="json")["indicators"]} for k, v in added.items()}


def _spec(spec: Spec) -> dict[str, Any]:
    given = {
        "formula": str(spec.formula),
        "model": spec.model if spec.model != "ols" else None,
        "where": None if spec.where is None else str(spec.where),
        "weights": None if spec.weights is None else _weights(spec.weights),
        "vcov": _vcov(spec.vcov),
        "convention": _convention(spec.convention),
        "reference": spec.reference,
    }
    return {key: value for key, value in given.items() if value is not None}


def _weights(weights: Weights) -> dict[str, str]:
    return {"analytic": weights.analytic} if weights.analytic else {"frequency": str(weights.frequency)}


def _vcov(vcov: Vcov) -> Any:
    if vcov.cluster:
        return {"cluster": list(vcov.cluster), "type": vcov.kind}
    if vcov.kind == CONLEY:
        lags = {} if vcov.lags is None else {"lags": vcov.lags}
        return {CONLEY: list(vcov.cutoff), "coordinates": list(vcov.coordinates), **lags}
    return vcov.kind if vcov.lags is None else {key: vcov.lags for key, kind in KERNELS.items() if kind == vcov.kind}


def _convention(convention: Convention) -> Any:
    own = PROFILES[convention.profile]
    changed = {k: v for k, v in convention.model_dump().items() if v != getattr(own, k)}
    return {"profile": convention.profile, **changed} if changed else convention.profile
