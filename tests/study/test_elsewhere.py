"""A formula of felm, plm, linearmodels or patsy is answered by the formula that is written here, which can be read."""

from __future__ import annotations

import re
import time

import pytest

from parity.base.errors import InputError
from parity.study.elsewhere import in_elsewhere
from parity.study.formula import FormulaError
from parity.study.grammar import parse_formula

HERE = {
    "y ~ x | firm + year | (q ~ z) | firm": ("y ~ x | firm + year | q ~ z", 'vcov = { cluster = ["firm"] }'),
    "y ~ x | firm | (q | w ~ z1 + z2) | firm + year":
        ("y ~ x | firm | q + w ~ z1 + z2", 'vcov = { cluster = ["firm", "year"] }'),
    "y ~ x | firm | 0 | firm": ("y ~ x | firm", 'vcov = { cluster = ["firm"] }'),
    "y ~ x | 0 | 0 | firm": ("y ~ x", 'vcov = { cluster = ["firm"] }'),
    "y ~ x | 0 | (q ~ z) | 0": ("y ~ x | 0 | q ~ z", ""),
    "y ~ x | firm | (q ~ z)": ("y ~ x | firm | q ~ z", ""),
    "y ~ 1 + x + [q ~ z] + EntityEffects + TimeEffects": ("y ~ 1 + x | firm + year | q ~ z", ""),
    "y ~ x + [q ~ z]": ("y ~ x | 0 | q ~ z", ""),
    "y ~ x + C(region, Treatment(reference=2))": ("y ~ x + i(region, ref=2)", ""),
    "y ~ x + C(region, Treatment('East')) + C(a)*C(b)": ("y ~ x + i(region, ref='East') + C(a)*C(b)", ""),
    "Q('y 1') ~ Q(\"a b\") + np.log(x)": ("`y 1` ~ `a b` + log(x)", ""),
    "y ~ lag(x, 1) + factor(year)": ("y ~ l(x, 1) + i(year)", ""),
    "y ~ lag(log(x), 2) + as.factor(year)": ("y ~ l(log(x), 2) + i(year)", ""),
    "y ~ lag(x, 1:2) + plm::lag(z, -1) + diff(w)": ("y ~ l(x, 1) + l(x, 2) + f(z, 1) + d(w, 1)", ""),
    "y ~ dplyr::lead(x)": ("y ~ f(x, 1)", ""),
}  # fmt: skip


@pytest.mark.parametrize("theirs", HERE)
def test_the_answer_is_the_formula_as_it_is_written_here(theirs):
    ours, more = HERE[theirs]
    with pytest.raises(FormulaError) as error:
        parse_formula(theirs)
    said = str(error.value)
    assert said.endswith(f'; write "{ours}"' + (f", and {more}" if more else "")), said
    parse_formula(re.search('write "(.*?)"(?:,|$)', said)[1])


@pytest.mark.parametrize("text", ["y ~ x", "y ~ x | firm", "y ~ x | firm^year | q ~ z", "log(y) ~ l(x, 1) + i(g, ref=1)"])
def test_a_formula_of_here_is_left_alone(text):
    assert in_elsewhere(text) == ("", "")
    parse_formula(text)


def test_instruments_of_plm_are_no_fixed_effects():
    """plm's second part holds instruments: what it instruments can't be told from the text."""
    with pytest.raises(FormulaError) as error:
        parse_formula("y ~ lag(x, 1) | lag(z, 2)")
    assert "| l(z, 2)" not in str(error.value)


@pytest.mark.parametrize(("word", "told"), [("EntityEffects", "`| firm`"), ("TimeEffects", "`| year`"),
                                            ("OtherEffects", "by the names of their columns")])  # fmt: skip
def test_effects_of_linearmodels(make_study, word, told):
    from parity.data.load import load_frame
    from parity.study.load import load_study

    study = load_study(
        make_study(f'[study]\ntitle = "t"\nunit = "firm"\ntime = "year"\n[spec.a]\nformula = "inv ~ value + {word}"\n')
    )
    with pytest.raises(InputError, match="fixed effects stand after a bar") as error:
        load_frame(study)
    assert told in str(error.value)


@pytest.mark.parametrize("unit", ["C(", "(", "|", "[q ~ ", "lag(x, 1:9) + ", "Q('a", "a::", "+ ", "~", ")", "a.", "x "])
def test_long_texts_take_no_time(unit):
    start = time.process_time()
    in_elsewhere("y ~ " + unit * (2_000 // len(unit)))
    assert time.process_time() - start < 1.0
