"""How fast the HTML report is in Chromium with many records: `python benchmarks/html_speed.py [REPORT.json]`.

The records are those of a real run (of all bundled studies, or a kept one), copied under other study names until there
are 5,000. Measured in the page: from the start of the navigation to the first frame after everything is parsed and the
script has run; and from a change of the search, or a choice of verdict or engine, to the moment when the frame that shows
its result is styled, laid out and painted. The change is made right after a frame, so waiting for the next, up to 17 ms, is
in every number. Keys pressed one by one in the search are timed by the browser itself, from the key to the picture on the
screen (Event Timing, in steps of 8 ms).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

RECORDS = 5_000
ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

LOADED = """
const done = arguments[0], shown = () => requestAnimationFrame(() => setTimeout(() => done(performance.now())));
document.readyState === "complete" ? shown() : addEventListener("load", shown);
"""
FILTER = """
const [id, value, done] = arguments, field = document.getElementById(id);
requestAnimationFrame(() => setTimeout(() => {
  const start = performance.now();
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
}));
"""
WATCH = """
window.keys = [];
new PerformanceObserver((list) => { for (const e of list.getEntries()) if (e.name === "keydown") keys.push(e.duration); })
  .observe({ type: "event", durationThreshold: 16 });
"""
#: What is typed key by key, and then taken back.
TYPED = ("g", "grunfeld", "no such", "index")


def enlarged(report, least: int):
    """The report with copies of its studies, renamed, until it has `least` records."""
    records, details, analyses, copy = list(report.records), list(report.details), list(report.analyses or ()), 2
    while len(records) < least:
        records += [r.model_copy(update={"study": f"{r.study} {copy}"}) for r in report.records]
        details += [d.model_copy(update={"study": f"{d.study} {copy}"}) for d in report.details]
        analyses += [a.model_copy(update={"study": f"{a.study} {copy}"}) for a in report.analyses or ()]
        copy += 1
    from parity.results.record import summarise

    update = {
        "records": tuple(records), "details": tuple(details), "analyses": tuple(analyses),
        "summary": summarise(tuple(records)),
    }  # fmt: skip
    return report.model_copy(update=update)


def waited(driver, id: str, value: str) -> float:
    """Milliseconds from a change to the frame that shows it."""
    return driver.execute_async_script(FILTER, id, value)


def filtered(driver, times: int = 5, measure=waited) -> dict[str, list[float]]:
    """What a reader may do with the filter -> what `measure` says of it, `times` each."""
    engine = driver.execute_script("return document.getElementById('engine').options[3].value")
    steps = [
        ("a letter", "find", "e"), ("a few rows", "find", "baseline"), ("all again, of a few", "find", ""),
        ("no row", "find", "no such"), ("all again, of none", "find", ""), ("a word", "find", "index"),
        ("all again, of some", "find", ""), ("what differs", "verdict", "!"), ("all verdicts again", "verdict", ""),
        ("an engine", "engine", engine), ("all engines again", "engine", ""),
    ]  # fmt: skip
    found: dict[str, list[float]] = {name: [] for name, _, _ in steps}
    for _ in range(times):
        for name, id, value in steps:
            found[name].append(measure(driver, id, value))
    return found


def typed(driver) -> list[float]:
    """Milliseconds from a key in the search to the picture of its result; the browser doesn't tell those under 16."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    driver.execute_script(WATCH)
    driver.find_element("css selector", "#find").click()
    for word in TYPED:
        for key in (*word, *[Keys.BACKSPACE] * len(word)):
            ActionChains(driver).send_keys(key).perform()
    time.sleep(0.5)
    return driver.execute_script("return keys")


def main() -> None:
    from browser import browser
    from parity.base.cache import AnswerCache, default_folder
    from parity.cli.asked import Asked
    from parity.report.html import to_html
    from parity.report.json import read_report
    from parity.runs import runner

    if len(sys.argv) > 1:
        kept = read_report(sys.argv[1])
    else:
        studies = Asked.of(str(ROOT / "fixtures"), str(ROOT / "docs" / "examples" / "one_digit")).studies
        kept = runner.run(studies, cache=AnswerCache(default_folder()), details=True)
    report = enlarged(kept, RECORDS)
    start = time.perf_counter()
    page = to_html(report)
    made = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        file.write_text(page, encoding="utf-8")
        loads = []
        with browser(Path(folder) / "profile") as driver:
            for _ in range(5):
                driver.get("about:blank")
                driver.get(file.as_uri())
                loads.append(driver.execute_async_script(LOADED) / 1000)
            filters, keys = filtered(driver), typed(driver)
    specs = len({(r.study, r.spec) for r in report.records})
    print(f"{len(report.records):,} records of {specs:,} specs: {len(page) / 1e6:.1f} MB, made in {made:.1f} s")
    print(f"shown in Chromium: median {statistics.median(loads):.2f} s, worst {max(loads):.2f} s of {len(loads)}")
    every = [took for found in filters.values() for took in found]
    print(f"filtered: median {statistics.median(every):.0f} ms, worst {max(every):.0f} ms of {len(every)}")
    for name, found in filters.items():
        print(f"  {name:<20} median {statistics.median(found):3.0f} ms, worst {max(found):3.0f} ms")
    total = 2 * sum(map(len, TYPED))
    print(f"typed: {len(keys)} of {total} keys took 16 ms or more to the screen, the worst {max(keys, default=0):.0f} ms")


if __name__ == "__main__":
    main()
