"""A proposed audit: what is proposed can be estimated, has a reason, runs as it is written; what is forbidden stays out."""

from __future__ import annotations

import shutil
import tomllib

import pytest
from click.testing import CliRunner

from conftest import FIXTURES
from parity.audit.plan import plan_of
from parity.audit.run import outcomes
from parity.audit.space import space_of
from parity.cli import main
from parity.study.load import load_study

GRUNFELD = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[spec.baseline]
formula = "inv ~ value + capital | firm"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.both]
formula = "inv ~ value | firm + year"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.lagged]
formula = "inv ~ value + l_capital | firm"
convention = "reghdfe"

[derive]
l_capital = "l(capital, 1)"
value_late = "value * (year > 1944)"

[spec.late]
formula = "inv ~ value + value_late | firm"
convention = "reghdfe"
"""


def called(*words):
    return CliRunner().invoke(main, [*map(str, words)])


def proposed(*words) -> dict:
    done = called("new", "--audit", *words)
    assert done.exit_code == 0, done.output
    return tomllib.loads(done.output)["audit"]


def run(folder, name: str):
    space = space_of(load_study(folder), name)
    return outcomes(space, plan_of(space))


def test_each_choice_has_its_reason_and_comes_from_the_study(make_study):
    folder = make_study(GRUNFELD)
    done = called("new", "--audit", folder, "baseline")
    lines = done.output.splitlines()
    audit = tomllib.loads(done.output)["audit"]["baseline"]
    assert (audit["spec"], audit["term"]) == ("baseline", "value")
    # the controls of other specs, but nothing made of the term; their effects
    assert audit["controls"] == ["capital", "l_capital"]
    assert audit["absorb"][0] == "firm + year" and "none" in audit["absorb"]
    assert audit["cluster"] == ["year", ["firm", "year"]] and audit["leave_out"] == ["firm"]
    assert audit["where"] == ["year <= 1944", "year > 1944"] and "plm" in audit["convention"]
    for key in audit.keys() - {"spec", "term", "transform", "most"}:
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{key} ="))
        assert lines[at - 1].startswith("# ") and len(lines[at - 1]) > 12, key
    assert "vcov: iid and HC1 are not proposed" in done.output


def test_what_is_written_runs_and_every_option_can_be_estimated(make_study):
    folder = make_study(GRUNFELD)
    done = called("new", "--audit", folder, "both", "--write", "--without", "leave_out")
    assert done.exit_code == 0, done.output
    found = run(folder, "both")
    for j, axis in enumerate(found.axes):
        for option in range(len(axis.options)):
            assert found.estimable[found.choices[:, j] == option].any(), (axis.name, axis.options[option])
    assert f"# {len(found):,} combinations." in (folder / "study.toml").read_text(encoding="utf-8")
    again = called("new", "--audit", folder, "both", "--write", "--without", "leave_out")
    assert again.exit_code == 0 and set(load_study(folder).audits) == {"both", "both_2"}


@pytest.mark.parametrize("name", ["cigarettes", "card"])
def test_bundled_studies_get_one_that_runs(name, tmp_path):
    folder = tmp_path / name
    shutil.copytree(FIXTURES / name, folder)
    assert called("new", "--audit", folder, "--write").exit_code == 0
    audit = list(load_study(folder).audits)[-1]
    found = run(folder, audit)
    assert found.base is not None and found.estimable.all() and len(found) > 4


def test_what_is_forbidden_stays_out(make_study):
    folder = make_study(GRUNFELD)
    audit = proposed(folder, "baseline", "--without", "where", "--without", "controls.capital", "--without", "convention")
    assert not {"where", "convention"} & set(audit["baseline"])
    assert audit["baseline"]["controls"] == {"free": ["l_capital"], "always": ["capital"]}


def test_a_mediator_is_no_control_and_an_index_has_its_variants():
    without = [w for key in ("leave_out", "where", "convention", "absorb", "index.resilience") for w in ("--without", key)]
    audit = proposed(FIXTURES / "digital_trade", "baseline_6", *without)["baseline_6"]
    assert not [c for c in audit["controls"] if c.startswith(("nqp", "dt"))] and "ln_population" in audit["controls"]
    assert audit["index"] == {"dt": {"variants": "all", "leave_out": ["dimensions"]}}


IV = """
[study]
title = "Made"
[spec.a]
formula = "y ~ 1 | x ~ z1 + z2"
vcov = "HC1"
weights = { analytic = "w" }
"""


def test_weights_instruments_and_far_values_are_choices(make_study):
    columns = {
        "y": lambda i: i * 37 % 101 / 10 + (900 if i == 7 else 0), "x": lambda i: i * 53 % 89 / 7,
        "z1": lambda i: i * 53 % 89 / 9 + i % 3, "z2": lambda i: i * 29 % 61 / 3, "w": lambda i: 1 + i % 4,
    }  # fmt: skip
    rows = [",".join(columns), *(",".join(str(make(i)) for make in columns.values()) for i in range(60))]
    audit = proposed(make_study(IV, "\n".join(rows).encode()))["a"]
    assert audit["weights"] == ["none"] and audit["instruments"] == ["z2", "z1"] and audit["vcov"] == ["iid"]
    assert audit["transform"] == {"y": [{"winsorise": "y", "cuts": [1, 99]}, {"winsorise": "y", "cuts": [5, 95]}]}


def test_mistakes_are_said(make_study):
    folder = make_study(GRUNFELD)
    for words, said in [
        ((folder, "basline"), "did you mean `baseline`"), ((folder, "--without", "control"), "did you mean `controls`"),
        ((folder, "--without", "controls.capitol"), "did you mean `capital`"),
        ((folder, "--data", "x.csv"), "neither --data"),
    ]:  # fmt: skip
        done = called("new", "--audit", *words)
        assert done.exit_code == 2 and said in done.output, done.output
    for words in (("--write",), ("--without", "where")):
        assert called("new", "mine", "--data", "x.csv", *words).exit_code == 2
    assert called("new").exit_code == 2


AUDIT = (
    GRUNFELD
    + """
