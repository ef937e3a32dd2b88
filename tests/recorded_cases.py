"""Numbers that other packages' test suites recorded, each asked of parity's own API: data, spec, and what must come out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import FIXTURES
from parity.compare.harmonise import Harmonised, harmonise
from parity.compare.printed import read_number
from parity.conventions.formulas import p_value
from parity.diagnose import scaling
from parity.diagnose.scenario import Scenario
from parity.engines.own import fit
from parity.sample.build import build_design
from parity.study.load import parse_study
from parity.study.spec import Spec
from parity.study.study import Study

RECORDED = Path(__file__).parent / "recorded"
#: Beyond its last digit a recorded number may be off by this share of itself: Stata's own rounding.
SLACK = 2e-10


def recorded(name: str) -> dict[str, dict]:
    return json.loads((RECORDED / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Case:
    """A spec (as `study.toml` has it), the rows it reads, and recorded numbers as text: (quantity, term) -> text."""

    name: str
    spec: dict
    rows: str
    numbers: dict[tuple[str, str], str]

    def answer(self) -> Harmonised:
        study, frame = STUDIES[self.rows]()
        spec = Spec(id="s", **self.spec)
        design = build_design(study, spec, frame)
        return harmonise(fit.estimate(spec, design), design.facts, spec)

    def wrong(self) -> list[str]:
        """Every recorded number that parity's lies outside of, by more than its last digit can say."""
        answer, out = self.answer(), []
        here = {key: quantity.value for key, quantity in answer.quantities.items()}
        slopes = sum(q == "coef" and term != "(Intercept)" for q, term in here)
        if ("f", "") in here:
            here["chi2", ""] = here["f", ""] * slopes
        for (quantity, term), text in self.numbers.items():
            found, printed = here.get((quantity, term), np.nan), read_number(text)
            # Stata takes a p of the normal distribution from 1: it has 16 decimals, not 16 digits
            slack = SLACK * abs(printed.value) + (2.0**-51 if quantity == "p" else 0)
            # and J of as many instruments as regressors is zero but for what rounding left Stata
            slack += 1e-20 if quantity == "j" else 0
            if not abs(found - printed.value) <= printed.half_unit + slack:
                out.append(f"{self.name}: {quantity} {term}: {text} recorded, {found!r} here")
        return out


# ---------------------------------------------------------------- data


@cache
def _mtcars() -> tuple[Study, pd.DataFrame]:
    """As Stata held them: `import delimited` and `gen` make 4-byte floats."""
    frame = pd.read_csv(FIXTURES / "mtcars" / "data.csv")
    short = {c: frame[c].astype("float32").astype(float) for c in ("mpg", "wt", "drat")}
    frame = frame.assign(**short, w=(short["drat"] / 5).astype("float32").astype(float))
    return _study(), frame


@cache
def _instruments() -> tuple[Study, pd.DataFrame]:
    return _study(time="time"), pd.read_csv(RECORDED / "linearmodels_iv.csv")


@cache
def _panel() -> tuple[Study, pd.DataFrame]:
    """The suite's simulated panel of 1,000 firms and 3 years, drawn again: NumPy's legacy generator doesn't change."""
    rng, firms, years, k = np.random.RandomState(12345), 1000, 3, 6
    x = rng.randn(k + 1, years, firms)
    x[0] = 1
    y = (np.arange(1, k + 2).reshape(-1, 1, 1) / (k + 1) * x).sum(0) + rng.randn(years, firms)
    y += rng.randn(1, firms)
    w = np.ones((years, 1)) @ (rng.chisquare(10, size=(1, firms)) / 10)
    columns = {"y": y} | {f"x{i}": x[i] for i in range(1, 6)} | {"w": w / w.mean()}
    frame = pd.DataFrame({name: values.T.ravel() for name, values in columns.items()})
    for share, ending in ((0.05, "_light"), (0.2, "_heavy")):
        for name in ("y", "x1", "x2", "x3", "x4", "x5"):
            frame[name + ending] = frame[name].where(~np.isin(np.arange(3000), rng.choice(3000, int(3000 * share))))
    frame["firm"], frame["year"] = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    return _study(unit="firm", time="year"), frame


