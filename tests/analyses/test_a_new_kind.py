"""A kind of analysis that nobody listed: declared in one module and answered in one folder, of a copy of parity.

The copy is run as a user runs it; what was forgotten is said with what to write.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from conftest import FIXTURES, ROOT
from parity.analyses.registry import analyses, unanswered
from parity.study.analyses.contract import AnalysisSettings, Asked, lacking
from parity.study.analyses.registry import BY_KIND, KINDS, in_places

DECLARED = """
from parity.study.analyses.contract import AnalysisSettings, Asked
from parity.study.formula import columns_of
from parity.study.spec import ExprText


class Midranges(AnalysisSettings):
    spec: str
    of: ExprText
    where: ExprText | None = None

    def columns(self):
        return {"of": columns_of(self.of), "where": columns_of(self.where)}


ASKED = (Asked("midrange", "midranges of columns", 99, Midranges, needs="spec and of",
               conditions=("where",), heads={"midrange": "Halfway"}, chinese={"Halfway": "中程数"}),)
"""
ANSWERED = """
import numpy as np

from parity.analyses.in_parts import Found
from parity.analyses.of_columns import chosen, compare_scaled
from parity.analyses.of_section import OfSection
from parity.r.frame import Column
from parity.r.session import get_session


class Midrange(OfSection):
    section = "midrange"

    def part(self, study, frame, settings):
        return chosen(study, frame, settings, (settings.of,))

    def find(self, part):
        (values,) = part.columns.values()
        found = {"midrange": {"all": float(values.min() + values.max()) / 2}}
        return Found(found, found)

    def ask_r(self, part, folder):
        (values,) = part.columns.values()
        answer = get_session().call("midrange_analysis", {"x": Column.double(values)})
        return {"midrange": {"all": float(np.asarray(answer["midrange"].values).item())}}

    def compare(self, part, answer, found):
        return compare_scaled(answer, found.own, lambda quantity: 1.0)


ANALYSIS = Midrange()
"""
IN_R = "midrange_analysis <- function(request) list(midrange = mean(range(request$x)))\n"
TOML = """
[study]
title = "Midranges"
unit = "firm"
time = "year"
language = "zh"

[spec.one]
formula = "inv ~ value | firm"
reference = "py-statsmodels"

[midrange.value]
spec = "one"
of = "value"

[[published]]
analysis = "midrange.value"
term = "all"
statistic = { midrange = "3149.91" }
source = "by hand"

[table.shown]
kind = "analysis"
analysis = "midrange.value"
"""


#: Answers calls, each the text of study.toml, more of an environment and arguments, as [[code, what is said], ...].
CALLED = """
import json, sys
from pathlib import Path
from click.testing import CliRunner
from parity.base.pool import kept
from parity.cli import main

if __name__ == "__main__":
    answers = []
    with kept(1):
        for toml, environment, *arguments in json.loads(sys.argv[1]):
            Path("study", "study.toml").write_text(toml, encoding="utf-8")
            result = CliRunner().invoke(main, arguments, env=environment)
            answers.append([result.exit_code, result.output])
            if result.exception is not None and not isinstance(result.exception, SystemExit):
                raise result.exception
    print(json.dumps(answers))
"""


#: What is changed in the study -> words with which it is refused.
WRONG = {
    ('of = "value"', 'off = "value"'): (
        "midrange.value.of: is missing", "midrange.value.off: there is no key `off` here",
    ),
    ('[midrange.value]\nspec = "one"\nof = "value"', "midrange = 3"): (),
    ('of = "value"', 'of = "valu"'): ("midrange.value.of: there is no column `valu`",),
    ('spec = "one"', 'spec = "two"'): ("midrange.value.spec: there is no spec `two`",),
    ('"midrange.value"\nterm', '"midrange.valeu"\nterm'): (
        "there is no analysis `midrange.valeu`: did you mean `midrange.value`?",
    ),
}  # fmt: skip
RUN = ("run", "study", "--engine", "py-linearmodels")
CALLS = {
    **{change: (TOML.replace(*change), {}, "run", "study") for change in WRONG},
    "run": (TOML, {}, *RUN, "--json", "report.json"),
    "table": (TOML, {}, "table", "study", "--table", "shown"),
    "freeze": (TOML, {}, "freeze", "study"),
    "frozen": (TOML, {"PARITY_R": "none"}, *RUN),
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A folder with a copy of the code that has the new kind, and call -> code of `parity` and what it says. One process
    answers them all, which imports the packages once."""
    top = tmp_path_factory.mktemp("copy")
    code, r = top / "src" / "parity", top / "r_scripts"
    shutil.copytree(ROOT / "src" / "parity", code, ignore=shutil.ignore_patterns("*-pytest-*"))  # what is compiled, too
    shutil.copytree(ROOT / "r_scripts", r, ignore=shutil.ignore_patterns("studies"))
    (code / "study" / "analyses" / "midrange.py").write_text(DECLARED)
    (code / "analyses" / "midrange").mkdir()
    (code / "analyses" / "midrange" / "__init__.py").write_text("")
    (code / "analyses" / "midrange" / "analysis.py").write_text(ANSWERED)
    (r / "lib" / "midrange.R").write_text(IN_R)
    folder = top / "study"
    folder.mkdir()
    shutil.copy(FIXTURES / "grunfeld" / "data.csv", folder / "data.csv")
    known = os.environ | {"PYTHONPATH": str(top / "src"), "PARITY_CACHE": str(top / "kept")}
    known["PYTHONDONTWRITEBYTECODE"] = ""  # what the copy has not compiled is, once
    done = subprocess.run([sys.executable, "-c", CALLED, json.dumps([*CALLS.values()])], cwd=top, env=known,
                          capture_output=True, text=True, timeout=300)  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = [(code, " ".join(said.split())) for code, said in json.loads(done.stdout)]
    return top, dict(zip(CALLS, said, strict=True))


