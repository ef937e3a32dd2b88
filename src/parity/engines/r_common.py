"""What all R engines share: spec + design -> request, and the answer of `estimate_<engine>` -> Estimate or Declined.

The R side sees safe names and integer codes only; no name that a user wrote travels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from parity.conventions.settings import unknown_outside
from parity.engines.base import EngineInfo, declined_by_gaps
from parity.engines.safe import canonical_names, cluster_names, columns, effect_names, instrument_names, role
from parity.r.frame import Column, Frame, RequestValue
from parity.r.probe import probe, remedy
from parity.r.session import get_session, missing_r
from parity.results.estimate import Declined, Estimate, Part, Printed, Reported, Unavailable
from parity.sample.design import Design
from parity.study.dynamic import Dynamic
from parity.study.models import OF_MOMENTS
from parity.study.spec import Spec

Rule = Callable[[Spec, str | None, str | None], Declined | None]


@dataclass(frozen=True)
class REngine:
    """An engine whose work is done by one R function of r_scripts/engines.

    function   its name, `estimate_r_plm`
    rule       further refusals, beyond the table of gaps: (spec, unit, time) -> Declined or None
    """

    info: EngineInfo
    function: str
    rule: Rule | None = None

    def availability(self) -> Unavailable | None:
        """Why this engine can't run here, and what would change that; None if it can. Doesn't start R."""
        missing = missing_r()
        if missing:
            return Unavailable(engine=self.info.id, reason=missing[0], remedy=missing[1])
        r = probe()
        lacking = [p for p in self.info.packages if r is None or r.package(p) is None]
        if lacking:
            reason = f"R package{'s' if len(lacking) > 1 else ''} {', '.join(lacking)} not installed"
            return Unavailable(engine=self.info.id, reason=reason, remedy=remedy(lacking))
        return None

    def versions(self) -> dict[str, str]:
        """Installed versions of R and the engine's packages, without starting R; empty if R isn't here."""
        r = probe()
        if r is None:
            return {}
        return {name: version for name in ("R", *self.info.packages) if (version := r.package(name))}

    def declines(self, spec: Spec, unit: str | None, time: str | None) -> Declined | None:
        """See `Engine.declines`."""
        declined = declined_by_gaps(self.info, spec, unit, time)
        if declined is None and self.rule is not None:
            declined = self.rule(spec, unit, time)
        return declined

    def estimate(self, spec: Spec, design: Design) -> Estimate | Declined:
        """Ask R. Raises `RuntimeError` with R's message on an R error, `NoR` where R isn't there."""
        answer, beyond = self._asked(self.function, spec, design), unknown_outside(spec.convention)
        if beyond and isinstance(answer, Estimate) and answer.basis != "uncorrected":
            said = f"{self.function} took its own covariance for the declared one, and R has no {', '.join(beyond)}"
            raise RuntimeError(f"{said}; `covariance_of` in r_scripts/lib/sandwich_parts.R leaves such a factor to parity")
        return answer

    def shipped(self, spec: Spec, design: Design, tight: bool = False) -> Estimate | Declined:
        """Its defaults; see `parity.engines.shipped`. The R function is named `shipped_...` for `estimate_...`."""
        return self._asked(self.function.replace("estimate_", "shipped_", 1), spec, design, tight=tight)

    def _asked(self, function: str, spec: Spec, design: Design, **more: bool) -> Estimate | Declined:
        answer = get_session().call(function, request(spec, design) | more)
        try:
            return read_answer(self.info, design, answer, self.versions())
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RuntimeError(f"{function} sent an answer of the wrong shape: {error!r}") from error


# ---------------------------------------------------------------- request


def request(spec: Spec, design: Design) -> dict[str, RequestValue]:
    """What `estimate_<engine>(request)` gets as an R list.

    base                                 of a multinomial logit, where it is named: the outcome that others are held against
    limits                               of a censored outcome c(lower, upper), -Inf, Inf where there is none; NULL
    arma                                 of a series c(terms of its past, terms of past innovations); NULL
    kappa, fuller, moments               of models beyond 2SLS: NULL, a number; list(weight, steps, efficient) or NULL
    dynamic                              of a dynamic panel list(steps, weight, levels, variance, transform, standard, first,
                                         last, collapse, equations, placed, sources): which of x are their own instruments,
                                         lags of s1.. (NA: all), where s1.. and v1.., the standard instruments, are one
    model, intercept, n_x, n_d, n_z      as in spec and design; counts of regressors, endogenous, instruments
    effects, clusters                    safe names "f1".., "g1"..; *_roles: "unit", "time" or "other" for each
    vcov, weight_kind, convention        list(kind, lags, cutoff); NULL, "analytic" or "frequency"; all settings by name
    by_factor                            whether a setting is beyond R, so that the factor is left to parity
    facts                                counts, by safe names ("f1", "g1^g2")
    data                                 y, x1.., d1.., z1.., f1.., g1.., unit, time, w, at1..; fixed effects, clusters and
                                         unit are integer codes from 1, time a whole number
    levels                               for first differences, the same columns before differencing; else NULL
    """
    clusters = cluster_names(design)
    return {
        "model": spec.model,
        "base": spec.base,
        "limits": None if design.limits is None else Column.double(np.array(design.limits)),
        "arma": None if spec.arma is None else Column.integer(spec.arma),
        "kappa": spec.kappa,
        "fuller": spec.fuller_alpha,
        "moments": _moments(spec),
        "dynamic": _dynamic(spec, design),
        "intercept": design.intercept,
        "n_x": design.x.shape[1],
        "n_d": design.endog.shape[1],
        "n_z": design.z.shape[1],
        "effects": Column.text(effect_names(design)),
        "effect_roles": Column.text(role(name, design.unit_name, design.time_name) for name in design.effects),
        "clusters": Column.text(clusters),
        "cluster_roles": Column.text(role(name, design.unit_name, design.time_name) for name in design.clusters),
        "vcov": {"kind": spec.vcov.kind, "lags": spec.vcov.lags, "cutoff": _cutoff(spec, design)},
        "weight_kind": design.weight_kind,
        "convention": spec.convention.model_dump(),
        "by_factor": bool(unknown_outside(spec.convention)),
        "facts": _facts(design),
        "data": data_frame(design),
        "levels": None if design.levels is None else data_frame(_same_regressors(design.levels, design)),
    }


def _cutoff(spec: Spec, design: Design) -> Column | None:
    return None if design.located is None else Column.double(design.located.reach(spec.vcov.cutoff))


def _moments(spec: Spec) -> dict[str, RequestValue] | None:
    """list(weight, steps, efficient) of a GMM; NULL for any other model."""
    if spec.model not in OF_MOMENTS:
        return None
    return {"weight": spec.moment_weight, "steps": str(spec.moment_steps), "efficient": spec.efficient}


def _dynamic(spec: Spec, design: Design) -> dict[str, RequestValue] | None:
    of = design.sources
    if of is None:
        return None
    columns = {"unit": Column.whole(of.unit + 1), "time": Column.whole(of.time)}
    columns |= {f"s{i + 1}": Column.double(column) for i, column in enumerate(of.columns.T)}
    columns |= {f"v{i + 1}": Column.double(column) for i, column in enumerate(of.own.T)}
    said = spec.dynamic or Dynamic()
    return {
        **{key: getattr(said, key) for key in ("steps", "weight", "levels", "variance", "transform")},
        "collapse": Column.logical(of.collapsed),
        "equations": Column.text(of.equations),
        "placed": Column.text(of.placed),
        "standard": Column.logical(name in of.standard for name in design.x_names),
        "first": Column.integer(first for first, _ in of.lags),
        "last": Column.integer(last for _, last in of.lags),
        "sources": Frame(columns),
    }


def data_frame(design: Design) -> Frame:
    """The design's columns under safe names; codes from 1."""
    out: dict[str, Column] = {}
    for name, values in columns(design).items():
        if name == "time":
            out[name] = _or_na(values)
        elif name == "unit" or name[0] in "fg":
            out[name] = _or_na(np.where(values < 0, -1, values + 1))
        else:
            out[name] = Column.double(values)
    return Frame(out)


