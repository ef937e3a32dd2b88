"""The page of an audit in a real Chromium: the curve by mouse, touch and keyboard, its filters, its colours, on paper."""

from __future__ import annotations

import re

import numpy as np
import pytest

from browser import OUTSIDE, browser, dress, findings, one, opened, policy, press, requested, worked
from made_outcomes import bounds_by_hand, left_out, made, product
from parity.audit.curve import curve, spoken_of
from parity.audit.document import document, extreme, joint_inference, sensitivity
from parity.audit.joint import joint
from parity.audit.outcomes import Axis, Outcomes
from parity.audit.sensitivity.influence import Influence
from parity.audit.sensitivity.removal import Removal
from parity.audit.single import Estimated
from parity.report.audit_drawing import lines_of
from parity.report.audit_page import audit_page
from parity.results.audit import AuditAxis

HOSTILE = "</script><script>alert(1)</script><!--"
LONG = "log_value_added_per_worker_of_the_province"


def outcomes(firms: int = 12, controls: int = 3, hostile: str = HOSTILE) -> Outcomes:
    """Of a claim that one control carries, with all kinds of choices."""
    axes = (
        Axis("transform.y", ("as it is", "log(y)", hostile), 0),
        Axis("leave_out.firm", ("none", *(f"firm {i}" for i in range(1, firms))), 0),
        Axis("absorb", ("firm + year", "firm", "none"), 0),
        *(Axis(name, ("out", "in"), 1) for name in (LONG, "age", "size", "x4", "x5", "x6")[:controls]),
        Axis("convention", ("reghdfe", "fixest"), 0),
    )
    choices = product([len(a.options) for a in axes])
    rng = np.random.default_rng(5)
    coef = 0.3 - 0.28 * (choices[:, 3] == 0) - 0.05 * choices[:, 2] + 0.02 * rng.normal(size=len(choices))
    se = 0.05 + 0.02 * rng.random(len(choices))
    from scipy import special

    p = 2 * special.stdtr(30.0, -np.abs(coef / se))
    se[7], p[7] = np.nan, np.nan
    full = np.full(len(choices), 30.0)
    return Outcomes(axes, choices, coef, se, p, full, 10 * full, {7: "there is only one cluster"})


def page_of(found: Outcomes) -> str:
    t = np.random.default_rng(1).normal(size=(20, len(found)))
    influence = Influence("firm", 11, np.ones(11), ("firm 3", 0.2), ("firm 9", 0.4), 0, 0, (left_out(0.4),))
    more = sensitivity(
        *bounds_by_hand(),
        [influence], [Removal("sign", 0.05, "firm", 11, 3, 2, ("a", "b"), 8, Estimated(-0.1, 0.2, 0.6, 17.0, 72.0), True)],
    )  # fmt: skip
    said = document(
        found, name="robustness", study="made", spec="main", term="treated", sensitivity=more,
        joint=joint_inference(found, joint(found, [(t, t)])),
        extremes=[extreme(found, "audited", found.base, "agree", 7, 13.2)],
    )  # fmt: skip
    return audit_page(said, curve(found, 0.05, spoken_of(said)))


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    made = tmp_path_factory.mktemp("page") / "audit.html"
    made.write_text(page_of(outcomes()), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture
def page(driver, file):
    dress(driver, 1280)
    return opened(driver, file)


def choose(driver, label: str, text: str):
    labels = driver.find_elements("css selector", ".filter label")
    next(e for e in labels if e.text.startswith(label)).find_element("css selector", "select").send_keys(text)


def test_the_first_line_says_what_it_hangs_on(file):
    page = file.read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}%", " %")
    first = re.search(r'<h1>(.*?)</h1>\s*<p class="lead">(.*?)</p>', page, re.DOTALL)
    verdict, rest = (re.sub(r"<[^>]+>", "", text) for text in first.groups())
    assert verdict == f"Hangs on one choice: the control {LONG}."
    assert rest.startswith(
        "treated is positive and significant at 5 % in 864 of 1,727 ways to estimate it (50 %). In the other 863 it is not "
        "significant (853) or negative and significant (10). Option by option it is positive and significant in 864 of 864 "
        "with that control, as audited; in 0 of 863 without that control. The audited estimate is"
    )


def test_the_file_is_whole_and_its_data_cannot_end_its_script(file):
    text = file.read_text(encoding="utf-8")
    said = policy(text)
    assert said.startswith("default-src &#39;none&#39;") and "script-src &#39;sha256-" in said
    assert HOSTILE not in text and text.count("<script") == 2 and "<!--" not in text and not re.search(r"\son\w+=", text)


