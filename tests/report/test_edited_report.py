"""A kept report in which a number, a verdict or the study's text was edited is refused; one that a run wrote is not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from conftest import FIXTURES
from miniatures import matrices, miniature, with_matrices
from parity.analyses.event_study.analysis import ANALYSIS as EVENT_STUDIES
from parity.analyses.resampling.found import found_in
from parity.analyses.resampling.page import detail_of
from parity.analyses.resampling.sample import prepare
from parity.cli import main
from parity.data.load import load_frame
from parity.engines import engine
from parity.report.json import to_json
from parity.results.analysis_page import AnalysisDetail
from parity.results.record import Record, named, summarise
from parity.runs import runner
from parity.study.load import load_study
from parity.study.study import Study

TOML = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[spec.one]
formula = "inv ~ value | firm + year"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.two]
formula = "inv ~ value + capital | firm + year"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[difference.size]
spec = "two"
group = "firm <= 5"
draws = 100
refits = 10

[wild.two]
spec = "two"
draws = 199
refits = 10

[derive]
treated = "year >= 1935 + 4 * firm"

[event_study.value]
outcome = "inv"
treatment = "treated"
method = "callaway_santanna"

[event_study.pairs]
outcome = "inv"
treatment = "treated"
method = "bacon"

[event_study.shocks]
outcome = "inv"
treatment = "treated"
method = "local_projections"
leads = 3
lags = 3

[mediation.capital]
outcome = "inv"
treatment = "value"
mediators = ["capital"]
absorb = ["firm", "year"]
cluster = "firm"
draws = 50
refits = 10
"""


def analysed(study: Study) -> tuple[list[Record], list[AnalysisDetail]]:
    """Resampling as Python computes it, as if R had agreed; coefficients of a mediation that fit each other."""
    records, pages = [], []
    for name, part in prepare(study, load_frame(study)):
        found = found_in(part)
        of: Any = {"study": study.id, "spec": name, "reference": "base-r", "candidate": "python"}
        records.append(Record(**of, kind=name.split(".")[0], verdict="agree", checked=20, numbers=named(found.printed)))
        about, histograms = detail_of(part, found)
        pages.append(AnalysisDetail(**of, about=about, histograms=histograms))
    for name, event_study in EVENT_STUDIES.parts(study):
        shown = EVENT_STUDIES.find(event_study)
        of = {"study": study.id, "spec": name, "reference": "base-r", "candidate": "python"}
        records.append(Record(**of, kind="event_study", verdict="agree", checked=20, numbers=named(shown.printed)))
        pages.append(AnalysisDetail(**of, about=dict(shown.about)))
    numbers = {
        "effect": {"first m": 0.5, "second m": 0.25, "indirect m": 0.125},
        "se": {"first m": 0.25},
        "t": {"first m": 2.0},
    }
    records.append(Record(study=study.id, spec="mediation.capital", kind="mediation", reference="base-r", candidate="python",
                          verdict="agree", checked=9, numbers=named(numbers)))  # fmt: skip
    return records, pages


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("kept") / "grunfeld"
    folder.mkdir()
    (folder / "study.toml").write_text(TOML, encoding="utf-8")
    shutil.copy(FIXTURES / "grunfeld" / "data.csv", folder)
    study = load_study(folder)
    engines = [engine("py-linearmodels"), engine("py-moments"), miniature("spoilt", spoil)]
    report = runner.run([study], engines=engines, specs=["one", "two"], transport="frozen", details=True)
    records, pages = analysed(study)
    records = [*report.records, *records]
    return to_json(report.model_copy(update={
        "records": tuple(records), "summary": summarise(tuple(records)), "analyses": tuple(pages)}))  # fmt: skip


def spoil(estimate, spec, design):
    """Standard errors one in a million too large, where capital is a regressor: a disagreement that no edit made."""
    more = 2e-6 if "capital" in design.x_names else 0.0
    return with_matrices(estimate, [m * (1 + more) for m in matrices(estimate)])


def asked(tmp_path, text: str, verb: str) -> tuple[int, str]:
    file = tmp_path / "kept.json"
    file.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, [verb, str(file)])
    return done.exit_code, done.stderr


def value(report: dict, quantity: str, term: str = "", engine: int = 0, spec: int = 0) -> tuple[list, int]:
    detail = report["details"][spec]
    return detail["engines"][engine]["values"], detail["quantities"].index([quantity, term])


def coefficient(report: dict) -> None:
    values, at = value(report, "coef", "value")
    values[at] += 0.01


def p(report: dict) -> None:
    values, at = value(report, "p", "value")
    values[at] = 0.9


def interval(report: dict) -> None:
    values, at = value(report, "ci_high", "value")
    values[at] *= 1.01


def one_engine(report: dict) -> None:
    """All numbers of one engine, so that they fit each other."""
    for quantity in ("coef", "se", "ci_low", "ci_high"):
        values, at = value(report, quantity, "value", engine=1)
        values[at] *= 1.001


def clusters(report: dict) -> None:
    for i in range(3):
        values, at = value(report, "clusters", "firm", engine=i)
        values[at] = 100.0


def no_se(report: dict) -> None:
    values, at = value(report, "se", "value", engine=1)
    values[at] = None


def other_engine(report: dict) -> None:
    report["details"][0]["engines"][0]["engine"] = "another"


def reordered(report: dict) -> None:
    report["details"][1]["engines"].reverse()


def term(report: dict) -> None:
    report["details"][1]["terms"].pop()