def _or_na(values: np.ndarray) -> Column:
    """Whole numbers; the -1 of a missing unit or time becomes NA."""
    if np.any(values < 0):
        return Column.integer(None if v < 0 else int(v) for v in values)
    return Column.whole(values)


def _same_regressors(levels: Design, design: Design) -> Design:
    """The level data with the regressors that were kept after differencing."""
    keep = [levels.x_names.index(name) for name in design.x_names]
    return replace(levels, x=levels.x[:, keep], x_names=design.x_names)


def _facts(design: Design) -> dict[str, RequestValue]:
    facts = design.facts
    effects = {name: safe for safe, name in effect_names(design).items()}
    clusters = {name: safe for safe, name in cluster_names(design).items()}
    return {
        "nobs": facts.nobs,
        "absorbed_rank": facts.absorbed_rank,
        "rank": facts.rank,
        "periods": facts.periods,
        "levels": {effects[a.name]: a.levels for a in facts.absorbed},
        "nested_in": {effects[a.name]: Column.text(clusters[c] for c in a.nested_in) for a in facts.absorbed},
        "clusters": {"^".join(clusters[c] for c in subset): n for subset, n in dict(facts.clusters).items()},
    }


# ---------------------------------------------------------------- answer


def read_answer(
    info: EngineInfo, design: Design, answer: Mapping[str, Any], installed: Mapping[str, str]
) -> Estimate | Declined:
    """The named list of an R engine in canonical names, coefficients in the design's order.

    The list: terms, coef, parts = list(list(cluster, matrix), ..), basis, and where the engine has them printed =
    list(term = list(se, t, p, low, high)), df_t, stats, reported = list(nobs, df_resid, levels, clusters, dropped),
    accuracy, avoids, versions, command; or declined = list(gap, reason).

    installed: versions as found on disk; what the answer itself says goes before them.

    Raises `KeyError`, `TypeError` or `ValueError` where the list isn't of the agreed shape.
    """
    if answer.get("declined") is not None:
        declined = answer["declined"]
        return Declined(engine=info.id, gap=declined["gap"].one(), reason=declined["reason"].one())
    terms, clusters = canonical_names(design), cluster_names(design)
    safe = answer["terms"].to_list()
    order = sorted(range(len(safe)), key=lambda i: design.terms.index(terms[safe[i]]))
    coef = _floats(answer["coef"])
    if len(coef) != len(safe):
        raise ValueError(f"{len(safe)} terms but {len(coef)} coefficients")
    return Estimate(
        engine=info.id,
        terms=tuple(terms[safe[i]] for i in order),
        coef=tuple(coef[i] for i in order),
        parts=tuple(_part(part, order, clusters) for part in answer["parts"]),
        basis=answer["basis"].one(),
        printed={terms[name]: _printed(row) for name, row in _mapping(answer.get("printed")).items()},
        df_t=_number(answer.get("df_t")),
        stats={k: n for k, v in _mapping(answer.get("stats")).items() if (n := _number(v)) is not None},
        reported=_reported(answer.get("reported"), design),
        accuracy=_text(answer.get("accuracy")) or "exact",
        avoids=_text(answer.get("avoids")) or "",
        versions={"R": answer["r_version"], **installed, **_versions(answer.get("versions"))},
        command=_text(answer.get("command")) or "",
        warnings=answer["warnings"],
    )


