"""Spec -> the Stata command that its convention means, and what Stata cannot say of it, in words."""

from __future__ import annotations

from dataclasses import dataclass

from parity.conventions.kinds import BY_NAME as KINDS
from parity.conventions.kinds import LEVERAGE, ROW_LEVERAGE
from parity.conventions.profiles import PROFILES
from parity.conventions.settings import SETTINGS
from parity.study.models import OF_MOMENTS, OF_TWO_INFORMATIONS, SERIES
from parity.study.spec import Spec

#: Profiles that are Stata's own commands.
OWN = ("reghdfe", "ivreghdfe", "xtreg", "areg", "regress", "ivregress", "ivreg2")


@dataclass(frozen=True)
class Terms:
    """Variable lists as Stata writes them; effects and clusters by name."""

    outcome: str
    x: str
    endog: str
    z: str
    effects: tuple[str, ...]
    clusters: tuple[str, ...]
    weight: str
    unit: str
    time: str
    offset: str = ""


@dataclass(frozen=True)
class Command:
    """parts: the command in pieces between which a line may break; notes: what differs from the declared convention."""

    profile: str
    parts: tuple[str, ...]
    notes: tuple[str, ...] = ()
    needs_panel: bool = False


def command(spec: Spec, terms: Terms) -> Command:
    """The command of the declared convention, or of the nearest that Stata has."""
    if spec.likelihood:
        return _maximum(spec, terms)
    profile = _profile(spec)
    body = {
        "regress": _regress, "areg": _areg, "xtreg": _xtreg, "reghdfe": _reghdfe, "ivreghdfe": _reghdfe,
        "ivregress": _instruments, "ivreg2": _instruments,
    }[profile](spec, terms, profile)  # fmt: skip
    notes = [*body.notes, *_differs(spec, profile)]
    return Command(profile, body.parts, tuple(notes), body.needs_panel or spec.needs_order)


def _profile(spec: Spec) -> str:
    """The command that estimates the spec: the declared one, where it can."""
    declared, effects, kind = spec.convention.profile, len(spec.formula.effects), spec.vcov.kind
    if spec.model in ("random_effects", "between"):
        return "xtreg"
    if spec.model in ("fuller", "kclass", "cue"):
        return "ivreghdfe" if declared == "ivreghdfe" and effects else "ivreg2"
    if declared == "ivreghdfe" and effects and kind not in LEVERAGE:
        return declared
    if spec.iv:
        if spec.model == "gmm" and spec.moment_steps != 1 and kind == "NW":
            return "ivreg2" if declared == "ivreg2" else "ivregress"
        if declared == "ivreg2" or kind in ("DK", "NW") or len(spec.vcov.cluster) > 1:
            return "ivreg2"
        if effects and declared in ("reghdfe", "fixest", "lfe", "linearmodels"):
            return "reghdfe"
        return "ivregress"
    if declared in ("xtreg", "areg") and effects:
        return declared
    if declared == "ivreg2" or (kind == "DK" and not effects):
        return "ivreg2"
    if kind in (*ROW_LEVERAGE, "CR2", "CR3", "NW"):
        return "regress"
    if len(spec.vcov.cluster) > 1 or effects > 1 or (effects and declared != "regress") or declared == "reghdfe":
        return "reghdfe"
    return "regress"


def _weights(spec: Spec, terms: Terms) -> str:
    if not spec.weights:
        return ""
    sampling = spec.weights.sampling or (spec.likelihood and spec.weights.analytic)
    kind = "pweight" if sampling else "aweight" if spec.weights.analytic else "fweight"
    return f"[{kind} = {terms.weight}]"


def _left(verb: str, spec: Spec, terms: Terms, extra: str = "") -> list[str]:
    constant = spec.formula.intercept or spec.formula.effects
    x = " ".join(filter(None, (terms.x, extra)))
    iv = f"({terms.endog} = {terms.z})" if spec.formula.endog else ""
    return [*filter(None, (f"{verb} {terms.outcome}", x, iv, _weights(spec, terms))), "" if constant else ", noconstant"]


