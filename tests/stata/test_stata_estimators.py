"""ivregress liml and gmm, ivreg2's estimators and xtreg, be: as specs, and on data against what Stata printed.

The numbers on Stata's hsng.dta are those that linearmodels' own tests recorded; its package holds both.
"""

from __future__ import annotations

from pathlib import Path

import linearmodels
import numpy as np
import pandas as pd
import pytest

from parity.compare.printed import read_number
from parity.stata.do import run_do
from parity.study.command import spec_of
from parity.study.spec import Spec
from recorded import convert

RESULTS = Path(linearmodels.__file__).parent / "tests" / "iv" / "results"
IV = "y ~ w | x ~ z1 + z2"


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("ivregress liml y w (x = z1 z2), r", {"model": "liml", "vcov": "HC1", "convention": "ivregress"}),
        ("ivregress gmm y w (x = z1 z2)", {"model": "gmm", "vcov": "HC1", "convention": "ivregress"}),
        ("ivregress gmm y w (x = z1 z2), wmatrix(cluster id) small igmm center",
         {"model": "gmm", "moments": {"steps": "iterated"}, "vcov": {"cluster": ["id"]},
          "convention": {"profile": "ivregress", "small": True, "centred": "yes"}}),
        ("ivregress gmm y w (x = z1 z2), wmat(unadj) vce(robust)",
         {"model": "gmm", "moments": {"weight": "iid"}, "vcov": "HC1", "convention": "ivregress"}),
        ("ivregress gmm y w (x = z1 z2), wmatrix(hac bartlett 3)",
         {"model": "gmm", "vcov": {"newey_west": 3}, "convention": "ivregress"}),
        ("ivreg2 y w (x = z1 z2), liml cluster(id)", {"model": "liml", "vcov": {"cluster": ["id"]}, "convention": "ivreg2"}),
        ("ivreg2 y w (x = z1 z2), fuller(4)", {"model": "fuller", "fuller": 4.0, "vcov": "iid", "convention": "ivreg2"}),
        ("ivreg2 y w (x = z1 z2), kclass(.5)", {"model": "kclass", "kappa": 0.5, "vcov": "iid", "convention": "ivreg2"}),
        ("ivreg2 y w (x = z1 z2), gmm2s robust", {"model": "gmm", "vcov": "HC1", "convention": "ivreg2"}),
        ("ivreg2 y w (x = z1 z2), cue cluster(id)", {"model": "cue", "vcov": {"cluster": ["id"]}, "convention": "ivreg2"}),
    ],
)  # fmt: skip
def test_a_command_as_a_spec(command, wanted):
    keys = spec_of(command, "id", "year")
    assert keys == {"formula": IV, **wanted}
    Spec(id="s", **keys)


def test_the_between_estimator_as_a_spec():
    wanted = {"formula": "y ~ x", "model": "between", "vcov": "iid"}
    assert spec_of("xtreg y x, be", "id", "year") == wanted | {"convention": "xtreg"}
    rows = {"profile": "xtreg", "between_weights": "rows"}
    assert spec_of("xtreg y x, be wls", "id", "year") == wanted | {"convention": rows}


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("ivregress gmm y w (x = z1 z2), wmatrix(robust) vce(unadjusted)", "takes the weight for efficient"),
        ("ivregress gmm y w (x = z1 z2), wmatrix(hac bartlett opt)", "the data choose"),
        ("ivreg2 y w (x = z1 z2), gmm2s cluster(id year)", "several cluster variables"),
        ("xtreg y x, be vce(robust)", "conventional standard errors"),
    ],
)
def test_what_has_no_engine_says_why(command, word):
    with pytest.raises(ValueError, match=word):
        spec_of(command, "id", "year")


def housing() -> dict[str, dict]:
    known = convert.KNOWN | {"rmse": "rmse", "rss": "rss", "mss": "mss"}
    text = (RESULTS / "stata-iv-housing-results.txt").read_text(encoding="utf-8")
    found = convert.blocks(text)
    return {name: convert.block(lines, known | (convert.OF_LIML if name.startswith("liml") else {}))
            for name, lines in found.items()}  # fmt: skip


