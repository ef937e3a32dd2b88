"""The HTML report in a real Chromium: what a reader does with it, by mouse and by keyboard alone."""

from __future__ import annotations

import re
import sys

import pytest

from browser import OUTSIDE, PATIENCE, browser, dress, findings, one, opened, policy, press, requested, worked
from conftest import ROOT
from parity.base.cache import AnswerCache
from parity.engines import engine
from parity.report.html import to_html
from parity.report.overview import overview
from parity.results.record import Cause, summarise
from parity.runs import runner
from parity.study.load import load_study

HOSTILE = "<script>alert(1)</script>"
CAUSE = Cause(
    id="drops-all-effects-when-nested", text="Because one fixed effect lies within the clusters, none counts.",
    residual=0.0, formula="K = 2 instead of 21", source="felm.R", how={"lfe": "felm's default", "linearmodels": "never"},
)  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """One study with a printed number that differs, and the same numbers under names that must stay text."""
    engines = [engine(name) for name in ("py-statsmodels", "py-linearmodels", "py-pyfixest")]
    study = load_study(ROOT / "docs" / "examples" / "one_digit")
    real = runner.run([study], engines=engines, jobs=1, cache=AnswerCache(tmp_path_factory.mktemp("cache")), details=True)
    names = {"study": HOSTILE, "spec": "</script><!--<script>alert(2)//"}
    told = {"causes": (CAUSE,), "verdict": "explained"}
    bad = [r.model_copy(update=told) if r.kind == "printed" else r for r in real.records]
    good = [r.model_copy(update=names | {"warnings": (HOSTILE,)}) for r in real.records if r.kind == "estimate"]
    hostile = [d.model_copy(update=names | {"study_title": HOSTILE, "title": HOSTILE, "scripts": {"r": f"# {HOSTILE}\n"}})
               for d in real.details]  # fmt: skip
    records = (*bad, *good)
    details = (*real.details, *hostile)
    return real.model_copy(update={"records": records, "details": details, "summary": summarise(records)})