def _joined(left: list[str], options: list[str]) -> tuple[str, ...]:
    *parts, tail = left
    given = [*([tail.removeprefix(", ")] if tail else []), *filter(None, options)]
    if not given:
        return tuple(parts)
    return (*parts[:-1], f"{parts[-1]},", " ".join(given))


def _dummies(effects: tuple[str, ...]) -> str:
    return " ".join(f"i.{effect}" for effect in effects)


def _vce(spec: Spec, terms: Terms) -> tuple[str, list[str]]:
    """`vce(...)` of regress, areg and xtreg, and what it isn't."""
    kind, clusters = spec.vcov.kind, " ".join(terms.clusters)
    if kind in ("iid", "NW", "DK"):
        return "", []
    if kind in ("HC0", "HC1"):
        notes = ["vce(robust) is HC1; HC0 is its variance times (N - K)/N."] if kind == "HC0" else []
        return "vce(robust)", notes
    if kind in ("HC2", "HC3"):
        own = not (spec.weights and spec.weights.analytic) or spec.convention.leverage_weights == "out"
        return f"vce({kind.lower()})", [] if own else ['Stata\'s leverage leaves the weight out (leverage_weights = "out").']
    if kind == "HC4":
        return "vce(hc3)", ["Stata has no HC4; the line below gives HC3."]
    if kind in ("CR0", "CR1"):
        notes = ["vce(cluster) is CR1; CR0 is its variance over G/(G - 1) (N - 1)/(N - K)."] if kind == "CR0" else []
        if len(terms.clusters) > 1:
            notes.append("Several cluster variables in vce(cluster) need Stata 18 or later.")
        return f"vce(cluster {clusters})", notes
    if kind == "CR2":
        adjusted = ", dfadjust" if spec.own_df else ""
        return f"vce(hc2 {clusters}{adjusted})", ["vce(hc2 clusters), which is CR2, needs Stata 18 or later."]
    note = "Stata has no CR3 by that name; vce(jackknife, cluster()) is near it, and is (G - 1)/G of it where it is defined."
    return f"vce(jackknife, cluster({clusters}))", [note]


def _regress(spec: Spec, terms: Terms, profile: str) -> Command:
    vce, notes = _vce(spec, terms)
    if spec.vcov.kind == "NW":
        if spec.formula.effects:
            notes.append("newey absorbs no effects: they are dummies here.")
        left = _left("newey", spec, terms, _dummies(terms.effects))
        return Command(profile, _joined(left, [f"lag({spec.vcov.lags})", "force"]), tuple(notes), True)
    verb, extra = "regress", _dummies(terms.effects)
    if spec.model == "first_difference":
        terms = _differenced(terms)
    return Command(profile, _joined(_left(verb, spec, terms, extra), [vce]), tuple(notes))


def _differenced(terms: Terms) -> Terms:
    x = " ".join(f"D.{name}" for name in terms.x.split())
    return Terms(f"D.{terms.outcome}", x, "", "", (), terms.clusters, terms.weight, terms.unit, terms.time)


