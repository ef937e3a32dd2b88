"""Why a column is marked with a dagger: said in the language of the table, whatever is wrong."""

from __future__ import annotations

import re

import pytest

from conftest import FIXTURES
from parity.results.record import Cause, Difference, Record
from parity.study.load import load_study
from parity.table.formats import grid_of, renderer
from parity.table.notes import MARK
from parity.table.reasons import REASONS, reason
from parity.table.troubles import trouble_of
from parity.table.verified import Verified

#: What a run says, of each form one; and names that stay.
SAID = [
    "R gave no answer", "not frozen", "no two engines have an estimate of it", "nothing is left to estimate",
    "no row is left",
    "no two engines have an estimate that says anything: r-lm; py-moments",
    "no row is left: `where` keeps 31 of 279, 29 have missing values, 2 are singletons",
    "12 rows leave no degree of freedom for 14 parameters", "3 rows for 4 coefficients",
    "every regressor is absorbed or collinear: dt, nqp",
    "the endogenous `dt` is collinear with the fixed effects or regressors",
    "the instruments are uncorrelated with the endogenous columns: nothing is identified",
    "1 instruments are left for 2 endogenous columns", "there is only one cluster",
    "the panel isn't balanced (270 rows of 31 units in 9 periods): whole units' residuals can't be drawn",
    "the panel isn't balanced (270 rows of 31 units in 9 periods): W y is known where all units are there",
    "`dt` is determined by the other regressors and the effects", "`dt` is left out of spec one: nqp",
    "regressors and effects leave nothing of the outcome", "a regime of the model is determined by its other regressors",
    "by: 3 of 279 rows of spec one have no value of `nqp`", "of: 3 of 279 rows have no value of `nqp`",
    "the information at the maximum is not positive definite: there are no standard errors",
    "the likelihood has no maximum between -1 and 1",
    "scores lie between 0 and 1, but one is -0.2: rescale them, or multiply by 1/100",
    "2015: Gini's coefficient is of values that are not negative, and not all zero",
    "a density needs two values that differ", "fewer than three rows have no summary",
    "no answer within 120 s; its worker was stopped", "out of memory on 1,000 rows",
    "the data or settings have changed since it was recorded; run parity freeze where R is",
    "the data have changed since it was recorded",
    "the data have changed since it was recorded; run parity freeze",
    "the specification has changed since it was recorded",
    "not to be relied on: 3 of 9 draws leave an effect undetermined", 
    "3 of 9 draws leave an effect undetermined", "R is not on the PATH",
    "never: there is only one cluster", "not yet: no row is left",
]  # fmt: skip
KEPT = re.compile(r"\bR\b|parity freeze|`\w+`|dt|nqp|Wy|one|r-lm|py-moments")


@pytest.mark.parametrize("said", SAID)
def test_a_reason_is_in_chinese(said):
    chinese = reason(said)
    assert not re.search("[A-Za-z]", KEPT.sub("", chinese)), chinese
    numbers = [set(re.findall(r"\d+(?:,\d+)*", text)) for text in (said, chinese)]
    assert numbers[0] == numbers[1]


def test_every_form_has_its_example_and_an_unknown_one_stays():
    unmet = [form for form, _ in REASONS if not any(re.fullmatch(form, said) for said in SAID)]
    assert unmet == []
    assert reason("LinAlgError: SVD did not converge") == "LinAlgError: SVD did not converge"


CAUSE = Cause(id="robust-for-cluster", text="", residual=0.0, chance=0.5)
OFF = Difference(quantity="se", term="dt", reference=1.0, candidate=2.0, digits=0.0, allowed=0.005)
RECORDS = [
    ({"verdict": "failed", "candidate": "base-r", "note": "no row is left"}, "R：未能完成：没有剩余观测"),
    ({"verdict": "stale", "candidate": "python", "reference": "base-r", "note": "not frozen"},
     "Python 与 R：结果已过期：没有冻结的结果"),
    ({"verdict": "disagree", "candidate": "r-lm", "reference": "py-moments", "checked": 7, "differences": (OFF,)},
     "r-lm 与 py-moments：比较的 7 个数中有 1 个不一致"),
    ({"verdict": "vacuous", "kind": "spec", "note": "no two engines have an estimate of it"},
     "未作任何比较：没有两个程序都能估计"),
    ({"verdict": "explained", "candidate": "r-lm", "reference": "r-stata", "causes": (CAUSE,)},
     "r-lm 与 r-stata：差异的原因是 robust-for-cluster"),
    ({"verdict": "disagree", "kind": "printed", "candidate": "r-lm", "reference": "printed", "checked": 2,
      "differences": (OFF,), "causes": (CAUSE,)},
     "论文中的数字与估计值相比：比较的 2 个数中有 1 个不一致，原因可能是 robust-for-cluster（位数太少，也可能只是巧合）"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "said"), RECORDS, ids=lambda f: f["verdict"] if isinstance(f, dict) else "")
def test_what_fails_a_column_is_in_chinese(fields, said):
    record = Record(**({"study": "s", "spec": "one", "kind": "estimate", "reference": "", "candidate": ""} | fields))
    assert trouble_of(record, "zh") == said
    assert trouble_of(record, "en").startswith(f"{record.verdict}: ")


@pytest.mark.parametrize("name", ["baseline", "mediation", "weights", "described", "thresholds", "tests"])
def test_every_kind_of_table_says_it(name):
    study = load_study(FIXTURES / "digital_trade")
    table = study.tables[name].model_copy(update={"language": "zh"})
    grid = grid_of(name, table, Verified(study, (), ()))
    notes = [note for note in grid.notes if MARK in note]
    assert notes and all("未经验证" in note and "verified" not in note for note in notes), grid.notes
    assert MARK in renderer("text")([grid])