@pytest.fixture(scope="module")
def file(report, tmp_path_factory):
    found = tmp_path_factory.mktemp("page") / "report.html"
    found.write_text(to_html(report), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture
def page(driver, file):
    return opened(driver, file)


def shown(driver):
    return [e.text for e in driver.find_elements("css selector", ".grid tbody th a") if e.is_displayed()]


def until(driver, true):
    """The address changes first, the page a moment later."""
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(driver, PATIENCE).until(true)


def test_the_file_is_whole_and_allows_no_request(report):
    text = to_html(report)
    assert to_html(report) == text
    said = policy(text)
    assert said.startswith("default-src &#39;none&#39;") and "unsafe-inline&#39;; script-src &#39;sha256-" in said


def test_what_differs_can_be_read_without_a_script(report):
    text = re.sub(r"<script.*?</script>", "", to_html(report), flags=re.DOTALL)
    for said in ("1 of 2 specifications agree", CAUSE.text, CAUSE.formula, "felm&#39;s default", "0.0632812940898"):
        assert said in text, said


def test_each_table_has_the_engines_that_were_asked(report):
    index = [r.model_copy(update={"spec": "index.dt", "kind": "index", "reference": "one", "candidate": "two"})
             for r in report.records if r.kind == "estimate"][:1]  # fmt: skip
    view = overview(report.model_copy(update={"records": (*report.records, *index)}))
    tables = [(t.label, t.engines, len(t.rows)) for study in view.studies for t in study.tables]
    specs = tuple(sorted({e for r in report.records if r.kind == "estimate" for e in (r.reference, r.candidate)}))
    assert [(label, tuple(sorted(e)), n) for label, e, n in tables] == [
        ("", specs, 1), ("indices and derived columns", ("one", "two"), 1), ("", specs, 1),
    ]  # fmt: skip


def test_explanations_that_fit_alike_are_all_told(report):
    other = CAUSE.model_copy(update={"id": "digit-misprinted", "text": "One digit of `se` is <wrong>.", "alternative": 1})
    records = [r.model_copy(update={"causes": (*r.causes, other)}) if r.causes else r for r in report.records]
    text = to_html(report.model_copy(update={"records": tuple(records)}))
    first = text[: text.index('id="specifications"')]
    link = '<a href="#cause-{0}"><code>{0}</code></a>'.format
    assert f"Two explanations fit: {link(CAUSE.id)} or {link('digit-misprinted')}" in first
    assert "One digit of <code>se</code> is &lt;wrong&gt;." in text
    assert "two explanations fit, which these numbers cannot tell apart" in text


def test_names_from_data_stay_text(report):
    text = to_html(report)
    assert text.count("<script>") == 1 and "<!--" not in text  # the page's own
    assert HOSTILE not in text and "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_nothing_is_requested_but_the_file(page, file):
    one(page, ".grid tbody tr:last-child a").click()
    assert set(requested(page)) == {file.as_uri()}
    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0


def test_the_first_screen_says_what_matters(page):
    start = "1 of 2 specifications agree in 3 engines; one differs for a reason that is known (one_digit/baseline), because"
    assert one(page, "#overview h1").text.startswith(start)
    assert len(shown(page)) == 2
    cell = one(page, ".grid td.a")
    assert re.fullmatch(r"1\d\.\d", cell.text)
    content = page.execute_script("return getComputedStyle(arguments[0], '::before').content", cell)
    assert "●" in content and "agrees" in content


def test_search_and_filter(page):
    find = one(page, "#find")
    find.send_keys("one_digit cap")
    assert shown(page) == ["baseline"] and one(page, "#shown").text == "1 of 2 specifications"
    find.send_keys(" nothing")
    assert shown(page) == []
    one(page, "#clear").click()
    assert len(shown(page)) == 2
    one(page, "#verdict").send_keys("not agreeing")
    assert shown(page) == ["baseline"]


def test_an_engine_that_was_not_asked_hides_the_table(page):
    """Indices are no matter of the engines of specifications: choosing one leaves the specifications it answered."""
    names = [e.text for e in page.find_elements("css selector", "#engine option")]
    assert names[0] == "any" and len(names) == 4
    one(page, "#engine").send_keys(names[2])
    assert len(shown(page)) == 2
    one(page, "#verdict").send_keys("explained")
    assert shown(page) == [] and one(page, "#nothing").is_displayed()  # the printed number isn't this engine's


def test_a_spec_by_mouse_and_another_convention(page):
    one(page, ".trouble a").click()
    until(page, lambda _: page.find_elements("css selector", ".page.open"))
    assert one(page, ".page.open h1").text == "one_digit / baseline"
    assert not one(page, "#overview").is_displayed()
    finding = one(page, ".page.open .finding").text
    assert CAUSE.formula in finding and "felm's default" in finding
    numbers, path = one(page, ".page.open .numbers tbody tr"), one(page, ".page.open .intervals path")
    assert "(0.0632813)" in numbers.text
    before = path.get_attribute("d")
    next(e for e in page.find_elements("css selector", ".page.open .conventions label") if e.text == "lfe").click()
    assert "(0.0601685)" in numbers.text
    assert path.get_attribute("d") != before
    why = one(page, ".page.open .why").text
    assert "all 3 engines move" in why and "K = 2 instead of 21" in why
    levels = {e.text: e for e in page.find_elements("css selector", ".page.open .switches label")}
    narrow = numbers.text
    levels["99 %"].click()
    levels["t"].click()
    assert numbers.text != narrow and "(6.87738)" in numbers.text
    assert "99 %" in one(page, ".page.open .numbers thead").text


def test_the_names_of_packages_are_whole_words(page, file):
    page.get(file.as_uri() + "#one_digit.baseline")
    heights = "return [...document.querySelectorAll('.page.open .cause dt')].map((e) => [e.textContent, e.offsetHeight])"
    found = dict(page.execute_script(heights))
    assert found["linearmodels"] == found["lfe"] > 0


def test_the_switch_has_every_coefficient_of_a_column(report):
    from parity.report.tryout import try_view

    detail = report.details[0]
    at = [i for i, (_, term) in enumerate(detail.quantities) if term == "capital"]
    names = [f"x{i}" for i in range(1, 8)]
    quantities = tuple((detail.quantities[i][0], name) for name in names for i in at)
    engines = tuple(e.model_copy(update={"values": tuple(e.values[i] for _ in names for i in at)}) for e in detail.engines)
    outcomes = tuple(o.model_copy(update={"se": {e: s * len(names) for e, s in o.se.items()}}) for o in detail.outcomes)
    many = detail.model_copy(
        update={"terms": tuple(names), "quantities": quantities, "engines": engines, "outcomes": outcomes, "published": ()}
    )
    view = try_view(many, "k", detail.engines[0].engine)
    assert [t.term for t in view.terms] == names and view.more == 0


def test_each_interval_stands_by_its_row(page, file):
    page.get(file.as_uri() + "#one_digit.baseline")
    middle = """
      const middle = (e) => { const box = e.getBoundingClientRect(); return box.top + box.height / 2; };
      return ["circle", "tbody tr"].map((what) => [...document.querySelectorAll(`.page.open .term ${what}`)].map(middle));
    """
    points, rows = page.execute_script(middle)
    assert len(points) == len(rows) == 3
    assert max(abs(a - b) for a, b in zip(points, rows, strict=True)) < 1


def test_a_spec_by_keyboard_alone(page):
    press(page, "/", "baseline", "ARROW_DOWN")
    assert page.switch_to.active_element.text == "baseline"
    press(page, "ENTER")
    until(page, lambda _: page.find_elements("css selector", ".page.open"))
    assert page.switch_to.active_element.get_attribute("class").startswith("page")
    for _ in range(12):
        press(page, "TAB")
        if page.switch_to.active_element.get_attribute("name") == "convention":
            break
    for _ in range(12):  # through the conventions, in whatever order they stand
        press(page, "ARROW_RIGHT")
        if one(page, ".page.open .why").text.startswith("areg"):
            break
    assert "K = 30 instead of 21: all fixed effects count" in one(page, ".page.open .why").text
    press(page, "ESCAPE")
    until(page, lambda _: one(page, "#overview").is_displayed())
    assert page.switch_to.active_element.text == "baseline"


def test_a_hostile_name_is_text_in_the_page_too(page):
    page.find_elements("css selector", ".grid tbody th a")[-1].click()
    until(page, lambda _: page.find_elements("css selector", ".page.open"))
    assert HOSTILE in one(page, ".page.open h1").text
    assert HOSTILE in one(page, ".page.open .warning").text
    one(page, ".page.open summary").click()
    assert one(page, ".page.open pre").text == f"# {HOSTILE}"
    scripts = page.execute_script("return [...document.scripts].filter(s => s.type !== 'application/json').length")
    assert scripts == 1


def test_five_thousand_records_stay_smooth(driver, report, tmp_path):
    """The slowest thing a reader can do with the filter, whatever it is, with a study of a thousand rows among others.

    The work of the page's main thread is held to the limit, not the time that goes by on a busy machine.
    `benchmarks/html_speed.py` measures that, with all details.
    """
    sys.path.insert(0, str(ROOT / "benchmarks"))
    from html_speed import LOADED, TYPED, filtered, typed, waited

    def work(driver, id, value):
        before = worked(driver)
        waited(driver, id, value)
        return worked(driver) - before

    some = [r for r in report.records if r.kind == "estimate"][:3]
    studies = ["whole"] * 1000 + [f"s{i // 60}" for i in range(700)]
    records = [r.model_copy(update={"study": study, "spec": f"{'baseline' if not i % 9 else 'index'} {i}"})
               for i, study in enumerate(studies) for r in some]  # fmt: skip
    file = tmp_path / "large.html"
    large = report.model_copy(update={"records": tuple(records), "details": (), "summary": summarise(tuple(records))})
    file.write_text(to_html(large), encoding="utf-8")
    loads = []
    for _ in range(3):
        driver.get("about:blank")
        before = worked(driver)
        driver.get(file.as_uri())
        driver.execute_async_script(LOADED)
        loads.append(worked(driver) - before)
    assert len(records) > 5000 and 0 < min(loads) < 2000, loads
    took = filtered(driver, times=3, measure=work)
    assert 0 < max(map(min, took.values())) < 100, took
    before = worked(driver)
    typed(driver)
    assert (worked(driver) - before) / (2 * sum(map(len, TYPED))) < 100


def test_light_dark_and_narrow(page, file, tmp_path):
    def paper():
        return page.execute_script("return getComputedStyle(document.body).backgroundColor")

    light = paper()
    one(page, "#theme").click()
    one(page, "#theme").click()
    assert one(page, "#theme").text.endswith("dark") and paper() != light
    one(page, "#theme").click()
    assert paper() == light
    with browser(tmp_path / "profile", width=360, height=780, dark=True) as phone:
        for place in ("", "#one_digit.baseline"):
            phone.get("about:blank")
            phone.get(file.as_uri() + place)
            assert phone.execute_script("return document.documentElement.scrollWidth") <= 360
            wide = "return [...document.querySelectorAll('.grid, .ran, .others')].filter(e => e.scrollWidth > 360).length"
            assert phone.execute_script(wide) == 0
        assert phone.execute_script("return getComputedStyle(document.body).backgroundColor") != light


def test_print_shows_what_differs_and_no_controls(page):
    dress(page, 703, media="print")
    assert one(page, ".page.bad .finding").is_displayed() and not one(page, ".filter").is_displayed()
    for place in ("", "one_digit.baseline"):
        page.execute_script("location.hash = arguments[0]", place)
        until(page, lambda _, open=bool(place): len(page.find_elements("css selector", ".page.open")) == open)
        assert page.execute_script(OUTSIDE) == []
        assert page.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    dress(page, 1280)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])  # axe judges colours and places apart
def test_axe_finds_nothing_serious(driver, file, width, dark):
    dress(driver, width, dark=dark)
    for place in ("", "#one_digit.baseline"):
        driver.get("about:blank")
        driver.get(file.as_uri() + place)
        assert findings(driver) == [] and driver.execute_script(OUTSIDE) == []
    one(driver, ".page.open .conventions label:nth-of-type(3)").click()  # another convention, with everything unfolded
    driver.execute_script("document.querySelectorAll('.page.open details').forEach((d) => { d.open = true; })")
    assert one(driver, ".page.open .moved").is_displayed()
    assert findings(driver) == [] and driver.execute_script(OUTSIDE) == []
    dress(driver, 1280)
