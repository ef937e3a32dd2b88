"""How fast the HTML report is in Chromium with many records: `python benchmarks/html_speed.py [REPORT.json]`.

The records are those of a real run (of all bundled studies, or a kept one), copied under other study names until there
are 5,000. Measured in the page: from the start of the navigation to the first frame after everything is parsed and the
script has run; and from a keystroke in the search, or a choice of verdict or engine, to the frame that shows its result.
Of several measurements each, the median and the worst.
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
const [id, value, done] = arguments, field = document.getElementById(id), start = performance.now();
field.value = value;
field.dispatchEvent(new Event("input", { bubbles: true }));
requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
"""


def enlarged(report, least: int):
    """The report with copies of its studies, renamed, until it has `least` records."""
    records, details, analyses, copy = list(report.records), list(report.details), list(report.analyses or ()), 2
    while len(records) < least:
        records += [r.model_copy(update={"study": f"{r.study} {copy}"}) for r in report.records]
        details += [d.model_copy(update={"study": f"{d.study} {copy}"}) for d in report.details]
        analyses += [a.model_copy(update={"study": f"{a.study} {copy}"}) for a in report.analyses or ()]
        copy += 1
    from parity.record import summarise

    update = {
        "records": tuple(records), "details": tuple(details), "analyses": tuple(analyses),
        "summary": summarise(tuple(records)),
    }  # fmt: skip
    return report.model_copy(update=update)


def main() -> None:
    from browser import browser
    from parity import runner
    from parity.cache import AnswerCache, default_folder
    from parity.cli.common import find_studies
    from parity.report.html import to_html
    from parity.report.json import read_report

    if len(sys.argv) > 1:
        kept = read_report(sys.argv[1])
    else:
        studies = find_studies((str(ROOT / "fixtures"), str(ROOT / "docs" / "examples" / "one_digit")))
        kept = runner.run(studies, cache=AnswerCache(default_folder()), details=True)
    report = enlarged(kept, RECORDS)
    start = time.perf_counter()
    page = to_html(report)
    made = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        file.write_text(page, encoding="utf-8")
        loads, filters = [], []
        with browser(Path(folder) / "profile") as driver:
            for _ in range(5):
                driver.get("about:blank")
                driver.get(file.as_uri())
                loads.append(driver.execute_async_script(LOADED) / 1000)
            engine = driver.execute_script("return document.getElementById('engine').options[3].value")
            for id, value in [("find", "g"), ("find", "grunfeld"), ("find", "no such"), ("find", ""), ("verdict", "!"),
                              ("verdict", ""), ("engine", engine), ("engine", "")] * 3:  # fmt: skip
                filters.append(driver.execute_async_script(FILTER, id, value))
    specs = len({(r.study, r.spec) for r in report.records})
    print(f"{len(report.records):,} records of {specs:,} specs: {len(page) / 1e6:.1f} MB, made in {made:.1f} s")
    print(f"shown in Chromium: median {statistics.median(loads):.2f} s, worst {max(loads):.2f} s of {len(loads)}")
    print(f"filtered: median {statistics.median(filters):.0f} ms, worst {max(filters):.0f} ms of {len(filters)}")


if __name__ == "__main__":
    main()
