"""Engines with one planted defect each, and one without. The harness must catch every defect and pass the right one.

The right one is dense (dummies, QR, plain sandwich; likelihoods, k-class and GMM by `dense_models`, series by
`dense_series`, random effects and dynamic panels by `dense_panels`), so it also serves as an independent oracle.
A defect is a function of the right estimate (and the design), or a way to misbehave instead of answering.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dense_models import dense_model
from dense_panels import dynamic_panel, random_effects
from parity.conventions.facts import combine, subsets
from parity.engines.base import EngineInfo, declined_by_gaps
from parity.results.estimate import Declined, Estimate, Part, Printed, Reported
from parity.sample.design import INTERCEPT, Design
from parity.study.models import OF_DYNAMIC, OF_INSTRUMENTS, SERIES
from parity.study.spec import Spec

Solved = tuple[np.ndarray, dict[tuple[str, ...], np.ndarray]]
#: What was solved last, with its design: a hundred engines are asked of each, and all start from the same right answer.
_solved: list[tuple[Spec, Design, Solved]] = []


def dense(spec: Spec, design: Design) -> Solved:
    """`_dense`, once for all engines; a defect changes copies."""
    for of, held, answer in _solved:
        if held is design and of == spec:
            return answer
    answer = _dense(spec, design)
    _solved[:] = [(spec, design, answer), *_solved[:3]]
    return answer


def _dense(spec: Spec, design: Design) -> Solved:
    """Coefficients and uncorrected covariances by dense algebra: OLS, 2SLS and `dense_models`; iid, HC0/1 and CR0/1 only."""
    if spec.likelihood or spec.model in OF_INSTRUMENTS:
        return dense_model(spec, design)
    if spec.model in OF_DYNAMIC:
        return dynamic_panel(spec, design)
    if spec.model == "random_effects":
        return random_effects(spec, design)
    n = design.nobs
    root = np.ones(n) if design.weights is None else np.sqrt(design.weights)
    dummies = [np.eye(int(c.max()) + 1)[c] for c in design.effects.values()]
    constant = [np.ones((n, 1))] if design.intercept else []
    x = np.hstack([*constant, design.x, design.endog])
    z = np.hstack([*constant, design.x, design.z if design.endog.shape[1] else design.endog])
    q = np.linalg.svd(np.hstack(dummies) * root[:, None], full_matrices=False) if dummies else None

    def within(a: np.ndarray) -> np.ndarray:
        a = a * root[:, None]
        if q is None:
            return a
        u = q[0][:, q[1] > 1e-10 * q[1][0]]
        return a - u @ (u.T @ a)

    y, x, z = within(design.y[:, None])[:, 0], within(x), within(z)
    fitted = z @ np.linalg.lstsq(z, x, rcond=1e-14)[0] if design.endog.shape[1] else x
    scale = np.linalg.norm(fitted, axis=0)
    orthogonal, r = np.linalg.qr(fitted / scale)
    b = np.linalg.solve(r, orthogonal.T @ y) / scale
    bread = np.linalg.inv(r) / scale[:, None]
    residual = y - x @ b
    if spec.vcov.kind == "iid":
        return b, {(): bread @ bread.T * float(residual @ residual) / design.facts.nobs_weighted}
    frequency = root if design.weight_kind == "frequency" else np.ones(n)  # a row of weight w is w rows
    scores = fitted * residual[:, None]
    half = (bread @ bread.T) @ scores.T
    if not design.clusters:
        return b, {(): half / frequency**2 @ half.T}
    parts = {}
    for subset in subsets(tuple(design.clusters)):
        code = combine([design.clusters[c] for c in subset])
        sums = np.zeros((int(code.max()) + 1, half.shape[0]))
        np.add.at(sums, code, half.T)
        parts[subset] = sums.T @ sums
    return b, parts


def right(name: str, spec: Spec, design: Design) -> Estimate:
    """The estimate that every engine should give."""
    b, parts = dense(spec, design)
    return Estimate(
        engine=name,
        terms=design.terms,
        coef=tuple(map(float, b)),
        parts=tuple(Part(cluster=c, matrix=m.tolist()) for c, m in parts.items()),
        basis="uncorrected",
        reported=Reported(nobs=design.facts.nobs_weighted),
        versions={"miniature": "1"},
        command="dense algebra",
        accuracy="iterative" if spec.model in SERIES else "normal-equations" if spec.likelihood else "exact",
    )


@dataclass(frozen=True)
class Miniature:
    """An engine that answers rightly and then lets `defect` spoil the answer."""

    info: EngineInfo
    defect: Callable[[Estimate, Spec, Design], object] | None = None
    refuses: bool = False

    def declines(self, spec: Spec, unit: str | None, time: str | None) -> Declined | None:
        if self.refuses:
            return Declined(engine=self.info.id, gap="never", reason="it declines everything")
        return declined_by_gaps(self.info, spec, unit, time)

    def availability(self):
        return None

    def versions(self) -> dict[str, str]:
        return {"miniature": "1"}

    def estimate(self, spec: Spec, design: Design):
        answer = right(self.info.id, spec, design)
        return answer if self.defect is None else self.defect(answer, spec, design)


GAPS = {
    feature: ("never", "a miniature has only the plain kinds")
    for feature in ("HC2", "HC3", "CR2", "CR3", "DK", "NW")
}  # fmt: skip


def miniature(name: str, defect=None, **options) -> Miniature:
    return Miniature(EngineInfo(name, "python", (), f"a miniature: {name}", GAPS), defect, **options)


# ---------------------------------------------------------------- defects of the numbers


def _with_statistics(e, spec, d, **stats: float):
    return e.model_copy(update={"stats": e.stats | stats})


def says(**stats: float):
    """Reports more of the model than the other engines; no defect by itself."""
    return functools.partial(_with_statistics, **stats)


def matrices(e: Estimate) -> list[np.ndarray]:
    return [np.array(p.matrix) for p in e.parts]


def with_matrices(e: Estimate, changed: list[np.ndarray]) -> Estimate:
    parts = tuple(Part(cluster=p.cluster, matrix=m.tolist()) for p, m in zip(e.parts, changed, strict=True))
    return e.model_copy(update={"parts": parts})


def with_coef(e: Estimate, coef) -> Estimate:
    return e.model_copy(update={"coef": tuple(map(float, coef))})


def keep_terms(e: Estimate, index: list[int]) -> Estimate:
    parts = tuple(
        Part(cluster=p.cluster, matrix=m[np.ix_(index, index)].tolist()) for p, m in zip(e.parts, matrices(e), strict=True)
    )
    update = {"terms": tuple(e.terms[i] for i in index), "coef": tuple(e.coef[i] for i in index), "parts": parts}
    return e.model_copy(update=update)


def se_scaled(e, spec, d):
    return with_matrices(e, [m * 1.0001 for m in matrices(e)])


def se_scaled_in_the_tenth_digit(e, spec, d):
    return with_matrices(e, [m * (1 + 1e-8) for m in matrices(e)])


def term_dropped(e, spec, d):
    return keep_terms(e, list(range(len(e.terms) - 1)))


def term_added(e, spec, d):
    k = len(e.terms)
    grown = [np.pad(m, (0, 1)) + np.diag([0.0] * k + [1.0]) for m in matrices(e)]
    parts = tuple(Part(cluster=p.cluster, matrix=m.tolist()) for p, m in zip(e.parts, grown, strict=True))
    return e.model_copy(update={"terms": (*e.terms, "surprise"), "coef": (*e.coef, 1.0), "parts": parts})


def term_renamed(e, spec, d):
    return e.model_copy(update={"terms": (*e.terms[:-1], f"{e.terms[-1]}_")})


def all_terms_renamed(e, spec, d):
    return e.model_copy(update={"terms": tuple(f"b{i}" for i in range(len(e.terms)))})


def two_terms_swapped(e, spec, d):
    return e.model_copy(update={"terms": (*e.terms[:-2], e.terms[-1], e.terms[-2])})


def coefficients_swapped(e, spec, d):
    return with_coef(e, [*e.coef[:-2], e.coef[-1], e.coef[-2]])


def one_coefficient_nan(e, spec, d):
    return with_coef(e, [*e.coef[:-1], np.nan])


def everything_nan(e, spec, d):
    nan = [np.full_like(m, np.nan) for m in matrices(e)]
    return with_matrices(with_coef(e, [np.nan] * len(e.coef)), nan)


def infinite_se(e, spec, d):
    return with_matrices(e, [m * np.inf for m in matrices(e)])


def constant_zeros(e, spec, d):
    return with_matrices(with_coef(e, np.zeros(len(e.coef))), [m * 0 for m in matrices(e)])


def sign_flipped(e, spec, d):
    return with_coef(e, [*e.coef[:-1], -e.coef[-1]])


def single_precision(e, spec, d):
    return with_coef(e, np.float32(e.coef))


def rounded_to_four_digits(e, spec, d):
    return with_coef(e, [float(f"{b:.4g}") for b in e.coef])


def covariance_of_other_order(e, spec, d):
    return with_matrices(e, [m[::-1, ::-1] for m in matrices(e)])


def covariance_not_symmetric(e, spec, d):
    def spoilt(m):
        m = m.copy()
        m[0, -1] *= -1
        return m

    return with_matrices(e, [spoilt(m) for m in matrices(e)])


def off_diagonal_zero(e, spec, d):
    return with_matrices(e, [np.diag(np.diag(m)) for m in matrices(e)])


def standard_errors_for_variances(e, spec, d):
    return with_matrices(e, [np.sqrt(np.abs(m)) for m in matrices(e)])


def robust_for_cluster(e, spec, d):
    if spec.vcov.kind != "CR1":
        return se_scaled(e, spec, d)
    robust = right("x", spec.model_copy(update={"vcov": type(spec.vcov)(kind="HC1")}), _without_clusters(d))
    return with_matrices(e, [np.array(robust.parts[0].matrix)] * len(e.parts))


def _without_clusters(d: Design) -> Design:
    from dataclasses import replace

    return replace(d, clusters={})


def intercept_left_out(e, spec, d):
    return keep_terms(e, [i for i, t in enumerate(e.terms) if t != INTERCEPT]) if d.intercept else term_dropped(e, spec, d)


def one_row_lost(e, spec, d):
    answer = right(e.engine, spec, _recounted(d, slice(1, None)))
    return answer


def rows_duplicated(e, spec, d):
    return e.model_copy(update={"reported": Reported(nobs=2 * d.facts.nobs_weighted)})


def _recounted(d: Design, rows) -> Design:
    return d.take(np.arange(d.nobs)[rows])


def wrong_basis(e, spec, d):
    return e.model_copy(update={"basis": "xtreg" if spec.convention.profile != "xtreg" else "lm"})


def claims_the_declared_convention(e, spec, d):
    """Uncorrected numbers under the declared convention's name."""
    whole = right(e.engine, spec, d)
    return whole.model_copy(update={"basis": spec.convention.profile, "parts": (whole.parts[0],)})


