"""What Stata printed in statsmodels' test suite, which the package ships with its data: nothing of it is kept here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels
import statsmodels.api as sm
from statsmodels.discrete.tests.results import results_count_robust_cluster as ships
from statsmodels.genmod.tests.results import results_glm_poisson_weights as weights
from statsmodels.regression.tests.results import results_grunfeld_ols_robust_cluster as grunfeld
from statsmodels.regression.tests.results import results_macro_ols_robust as macro
from statsmodels.sandbox.regression.tests import results_gmm_griliches as gmm
from statsmodels.sandbox.regression.tests import results_gmm_griliches_iter as iterated
from statsmodels.sandbox.regression.tests import results_ivreg2_griliches as ivreg2

import recorded_cases
from recorded_cases import Case

SHIPPED = Path(statsmodels.__file__).parent
#: e() of Stata -> name here
_LINEAR = {"N": "nobs", "r2": "r2", "r2_a": "r2_a", "F": "f"}
_LIKELY = {"N": "nobs", "ll": "ll", "ll_0": "ll_0", "r2_p": "r2_p"}
_TERMS = {"_cons": "(Intercept)", "L.realint": "l(realint, 1)"}


def cases() -> Iterator[Case]:
    yield from _griliches()
    yield from _counts()
    yield from _executions()
    yield from _series()
    yield from _panels()


def _case(name: str, rows: str, found, spec: dict, stats: dict[str, str], digits: int = 13, terms=None) -> Case:
    """digits: fewer where Stata stopped before the maximum."""
    text = lambda number: f"{number:.{digits}g}"  # noqa: E731
    numbers = {}
    for name_there, row in zip(terms or found.params_table_rownames, found.params_table, strict=True):
        if np.isnan(row[1]):
            continue
        term = _TERMS.get(name_there, name_there.replace("dyear_", "year::"))
        numbers |= {("coef", term): text(row[0]), ("se", term): text(row[1])}
    numbers |= {(q, ""): text(getattr(found, e)) for e, q in stats.items() if getattr(found, e, None) is not None}
    return Case(f"statsmodels {rows} {name}", spec, rows, numbers)


def _griliches() -> Iterator[Case]:
    formula = "lw ~ expr + tenure + rns + smsa + i(year) | 0 | s + iq ~ med + kww + age + mrt"
    for name, robust, small in (
        ("", "", False),
        ("_robust", "HC1", False),
        ("_small", "", True),
        ("_small_robust", "HC1", True),
    ):
        spec = {"formula": formula, "vcov": robust or "iid", "convention": {"profile": "ivreg2", "small": small}}
        yield _case(name, "griliches", getattr(ivreg2, f"results{name}"), spec, _LINEAR)
    spec = spec | {"model": "gmm", "convention": "ivreg2", "moments": {"weight": "robust", "steps": 2}}
    yield _case("gmm2s", "griliches", ivreg2.results_gmm2s_robust, spec, _LINEAR | {"j": "j", "jp": "j_p"})
    terms = ["s", "iq", "expr", "tenure", "rns", "smsa", *(f"dyear_{y}" for y in (67, 68, 69, 70, 71, 73)), "_cons"]
    for steps, found in ((1, gmm.results_onestep), (2, gmm.results_twostep), ("iterated", iterated.results)):
        moments = {"weight": "iid" if steps == 1 else "robust", "steps": steps}
        spec = {"formula": formula, "vcov": "HC0", "model": "gmm", "moments": moments, "convention": "ivregress"}
        stats = {"N": "nobs"} | ({"J": "j"} if steps != 1 else {})
        yield _case(f"gmm {steps}", "griliches", found, spec, stats, 6, terms)


def _counts() -> Iterator[Case]:
    for name, found in vars(ships).items():
        if name.startswith("results_poisson"):
            kind = {"vce(robust)": "HC1", "vce(cluster ship)": {"cluster": ["ship"]}}
            spec = {"formula": "accident ~ yr_con + op_75_79", "model": "poisson", "convention": "ml"}
            spec["vcov"] = next((v for text, v in kind.items() if text in found.cmdline), "iid")
            spec |= {"offset": "log(service)"} if "exposure" in found.cmdline else {}
            yield _case(name, "ships", found, spec, _LIKELY)


def _executions() -> Iterator[Case]:
    x = "income + perpoverty + perblack + LN_VC100k96 + south + degree"
    kinds = {"nonrobust": "iid", "hc1": "HC1", "robust": "HC1", "clu1": {"cluster": ["id"]}}
    weighted = {
        "none": {},
        "fweight": {"fweight": "fweight"},
        "aweight": {"aweight": "fweight"},
        "pweight": {"pweight": "fweight"},
    }
    for name, found in vars(weights).items():
        if not name.startswith("results_"):
            continue
        _, model, weight, kind = name.split("_")
        spec = {"formula": f"executions ~ {x}", "vcov": kinds[kind], "convention": "regress"}
        spec |= {"weights": weighted[weight]} if weighted[weight] else {}
        if model == "wls":
            yield _case(name, "executions", found, spec, _LINEAR, 12)
        elif weight != "aweight":  # which no likelihood here has
            spec |= {"model": "poisson", "convention": "ml"}
            spec["vcov"] = "HC1" if (weight, kind) == ("pweight", "nonrobust") else spec["vcov"]
            yield _case(name, "executions", found, spec, {"N": "nobs"}, 6)


def _series() -> Iterator[Case]:
    for name, kind, convention in (
        ("hc0", "HC1", "regress"), ("newey4", {"newey_west": 4}, "regress"),
        ("ivhac4_small", {"newey_west": 4}, {"profile": "ivreg2", "small": True}),
        ("ivhac4_large", {"newey_west": 4}, "ivreg2"),
        ("ivhc0_small", "HC1", {"profile": "ivreg2", "small": True}), ("ivhc0_large", "HC1", "ivreg2"),
    ):  # fmt: skip
        spec = {"formula": "g_realinv ~ g_realgdp + l(realint, 1)", "vcov": kind, "convention": convention}
        yield _case(name, "macro", getattr(macro, f"results_{name}"), spec, _LINEAR)


def _panels() -> Iterator[Case]:
    firm, both, kraay = {"cluster": ["company"]}, {"cluster": ["company", "time"]}, {"driscoll_kraay": 4}
    small, weighted = {"profile": "ivreg2", "small": True}, {"analytic": "w"}
    for name, kind, convention, more in (
        ("cluster", firm, "regress", {}), ("cluster_large", firm, "ivreg2", {}),
        ("cluster_2groups_small", both, small, {}), ("cluster_2groups_large", both, "ivreg2", {}),
        ("nw_groupsum4_ivreg_large", kraay, "ivreg2", {}), ("nw_groupsum4_ivreg_small", kraay, small, {}),
        ("nw_panel4", {"newey_west": 4}, {"profile": "regress", "kernel_gaps": "kept"}, {}),
        ("hc1_wls_small", "HC1", "regress", weighted), ("cluster_wls_small", firm, "regress", weighted),
        ("cluster_wls_large", firm, "ivreg2", weighted),
    ):  # fmt: skip
        spec = {"formula": "invest ~ mvalue + kstock", "vcov": kind, "convention": convention}
        spec |= {"weights": more} if more else {}
        yield _case(name, "panel of 10 firms", getattr(grunfeld, f"results_{name}"), spec, _LINEAR)


# ---------------------------------------------------------------- data


def _float(frame: pd.DataFrame) -> pd.DataFrame:
    """As `insheet` and `generate` keep numbers that aren't all whole."""
    return frame.apply(lambda c: c if (c % 1 == 0).all() else c.astype("float32").astype(float))


