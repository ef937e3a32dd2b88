"""Frames of an audit's page with 10,000 specifications in Chromium, while it is scrolled, pointed at and filtered.

    PYTHONPATH=tests python benchmarks/audit_page_frames.py [--steps 60]

Beside the milliseconds between frames (median, 95 of 100, longest), which other work on the machine lengthens, those of a
processor that the page's main thread had for each step. A screen shows a frame in 16.7 ms.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from browser import browser, dress, worked
from report.test_audit_page import outcomes, page_of

RECORD = """
window.frames_ = []; let last = performance.now();
const next = (t) => { window.frames_.push(t - last); last = t; window.asked_ = requestAnimationFrame(next); };
cancelAnimationFrame(window.asked_); window.asked_ = requestAnimationFrame(next);
"""


def scroll(driver, step: int) -> None:
    down = 1 if step % 60 < 30 else -1
    driver.execute_cdp_cmd(
        "Input.dispatchMouseEvent", {"type": "mouseWheel", "x": 600, "y": 500, "deltaX": 0, "deltaY": 120 * down}
    )


def point(driver, step: int) -> None:
    box = driver.execute_script(
        "const b = document.querySelector('#plot').getBoundingClientRect(); return [b.x, b.y, b.width]"
    )
    x = box[0] + 220 + (box[2] - 230) * (step * 37 % 100) / 100
    driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": box[1] + 100})


def choose(driver, step: int) -> None:
    driver.execute_script(
        """const all = document.querySelectorAll('#by-choice select'), s = all[arguments[0] % all.length];
           s.selectedIndex = arguments[0] % s.options.length; s.dispatchEvent(new Event('input', {bubbles: true}));""",
        step,
    )


def settled(driver) -> None:
    driver.execute_async_script("const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=60)
    steps = parser.parse_args().steps
    with tempfile.TemporaryDirectory(prefix="parity-frames-") as name, browser(Path(name) / "profile") as driver:
        file = Path(name) / "audit.html"
        file.write_text(page_of(outcomes(firms=12, controls=6)), encoding="utf-8")
        dress(driver, 1280)
        driver.get("about:blank")
        before = worked(driver)
        driver.get(file.as_uri())
        shown = driver.find_element("css selector", "#shown").text.split(" specifications")[0]
        loaded = worked(driver) - before
        print(f"{shown} specifications, {file.stat().st_size / 1e6:.1f} MB; loading {loaded:.0f} ms of a processor")
        for what, does in {"scrolling": scroll, "pointing": point, "filtering": choose}.items():
            driver.execute_script("document.querySelector('#plot').scrollIntoView({block: 'center'})")
            settled(driver)
            driver.execute_script(RECORD)
            before = worked(driver)
            for step in range(steps):
                does(driver, step)
                settled(driver)
            each = (worked(driver) - before) / steps
            frames = np.array(driver.execute_script("return window.frames_"))
            middle, most = np.quantile(frames, [0.5, 0.95])
            print(f"{what:10} {len(frames):4} frames: median {middle:5.1f}, 95 of 100 below {most:5.1f}, longest "
                  f"{frames.max():6.1f} ms; main thread {each:5.1f} ms of a processor a step")  # fmt: skip


if __name__ == "__main__":
    main()