def _maximum(spec: Spec, terms: Terms) -> Command:
    """logit, probit, poisson, mlogit, ologit or oprobit; effects are dummies."""
    kind, there, here = spec.vcov.kind, PROFILES["ml"], spec.convention
    vce = {"HC0": "vce(robust)", "HC1": "vce(robust)"}.get(kind, f"vce(cluster {' '.join(terms.clusters)})")
    notes = []
    if kind in ("HC0", "CR0"):
        notes.append(f"{vce} has the factor {'N/(N - 1)' if kind == 'HC0' else 'G/(G - 1)'}, which {kind} has not.")
    bears = {*KINDS[kind].settings, *({"information"} if spec.model in OF_TWO_INFORMATIONS else ())} - {
        "count_fixef",
        "count_robust",
    }
    notes += [
        f"{SETTINGS[name].meaning.rstrip('.')}: {getattr(here, name)} is declared, {getattr(there, name)} in {spec.model}."
        for name in SETTINGS if name in bears and getattr(there, name) != getattr(here, name)
        and {getattr(there, name), getattr(here, name)} != {"min", "each"}
    ]  # fmt: skip
    left = _left(spec.model, spec, terms, _dummies(terms.effects))
    base = f"baseoutcome({spec.base:.15g})" if spec.base is not None else ""
    if spec.model == "mlogit" and not base and here.base_outcome != there.base_outcome:
        notes.append(f"The {here.base_outcome} outcome is declared the base: name it in baseoutcome().")
    if spec.model in SERIES:
        return Command(spec.model, _joined(left, [*_process(spec), vce if kind != "iid" else ""]), tuple(notes), True)
    limits = [_limit("ll", spec.lower), _limit("ul", spec.upper)]
    offset = f"offset({terms.offset})" if terms.offset else ""
    return Command(spec.model, _joined(left, [base, *limits, offset, "" if kind == "iid" else vce]), tuple(notes))


def _process(spec: Spec) -> list[str]:
    """ar() and ma() of arima, and vce(oim), where products of scores are not what is declared."""
    terms = zip(("ar", "ma"), spec.arma or (0, 0), strict=True)
    lags = [f"{name}({f'1/{many}' if many > 1 else 1})" for name, many in terms if many]
    return [*lags, "vce(oim)" if spec.vcov.kind == "iid" and spec.convention.information == "observed" else ""]


def _limit(option: str, at: float | str | None) -> str:
    """tobit's limits; a bare one is the smallest or the largest outcome."""
    return "" if at is None else option if isinstance(at, str) else f"{option}({at:.15g})"


def _areg(spec: Spec, terms: Terms, profile: str) -> Command:
    vce, notes = _vce(spec, terms)
    left = _left("areg", spec, terms, _dummies(terms.effects[1:]))
    return Command(profile, _joined(left, [f"absorb({terms.effects[0]})", vce]), tuple(notes))


def _xtreg(spec: Spec, terms: Terms, profile: str) -> Command:
    if spec.model == "between":
        other = spec.vcov.kind != "iid"
        notes = ["xtreg, be has conventional standard errors alone, not the declared ones."] if other else []
        wls = "wls" if spec.convention.between_weights == "rows" else ""
        return Command(profile, _joined(_left("xtreg", spec, terms), ["be", wls]), tuple(notes), True)
    if spec.model == "random_effects":
        kind = spec.vcov.kind
        vce = (
            "" if kind == "iid" else "vce(robust)" if kind in ("HC0", "HC1") else f"vce(cluster {' '.join(terms.clusters)})"
        )
        notes = [
            "Not the declared standard errors, which xtreg doesn't give: its vce(robust) clusters by the panel variable."
        ] if vce == "vce(robust)" else []  # fmt: skip
        how = "sa" if spec.convention.swamy_arora == "exact" else ""
        left = _left("xtreg", spec, terms)
        return Command(profile, _joined(left, ["re", how, vce]), tuple(notes), True)
    vce, notes = _vce(spec, terms)
    left = _left("xtreg", spec, terms, _dummies(terms.effects[1:]))
    return Command(profile, _joined(left, ["fe", vce]), tuple(notes), True)


def _reghdfe(spec: Spec, terms: Terms, profile: str) -> Command:
    kind, notes = spec.vcov.kind, []
    absorb = f"absorb({' '.join(terms.effects)})" if terms.effects else "noabsorb"
    keep = "keepsingletons" if terms.effects and spec.convention.singletons == "keep" else ""
    if kind == "DK":
        vce = f"vce(dkraay {spec.vcov.lags + 1})"
        notes.append(f"dkraay takes the bandwidth, lags + 1 = {spec.vcov.lags + 1} (reghdfe 6.13 or later).")
    else:
        vce, notes = _vce(spec, terms)
        notes = [n for n in notes if "Stata 18" not in n or kind == "CR2"]
    verb = "reghdfe"
    if spec.iv or profile == "ivreghdfe":
        verb, vce = "ivreghdfe", _old_vce(spec, terms)
        if profile != "ivreghdfe":
            notes.append(
                "ivreghdfe counts max(absorbed df, 1) coefficients where reghdfe counts one more beside a nested effect,"
                " and takes df = G - 1."
            )
    return Command(profile, _joined(_left(verb, spec, terms), [absorb, _method(spec), vce, keep]), tuple(notes))