def twice(report: dict) -> None:
    report["details"].append(json.loads(json.dumps(report["details"][0])))


def lengthened(report: dict) -> None:
    report["details"][0]["engines"][0]["values"].append(1.0)


def disagreement(report: dict) -> None:
    """A disagreement made an agreement."""
    record = next(r for r in report["records"] if r["verdict"] == "disagree")
    record |= {"verdict": "agree", "differences": []}
    report["summary"] |= {"disagree": report["summary"]["disagree"] - 1, "agree": report["summary"]["agree"] + 1}


def differing(report: dict) -> None:
    record = next(r for r in report["records"] if r["verdict"] == "disagree")
    record["differences"][0]["candidate"] = 0.5 if record["differences"][0]["quantity"] != "vcov" else 0.0
    se = next(d for d in record["differences"] if d["quantity"] == "se")
    se["candidate"] *= 2


def text(report: dict) -> None:
    report["studies"][0]["text"] = report["studies"][0]["text"].replace('cluster = ["firm"]', 'cluster = ["year"]')


def formula(report: dict) -> None:
    report["details"][0]["vcov"] = "CR1 by year"


def number(spec: str, quantity: str, new: float, term: str = "") -> Callable[[dict], None]:
    def edit(report: dict) -> None:
        record = next(r for r in report["records"] if r["spec"] == spec)
        next(n for n in record["numbers"] if (n["quantity"], n["term"]) == (quantity, term))["value"] = new

    edit.__name__ = f"{spec} {quantity}"
    return edit


EDITS = [
    (coefficient, "t of `value` is"), (p, "p of `value` is 0.9"), (interval, "ci_high of `value` is"),
    (one_engine, "which is said to be no difference"), (clusters, "clusters firm: 10 were counted"),
    (no_se, "se of `value` stands here of one of"), (other_engine, "another"), (reordered, "stands in its place"),
    (term, "it has the terms"), (twice, "stands twice"), (lengthened, "not one number for each"),
    (disagreement, "which is said to be no difference"), (differing, "differed, and here stand"),
    (text, "it is not the text that the numbers were made with"), (formula, "in the study's text"),
    (number("difference.size", "difference", 5.0), "difference is 5, and the numbers beside it"),
    (number("difference.size", "p permutation", 0.0001), "p permutation is 0.0001, and of 100 draws"),
    (number("difference.size", "p permutation", 0.99), "p permutation is 0.99, and of 100 draws"),
    (number("difference.size", "p interaction", 1e-9), "which no degrees of freedom make of t"),
    (number("difference.size", "p suest", 0.001), "p suest is 0.001, and the numbers beside it"),
    (number("difference.size", "draws", 1000.0), "there were 1000 draws, and 100 are counted"),
    (number("wild.two", "p", 0.2), "p is 0.2, and"), (number("wild.two", "t", 9.0), "where its draws are shown"),
    (number("mediation.capital", "effect", 0.5, "indirect m"), "effect of indirect m is 0.5"),
    (number("mediation.capital", "t", 3.0, "first m"), "t of first m is 3"),
    (number("event_study.value", "t", 3.0, "0"), "t of 0 is 3"),
    (number("event_study.value", "p", 0.001, "0"), "p of 0 is 0.001"),
    (number("event_study.value", "ci_high", 9.0, "1"), "the middle of the interval of 1"),
    (number("event_study.value", "se", 0.5, "-1"), "t of -1 is"),
    (number("event_study.value", "effect", 1e6, "all"), "no average of its cells"),
    (number("event_study.value", "nobs", 1000.0), "1,000 rows in 10 clusters are counted, and 200 rows"),
    (number("event_study.value", "clusters", 11.0), "200 rows in 11 clusters are counted, and 200 rows in 10"),
    (number("event_study.shocks", "clusters", 99.0, "1"), "half of the interval of 1"),
    (number("event_study.pairs", "share", 0.9, "1939 vs later 1943"), "the weighted comparisons sum to"),
    (number("event_study.pairs", "effect", 9.0, "all"), "the weighted comparisons sum to"),
    (number("event_study.pairs", "mean effect", 9.0, "earlier vs later"), "earlier vs later: 9 by"),
    (number("event_study.pairs", "total share", 0.9, "earlier vs later"), "by 0.9, and its comparisons make it"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "said"), EDITS, ids=lambda v: getattr(v, "__name__", ""))
@pytest.mark.parametrize("verb", ["report", "table"])
def test_an_edited_report_is_refused(kept, edit, said, verb, tmp_path):
    report = json.loads(kept)
    edit(report)
    code, error = asked(tmp_path, json.dumps(report), verb)
    assert code == 2 and said in error and "kept.json" in error, error
    assert len(error) < 3_000


@pytest.mark.parametrize("verb", ["report", "table"])
def test_what_a_run_wrote_is_not_refused_though_engines_disagree(kept, verb, tmp_path):
    code, error = asked(tmp_path, kept, verb)
    assert code in (0, 1) and "edited" not in error, error


def test_a_text_whose_hash_was_edited_too_is_held_to_the_specs_that_were_estimated(kept, tmp_path):
    import hashlib

    report = json.loads(kept)
    study = report["studies"][0]
    study["text"] = study["text"].replace("[derive]", '[derive]\nvalue_2 = "value"')
    study["hash"] = hashlib.sha256(study["text"].encode()).hexdigest()
    code, error = asked(tmp_path, json.dumps(report), "table")
    assert code == 2 and "the study's text says other than what was estimated" in error
