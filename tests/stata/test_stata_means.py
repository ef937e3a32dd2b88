"""mean and total: regressions on the constant and on 1/N. [R] mean, total"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from conftest import FIXTURES
from parity.package.verify import verify
from parity.stata.do import run_do
from parity.study.command import spec_of
from parity.translate.python import py_lines
from parity.translate.r import r_lines

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
    ("text", "said"), [("mean age educ", "a command for each"), ("mean age educ, over(vote)", "for each variable"),
                       ("mean age [aw=TVnews]", "aweights"), ("total age educ", "a command for each"),
                       ("total age, over(vote)", "over groups"), ("total age, vce(cluster educ)", "clusters"),
                       ("mean age, over(vote educ)", "their groups"), ("mean age [fw=TVnews], over(vote)", "expand"),
                       ("total age", "N times it is the total")],
)  # fmt: skip
def test_what_is_declined(text, said):
    with pytest.raises(ValueError, match=said):
        spec_of(text, "", "")


def estimated(line: str):
    (e,) = run_do(f"{LOAD}{line}\n", FIXTURES / "anes96").estimations
    return e.coefficients, e.results.numbers, e


def test_over_groups_and_of_several_variables():
    """The linearised variance N/(N - 1) sum of (w e)^2/W^2, a group's e nought outside it; N - 1 degrees of freedom."""
    y, w, vote, educ = (AGE[name].to_numpy() for name in ("age", "TVnews", "vote", "educ"))

    def by_hand(y, w):
        at, n = w @ y / w.sum(), np.count_nonzero(AGE["TVnews"]) if w.max() > 1 else len(y)
        return at, np.sqrt(n / (n - 1) * np.sum((w * (y - at)) ** 2)) / w.sum()

    groups = [by_hand(y, (vote == g) * 1.0) for g in (0, 1)]
    found, e, _ = estimated("mean age, over(vote)")
    assert [c.term for c in found] == ["c.age@0.vote", "c.age@1.vote"] and (e["N"], e["df_r"], e["N_over"]) == (944, 943, 2)
    assert np.allclose([(c.b, c.se) for c in found], groups, rtol=1e-12) and "N_clust" not in e
    found, e, _ = estimated("mean age [pw=TVnews], over(vote)")
    assert np.allclose([(c.b, c.se) for c in found], [by_hand(y, w * (vote == g)) for g in (0, 1)], rtol=1e-12)
    assert e["df_r"] == np.count_nonzero(w) - 1
    found, e, _ = estimated("mean age educ [pw=TVnews]")
    assert [c.term for c in found] == ["age", "educ"] and e["N"] == np.count_nonzero(w)
    assert np.allclose([(c.b, c.se) for c in found], [by_hand(y, w), by_hand(educ, w)], rtol=1e-12)
    found, _, one = estimated("total age educ")
    assert np.allclose(
        [(c.b, c.se) for c in found], [(x.sum(), x.std(ddof=1) * np.sqrt(944)) for x in (y, educ)], rtol=1e-12
    )
    assert one.estimated.V[0, 1] == pytest.approx(944 * np.cov(y, educ)[0, 1])


def test_clusters_that_hold_rows_of_several_groups():
    """G/(G - 1) alone: regress's (N - 1)/(N - K) is not mean's. [R] mean"""
    y, vote = AGE["age"].to_numpy(), AGE["vote"].to_numpy()
    found, e, _ = estimated("mean age, over(vote) vce(cluster educ)")
    for level, c in enumerate(found):
        at = y[vote == level].mean()
        sums = pd.Series((y - at) * (vote == level)).groupby(AGE["educ"]).sum()
        assert c.se == pytest.approx(np.sqrt(7 / 6 * np.sum(sums**2)) / np.sum(vote == level))
    assert (e["df_r"], e["N_clust"]) == (6, 7)


def test_means_over_groups_in_other_languages(capsys):
    found, _, e = estimated("mean age [pw=TVnews], over(vote)")
    assert "sandwich(m) * nobs(m)/(nobs(m) - 1)" in r_lines(e.request)[-1]
    exec("\n".join(py_lines(e.request)), names := {"d": AGE})
    fit = names["fit"]
    assert np.allclose(fit.bse * (fit.nobs / (fit.nobs - 1)) ** 0.5, [c.se for c in found], rtol=1e-9)


