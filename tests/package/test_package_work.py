"""How far the search for causes goes is counted, and what was left out for it is said."""

from __future__ import annotations

import pytest

from estimates_table import READ, WRITE, data_into, esttab
from parity.base.watching import Stopped
from parity.package import assemble
from parity.package.verify import verify
from parity.package.work import LEAST, Search, Work

CODE, OTHER = f"{READ}eststo: regress y x w z, vce(cluster g)\n", f"{READ}eststo: regress y x w z, vce(robust)\n"


@pytest.fixture
def report(tmp_path, monkeypatch):
    """Of a table with robust standard errors, whose command clusters, under so much work."""
    data_into(tmp_path)
    (tmp_path / "main.do").write_text(CODE + WRITE)
    (tmp_path / "t.csv").write_text(esttab(tmp_path, OTHER))

    def of(work: Work):
        monkeypatch.setattr(assemble.work, "Work", lambda: work)
        return verify(tmp_path)

    return of


def test_a_column_whose_search_had_to_end_is_said(report):
    whole = report(Work())
    assert whole.summary.explained >= 3 and not [f for f in whole.findings if f.id == "search-ended"]
    for work in (Work(left=0), Work(column=0)):
        cut = report(work)
        (said,) = (f for f in cut.findings if f.id == "search-ended")
        assert said.file == "t.csv" and "(column 1)" in said.text
        assert cut.summary.differs == whole.summary.explained and not cut.summary.explained


def test_steps_are_counted_by_rows_and_not_by_the_clock(monkeypatch):
    work = Work(left=3.5 * (1_000 + LEAST), column=3 * (1_000 + LEAST))
    search = Search(work, "t.csv", 1, rows=1_000)
    for _ in range(3):
        search.step()
    with pytest.raises(Stopped):
        search.step()
    assert work.unfinished == {"t.csv": {1}}
    assert Search(work, "t.csv", 2, rows=0).over  # nothing is left of the package's


def test_the_same_package_gives_the_same_report_however_late_the_clock_is(report, monkeypatch):
    import itertools
    import time

    first = report(Work())
    hours = itertools.count(1)
    monkeypatch.setattr(time, "monotonic", lambda: 3_600.0 * next(hours))
    assert report(Work()).exhibits == first.exhibits


def test_the_same_question_is_asked_once_and_stays_unfinished():
    """A column stands in a .tex, an .rtf and a log; where its search had to end, each of them says so."""
    work, asked = Work(column=LEAST + 1), []

    def ask():
        asked.append(1)
        search.step()
        return "nothing"

    for number in (1, 2):
        search = Search(work, "t.tex", number, rows=0)
        assert search.once("a column", ask) == "nothing"
    assert asked == [1] and not work.unfinished
    search = Search(work, "t.tex", 3, rows=0)
    search.spent = 2 * LEAST + 2
    assert search.once("another", lambda: None) is None and work.unfinished == {"t.tex": {3}}
    assert Search(work, "t.rtf", 1, rows=0).once("another", ask) is None and work.unfinished["t.rtf"] == {1}
