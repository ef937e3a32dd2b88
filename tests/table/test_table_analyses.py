"""What stands below a table's columns belongs to them: differences of groups, wild bootstraps, absorbed controls."""

from __future__ import annotations

import shutil

import pytest

from conftest import FIXTURES
from parity.base.errors import InputError
from parity.engines import engine
from parity.results.record import Record, named
from parity.study.load import load_study, parse_study
from parity.study.study import Study
from parity.table.formats import grid_of
from parity.table.gather import gather
from parity.table.grid import Grid
from parity.table.verified import Verified

TOML = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[derive]
large = "firm <= 5"
size = "firm * 2"

[spec.all]
formula = "inv ~ value + capital | firm + year"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.pooled]
formula = "inv ~ value + capital"
vcov = { cluster = ["year"] }
convention = "reghdfe"

[spec.large]
formula = "inv ~ value + capital + size | firm + year"
where = "firm <= 5"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.small]
formula = "inv ~ value + capital + size | firm + year"
where = "firm > 5"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[difference.by_size]
spec = "all"
group = "large"

[difference.of_capital]
spec = "all"
group = "large"
term = "capital"

[difference.alone]
spec = "pooled"
group = "large"
interact = "term"

[wild.value]
spec = "large"

[wild.hidden]
spec = "large"
term = "capital"
null = 0.5
level = 0.6

[wild.webb]
spec = "large"
points = "webb"
restricted = false

