"""mlogit, ologit and oprobit: read as specs, in Python's lines where statsmodels has them, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from conftest import FIXTURES
from parity.data.load import load_frame
from parity.engines.own.fit import estimate
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
    for text in ("ologit PID educ", "mlogit PID educ"):
        with pytest.raises(Declined, match="no short form in R"):
            r_lines(request_of(text, "", ""))
