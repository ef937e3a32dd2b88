"""Codes that are one number in two spellings are never one group without a word."""

from __future__ import annotations

import pandas as pd
import pytest

from parity.base.errors import InputError
from parity.data.load import load_frame
from parity.study.load import load_study

HEAD = '[study]\ntitle = "Codes"\n{header}\n[spec.a]\nformula = "{formula}"\nvcov = {vcov}\n'
SPELT = ["01", "1", "02", "2", "3", "03", "10", "11"]


def study(make_study, codes, header="", formula="y ~ x", vcov='"iid"', more="", suffix=".csv"):
    n = len(codes)
    frame = pd.DataFrame({"y": [0.5 * i * i for i in range(n)], "x": range(n), "code": codes})
    toml = HEAD.format(header=header, formula=formula, vcov=vcov) + more
    if suffix == ".csv":
        return load_study(make_study(toml, frame.to_csv(index=False).encode()))
    folder = make_study(toml.replace("[study]", f'[study]\ndata = "data{suffix}"'), None)
    frame.to_excel(folder / "data.xlsx", index=False)
    return load_study(folder)


USES = {
    "unit": {"header": 'unit = "code"'},
    "time": {"header": 'time = "code"'},
    "cluster": {"vcov": '{ cluster = ["code"] }'},
    "effect": {"formula": "y ~ x | code"},
    "combined effect": {"formula": "y ~ x | code^x"},
    "dummies": {"formula": "y ~ x + i(code)"},
    "drawn": {"more": '[bootstrap.b]\nspec = "a"\ncluster = "code"\n'},
    "by": {"more": '[derive]\nz = { standardise = "x", by = ["code"] }\n'},
}


@pytest.mark.parametrize("use", USES)
def test_a_column_of_codes_with_two_spellings_is_refused(make_study, use):
    with pytest.raises(InputError) as error:
        load_frame(study(make_study, SPELT, **USES[use]))
    said = str(error.value)
    assert "code: `01` and `1` are one number in two spellings (and 2 more such pairs)" in said
    assert "write them alike" in said and "`c01`" in said


def test_a_workbook_with_numbers_and_text_is_refused_too(make_study):
    mixed = ["01", 1, "02", 2, 3, "03", 10, 11]
    with pytest.raises(InputError, match="`01` and `1` are one number in two spellings"):
        load_frame(study(make_study, mixed, suffix=".xlsx", **USES["unit"]))
    alike = load_frame(study(make_study, [1, "1", 2, "2", 3, "3", 10, 11], suffix=".xlsx", **USES["cluster"]))
    assert alike["code"].nunique() == 5


@pytest.mark.parametrize(
    ("codes", "groups"),
    [
        (["01", "01", "02", "02", "03", "03", "10", "11"], 5),
        (["1", "1.0", "2", "2.0", "3", "", "10", "11"], 5),
        (["0", "00.5", "0.5", "-1", "1", "1.5", "7", "8"], 7),
        (["01", "1", "02", "2", "3", "03", "10", "a"], 8),  # a column of text keeps its spellings apart
    ],
)
def test_one_spelling_and_columns_of_text_are_fine(make_study, codes, groups):
    assert load_frame(study(make_study, codes, **USES["cluster"]))["code"].nunique() == groups


def test_a_regressor_is_a_number_however_it_is_written(make_study):
    assert load_frame(study(make_study, SPELT, formula="y ~ code"))["code"].tolist() == [1, 1, 2, 2, 3, 3, 10, 11]