def _method(spec: Spec) -> str:
    """How ivreg2 and ivreghdfe call an estimator that isn't 2SLS."""
    centred = " center" if spec.model in OF_MOMENTS and spec.convention.centred == "yes" else ""
    return {
        "liml": "liml", "fuller": f"fuller({spec.fuller_alpha:g})", "kclass": f"kclass({spec.kappa})",
        "gmm": f"gmm2s{centred}", "cue": f"cue{centred}",
    }.get(spec.model, "")  # fmt: skip


def _wmatrix(spec: Spec, terms: Terms) -> list[str]:
    """Options of ivregress gmm about its weight."""
    if spec.model != "gmm" or spec.moment_steps == 1:
        return []
    weight = {"iid": "unadjusted", "cluster": f"cluster {' '.join(terms.clusters)}"}.get(spec.moment_weight, "robust")
    if spec.moment_weight == "newey_west":
        weight = f"hac bartlett {spec.vcov.lags}"
    igmm = ["igmm"] if spec.moment_steps == "iterated" else []
    centre = ["center"] if spec.convention.centred == "yes" else []
    return [f"wmatrix({weight})", *igmm, *centre]


def _old_vce(spec: Spec, terms: Terms) -> str:
    """Covariance options of ivreg2 and ivreghdfe."""
    kind = spec.vcov.kind
    bandwidth = (spec.vcov.lags or 0) + 1
    return {
        "iid": "", "HC0": "robust", "HC1": "robust", "DK": f"dkraay({bandwidth})", "NW": f"bw({bandwidth}) robust",
    }.get(kind, f"cluster({' '.join(terms.clusters)})")  # fmt: skip


def _instruments(spec: Spec, terms: Terms, profile: str) -> Command:
    small = spec.convention.small and spec.convention.iv_small
    notes: list[str] = []
    extra = _dummies(terms.effects)
    kind = spec.vcov.kind
    if spec.model in OF_MOMENTS:
        notes += _about_moments(spec, profile)
    if kind in LEVERAGE:
        notes.append(f"Stata has no {kind} with instruments; the line below gives the robust covariance instead.")
    if profile == "ivreg2":
        vce = "robust" if kind in ROW_LEVERAGE else _old_vce(spec, terms)
        if kind in ("DK", "NW"):
            notes.append(f"The bandwidth is lags + 1 = {(spec.vcov.lags or 0) + 1}.")
        options = [_method(spec), vce, "small" if small else ""]
        return Command(profile, _joined(_left("ivreg2", spec, terms, extra), options), tuple(notes))
    if kind in ROW_LEVERAGE:
        vce = "vce(robust)"
    elif kind in ("CR2", "CR3"):
        vce = f"vce(cluster {' '.join(terms.clusters)})"
    else:
        vce, _ = _vce(spec, terms)
        if kind in ("HC0", "CR0") and small:
            notes.append("With small the variance carries N/(N - K); the declared covariance has no factor.")
    method = "liml" if spec.model == "liml" else "gmm" if _wmatrix(spec, terms) else "2sls"
    if method == "gmm":
        vce = {"iid": "vce(unadjusted)", "NW": f"vce(hac bartlett {spec.vcov.lags})"}.get(kind, vce)
    options = [*_wmatrix(spec, terms), vce, "small" if small else ""]
    return Command(profile, _joined(_left(f"ivregress {method}", spec, terms, extra), options), tuple(notes))