def _study(**header: str) -> Study:
    keys = "".join(f'{name} = "{column}"\n' for name, column in header.items())
    return parse_study(f"[study]\ntitle = 'recorded'\n{keys}[spec.s]\nformula = 'y ~ x1'\n", RECORDED / "study.toml")


STUDIES = {"mtcars": _mtcars, "iv": _instruments, "panel": _panel}


# ---------------------------------------------------------------- estimatr


def estimatr() -> Iterator[Case]:
    """`regress`, `areg` and `ivregress` on mtcars."""
    for name, block in recorded("estimatr.json").items():
        command = block["command"]
        verb = command.split()[0]
        formula = {"reg": "mpg ~ hp", "areg": "mpg ~ hp | carb", "ivregress": "mpg ~ 1 | 0 | hp + am ~ wt + gear"}[verb]
        vcov: str | dict = "iid"
        for text, kind in (("hc2", "HC2"), ("hc3", "HC3"), ("rob", "HC1")):
            vcov = kind if text in command else vcov
        vcov = {"cluster": ["cyl"]} if "cluster" in command else vcov
        spec = {"formula": formula, "vcov": vcov, "convention": "areg" if verb == "areg" else "regress"}
        if "aweight" in command:
            spec["weights"] = {"analytic": "w"}
        numbers = {}
        for key, text in block.items():
            if key.startswith("V "):
                numbers["vcov", f"{_term(key[2:])} x {_term(key[2:])}"] = text
            elif key not in ("command", "rmse"):
                numbers[key, ""] = text
        yield Case(f"estimatr {name}", spec, "mtcars", numbers)


def _term(name: str) -> str:
    return "(Intercept)" if name == "_cons" else name


# ---------------------------------------------------------------- linearmodels


def panel() -> Iterator[Case]:
    """`regress`, `xtreg, fe`, `xtreg, re` and `xtreg, be` on the simulated panel: 51 blocks."""
    for name, block in recorded("linearmodels_panel.json").items():
        model, kind, weights, ending = name.split("-")
        x = " + ".join(f"x{i}{ending}" for i in range(1, 6))
        by_firm = kind == "cluster" or (kind == "robust" and model in ("fixed_effect", "random_effect"))
        spec: dict = {"formula": f"y{ending} ~ {x}", "vcov": {"cluster": ["firm"]} if by_firm else "iid"}
        spec["convention"] = "xtreg"
        rows, skipped = "panel", set()
        if model == "pooled":
            spec["convention"] = "regress"
            spec["vcov"] = "HC1" if kind == "robust" else spec["vcov"]
        elif model == "fixed_effect":
            spec["formula"] += " | firm"
            skipped = {"r2", "r2_a", "_cons"}  # xtreg's r2 is the within one, its constant a mean of effects
        elif model == "random_effect":
            spec["model"] = "random_effects"
            skipped = {"r2", "r2_within"}  # squared correlations, which parity doesn't report of random effects
        else:
            spec["model"] = "between"
            spec["convention"] = {"profile": "xtreg", "between_weights": "rows" if weights else "units"}
            skipped, weights = {"nobs", "r2_within"}, ""  # N counts the rows behind the means
        if weights:
            spec["weights"] = {"analytic": "w"}
        yield Case(f"panel {name}", spec, rows, _numbers(block, skipped))


def _numbers(block: dict, skipped: set[str]) -> dict[tuple[str, str], str]:
    out = {}
    for field, quantity in (("b", "coef"), ("t", "t"), ("p", "p")):
        for term, text in block.get(field, {}).items():
            if term not in skipped:
                out[quantity, _term(term)] = text
    for pair, text in block["V"].items():
        if not skipped & set(pair.split()):
            out["vcov", " x ".join(sorted(map(_term, pair.split())))] = text
    return out | {(name, ""): text for name, text in block["stats"].items() if name not in skipped}


