"""pyfixest's own answers over its test suite's grids of formulas, covariances, weights and `ssc()`: pyfixest.json, .csv.

    PYTHONHASHSEED=0 python tests/recorded/make_pyfixest.py

Data are its `get_data()`, 300 rows of the suite's seed. Formulas are those of tests/test_vs_fixest.py; blanks around
the + between effects keep the hash seed out (docs/conventions.md). Only `X1`'s numbers are kept, as that suite compares.
Those of `ssc()` are of the complete rows: pyfixest refuses clusters with missing values.
"""

from __future__ import annotations

import itertools
import json
import warnings
from pathlib import Path

import pyfixest as pf

HERE = Path(__file__).parent
FEOLS = [
    "Y ~ X1", "Y ~ X1 + X2", "Y ~ X1 | f2", "Y ~ X1 | f2 + f3", "Y ~ X1 + exp(X2)", "Y ~ X1 + C(f1)",
    "Y ~ X1 + i(f1, ref = 1)", "Y ~ X1 + i(f2, ref = 2.0)", "Y ~ X1 + C(f1) + C(f2)", "Y ~ X1 + C(f1) | f2",
    "Y ~ X1 + i(f1, ref = 3.0) | f2", "Y ~ X1 + C(f1) | f2 + f3", "Y ~ X1 + i(f1, ref = 1) | f2 + f3",
    "Y ~ X1 + i(f1) + i(f2)", "Y ~ X1 + i(f1, ref = 1) + i(f2, ref = 2)", "Y ~ X1 + X2:f1", "Y ~ X1 + X2:f1 | f3",
    "Y ~ X1 + X2:f1 | f3 + f1", "Y ~ X1 + i(f1, X2)", "Y ~ X1 + i(f1, X2) + i(f2, X2)",
    "Y ~ X1 + i(f1, X2, ref = 1) + i(f2)", "Y ~ X1 + i(f1, X2, ref = 1) + i(f2, X1, ref = 2)", "Y ~ X1 + i(f2, X2)",
    "Y ~ X1 + i(f1, X2) | f2", "Y ~ X1 + i(f1, X2) | f2 + f3", "Y ~ X1 + i(f1, X2, ref = 1.0)",
    "Y ~ X1 + i(f2, X2, ref = 2.0)", "Y ~ X1 + i(f1, X2, ref = 3.0) | f2", "Y ~ X1 + i(f1, X2, ref = 4.0) | f2 + f3",
    "Y ~ X1 + I(X2 ** 2)", "Y ~ X1 + I(X1 ** 2) + I(X2 ** 4)", "Y ~ X1*X2", "Y ~ X1*X2 | f1 + f2",
    "Y ~ X1 + poly(X2, 2) | f1", "log(Y) ~ X1", "Y ~ X1 | f2^f3", "Y ~ X1 | f1 + f2^f3", "Y ~ X1 | f2^f3^f1",
]  # fmt: skip
IV = [
    "Y ~ 1 | X1 ~ Z1", "Y ~ X2 | X1 ~ Z1", "Y ~ X2 + C(f1) | X1 ~ Z1", "Y2 ~ 1 | X1 ~ Z1", "Y2 ~ X2 | X1 ~ Z1",
    "Y2 ~ X2 + C(f1) | X1 ~ Z1", "Y ~ 1 | f1 | X1 ~ Z1", "Y ~ 1 | f1 + f3 | X1 ~ Z1", "Y ~ 1 | f1^f2 | X1 ~ Z1",
    "Y ~ X2 | f3 | X1 ~ Z1", "Y ~ 1 | X1 ~ Z1 + Z2", "Y ~ X2 | X1 ~ Z1 + Z2", "Y ~ X2 + C(f3) | X1 ~ Z1 + Z2",
    "Y ~ 1 | f1 | X1 ~ Z1 + Z2", "Y2 ~ 1 | f1 + f3 | X1 ~ Z1 + Z2", "Y2 ~ X2 | f2 | X1 ~ Z1 + Z2",
]  # fmt: skip
VCOV = ["iid", "hetero", {"CRV1": "group_id"}]
SSC_FORMULAS = ["Y ~ X1", "Y ~ X1 | f1", "Y ~ X1 | f1 + f2", "Y ~ X1 | f1^f2"]
SSC_VCOV = ["iid", "hetero", {"CRV1": "f1"}, {"CRV1": "group_id"}, {"CRV1": "f1+f2"}, {"CRV1": "f1+group_id"}]
SSC = {
    "k_adj": [True, False], "k_fixef": ["none", "full", "nonnested"], "G_adj": [True, False],
    "G_df": ["min", "conventional"],
}  # fmt: skip


def answer(data, formula: str, vcov, weights: str | None = None, **ssc) -> dict:
    fit = pf.feols(formula, data, vcov=vcov, weights=weights, ssc=pf.ssc(**ssc), demeaner=pf.LsmrDemeaner(
        fixef_atol=1e-14, fixef_btol=1e-14, fixef_maxiter=10_000))  # fmt: skip
    numbers = {"coef": fit.coef(), "se": fit.se(), "t": fit.tstat(), "p": fit.pvalue()}
    given = {"formula": formula, "vcov": vcov, "weights": weights, "ssc": ssc, "nobs": int(fit._N)}
    return given | {name: float(values.xs("X1")) for name, values in numbers.items()}


def main() -> None:
    data = pf.get_data(N=300, seed=76540251, beta_type="2", error_type="2").round(6)
    data.to_csv(HERE / "pyfixest.csv", index=False, lineterminator="\n")
    cases, failed = {"feols": [], "iv": [], "ssc": []}, []
    asked = [("feols", f, v, w, {}) for f in FEOLS for v in VCOV for w in (None, "weights")]
    asked += [("iv", f, v, w, {}) for f in IV for v in VCOV for w in (None, "weights")]
    asked += [("ssc", f, v, None, dict(zip(SSC, chosen, strict=True)))
              for f in SSC_FORMULAS for v in SSC_VCOV for chosen in itertools.product(*SSC.values())]  # fmt: skip
    for suite, *how, ssc in asked:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                cases[suite].append(answer(data.dropna() if suite == "ssc" else data, *how, **ssc))
        except Exception as error:
            failed.append((suite, how, ssc, repr(error)[:200]))
    lines = [f'"{name}": [\n' + ",\n".join(map(json.dumps, found)) + "\n]" for name, found in cases.items()]
    (HERE / "pyfixest.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print({name: len(found) for name, found in cases.items()}, len(failed), "failed")
    for entry in failed[:20]:
        print(entry)


if __name__ == "__main__":
    main()
