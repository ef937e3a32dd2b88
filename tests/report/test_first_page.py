"""The first page of the HTML report: each spec's main coefficients, and causes that are links to what they are."""

from __future__ import annotations

import re

import lxml.html
import pytest
from click.testing import CliRunner

from browser import browser, dress
from conftest import ROOT
from parity.base.cache import AnswerCache
from parity.cli import main
from parity.engines import engine
from parity.report.html import to_html
from parity.report.key_estimates import main_terms, printed
from parity.runs import runner
from parity.study.load import load_study

ENGINES = ("py-statsmodels", "py-linearmodels", "py-pyfixest")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    studies = [load_study(ROOT / "docs" / "examples" / name) for name in ("one_digit", "one_line")]
    cache = AnswerCache(tmp_path_factory.mktemp("cache"))
    return to_html(runner.run(studies, engines=[engine(e) for e in ENGINES], jobs=1, cache=cache, details=True))


def test_each_specification_shows_its_coefficient(page):
    first = lxml.html.fromstring(page).get_element_by_id("overview")
    shown = [" ".join(li.text_content().split()) for li in first.xpath(".//ul[@class='estimates']/li")]
    assert shown == [f"baseline {said} capital0.4138 (0.06328)" for said in ("▲ disagree", "◆ explained")]


def test_every_cause_is_a_link_to_what_it_is(page):
    whole = lxml.html.fromstring(page)
    first = whole.get_element_by_id("overview")
    links = {a.get("href") for a in first.xpath(".//ul[@class='trouble']//a")}
    assert "#cause-robust-for-cluster" in links
    named = set(re.findall(r'href=\\?"#cause-([a-z0-9-]+)', page))
    assert len(named) > 1
    for cause in named:
        said = " ".join(whole.get_element_by_id(f"cause-{cause}").text_content().split())
        assert "What it is" in said and "Where it was named" in said and f"parity cause {cause}" in said
        printed = CliRunner().invoke(main, ["cause", cause])
        assert printed.exit_code == 0 and printed.stdout.startswith(f"# {cause}\n")
    robust = whole.get_element_by_id("cause-robust-for-cluster").text_content()
    assert "robust (HC1) but not clustered" in robust and "What gives it" in robust
    assert "docs/causes" not in page and "README.md" not in page


def test_a_cause_has_its_whole_example_in_the_report(page):
    """The report is one file that travels alone: what docs/causes/ shows of a cause is in it; no link leads out."""
    cause = lxml.html.fromstring(page).get_element_by_id("cause-robust-for-cluster")
    table = cause.xpath(".//table")[0]
    rows = [[cell.text_content() for cell in row.xpath("./th|./td")] for row in table.xpath(".//tr")]
    written = (ROOT / "docs" / "causes" / "robust-for-cluster.md").read_text(encoding="utf-8")
    for row in rows:
        assert all(cell in written for cell in row)
    assert len(rows) > 5 and rows[0][1:] == ["declared", "with this cause", "ratio"]
    assert [a.get("href") for a in lxml.html.fromstring(page).xpath("//a") if not a.get("href").startswith("#")] == []


def test_every_link_to_a_cause_leads_to_one(page):
    whole = lxml.html.fromstring(page)
    ids = {one.get("id") for one in whole.xpath("//*[@id]")}
    assert {a.get("href")[1:] for a in whole.xpath("//a[starts-with(@href, '#cause-')]")} <= ids


def test_all_pages_of_causes_can_be_asked_for():
    listed = CliRunner().invoke(main, ["cause"])
    assert listed.exit_code == 0
    shown = [line for line in listed.stdout.splitlines() if line and not line.startswith(" ")]
    assert shown == sorted(p.stem for p in (ROOT / "docs" / "causes").glob("*.md") if p.name != "README.md")
    near = CliRunner().invoke(main, ["cause", "robust-for-clustr"])
    assert near.exit_code == 2 and "did you mean `robust-for-cluster`?" in near.stderr


def test_causes_and_estimates_in_a_browser(page, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    with browser(tmp_path / "profile") as driver:
        for width in (360, 1280):
            dress(driver, width, 900, False)
            driver.get(file.as_uri())
            assert driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")
            assert driver.execute_script(
                "return [...document.querySelectorAll('.estimates dd')].every(e => e.offsetWidth > 40)"
            )
        driver.get(f"{file.as_uri()}#cause-robust-for-cluster")
        assert driver.execute_script("return getComputedStyle(document.getElementById('overview')).display") == "none"
        assert driver.execute_script("return document.getElementById('cause-robust-for-cluster').offsetHeight") > 100
        for width in (360, 1280):
            dress(driver, width, 900, False)
            driver.get(f"{file.as_uri()}#cause-robust-for-cluster")
            assert driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")
            assert driver.execute_script(
                "const t = document.querySelector('#cause-robust-for-cluster table');"
                "return t.offsetHeight > 100 && t.textContent.includes('with this cause')"
            )
        driver.get(f"{file.as_uri()}#specifications")
        driver.execute_script("const f = document.querySelector('#find'); f.value = 'one_line';"
                              "f.dispatchEvent(new Event('input', {bubbles: true}))")  # fmt: skip
        assert driver.execute_script("return [...document.querySelectorAll('.estimates > li')].map(e => e.hidden)") == [
            True,
            False,
        ]


def test_what_is_instrumented_comes_first_and_levels_last():
    from types import SimpleNamespace

    def detail(formula, *terms):
        return SimpleNamespace(formula=formula, terms=terms)

    assert main_terms(detail("y ~ w | firm | q ~ z", "w", "q")) == ["q", "w"]
    assert main_terms(detail("y ~ i(g) + x", "(Intercept)", "g::1", "g::2", "x")) == ["x", "g::1", "g::2"]
    assert [printed(v) for v in (0.08, -5.1, 1234.5, 123456.0, None, 2e-7)] == [
        "0.08000", "−5.100", "1234", "1.235e+05", "–", "2e−07",
    ]  # fmt: skip