def df_off_by_one(e, spec, d):
    native = _native(e, spec, d)
    return native.model_copy(update={"df_t": native.df_t - 1})


def printed_p_of_a_one_sided_test(e, spec, d):
    native = _native(e, spec, d)
    from parity.conventions.formulas import p_value

    se = np.sqrt(np.diag(np.array(native.parts[0].matrix)))
    printed = {t: Printed(p=p_value(b / s, native.df_t) / 2) for t, b, s in zip(native.terms, native.coef, se, strict=True)}
    return native.model_copy(update={"printed": printed})


def printed_interval_of_ninety_percent(e, spec, d):
    native = _native(e, spec, d)
    se = np.sqrt(np.diag(np.array(native.parts[0].matrix)))
    printed = {t: Printed(low=b - 1.645 * s) for t, b, s in zip(native.terms, native.coef, se, strict=True)}
    return native.model_copy(update={"printed": printed})


def _native(e: Estimate, spec: Spec, d: Design) -> Estimate:
    """The right answer as an engine that applies the declared convention itself would give it."""
    from parity.conventions.formulas import df_t, factor

    args = (d.facts, spec.convention, spec.vcov.kind, spec.vcov.cluster)
    total = sum(
        (1 if len(p.cluster) % 2 or not p.cluster else -1) * np.array(p.matrix) * factor(*args, p.cluster, spec.iv)
        for p in e.parts
    )
    part = Part(cluster=spec.vcov.cluster, matrix=total.tolist())
    df = df_t(*args, iv=spec.iv, random=False)
    return e.model_copy(update={"parts": (part,), "basis": spec.convention.profile, "df_t": df})