def test_a_total_is_of_a_regression_on_one_over_n():
    """s sqrt(N); under frequency weights of the rows repeated, under sampling weights of w y, rows without weight gone."""
    y, w = AGE["age"].to_numpy(), AGE["TVnews"].to_numpy()
    for line, values in (("total age", y), ("total age if vote == 1", y[AGE["vote"] == 1]),
                         ("total age [fw=TVnews]", np.repeat(y, w)), ("total age [pw=TVnews]", (w * y)[w > 0])):  # fmt: skip
        c, e = mean(line)
        n = len(values)
        assert (c.term, c.b, e["N"], e["df_r"]) == ("age", pytest.approx(values.sum()), n, n - 1)
        assert c.se == pytest.approx(values.std(ddof=1) * np.sqrt(n))


def test_a_total_in_engines_and_other_languages(capsys):
    """Its regressor is a column made for it; in Python's own words the numbers are the same."""
    (e,) = run_do(f"{LOAD}total age\n", FIXTURES / "anes96").estimations
    assert str(e.resolved.spec.formula) == "age ~ 0 + `1/N`" and set(e.resolved.frame["1/N"]) == {1 / 944}
    exec("\n".join(py_lines(e.request)), {"d": AGE})
    assert [float(x) for x in capsys.readouterr().out.split()] == pytest.approx([e.coefficients[0].b, e.coefficients[0].se])
    assert r_lines(e.request)[0] == "y <- na.omit(d$age)"


HEAD = "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n"


def verified(tmp_path, code: str, command: str, window: list[str]):
    """The only exhibit of a package whose log shows a window."""
    AGE.to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "main.do").write_text(f"{LOAD}{code}{command}\n")
    shown = "".join(f". {line}\n\n" for line in f"{LOAD}{code}".splitlines())
    (tmp_path / "main.log").write_text("\n".join([HEAD, f"{shown}. {command}", "", *window, "", ". log close", HEAD]))
    (exhibit,) = verify(tmp_path).exhibits
    return exhibit


@pytest.mark.parametrize(
    ("head", "rows"),
    [("             ", ["  c.age@vote |", "       Dole  |"]), ("        Over ", ["age          |", "        Dole |"])],
)
def test_a_window_over_groups_is_verified(head, rows, tmp_path):
    """As Stata 16 has it, and as versions before: a row is found by its level's label below the variable."""
    rule = "-" * 62
    window = [
        f"Mean estimation{'':>35}Number of obs = 944", "", rule,
        f"{head}|       Mean   Std. err.     [95% conf. interval]", "-" * 13 + "+" + "-" * 48,
        rows[0], f"{rows[1].replace('Dole', 'Clin')}   46.29946    .698233      44.92919    47.66973",
        f"{rows[1]}   48.08651   .8279196      46.46174    49.71139", rule,
    ]  # fmt: skip
    exhibit = verified(tmp_path, "label define v 0 Clin 1 Dole\nlabel values vote v\n", "mean age, over(vote)", window)
    assert [c.verdict for c in exhibit.cells] == [*["reproduced"] * 7, "differs", "reproduced"] and not exhibit.notes


@pytest.mark.parametrize(
    ("command", "row", "se"),
    [("mean", "47.04343   .5345274      45.99443    48.09243", ".5345274"),
     ("total", "   44409   504.5938      43418.74    45399.26", "504.5938")],
)  # fmt: skip
def test_a_window_is_verified(command, row, se, tmp_path):
    rule, title = "-" * 62, command.capitalize()
    for printed, verdicts in ((se, {"reproduced"}), (se.replace("5", "6", 1), {"reproduced", "differs"})):
        window = [
            f"{title} estimation{'':>35}Number of obs = 944", "", rule,
            f"{'':>13}|{title:>11}   Std. err.     [95% conf. interval]", "-" * 13 + "+" + "-" * 48,
            f"         age |   {row.replace(se, printed)}", rule,
        ]  # fmt: skip
        exhibit = verified(tmp_path, "", f"{command} age", window)
        assert {c.verdict for c in exhibit.cells} == verdicts and len(exhibit.cells) == 5