def _part(part: Mapping[str, Any], order: list[int], clusters: Mapping[str, str]) -> Part:
    matrix = part["matrix"].values.astype(float)
    if matrix.shape != (len(order), len(order)):
        raise ValueError(f"a covariance of shape {matrix.shape} for {len(order)} terms")
    names = part["cluster"].to_list() if part.get("cluster") else []
    ordered = matrix[np.ix_(order, order)]
    return Part(cluster=tuple(clusters[c] for c in names), matrix=tuple(map(tuple, ordered.tolist())))


def _printed(row: Mapping[str, Any]) -> Printed:
    return Printed(**{name: _number(value) for name, value in row.items()})


def _reported(given: Any, design: Design) -> Reported:
    given, clusters, effects = _mapping(given), cluster_names(design), effect_names(design)
    every = canonical_names(design) | instrument_names(design)
    counted = {"^".join(clusters[c] for c in k.split("^")): v for k, v in _counts(given.get("clusters")).items()}
    dropped = given["dropped"].to_list() if isinstance(given.get("dropped"), Column) else []
    return Reported(
        nobs=_number(given.get("nobs")),
        df_resid=_number(given.get("df_resid")),
        levels={effects[name]: n for name, n in _counts(given.get("levels")).items()},
        clusters=counted,
        dropped=tuple(every.get(name, name) for name in dropped),
    )


def _counts(given: Any) -> dict[str, int]:
    return {name: int(n) for name, value in _mapping(given).items() if (n := _number(value)) is not None}


def _versions(given: Any) -> dict[str, str]:
    return {name: text for name, value in _mapping(given).items() if (text := _text(value))}


def _mapping(value: Any) -> dict[str, Any]:
    """A named list, or a named vector, as a dict; NULL and an empty list as an empty one."""
    if isinstance(value, Column) and value.names is not None:
        names = value.names
        return {n: _one_of(value, i) for i, n in enumerate(names)}
    if value is None or (isinstance(value, list | Column) and len(value) == 0):
        return {}
    if not isinstance(value, dict):
        raise TypeError(f"a named list expected, not {value!r}")
    return value


def _one_of(column: Column, i: int) -> Column:
    return Column(column.kind, column.values[i : i + 1], column.levels)


def _floats(column: Column) -> list[float]:
    return [float("nan") if v is None else float(v) for v in column.to_list()]


def _number(value: Any) -> float | None:
    """One number; None for NULL, NA and empty vectors."""
    if value is None or len(value) == 0:
        return None
    found = value.one()
    return None if found is None else float(found)


def _text(value: Any) -> str | None:
    """One text, longer vectors line by line; None for NULL and NA."""
    if value is None or len(value) == 0:
        return None
    lines = [str(line) for line in value.to_list() if line is not None]
    return "\n".join(lines) or None
