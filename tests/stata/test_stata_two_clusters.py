"""cluster2 of Petersen: least squares clustered by two variables, each part regress's own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from conftest import FIXTURES
from parity.stata.do import run_do
from parity.stata_language.request import Declined
from parity.study.command import spec_of
from parity.translate.python import py_lines
from parity.translate.r import r_lines

LOAD = "import delimited data.csv, case(preserve) clear\n"
COMMAND = "cluster2 y x, fcluster(firm) tcluster(year)"


def estimation(before: str = "", command: str = COMMAND):
    (e,) = run_do(f"{LOAD}{before}{command}\n", FIXTURES / "petersen").estimations
    return e


def test_what_its_author_prints():
    """Of his test data, firm and year: 0.0536 and 0.0651; https://www.kellogg.northwestern.edu, his test data page."""
    x, constant = (e := estimation()).coefficients
    assert (f"{x.b:.4f}", f"{x.se:.4f}", f"{constant.b:.4f}", f"{constant.se:.4f}") == (
        "1.0348",
        "0.0536",
        "0.0297",
        "0.0651",
    )
    assert e.results.numbers["df_r"] == 4998 and not {"F", "N_clust", "p"} & e.results.numbers.keys()


def test_in_other_languages():
    import pyfixest as pf

    e = estimation()
    (asked,) = "\n".join(py_lines(e.request)).rsplit("N - K in cluster2\n")[1:]
    fit = eval(asked.removesuffix(".summary()"), {"pf": pf, "d": pd.read_csv(FIXTURES / "petersen" / "data.csv")})
    assert np.allclose(fit.se()[["x", "Intercept"]], [c.se for c in e.coefficients], rtol=1e-9)
    assert r_lines(e.request)[-1] == 'coeftest(m, vcov. = vcovCL(m, ~ firm + year, type = "HC1"))'
    assert 'ssc(G.df = "conventional", t.df = "conventional")' in "".join(r_lines(e.request))


def test_what_it_is_as_a_spec():
    keys = spec_of(COMMAND, "", "")
    assert keys["vcov"] == {"cluster": ["firm", "year"]}
    assert keys["convention"] == {"profile": "regress", "cluster_groups": "each", "t_cluster": "resid"}


@pytest.mark.parametrize(
    ("before", "said"), [("replace year = . in 1\n", "rows without a cluster"), ("replace year = 2 in 1\n", "several rows")]
)
def test_what_only_the_data_know_is_declined(before, said):
    with pytest.raises(Declined, match=said):
        _ = estimation(before).resolved


@pytest.mark.parametrize(
    ("text", "said"), [("cluster2 y x, fcluster(firm)", "tcluster"), ("cluster2 y x, fc(firm) tc(firm)", "one variable"),
                       ("cluster2 y i.x, fcluster(firm) tcluster(year)", "not allowed"),
                       ("cluster2 y x [aw=x], fcluster(firm) tcluster(year)", "weights not allowed")],
)  # fmt: skip
def test_what_is_declined(text, said):
    with pytest.raises(ValueError, match=said):
        spec_of(text, "", "")