def _griliches_data() -> pd.DataFrame:
    return pd.read_stata(SHIPPED / "sandbox" / "regression" / "tests" / "griliches76.dta").astype(float)


def _executions_data() -> pd.DataFrame:
    frame = sm.datasets.cpunish.load_pandas().data.rename(columns=str.lower)
    rows = np.arange(1, 18)
    of = [1, 1, 1, 2, 2, 2, 3, 3, 3, 1, 1, 1, 2, 2, 2, 3, 3]
    frame = _float(frame)
    frame["LN_VC100k96"] = np.log(frame.vc100k96)
    return _float(frame).assign(fweight=of, id=(rows - rows % 2) // 2)


def _macro_data() -> pd.DataFrame:
    frame = sm.datasets.macrodata.load_pandas().data
    growth = {f"g_{name}": 400 * np.log(frame[name]).diff() for name in ("realinv", "realgdp")}
    return frame.assign(**growth, t=np.arange(len(frame)))


def _panel_data() -> pd.DataFrame:
    frame = sm.datasets.grunfeld.load_pandas().data
    frame = frame[frame.firm != "American Steel"]
    names = {"value": "mvalue", "capital": "kstock", "firm": "company", "year": "time"}
    frame = _float(frame.rename(columns=names).set_index("company")).reset_index()
    return frame.assign(w=1 / frame.mvalue)


_DATA = {
    "griliches": (_griliches_data, {}), "macro": (_macro_data, {"time": "t"}), "executions": (_executions_data, {}),
    "ships": (lambda: pd.read_csv(SHIPPED / "discrete" / "tests" / "results" / "ships.csv"), {}),
    "panel of 10 firms": (_panel_data, {"unit": "company", "time": "time"}),
}  # fmt: skip


def _held(name: str):
    def read():
        make, header = _DATA[name]
        return recorded_cases._study(**header), make()

    return cache(read)


recorded_cases.STUDIES |= {name: _held(name) for name in _DATA}
