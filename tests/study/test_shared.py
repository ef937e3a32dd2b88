"""`[controls]` and `extends`: words for what could be written out, and nothing but that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from parity.base.errors import InputError
from parity.runs.second_reading.words import given_of, spec_hash
from parity.study.load import parse_study

HEAD = """
[study]
title = "Once, not eight times"
made = true
unit = "id"
time = "year"
"""
SHORT = """
[controls]
main = ["size", "log(age)"]
more = ["$main", "debt"]

[spec.base]
title = "Baseline"
formula = "y ~ x + $main | id + year"
vcov = { cluster = ["id"] }
convention = "reghdfe"
where = "year > 2001"

[spec.more]
extends = "base"
formula = "y ~ x + $more | id + year"

[spec.late]
extends = "more"
where = "year > 2010"

[spec.all]
extends = "late"
where = ""

[spec.command]
stata = "reghdfe y x $plain, absorb(id year) vce(cluster id)"

[spec.robust]
extends = "command"
vcov = "HC1"

[mediation.m]
outcome = "y"
treatment = "x"
mediators = ["m"]
controls = "$main"
absorb = ["id", "year"]
cluster = "id"

[table.t]
columns = ["base", "more"]
rows = ["x", "$main"]
controls = { Controls = ["$more"] }
""".replace("[controls]\n", '[controls]\nplain = ["size", "debt"]\n')
LONG = """
[spec.base]
title = "Baseline"
formula = "y ~ x + size + log(age) | id + year"
vcov = { cluster = ["id"] }
convention = "reghdfe"
where = "year > 2001"

[spec.more]
formula = "y ~ x + size + log(age) + debt | id + year"
vcov = { cluster = ["id"] }
convention = "reghdfe"
where = "year > 2001"

[spec.late]
formula = "y ~ x + size + log(age) + debt | id + year"
vcov = { cluster = ["id"] }
convention = "reghdfe"
where = "year > 2010"

[spec.all]
formula = "y ~ x + size + log(age) + debt | id + year"
vcov = { cluster = ["id"] }
convention = "reghdfe"

[spec.command]
stata = "reghdfe y x size debt, absorb(id year) vce(cluster id)"

[spec.robust]
formula = "y ~ x + size + debt | id + year"
vcov = "HC1"
convention = "reghdfe"

[mediation.m]
outcome = "y"
treatment = "x"
mediators = ["m"]
controls = ["size", "log(age)"]
absorb = ["id", "year"]
cluster = "id"

[table.t]
columns = ["base", "more"]
rows = ["x", "size", "log(age)"]
controls = { Controls = ["size", "log(age)", "debt"] }
"""
FILE = Path("study") / "study.toml"


def read(text: str):
    return parse_study(HEAD + text, FILE)


def test_it_is_what_is_written_out():
    short, long = read(SHORT), read(LONG)
    assert short.specs == long.specs and short.mediation == long.mediation and short.tables == long.tables
    assert [short.spec_hash(s) for s in short.specs] == [long.spec_hash(s) for s in long.specs]
    assert short.spec("late").title == ""  # a title is a spec's own


def test_the_second_reading_is_given_it_written_out():
    short, long = read(SHORT), read(LONG)
    named = ("base", "more", "late", "all")
    assert [spec_hash(short, short.spec(n)) for n in named] == [spec_hash(long, long.spec(n)) for n in named]
    assert "controls" not in given_of(short) and "$" not in str(given_of(short))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[controls]\nmain = ["a"]\n[spec.s]\nformula = "y ~ x + $mian"\n',
         "spec.s.formula: there is no `mian` in [controls]: did you mean `main`?"),
        ('[spec.s]\nformula = "y ~ x + $main"\n', "there is no `main` in [controls]; known: none"),
        ('[controls]\nmain = "a"\n[spec.s]\nformula = "y ~ x"\n', "controls.main: a list of terms"),
        ('[controls]\n"1a" = ["a"]\n[spec.s]\nformula = "y ~ x"\n', "controls.1a: a name is letters"),
        ('[controls]\nmain = ["$later"]\nlater = ["a"]\n[spec.s]\nformula = "y ~ x"\n', "no `later` in [controls]"),
        ('[spec.s]\nextends = "bsae"\n[spec.base]\nformula = "y ~ x"\n', "spec.s.extends: there is no spec `bsae`"),
        ('[spec.a]\nextends = "b"\n[spec.b]\nextends = "a"\n', "extend each other"),
        ('[spec.a]\nextends = "a"\n', "extend each other"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text, said):
    with pytest.raises(InputError) as error:
        read(text)
    assert said in str(error.value)


def test_a_slip_of_a_key_is_answered_with_these_too():
    with pytest.raises(InputError, match="extends"):
        read('[spec.base]\nformula = "y ~ x"\n[spec.s]\nextend = "base"\nformula = "y ~ x"\n')


def test_a_column_between_backticks_may_be_called_anything():
    study = read('[spec.s]\nformula = "y ~ x + `a $b`"\n')
    assert "a $b" in study.spec("s").columns()


@pytest.mark.parametrize(
    ("step", "said"),
    [('"*_w" = { winsorise = "y" }', "a name with * is of a step"), ('"*" = "y + 1"', "a name with * is of a step"),
     ('"*_*" = { lag = ["y"] }', "a name with * is of a step"), ('"*_w" = { winsorise = ["y"] }\ny_w = "y"', "made twice")],
)  # fmt: skip
def test_a_step_of_several_columns_that_is_none(step, said):
    with pytest.raises(InputError, match=re.escape(said)):
        parse_study(f'[study]\ntitle = "t"\ndata = "d.csv"\n[derive]\n{step}\n', Path("here") / "study.toml")


def test_a_step_of_several_columns_is_one_of_each():
    text = '[study]\ntitle = "t"\ndata = "d.csv"\n[spec.s]\nformula = "y_w ~ z_w"\n[derive]\nz = "y + 1"\n'
    text += '"*_w" = { winsorise = ["y", "z"], cuts = [5, 95] }\n'
    apart = text.replace('"*_w" = { winsorise = ["y", "z"]', 'y_w = { winsorise = "y"', 1)
    apart += 'z_w = { winsorise = "z", cuts = [5, 95] }\n'
    whole, written = (parse_study(t, Path("here") / "study.toml") for t in (text, apart))
    assert list(whole.derive) == ["z", "y_w", "z_w"] and whole.derive == written.derive
    assert given_of(whole)["derive"] == given_of(written)["derive"]