def test_every_part_can_be_read_without_a_script(file):
    text = re.sub(r"<script.*?</script>", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    for said in ("What moves it", "to overturn the sign", "Stouffer&#39;s z", "Oster&#39;s delta", "Leaving out one firm",
                 "Without 2 of 11 firms", "7 agree", "estimate of its own", 'role="img"', "<rect"):  # fmt: skip
        assert said in text, said
    assert text.count('<tr class="own">') == 1


def test_an_option_that_is_spoken_of_has_a_line_of_its_own():
    axis = AuditAxis(name="leave_out.firm", options=("none", *map(str, range(30))), base=0)
    found = curve(made((31, 2), lambda c: 1.0 + c[:, 0]), 0.05)
    axes = (axis, AuditAxis(name="w", options=("out", "in"), base=0))
    named = [line.label for line in lines_of(axes, found, {("leave_out.firm", "7"), ("w", "in")})]
    assert named == ["none", "7", "29 others", "w"] and [line.label for line in lines_of(axes, found)][1] == "30 others"


def test_a_drawn_part_of_the_curve_keeps_what_is_spoken_of():
    found = outcomes()
    order = curve(found, 0.05)
    some = curve(found, 0.05, [int(order.number[1])], most=50)
    assert len(order) == order.total == 1727 and len(some) == 51 and some.total == 1727
    assert {int(order.number[0]), int(order.number[1]), int(order.number[-1])} <= set(some.number.tolist())
    assert (np.diff(some.coef) >= 0).all()
    from scipy import stats

    low, high = stats.t.interval(0.95, 30.0, order.coef[4], order.se[4])
    assert order.low[4] == pytest.approx(low) and order.high[4] == pytest.approx(high)


def test_nothing_is_requested_and_nothing_fails(page, file):
    assert set(requested(page)) == {file.as_uri()}


def test_the_curve_by_keyboard(page):
    plot = one(page, "#plot")
    assert "as audited" in one(page, "#detail").text
    page.execute_script("arguments[0].focus()", plot)
    press(page, "HOME")
    assert plot.get_attribute("aria-valuenow") == "1" and one(page, "#detail").text.startswith("1 of 1,727")
    press(page, "ARROW_RIGHT")
    press(page, "PAGE_DOWN")
    press(page, "END")
    assert plot.get_attribute("aria-valuenow") == "1727"
    press(page, "ARROW_LEFT")
    assert plot.get_attribute("aria-valuenow") == "1726" and LONG not in plot.get_attribute("aria-valuetext")  # it is in
    press(page, "a")
    assert plot.get_attribute("aria-valuetext").endswith("as audited")


def test_the_curve_by_mouse_and_its_numbers(page):
    from selenium.webdriver import ActionChains

    found, plot = curve(outcomes(), 0.05), one(page, "#plot")
    right = plot.size["width"] / 2
    ActionChains(page).move_to_element_with_offset(plot, int(right) - 8, -40).perform()
    said = one(page, "#detail").text
    place = int(said.split(" of ")[0].replace(",", "")) - 1
    assert place > 1690 and f"{found.coef[place]:.5g}"[:6] in said and f"(specification {found.number[place]:,})" in said
    ActionChains(page).move_to_element(one(page, "h1")).perform()
    assert "as audited" in one(page, "#detail").text  # what was chosen stays


def test_filters_count_what_is_left(page):
    assert one(page, "#shown").text.startswith("1,727 of 1,727 specifications: ")
    choose(page, LONG, "out")
    found = outcomes()
    good = found.estimable & (found.choices[:, 3] == 0)
    median = f"{np.median(found.coef[good].astype(np.float32)):.4g}".rstrip("0")
    said = one(page, "#shown").text
    assert said.startswith(f"{good.sum()} of 1,727 ") and f"median {median}".replace("-", "−") in said
    choose(page, "Result", "significant, audited sign")
    assert one(page, "#shown").text == "No specification has all of these."  # as its first line says
    assert one(page, "#detail").text == ""
    one(page, "#clear").click()
    assert one(page, "#shown").text.startswith("1,727 of 1,727 ")


def test_ten_thousand_specifications_stay_smooth(driver, tmp_path):
    """The work of the page's main thread: loading, and each step, filter and turn of the colours."""
    file, found = tmp_path / "large.html", outcomes(firms=12, controls=6)
    file.write_text(page_of(found), encoding="utf-8")
    dress(driver, 1280)
    driver.get("about:blank")
    before = worked(driver)
    driver.get(file.as_uri())
    loaded = worked(driver) - before
    assert one(driver, "#shown").text.startswith("10,00") and loaded < 2000, loaded
    scripts = {
        "step": """const e = new KeyboardEvent('keydown', {key: 'ArrowRight'});
                   for (let i = 0; i < 20; i += 1) document.querySelector('#plot').dispatchEvent(e)""",
        "filter": """const s = document.querySelectorAll('#by-choice select')[1];
                     for (let i = 1; i < 11; i += 1) {
                       s.selectedIndex = i; s.dispatchEvent(new Event('input', {bubbles: true}));
                     }""",
    }
    took = {}
    for name, script in scripts.items():
        before = worked(driver)
        driver.execute_script(script)
        took[name] = (worked(driver) - before) / {"step": 20, "filter": 10}[name]
    assert took["step"] < 16 and took["filter"] < 100, took


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])  # axe judges colours and places apart
def test_axe_finds_nothing_serious(driver, file, width, dark):
    dress(driver, width, dark=dark)
    driver.get("about:blank")
    driver.get(file.as_uri())
    driver.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert findings(driver) == [] and driver.execute_script(OUTSIDE) == []
    assert driver.execute_script("return document.documentElement.scrollWidth") <= width
    dress(driver, 1280)


def test_colours_turn_and_the_curve_with_them(page):
    pixel = "const c = document.querySelector('canvas'); return c.toDataURL().length + ' ' + c.toDataURL().slice(-400)"
    light = page.execute_script(pixel)
    one(page, "#theme").click()
    one(page, "#theme").click()
    assert one(page, "#theme").text.endswith("dark") and page.execute_script(pixel) != light
    one(page, "#theme").click()
    assert page.execute_script(pixel) == light


def test_on_paper_stands_the_drawing(page):
    assert not one(page, ".drawing").is_displayed() and one(page, "#plot").is_displayed()
    dress(page, 703, media="print")
    assert one(page, ".drawing svg").is_displayed() and not one(page, "#plot").is_displayed()
    assert not one(page, ".filter").is_displayed() and page.execute_script(OUTSIDE) == []
    dress(page, 1280)
