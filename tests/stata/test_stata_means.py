"""mean: a regression on the constant. [R] mean"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from conftest import FIXTURES
from parity.package.verify import verify
from parity.stata.do import run_do
from parity.study.command import request_of, spec_of

LOAD = "import delimited data.csv, case(preserve) clear\n"
AGE = pd.read_csv(FIXTURES / "anes96" / "data.csv")


def mean(line: str):
    (e,) = run_do(f"{LOAD}{line}\n", FIXTURES / "anes96").estimations
    (c,) = e.coefficients
    return c, e.results.numbers


def test_of_one_variable():
    c, e = mean("mean age")
    assert (c.term, e["N"], e["df_r"], e["N_over"]) == ("age", 944, 943, 1)
    assert c.b == pytest.approx(AGE["age"].mean()) and c.se == pytest.approx(AGE["age"].std() / np.sqrt(944))


def test_has_neither_margins_nor_predictions():
    """Its coefficient is called by its outcome, which is no regressor."""
    done = run_do(f"{LOAD}mean age\nmargins\npredict q\n", FIXTURES / "anes96")
    assert [f.id for f in done.findings] == ["stata-error", "prediction"] and not [
        p for p in done.printed if p.kind == "margins"
    ]


def test_with_sampling_weights_and_clusters():
    y, w, g = AGE["age"].to_numpy(), AGE["TVnews"].to_numpy(), AGE["educ"].to_numpy()
    at = w @ y / w.sum()
    c, e = mean("mean age [pw=TVnews]")
    n = np.count_nonzero(w)
    linearised = np.sqrt(n / (n - 1) * np.sum((w * (y - at)) ** 2)) / w.sum()
    assert (c.b, c.se, e["df_r"]) == (pytest.approx(at), pytest.approx(linearised), n - 1)
    c, e = mean("mean age, vce(cluster educ)")
    totals = pd.Series(y - y.mean()).groupby(g).sum()
    assert c.se == pytest.approx(np.sqrt(7 / 6 * np.sum(totals**2)) / len(y)) and e["df_r"] == 6 and e["N_clust"] == 7


def test_what_it_is_as_a_spec():
    assert spec_of("mean age, vce(analytic)", "", "") == {"formula": "age ~ 1", "vcov": "iid", "convention": "regress"}


@pytest.mark.parametrize(
    ("text", "said"), [("mean age educ", "a command for each"), ("mean age, over(vote)", "over groups"),
                       ("mean age [aw=TVnews]", "aweights")],
)  # fmt: skip
def test_what_is_declined(text, said):
    with pytest.raises(ValueError, match=said):
        request_of(text, "", "")


def test_a_window_is_verified(tmp_path):
    AGE.to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "main.do").write_text(f"{LOAD}mean age\n")
    rule = "-" * 62
    head = "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n"
    for se, verdicts in ((".5345274", {"reproduced"}), (".5445274", {"reproduced", "differs"})):
        window = [
            f"Mean estimation{'':>35}Number of obs = 944", "", rule,
            f"{'':>13}|       Mean   Std. err.     [95% conf. interval]", "-" * 13 + "+" + "-" * 48,
            f"         age |   47.04343   {se}      45.99443    48.09243", rule,
        ]  # fmt: skip
        (tmp_path / "main.log").write_text(
            "\n".join([head, f". {LOAD}", ". mean age", "", *window, "", ". log close", head])
        )
        (exhibit,) = verify(tmp_path).exhibits
        assert {c.verdict for c in exhibit.cells} == verdicts and len(exhibit.cells) == 5
