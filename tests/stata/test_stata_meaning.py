"""What would change a Stata command's numbers and has no place in a spec is refused or made a column, never passed over."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from parity.cli import main
from parity.data.load import load_frame
from parity.sample.build import build_design
from parity.stata.do import run_do
from parity.study.command import spec_of
from parity.study.load import load_study
from parity.translate.one_line import one_line


@pytest.mark.parametrize(
    "command",
    [
        "reghdfe y x, absorb(g) dofadjustments(some)", "reghdfe y x, a(g) gr(z)", "reghdfe y x, a(g) group(z)",
        "reghdfe y x, absorb(g) vce(cluster g, bw(2))", "reghdfe y x, absorb(g) vce(robust, bw(2))", "reg y x, hascons",
        "reg y x, tsscons", "reg y x, vce(jack)", "reghdfe y x, a(g) vce(boot)", "reg y x, dof(10)", "reg y x, mse1",
        "ivreghdfe y (x = z), absorb(g) bw(2)",
        "ivreg2 y (x = z), sdofminus(3)", "ivreg2 y (x = z), dofminus(3)", "ivreg2 y (x = z), robust liml center",
        "ivregress 2sls y (x = z), vce(robust) wmatrix(robust)", "ivregress liml y (x = z), vce(robust) center",
        "reghdfe y x, absorb(g) gmm2s", "reghdfe y (x = z), absorb(g) liml", "reghdfe y x, absorb(g) cue",
        "ivreg2 y (x = z), robust center", "ivreg2 y w (x = z), cue robust partial(w)",
        "ivreg2 y w (= z), gmm2s robust", "ivregress gmm y w (= z)", "ivreghdfe y w (= z), absorb(g) gmm2s robust",
        "ivreg2 y (x = z), robust sw", "ivregress 2sls y (x = z) [w=p]", "areg y x [w=p], absorb(g)", "bysort g: reg y x",
        "by g: reg y x", "xtreg y x [aw=p], re", "xtreg y x, fe vce(cluster g, minus(1))", 
        "reghdfe y x, a(g) aggregation(mean)",
    ],
)  # fmt: skip
def test_what_no_spec_says_is_refused(command):
    with pytest.raises(ValueError, match=r"option|vce\(|which weights|by|weights not allowed"):
        spec_of(command, "g", "t")


@pytest.mark.parametrize(
    "command",
    [
        "reghdfe y x, a(g t, savefe) vce(cl g) nocons keepsing dof(all) tol(1e-9) res(u) nofoot",
        "reg y x, r nohead level(90)",
        "xtreg y x, fe r nonest", "ivreg2 y (x = z), small r ffirst endog(x) orthog(z) savefirst", "reg y x, beta coefl",
        "areg y x, absorb(g) cl(g) noomit", "newey y x, lag(2) force", "ivregress 2sls y (x = z), small first r noci",
    ],
)  # fmt: skip
def test_what_changes_no_number_is_passed(command):
    assert spec_of(command, "g", "t")["formula"].startswith("y ~")


def test_weights_without_a_kind_are_the_commands_own():
    assert spec_of("reg y x [w=p]", "", "")["weights"] == {"analytic": "p"}
    assert spec_of("newey y x [w=p], lag(1)", "", "t")["weights"] == {"analytic": "p"}
    assert spec_of("reghdfe y x [w=p], a(g)", "", "")["weights"] == {"frequency": "p"}


@pytest.fixture
def data(tmp_path):
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"g": np.repeat([1, 2, 3], 12), "t": np.tile(np.arange(1900, 1960, 5), 3)})
    frame["x"], frame["y"] = rng.normal(size=36), rng.normal(size=36)
    frame.to_csv(tmp_path / "d.csv", index=False)
    return tmp_path, frame


def test_by_estimates_on_its_group_alone(data, tmp_path):
    folder, _ = data
    (tmp_path / "out").mkdir()
    study = one_line("bysort g: regress y x", folder / "d.csv", tmp_path / "out")
    loaded = load_frame(study)
    assert [build_design(study, spec, loaded).y.shape[0] for spec in study.specs] == [12, 12, 12]


def test_a_lag_is_a_step_of_the_panel(data, tmp_path):
    folder, frame = data
    (folder / "a.do").write_text("import delimited d.csv\nxtset g t, delta(5)\nregress y L.x if L.y < 9\n")
    result = CliRunner().invoke(main, ["translate", str(folder / "a.do"), "-o", str(tmp_path / "study")])
    assert result.exit_code == 0, result.output
    study = load_study(next((tmp_path / "study").rglob("study.toml")).parent)
    design = build_design(study, study.specs[0], load_frame(study))
    held = frame.assign(lag=frame.groupby("g")["x"].shift()).dropna()
    assert np.sort(design.x[:, -1]) == pytest.approx(np.sort(held["lag"]))


def test_texts_at_their_edges(data):
    folder, _ = data
    lines = ['gen a = subinstr("abc", "", "x", .)', 'gen b = "|" + substr("abc", 1, -1)', 'gen c = strlower("ÉA")',
             'gen d = strupper("éa")', 'gen e = ustrlower("ÉA")']  # fmt: skip
    found = run_do("\n".join(["import delimited d.csv", *lines]), folder).data
    assert [found[n].values[0] for n in "abcde"] == ["abc", "|", "Éa", "éA", "éa"]