def clusters_miscounted(e, spec, d):
    if not spec.vcov.cluster:
        return rows_duplicated(e, spec, d)
    return e.model_copy(update={"reported": Reported(clusters={spec.vcov.cluster[0]: 3})})


def levels_miscounted(e, spec, d):
    if not d.effects:
        return rows_duplicated(e, spec, d)
    name = next(iter(d.effects))
    return e.model_copy(update={"reported": Reported(levels={name: d.facts.absorbed[0].levels + 1})})


def counts_under_another_name(e, spec, d):
    """A wrong count whose name no spec knows: compared by the names of the spec it would be compared with nothing."""
    return e.model_copy(update={"reported": Reported(levels={"Firm (factor)": 3})})


def df_resid_miscounted(e, spec, d):
    return e.model_copy(update={"reported": Reported(df_resid=d.facts.nobs_weighted - d.facts.rank - 1)})


def fixed_effects_left_out(e, spec, d):
    from dataclasses import replace

    if not d.effects:
        return intercept_left_out(e, spec, d)
    pooled = right(e.engine, spec, replace(d, effects={}, intercept=True))
    return keep_terms(pooled, [i for i, t in enumerate(pooled.terms) if t != INTERCEPT])


def weights_ignored(e, spec, d):
    from dataclasses import replace

    return right(e.engine, spec, replace(d, weights=None)) if d.weights is not None else single_precision(e, spec, d)