def instruments(file: str = "linearmodels_iv.json", model: str = "ols") -> Iterator[Case]:
    """`ivregress` on simulated data: 192 blocks of 2SLS, 192 of LIML, 384 of GMM in two steps."""
    for name, block in recorded(file).items():
        parts = dict(part.rsplit("_", 1) for part in name.split("-")[1:4])
        weighted, rest = name.split("weighted_")[1].replace("wmatrix(", "vce(").split("-", 1)
        vce, options = rest.split(")-")
        kind = vce.removeprefix("vce(").split()[0]
        y = {"cluster": "y_clustered", "hac": "y_kernel"}.get(kind, f"y_{kind}")
        endog = " + ".join(["x1", "x2"][: int(parts["num_endog"])])
        z = " + ".join(["z1", "z2"][: int(parts["num_instr"])])
        exog = ["0" if "noconstant" in options else "1", *(["x3", "x4", "x5"] if parts["num_exog"] == "3" else [])]
        small = "small" in options
        spec = {
            "formula": f"{y} ~ {' + '.join(exog)} | 0 | {endog} ~ {z}",
            "vcov": {"unadjusted": "iid", "robust": "HC1", "cluster": {"cluster": ["cluster_id"]}}.get(
                kind, {"newey_west": 12}
            ),
            "convention": {"profile": "ivregress", "small": small},
        }
        if weighted == "True":
            spec["weights"] = {"analytic": "weights"}
        if model != "ols":
            spec["model"] = model
        if "center" in options:
            spec["convention"]["centred"] = "yes"
        yield Case(f"iv {name}", spec, "iv", _numbers(block, set()))


# ---------------------------------------------------------------- pyfixest

#: What pyfixest's formulas write otherwise. Orthogonal polynomials span what the powers do, so X1's numbers are the same.
SPELLED = {
    "C(": "i(", "I(X2 ** 2)": "X2_2", "I(X1 ** 2)": "X1_2", "I(X2 ** 4)": "X2_4", "poly(X2, 2)": "X2 + X2_2",
    "| X1 ~": "| 0 | X1 ~",
}  # fmt: skip


@cache
def _pyfixest() -> tuple[Study, pd.DataFrame]:
    frame = pd.read_csv(RECORDED / "pyfixest.csv")
    count, binary = np.floor(frame.Y.abs()), (frame.Y.median() > frame.Y).astype(float).where(frame.Y.notna())
    powers = {"X1_2": frame.X1**2, "X2_2": frame.X2**2, "X2_4": frame.X2**4}
    return _study(), frame.assign(**powers, count=count, binary=binary)


@cache
def _pyfixest_complete() -> tuple[Study, pd.DataFrame]:
    return _study(), _pyfixest()[1].dropna()


STUDIES |= {"pyfixest": _pyfixest, "pyfixest, complete": _pyfixest_complete}


@dataclass(frozen=True)
class OfPackage(Case):
    """Numbers in full precision, of another implementation: equal to SAME, not to a last digit.

    scaling: rules of `parity.diagnose.scaling` that pyfixest follows here and no setting of a convention has
    """

    scaling: tuple[str, ...] = ()

    def wrong(self) -> list[str]:
        study, frame = STUDIES[self.rows]()
        spec = Spec(id="s", **self.spec)
        design = build_design(study, spec, frame)
        estimate = fit.estimate(spec, design)
        at = estimate.terms.index("X1")
        factors, df = scaling.rules(Scenario(spec, scaling=self.scaling), design.facts)
        variance = sum(
            (-1.0) ** (len(p.cluster) + 1 if p.cluster else 0) * factors[p.cluster] * np.array(p.matrix)[at, at]
            for p in estimate.parts
        )
        # the sum over several cluster variables may be negative: pyfixest prints nan then
        coef, se = estimate.coef[at], float(np.sqrt(variance)) if variance >= 0 else np.nan
        here = {"coef": coef, "se": se, "t": coef / se, "p": p_value(coef / se, df), "nobs": design.facts.nobs}
        if not self.scaling:  # the same by way of a comparison
            quantities = harmonise(estimate, design.facts, spec).quantities
            assert quantities["se", "X1"].value == pytest.approx(se, rel=1e-13, nan_ok=True)
        out = []
        for (quantity, _), text in self.numbers.items():
            theirs = float(text)
            both_nan = np.isnan(theirs) and np.isnan(here[quantity])
            if not both_nan and not abs(here[quantity] - theirs) <= SAME * max(abs(theirs), 1e-6):
                out.append(f"{self.name}: {quantity} {text} recorded, {here[quantity]!r} here")
        return out