@pytest.mark.parametrize(("change", "wanted"), WRONG.items())
def test_it_is_read_and_refused_in_the_right_words(copied, change, wanted):
    code, said = copied[1][change]
    assert code == 2 and all(words in said for words in wanted), said


@pytest.mark.needs_r
def test_it_is_run_kept_and_shown(copied):
    top, answers = copied
    (code, said), (table, shown), (kept, frozen) = (answers[call] for call in ("run", "table", "freeze"))
    assert code == 0 and "1 of 1 midranges of columns agree in Python and R" in said
    records = json.loads((top / "report.json").read_text())["records"]
    (record,) = [r for r in records if r["kind"] == "midrange"]
    assert (record["spec"], record["verdict"], record["numbers"][0]["value"]) == ("midrange.value", "agree", 3149.91)
    (printed,) = [r for r in records if r["kind"] == "printed"]
    assert (printed["spec"], printed["verdict"]) == ("midrange.value", "agree")
    assert table == 0 and "中程数" in shown and "3149.91" in shown.replace(",", "")
    assert kept == 0 and "1 midranges of columns" in frozen
    code, said = answers["frozen"]
    assert code == 0 and "1 of 1 midranges of columns agree in Python and R" in said


# ---------------------------------------------------------------- what is forgotten


class Section(AnalysisSettings):
    spec: str
    of: str


WHOLE = Asked("new", "new ones", 99, Section, needs="spec and of", heads={"a": "A head"}, chinese={"A head": "标题"})
FORGOTTEN = {
    "called": ({"called": ""}, "what the last line of a run calls its records"),
    "needs": ({"needs": "spec"}, "which keys [new.NAME] must have: spec, of"),
    "settings": ({"settings": None}, "the type of [new.NAME], or `names`"),
    "chinese": ({"chinese": {}}, "the head `A head` has no Chinese"),
    "a key": ({"conditions": ("when",)}, "`conditions` names `when`, which is no key of [new.NAME]: spec, of"),
}


def test_a_whole_declaration_lacks_nothing():
    assert not list(lacking(WHOLE)) and in_places([*KINDS, WHOLE])[-1] is WHOLE


@pytest.mark.parametrize("part", FORGOTTEN)
def test_a_forgotten_part_is_said_with_what_to_write(part):
    changed, said = FORGOTTEN[part]
    with pytest.raises(TypeError) as error:
        in_places([*KINDS, replace(WHOLE, **changed)])
    assert said in str(error.value) and "Asked('new')" in str(error.value)


def test_a_place_that_is_taken_is_said_with_a_free_one():
    with pytest.raises(TypeError, match="place 3 is that of 'difference'; the next free one is 16"):
        in_places([*KINDS, replace(WHOLE, place=3)])


def test_a_kind_that_nothing_answers_and_an_answer_that_nothing_asks_for():
    found = list(analyses().values())
    assert not list(unanswered(found, BY_KIND))
    (said,) = unanswered(found, [*BY_KIND, "new"])
    assert "`new`: nothing answers it" in said and "parity/analyses/new/analysis.py" in said
    (said,) = unanswered(found, [kind for kind in BY_KIND if kind != "spatial"])
    assert "`spatial`" in said and "declares: give it ASKED" in said