def answers_for_another_spec(e, spec, d):
    from dataclasses import replace

    return right(e.engine, spec, replace(d, y=d.y**2))


def remembers_its_first_answer(e, spec, d):
    """A stale answer: the coefficients of the spec it saw first."""
    if "first" not in _memory:
        _memory["first"] = with_coef(e, np.array(e.coef) * (1 + 1e-6))
    return _memory["first"].model_copy(update={"engine": e.engine})


_memory: dict = {}


# ---------------------------------------------------------------- ways to misbehave


def _once(spec: Spec) -> None:
    """Once is enough: every hang costs the time limit, every death a worker that imports the packages anew."""
    if spec.id != "two_way" or spec.likelihood:
        raise RuntimeError("would hang or die")


def hangs(e, spec, d):
    _once(spec)
    time.sleep(600)


def crashes(e, spec, d):
    _once(spec)
    os.kill(os.getpid(), 11)


def killed_as_if_out_of_memory(e, spec, d):
    _once(spec)
    os.kill(os.getpid(), 9)


def exits(e, spec, d):
    _once(spec)
    os._exit(0)


def raises(e, spec, d):
    raise ZeroDivisionError("deep inside the estimator")


def out_of_memory(e, spec, d):
    raise MemoryError


def prints_garbage(e, spec, d):
    print("\x00\xff{{{ not an answer")
    return "not an answer"


def answers_nothing(e, spec, d):
    return None


def answers_in_anothers_name(e, spec, d):
    return e.model_copy(update={"engine": "r-stata"})


def no_covariance(e, spec, d):
    return e.model_copy(update={"parts": ()})


def wrong_shape(e, spec, d):
    return e.model_copy(update={"coef": e.coef[:-1]})


def two_covariances_for_one(e, spec, d):
    return e.model_copy(update={"parts": e.parts * 2})


def declines_at_the_last_moment(e, spec, d):
    return Declined(engine=e.engine, gap="never", reason="not today")


#: Defect -> the verdict that must come of it for at least one spec; none may ever come out as agreement.
DEFECTS: dict[Callable, str] = {
    **dict.fromkeys(
        [
            se_scaled, se_scaled_in_the_tenth_digit, term_dropped, term_added, term_renamed, two_terms_swapped,
            coefficients_swapped, one_coefficient_nan, everything_nan, infinite_se, constant_zeros, sign_flipped,
            single_precision, rounded_to_four_digits, covariance_of_other_order, covariance_not_symmetric, off_diagonal_zero,
            standard_errors_for_variances, robust_for_cluster, intercept_left_out, one_row_lost, rows_duplicated,
            claims_the_declared_convention, df_off_by_one, printed_p_of_a_one_sided_test, printed_interval_of_ninety_percent,
            clusters_miscounted, levels_miscounted, df_resid_miscounted, fixed_effects_left_out, weights_ignored,
            answers_for_another_spec, remembers_its_first_answer,
        ],
        "disagree",
    ),
    all_terms_renamed: "vacuous",
    **dict.fromkeys(
        [
            wrong_basis, hangs, crashes, killed_as_if_out_of_memory, exits, raises, out_of_memory, prints_garbage,
            answers_nothing, answers_in_anothers_name, no_covariance, wrong_shape, two_covariances_for_one,
            counts_under_another_name,
        ],
        "failed",
    ),
    declines_at_the_last_moment: "declined",
}  # fmt: skip