def _about_moments(spec: Spec, profile: str) -> list[str]:
    """What the command's GMM does otherwise than declared."""
    notes = []
    if spec.efficient != (profile == "ivreg2") and spec.moment_steps != 1:
        declared = "that of the weight matrix" if spec.efficient else "a sandwich"
        notes.append(f"The covariance is declared to be {declared}; {profile} has the other.")
    if profile == "ivreg2" and spec.moment_steps not in (2, "2") and spec.model == "gmm":
        notes.append("ivreg2's gmm2s takes two steps; other numbers of steps were declared.")
    if spec.formula.effects:
        notes.append("Effects are taken out of all columns before the moments; here their dummies are instruments.")
    return notes


#: What a setting of a convention means, for a comment.
_SAYS = {
    "count_fixef": "fixed effects in K of a clustered covariance: {}",
    "count_robust": "fixed effects in K of a robust covariance: {}",
    "redundant": "redundant levels among several effects: {}",
    "iid": "factor of the iid variance: {}",
    "robust": "factor of the robust variance: {}",
    "kernel": "factor of the kernel variance: {}",
    "cluster_scale": "factor of the clustered variance besides G/(G - 1): {}",
    "cluster_groups": "G/(G - 1) of several cluster variables: {}",
    "constant": "constant of the fixed effects in K: {}",
    "kernel_gaps": "Newey-West over periods that no row has: {}",
    "kraay_gaps": "Driscoll-Kraay over periods that no row has: {}",
    "t_iid": "distribution of t, iid: {}",
    "t_robust": "distribution of t, robust: {}",
    "t_cluster": "distribution of t, clustered: {}",
    "t_kernel": "distribution of t, kernel: {}",
    "t_random": "distribution of t, random effects: {}",
}
#: Any other is said by its meaning; `leverage_weights` is said with the command.
_SAYS |= {n: f"{s.meaning.rstrip('.')}: {{}}" for n, s in SETTINGS.items() if n not in (*_SAYS, "leverage_weights")}


def _relevant(spec: Spec) -> set[str]:
    """Settings that can move this spec's numbers."""
    kind, effects = KINDS[spec.vcov.kind], len(spec.formula.effects)
    if spec.model == "random_effects":
        return {"t_random"} | ({"cluster_scale", "cluster_groups"} if spec.vcov.cluster else set())
    wanted = {kind.t, *kind.settings, "redundant", "constant"}
    wanted -= set() if effects else {"count_fixef", "count_robust"}
    wanted -= set() if effects > 1 else {"redundant"}
    wanted -= set() if effects and kind.errors in ("clusters", "periods") else {"constant"}
    return wanted if spec.vcov.lags else wanted - {"kernel_gaps", "kraay_gaps"}


def _differs(spec: Spec, profile: str) -> list[str]:
    """Settings of the declared convention that the command hasn't."""
    there, here = PROFILES[profile], spec.convention
    large = not here.small or (spec.iv and not here.iv_small)
    if profile in ("ivregress", "ivreg2") and large:
        return []
    if large:
        return ["Declared is large-sample inference: no small-sample factor, the normal distribution."]
    if spec.own_df and spec.vcov.kind == "CR2" and profile == "regress":  # said by dfadjust
        here = here.model_copy(update={"t_cluster": there.t_cluster})
    changed = [name for name in _SAYS if name in _relevant(spec) and getattr(there, name) != getattr(here, name)]
    if len(spec.vcov.cluster) == 1 and {there.cluster_groups, here.cluster_groups} <= {"min", "each"}:
        changed = [name for name in changed if name != "cluster_groups"]
    lines = [
        f"{_SAYS[name].format(f'{getattr(here, name)} is declared, {getattr(there, name)} in {profile}')}."
        for name in changed
    ]
    if lines and here.profile not in OWN:
        lines.insert(0, f"The declared convention, {here.profile}, is no command of Stata; {profile} differs from it in:")
    return lines
