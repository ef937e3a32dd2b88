"""A real Chromium without a screen, for pages opened from a disk. `browser()` skips, and says why, where there is none.

Its letters are those of `fonts.py`, not the machine's: a page that fits here fits with them everywhere.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fonts import fonts_file

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--disable-dev-shm-usage",
)  # fmt: skip

#: Seconds after which a page is given up: a busy machine is slow, and nothing else says whether it is only slow.
PATIENCE = 180


def missing() -> str:
    """Why no browser can be driven here; empty where one can."""
    if not any(map(shutil.which, BROWSERS)):
        return "no Chromium here: apt-get install chromium chromium-driver"
    if not shutil.which("chromedriver"):
        return "no chromedriver here: apt-get install chromium-driver"
    return ""


@contextmanager
def browser(profile: Path, width: int = 1280, height: int = 1000, dark: bool = False, fonts: str = "wide") -> Iterator[Any]:
    """A driver with an empty profile, whose network log is kept. No driver is ever downloaded. fonts: of `fonts.FONTS`."""
    if missing():
        pytest.skip(missing())
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, BROWSERS)))
    for switch in (*SWITCHES, f"--window-size={width},{height}", f"--user-data-dir={profile}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    letters = {"FONTCONFIG_FILE": str(fonts_file(profile.with_name(f"{profile.name}-{fonts}"), fonts))}
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver"), env=os.environ | letters))
    driver.set_page_load_timeout(PATIENCE)
    driver.set_script_timeout(PATIENCE)
    try:
        dress(driver, width, height, dark)
        yield driver
    finally:
        driver.quit()


def dress(driver: Any, width: int, height: int = 1000, dark: bool = False, media: str = "") -> None:
    """The size of the window, the reader's colours, and the medium (`print` is A4 paper without its margins at 703)."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [scheme]})


def opened(driver: Any, file: Path) -> Any:
    """The driver on a file's page, as if for the first time: nothing of another page in its log."""
    driver.get("about:blank")
    driver.get_log("performance")
    driver.get(file.as_uri())
    return driver


def requested(driver: Any) -> list[str]:
    """Addresses that were asked for since the log was read last, without what stands behind `#`. No error may be in it."""
    assert not [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
    sent = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    return [m["params"]["request"]["url"].split("#")[0] for m in sent if m["method"] == "Network.requestWillBeSent"]


def policy(text: str) -> str:
    """What a page's HTML lets it load; nothing in it may name another file."""
    assert not re.search(r"""(?:src|href)=["'](?!#)""", text) and "@import" not in text and "url(" not in text
    return re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]


def one(driver: Any, selector: str) -> Any:
    return driver.find_element("css selector", selector)


def press(driver: Any, *keys: str) -> None:
    """Keys one after the other, by their names in selenium or as they are typed."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    actions = ActionChains(driver)
    for key in keys:
        actions.send_keys(getattr(Keys, key, key))
    actions.perform()


#: Tables and plots that reach out of the box they stand in, and out of the page.
OUTSIDE = """
const wide = document.documentElement.scrollWidth > innerWidth ? ["the page"] : [];
const shown = [...document.querySelectorAll("table, svg, pre, p, h1, h2, dd")].filter((e) => e.getClientRects().length);
return [...wide, ...shown.filter((e) => e.getBoundingClientRect().right > e.parentElement.getBoundingClientRect().right + 1
  && getComputedStyle(e.parentElement).overflowX === "visible").map((e) => e.outerHTML.slice(0, 100))];
"""


#: Of every rule axe is asked; what holds it only counts, which would take most of its time and all of the answer.
BROKEN = {"resultTypes": ["violations"]}


def findings(driver: Any, harmless: tuple[str, ...] = ("minor",)) -> list[tuple[str, str]]:
    """What axe finds beside the harmless: its rule, and the first place. Skips where axe isn't installed."""
    axe = pytest.importorskip("axe_core_python.selenium", reason="axe-core-python is a development dependency")
    found = axe.Axe().run(driver, options=BROKEN)["violations"]
    return [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] not in harmless]


def worked(driver: Any) -> float:
    """Milliseconds of the processor that the page's main thread has had: what else the machine does is not in them."""
    driver.execute_cdp_cmd("Performance.enable", {})
    found = {m["name"]: m["value"] for m in driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]}
    return 1000 * found["ThreadTime"]


def screenshot(driver: Any, file: Path, *, whole: bool = False) -> None:
    answer = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole})
    file.write_bytes(base64.b64decode(answer["data"]))


def printed(driver: Any, file: Path) -> None:
    """The page as it prints."""
    answer = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    file.write_bytes(base64.b64decode(answer["data"]))
