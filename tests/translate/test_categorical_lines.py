"""mlogit, ologit and oprobit: read as specs, in lines of R, and of Python where statsmodels has them; refused."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest

from conftest import FIXTURES
from parity.compare.harmonise import combined
from parity.data.load import load_frame
from parity.engines.own.fit import estimate
from parity.r.session import missing_r
from parity.sample.build import build_design
from parity.stata_language.request import Declined
from parity.study.command import request_of, spec_of
from parity.study.load import load_study
from parity.study.spec import Spec
from parity.translate.python import py_lines
from parity.translate.r import r_lines


@pytest.mark.parametrize(
    ("text", "keys"),
    [("mlogit PID educ age, baseoutcome(2) vce(robust)", {"model": "mlogit", "base": 2, "vcov": "HC1"}),
     ("mlogit PID educ, b(-1.5) rrr", {"base": -1.5, "vcov": "iid"}),
     ("mlogit PID educ [fw=TVnews]", {"weights": {"frequency": "TVnews"}}),
     ("ologit PID educ age, cluster(income) or", {"model": "ologit", "vcov": {"cluster": ["income"]}}),
     ("oprobit PID educ [pw=TVnews], vce(oim)", {"model": "oprobit", "weights": {"pweight": "TVnews"}})],
)  # fmt: skip
def test_what_a_command_is_as_a_spec(text, keys):
    found = spec_of(text, "", "")
    assert {key: found[key] for key in keys} == keys and found["convention"] == "ml"
    assert "base" in keys or "base" not in found


@pytest.mark.parametrize(
    ("text", "said"),
    [("mlogit PID educ, baseoutcome(Democrat)", "write the number"), ("ologit PID educ, baseoutcome(1)", "not known here"),
     ("mlogit PID educ, constraints(1)", "may change the numbers"), ("mlogit PID educ [aw=TVnews]", "aweights not allowed"),
     ("oprobit PID educ, vce(hc3)", "not known of oprobit")],
)  # fmt: skip
def test_what_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        spec_of(text, "", "")


@pytest.mark.parametrize("options", ["", ", baseoutcome(0)"])
def test_lines_in_python_give_the_numbers_of_the_spec(options):
    text = f"mlogit PID logpopul selfLR age educ income{options}"
    asked = request_of(text, "", "")
    study = load_study(FIXTURES / "anes96")
    frame = load_frame(study)
    scope: dict = {"d": frame}
    exec("\n".join(py_lines(asked)), scope)
    spec = Spec.model_validate({"id": "s", **spec_of(text, "", "")})
    design = build_design(study, spec, frame)
    own, fit = estimate(spec, design), scope["fit"]
    assert own.coef == pytest.approx(np.asarray(fit.params).T.ravel(), rel=1e-9)
    assert np.array(own.parts[0].matrix) == pytest.approx(np.asarray(fit.cov_params()), rel=1e-7, abs=1e-14)


def test_what_has_no_lines():
    for text in ("ologit PID educ", "mlogit PID educ, vce(robust)", "mlogit PID i.educ", "oprobit PID educ, r"):
        with pytest.raises(Declined):
            py_lines(request_of(text, "", ""))
    for text in ("mlogit PID educ, r", "ologit PID educ [pw=TVnews]", "oprobit PID educ [fw=TVnews], r"):
        with pytest.raises(Declined, match="writes it out"):
            r_lines(request_of(text, "", ""))


@pytest.mark.skipif(missing_r() is not None, reason="needs R")
def test_lines_in_r_give_the_numbers_of_the_spec(tmp_path):
    """multinom() to six digits, whose information is exact, polr()'s errors to three; each line as a person runs it."""
    commands = (
        "mlogit PID selfLR age i.vote if income > 3",
        "mlogit ClinLR selfLR age [fw=TVnews], baseoutcome(2)",
        "ologit PID logpopul selfLR age c.educ#c.income, vce(robust)",
        "oprobit PID logpopul selfLR age, vce(cluster income)",
        "ologit DoleLR selfLR age [fw=TVnews]",
    )  # fmt: skip
    study = load_study(FIXTURES / "anes96")
    frame = load_frame(study)
    path = tmp_path / "data.csv"
    frame[["PID", "ClinLR", "DoleLR", "TVnews", "selfLR", "age", "educ", "income", "logpopul", "vote"]].to_csv(
        path, index=False
    )
    asked = [request_of(text, "", "") for text in commands]
    lines = ["suppressPackageStartupMessages({"]
    for one in asked:
        *made, last = r_lines(one)
        v = last.removeprefix("coeftest(fit, ")[:-1] if last.startswith("coeftest") else "vcov(fit)"
        lines += [f'd <- read.csv("{path}")', *made, f"invisible({last})", "m <- coef(fit)"]
        lines += [f"cat(if (is.matrix(m)) t(m) else c(m, fit$zeta), sqrt(diag({v})), ' ')"]
    (tmp_path / "lines.R").write_text("\n".join(["options(digits = 15)", *lines, "})"]))
    command = ["Rscript", "--vanilla", tmp_path / "lines.R"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = iter(map(float, done.stdout.split()))
    for one, text in zip(asked, commands, strict=True):
        spec = Spec.model_validate({"id": "s", **spec_of(text, "", "")})
        design = build_design(study, spec, frame)
        own = estimate(spec, design)
        v = combined(own, design.facts, spec)
        exact = one.model == "mlogit"
        assert [next(found) for _ in own.coef] == pytest.approx(own.coef, rel=1e-5, abs=1e-8), text
        assert [next(found) for _ in own.coef] == pytest.approx(np.sqrt(np.diag(v)), rel=1e-5 if exact else 2e-3), text
    assert next(found, None) is None


def test_the_base_of_lines_in_r_has_every_digit():
    """It is the name of a level."""
    assert 'relevel(factor(y), "1234567")' in "\n".join(r_lines(request_of("mlogit y x, baseoutcome(1234567)", "", "")))