[audit.robust]
spec = "baseline"
term = "value"
controls = ["CONTROL"]
where = ["year > SINCE"]
"""
)


@pytest.mark.parametrize(
    ("control", "since", "more", "code", "said"),
    [
        ("capital", "1940", "", 0, "4 combinations of 2 choices"),
        ("captial", "1940", "", 1, "there is no column `captial`: did you mean `capital`?"),
        ("capital", "2000", "", 0, "where: `year > 2000` keeps no row"),
        (
            "capital",
            "1940",
            '[audit.robust]\nspec = "both"\n',
            2,
            "[audit.robust] is there already: give one of them another",
        ),
        ("capital", "1940", 'controls = "all"\n', 2, "`controls` is there already in this table: write it once"),
    ],
)
def test_a_check_says_what_is_wrong_with_an_audit(make_study, control, since, more, code, said):
    folder = make_study(AUDIT.replace("CONTROL", control).replace("SINCE", since) + more)
    done = CliRunner().invoke(main, ["check", str(folder)])
    assert said in " ".join(done.output.split()) and done.exit_code == code, done.output


def test_where_choices_would_change_the_rows_a_common_sample_is_proposed(tmp_path):
    """Of the lagged spec the first year has no value; of a column with holes in half of the rows it is only said."""
    shutil.copy(FIXTURES / "grunfeld" / "data.csv", tmp_path)
    (tmp_path / "study.toml").write_text(GRUNFELD.replace("value + l_capital", "value + capital"))
    assert "common_sample" not in called("new", "--audit", tmp_path, "baseline").output
    (tmp_path / "study.toml").write_text(GRUNFELD)
    done = called("new", "--audit", tmp_path, "baseline")
    assert "# 10 of 200 rows of the spec miss what a choice reads (`l_capital` in 10)" in done.output
    assert tomllib.loads(done.output)["audit"]["baseline"]["common_sample"] is True
    assert "common_sample" not in called(
        "new", "--audit", tmp_path, "baseline", "--without", "common_sample"
    ).output.replace("left out, as asked: common_sample", "")
    (tmp_path / "study.toml").write_text(GRUNFELD.replace('"l(capital, 1)"', '"l(capital, 5)"'))
    done = called("new", "--audit", tmp_path, "baseline")
    assert "too many to leave out everywhere" in done.output
    assert "common_sample" not in tomllib.loads(done.output)["audit"]["baseline"]