HOUSING = housing()
#: What e() calls a recorded statistic.
IN_E = {"f": "F", "j": "J"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("hsng")
    pd.read_csv(RESULTS / "housing.csv", index_col=0).to_csv(made / "h.csv", index=False)
    return made


@pytest.mark.parametrize("name", HOUSING)
def test_what_stata_printed_of_housing(name, folder):
    method, kind, size = name.split("-")
    option = f"{'wmatrix' if method == 'gmm' else 'vce'}({kind}{' division' if kind == 'cluster' else ''})"
    command = f"ivregress {method} rent pcturban (hsngval = faminc i.reg), {option} {'small' if size == 'small' else ''}"
    lines = ("import delimited h.csv, asdouble", "encode region, generate(reg)", command)
    done = run_do("\n".join(lines), folder)
    found = done.estimations[-1].results.filled()
    b, v = found.matrices["b"], found.matrices["V"]
    here = dict(zip(b.columns, b.values[0], strict=True))
    at = {term: i for i, term in enumerate(v.columns)}
    recorded = HOUSING[name]
    checked = [(here[term], text) for term, text in recorded["b"].items()]
    checked += [(v.values[at[a], at[c]], text) for (a, c), text in ((p.split(), t) for p, t in recorded["V"].items())]
    checked += [(found.numbers[IN_E.get(q, q)], text) for q, text in recorded["stats"].items()]
    assert len(checked) >= 13
    for value, text in checked:
        printed = read_number(text)
        assert abs(value - printed.value) <= printed.half_unit + 1e-8 * abs(printed.value), (text, value)


def test_a_between_estimate_leaves_what_xtreg_leaves(tmp_path):
    rng = np.random.default_rng(2)
    data = pd.DataFrame({"id": np.repeat(np.arange(20), 5), "t": np.tile(np.arange(5), 20), "x": rng.normal(size=100)})
    data.assign(y=data.x + rng.normal(size=100)).drop(index=[0, 1, 7]).to_csv(tmp_path / "p.csv", index=False)
    done = run_do("import delimited p.csv, asdouble\nxtset id t\nxtreg y x, be", tmp_path)
    numbers = done.estimations[-1].results.filled().numbers
    assert (numbers["N"], numbers["N_g"], numbers["df_r"]) == (97, 20, 18)
    assert numbers["r2_b"] == numbers["r2"]


def _errors(command: str, folder: Path) -> np.ndarray:
    done = run_do(f"import delimited p.csv, asdouble\nxtset id t\n{command}", folder)
    return np.sqrt(np.diag(done.estimations[-1].results.filled().matrices["V"].values))


def test_xtivreg2_counts_groups_as_its_certification_says(tmp_path):
    """cs_xtivreg2.do: small is xtreg, fe; small robust is areg; else two periods are first differences by ivreg2."""
    rng = np.random.default_rng(5)
    data = pd.DataFrame({"id": np.repeat(np.arange(30), 4), "t": np.tile(np.arange(4), 30)})
    data = data.assign(x=rng.normal(size=120), w=rng.normal(size=120))
    data["y"] = data.x - data.w + rng.normal(size=120) * (1 + data.x**2)
    data.drop(index=[0, 1, 2]).to_csv(tmp_path / "p.csv", index=False)  # the first unit has one row, which leaves
    for command, like in (
        ("xtivreg2 y x w, fe small", "xtreg y x w if id > 0, fe"),
        ("xtivreg2 y x w, fe i(id) small robust", "areg y x w if id > 0, absorb(id) robust"),
        ("xtivreg2 y x w if t < 2, fe", "ivreg2 d.y d.x d.w if t == 1, nocons"),
        ("xtivreg2 y x w if t < 2, fe robust", "ivreg2 d.y d.x d.w if t == 1, nocons robust"),
        ("xtivreg2 y x w if t < 2, fe ivar(id) cluster(id)", "ivreg2 d.y d.x d.w if t == 1, nocons cluster(id)"),
    ):
        assert _errors(command, tmp_path)[:2] == pytest.approx(_errors(like, tmp_path)[:2], rel=1e-9), command


def test_ivreg_is_of_small_samples():
    assert spec_of("ivreg y w (x = z1 z2)", "", "") == {
        "formula": IV, "vcov": "iid", "convention": {"profile": "ivregress", "small": True},
    }  # fmt: skip


def test_f_of_ivreg2_is_of_small_samples_without_small(tmp_path):
    """Its e(F) and its p are the same with `small` and without (results_grunfeld_ols_robust_cluster.py of statsmodels)."""
    rng = np.random.default_rng(6)
    data = pd.DataFrame({"id": np.repeat(np.arange(20), 4), "x": rng.normal(size=80)})
    data.assign(y=data.x / 5 + rng.normal(size=80)).to_csv(tmp_path / "p.csv", index=False)
    for options in ("", "robust", "cluster(id)"):
        code = "import delimited p.csv, asdouble\n" + "".join(
            f"ivreg2 y x, {options} {small}\nscalar f{i} = e(F)\nscalar p{i} = e(p)\n"
            for i, small in enumerate(("", "small"))
        )
        found = run_do(code, tmp_path).session.scalars
        assert found["f0"] == pytest.approx(found["f1"], rel=1e-12) and found["p0"] == pytest.approx(found["p1"], rel=1e-12)


def test_r_squared_of_xtivreg2_is_of_the_demeaned_columns(tmp_path):
    rng = np.random.default_rng(6)
    data = pd.DataFrame({"id": np.repeat(np.arange(20), 4), "t": np.tile(np.arange(4), 20), "x": rng.normal(size=80)})
    data.assign(y=data.x + data.id + rng.normal(size=80)).to_csv(tmp_path / "p.csv", index=False)
    code = "import delimited p.csv, asdouble\nxtset id t\n{}\nscalar r = e(r2)"
    r2 = {c: run_do(code.format(c), tmp_path).session.scalars["r"] for c in ("xtivreg2 y x, fe", "xtreg y x, fe")}
    assert r2["xtivreg2 y x, fe"] == pytest.approx(r2["xtreg y x, fe"], rel=1e-12)