#: pyfixest solves normal equations and absorbs by iteration.
SAME = 1e-7
#: tests/recorded/make_fixest.R asks for 1e-12.
ROOT_OF_GLM_TOL = 1e-6
#: A probit's steps are of expected information there, which near the maximum come closer by a share of the way alone.
LINEAR = 5e-6


def pyfixest(suite: str) -> Iterator[Case]:
    """pyfixest's grid of one suite: "feols", "iv" or "ssc"."""
    for case in recorded("pyfixest.json")[suite]:
        formula, ssc = case["formula"], case["ssc"]
        for theirs, ours in SPELLED.items():
            formula = formula.replace(theirs, ours) if theirs != "| X1 ~" or formula.count("|") == 1 else formula
        vcov = case["vcov"]
        clustered = isinstance(vcov, dict)
        spec = {
            "formula": formula,
            "vcov": {"cluster": vcov["CRV1"].split("+")} if clustered else {"hetero": "HC1"}.get(vcov, vcov),
            "convention": {"profile": "fixest"} | (_convention(ssc) if ssc else {}),
        }
        if case["weights"]:
            spec["weights"] = {"analytic": case["weights"]}
        uncounted = ssc.get("k_fixef") == "none" and "|" in formula
        rules = ()
        if vcov == "iid" and ssc and not ssc["k_adj"]:
            rules = ("divides-by-n-minus-1",)
        elif vcov == "iid" and uncounted:
            rules = ("iid-counts-no-effects",)
        kept = ["coef", "se", "t", "nobs"] + (
            ["p"] if clustered or not uncounted else []
        )  # its t has N less the slopes then
        name = f"pyfixest {case['formula']}, {vcov}, {case['weights']}, {ssc}"
        rows = "pyfixest, complete" if suite == "ssc" else "pyfixest"
        yield OfPackage(name, spec, rows, {(key, "X1"): repr(case[key]) for key in kept}, rules)


@dataclass(frozen=True)
class OfLikelihood(Case):
    """Numbers of fixest's fepois and feglm. They stop where the deviance moves by less than `glm.tol`, so that the weights
    of the last step, and with them standard errors, are those of coefficients that its root is off; coefficients are not."""

    def wrong(self) -> list[str]:
        here, out = {key: quantity.value for key, quantity in self.answer().quantities.items()}, []
        t = abs(float(self.numbers["t", "X1"]))
        for (quantity, term), text in self.numbers.items():
            size = abs(float(text)) * (max(1.0, t * t) if quantity == "p" else 1.0)
            close = SAME if quantity in ("coef", "nobs") else ROOT_OF_GLM_TOL
            close = LINEAR if self.spec["model"] == "probit" and quantity != "nobs" else close
            if not abs(here.get((quantity, term), np.nan) - float(text)) <= close * size:
                out.append(f"{self.name}: {quantity} {text} recorded, {here.get((quantity, term))!r} here")
        return out


def likelihoods(model: str) -> Iterator[Case]:
    """fixest's Poisson, logit or probit regressions."""
    for case in recorded("fixest.json")["cases"]:
        if case["model"] != model:
            continue
        vcov = {"hetero": "HC1", "iid": "iid"}.get(case["vcov"]) or {"cluster": [case["vcov"]]}
        formula = case["formula"].replace("I(X2^2)", "X2_2")
        spec = {"formula": formula, "vcov": vcov, "convention": "feglm", "model": model}
        numbers = {(key, "X1"): repr(case[key]) for key in ("coef", "se", "t", "p")} | {("nobs", ""): repr(case["nobs"])}
        yield OfLikelihood(f"fixest {model}: {case['formula']}, {case['vcov']}", spec, "pyfixest", numbers)


def _convention(ssc: dict) -> dict[str, str]:
    """Arguments of `ssc()` as settings of a convention."""
    return {
        "count_fixef": ssc["k_fixef"], "count_robust": "none" if ssc["k_fixef"] == "none" else "full",
        "cluster_scale": "(n-1)/(n-k)" if ssc["k_adj"] else "none", "robust": "n/(n-k)" if ssc["k_adj"] else "none",
        "cluster_groups": {"min": "min", "conventional": "each"}[ssc["G_df"]] if ssc["G_adj"] else "none",
    }  # fmt: skip
