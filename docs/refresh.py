"""Run every command whose output a page shows, and put the output there: `python docs/refresh.py [--check] [PAGE ...]`.

A page marks a block so, and the lines between are replaced:

    <!-- output of: parity run docs/examples/one_digit -->
    ```text
    ...
    ```

and `content of: FILE` in the same place shows a file. Without PAGE it goes through README and every page of docs/.

With --check nothing is written: exit 1 names the pages whose blocks no longer say what the command prints. What
differs from machine to machine (which engines are live) is left out of that comparison.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"<!-- (?P<how>output|content) of: (?P<command>[^\n]+?) -->\n```text\n(?P<output>.*?)```", re.S)
#: Words of a command -> its exit, output and errors.
Run = Callable[[tuple[str, ...]], tuple[int, str, str]]


def pages() -> list[str]:
    """Every page with such a block."""
    found = [*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(str(p.relative_to(ROOT)) for p in found if BLOCK.search(p.read_text(encoding="utf-8")))


def started(words: tuple[str, ...]) -> tuple[int, str, str]:
    """Exit, output and errors of a command in a process of its own. `parity` is the one of this checkout."""
    program = {"parity": [sys.executable, "-m", "parity"], "python": [sys.executable]}[words[0]]
    env = os.environ | {"COLUMNS": "80", "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([*program, *words[1:]], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def output(command: str, run: Run = started) -> str:
    """What a command prints, which may be piped into head or tail -n."""
    first, *filters = (part.strip() for part in command.split("|"))
    code, text, errors = run(tuple(shlex.split(first)))
    if code not in (0, 1):
        raise SystemExit(f"{command}: exit {code}\n{errors}")
    lines = text.splitlines()
    for part in filters:
        name, count = re.fullmatch(r"(head|tail) -n (\d+)", part).groups()
        lines = lines[: int(count)] if name == "head" else lines[-int(count) :]
    return "\n".join(lines) + "\n"


def block(match: re.Match, run: Run = started) -> str:
    """The same block as it should be now."""
    how, command = match["how"], match["command"]
    text = output(command, run) if how == "output" else (ROOT / command).read_text(encoding="utf-8")
    return f"<!-- {how} of: {command} -->\n```text\n{text}```"


def lasting(text: str) -> str:
    """The text without what depends on the machine: the paragraph on what was live, and counts that hang on it.

    Nor which engine is the reference, nor whether R was there to read for itself; that it has other data isn't passed over.
    """
    kept = " ".join(" ".join(p.split()) for p in text.split("\n\n") if not re.match(r"(live|frozen)\b", p))
    kept = re.sub(r"\b(py|r)-\w+(?= against| under)|(?<=\d in )(py|r)-\w+", "#", kept)
    kept = re.sub(r"; R, reading for itself, has the same data( and samples of [\d,]+ specifications?)?", "", kept)
    why = r"not on the PATH; install R \([^()]*\)|switched off by [^;.]*; unset PARITY_R"
    kept = re.sub(rf"; not read a second time: R is ({why})", "", kept).replace("-", " ")
    counts = r"\(?[\d,]+ quantities compared|in \d+ engines|\d+ other engines|\b\d+/\d+\b|\d+\.\d"
    return re.sub(counts, "#", " ".join(kept.split()))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("pages", nargs="*", default=pages())
    arguments = parser.parse_args()
    outdated = []
    for name in arguments.pages:
        page = ROOT / name
        text = page.read_text(encoding="utf-8")
        fresh = BLOCK.sub(block, text)
        if arguments.check and lasting(fresh) != lasting(text):
            outdated.append(name)
        elif not arguments.check:
            page.write_text(fresh, encoding="utf-8")
    if outdated:
        print(f"out of date: {', '.join(outdated)}; run python docs/refresh.py")
    return bool(outdated)


if __name__ == "__main__":
    sys.exit(main())