[wild.again]
spec = "large"
seed = 2
"""
KINDS = {"by_size": "value", "of_capital": "capital", "alone": "value"}
TABLE = '\n[table.t]\ncolumns = ["large", "small"]\nrows = ["value"]\n'


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Verified:
    """Specs as two engines estimate them; of analyses what they would have found, had R agreed."""
    folder = tmp_path_factory.mktemp("tables") / "study"
    folder.mkdir()
    whole = '\n[table.whole]\ncolumns = ["all", "pooled", "large", "small"]\n'
    (folder / "study.toml").write_text(TOML + whole, encoding="utf-8")
    shutil.copy(FIXTURES / "grunfeld" / "data.csv", folder)
    study = load_study(folder)
    engines = [engine("py-linearmodels"), engine("py-moments")]
    found = gather(study.model_copy(update={"difference": {}, "wild": {}}), [study.tables["whole"]], engines=engines,
                   transport="frozen")  # fmt: skip
    return Verified(study, found.details, found.records)


def analysed(study: Study, name: str, **numbers: float) -> Record:
    found = named({q.replace("_", " "): {"": v} for q, v in numbers.items()})
    return Record(study=study.id, spec=name, kind=name.split(".")[0], reference="base-r", candidate="python",
                  verdict="agree", checked=9, numbers=found)  # fmt: skip


def made(base: Verified, table: str) -> Grid:
    study = parse_study(TOML + TABLE + table, base.study.file)
    first, second = ({t: base.values(s)["coef", t] for t in ("value", "capital")} for s in ("large", "small"))
    records = [
        *(analysed(study, f"difference.{n}", first=first[t], second=second[t], difference=first[t] - second[t],
                   p_interaction=0.02) for n, t in KINDS.items()),
        *(analysed(study, f"wild.{n}", p=p, low=p, high=2.0) for n, p in (("value", 0.01), ("hidden", 0.2),
                                                                          ("webb", 0.3), ("again", 0.04))),
    ]  # fmt: skip
    return grid_of("t", study.tables["t"], Verified(study, base.details, (*base.records, *records)))


def under(first: str, second: str, *names: str) -> str:
    listed = ", ".join(f'{{ difference = "{n}", columns = ["{first}", "{second}"] }}' for n in names)
    return f"differences = [{listed}]\n"


def wrong(base: Verified, table: str) -> str:
    with pytest.raises(InputError) as error:
        made(base, table)
    return str(error.value)


def labels(grid: Grid) -> list[str]:
    return [row.label for row in grid.body]


def test_a_difference_stands_under_its_own_two_columns(base):
    grid = made(base, under("large", "small", "by_size"))
    values = [base.values(s)["coef", "value"] for s in ("large", "small")]
    assert next(r for r in grid.body if r.label == "Difference of groups").cells[0].text == f"{values[0] - values[1]:.3f}"
    assert not any("Differences of groups are" in note for note in grid.notes)


def test_a_difference_under_columns_in_the_other_order_is_refused(base, monkeypatch):
    monkeypatch.setattr("test_table_analyses.TABLE", '\n[table.t]\ncolumns = ["small", "large"]\n')
    said = wrong(base, under("small", "large", "by_size"))
    assert "table.t.differences: `by_size` is of `value` in `all`" in said and "where large" in said
    assert "under it stand `small` with" in said and "so put `large` before `small`" in said


@pytest.mark.parametrize("columns", [("all", "pooled"), ("large", "all"), ("pooled", "small")])
def test_a_difference_under_other_columns_is_refused(base, monkeypatch, columns):
    monkeypatch.setattr("test_table_analyses.TABLE", f"\n[table.t]\ncolumns = {list(columns)}\n")
    assert "which are other estimates" in wrong(base, under(*columns, "by_size"))


def test_the_term_of_a_difference_is_said_unless_it_is_the_one_shown(base):
    grid = made(base, under("large", "small", "of_capital"))
    assert "Differences of groups are of capital." in grid.notes
    said = wrong(base, under("large", "small", "by_size", "of_capital"))
    assert "`by_size` is of `value` and `of_capital` of `capital`: under one pair all are of one term" in said


def test_an_interaction_of_one_term_and_other_clusters_are_said(base):
    notes = made(base, under("large", "small", "alone")).notes
    assert "p, interaction: all but value is the same in both groups." in notes
    assert "Differences of groups are clustered by year." in notes


def test_a_wild_bootstrap_names_its_term_null_level_and_kind(base):
    grid = made(base, 'statistics = ["wild_p", "wild_ci"]\nwild = ["value", "hidden", "webb"]\n')
    found = {r.label: r.cells[0].text for r in grid.body if r.label.startswith("Wild")}
    p, interval = "Wild cluster bootstrap p", "Wild cluster bootstrap interval"
    assert found == {
        p: "0.010", f"{p}, capital = 0.5": "0.200", f"{p}, Webb's points, null not imposed": "0.300",
        interval: "[0.010, 2.000]", f"{interval}, 60 %, capital": "[0.200, 2.000]",
        f"{interval}, Webb's points, null not imposed": "[0.300, 2.000]",
    }  # fmt: skip


def test_the_term_of_a_wild_bootstrap_is_named_where_several_are_shown(base, monkeypatch):
    monkeypatch.setattr("test_table_analyses.TABLE", TABLE.replace('rows = ["value"]', 'labels = { value = "V" }'))
    assert "Wild cluster bootstrap p, V = 0" in labels(made(base, 'statistics = ["wild_p"]\nwild = ["value"]\n'))


def test_wild_bootstraps_of_one_hypothesis_are_chosen_by_name(base):
    said = wrong(base, 'statistics = ["wild_p"]\n')
    assert 'table.t.wild: `value` and `again` test the same of `large`: choose, wild = ["value"]' in said
    grid = made(base, 'statistics = ["wild_p"]\nwild = ["again"]\n')
    assert next(r for r in grid.body if r.label == "Wild cluster bootstrap p").cells[0].text == "0.040"
    assert "there is no wild bootstrap `agian`: did you mean `again`" in wrong(
        base, 'statistics = ["wild_p"]\nwild = ["agian"]'
    )
    assert "nothing shows it" in wrong(base, 'wild = ["again"]')


def test_an_absorbed_control_is_no_control(base):
    grid = made(base, 'controls = { Size = ["size"], Both = ["capital", "size"] }\nstatistics = ["nobs"]\n')
    words = {r.label: [c.text for c in r.cells] for r in grid.body}
    assert words["Size"] == ["Absorbed"] * 2 and words["Both"] == ["Yes"] * 2
    said = "Absorbed by fixed effects or collinear with other regressors, so left out: size in (1)-(2)."
    assert said in grid.notes and not any("left out" in n for n in made(base, 'controls = ["capital"]').notes)
