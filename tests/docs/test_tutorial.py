"""The tutorial for people from Stata: every file in it is written, every command run, every output compared."""

from __future__ import annotations

import contextlib
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from conftest import FIXTURES, ROOT
from parity.cli import main

PAGE = ROOT / "docs" / "tutorial-stata.md"
STEP = re.compile(
    r"<!-- (?P<how>file|append to): (?P<file>\S+) -->\n```(?:toml|text)\n(?P<content>.*?)```"
    r"|<!-- replace (?P<old>\S+) by (?P<new>\S+) in: (?P<where>\S+) -->"
    r"|```sh\n(?P<commands>.*?)```(?P<exit>\n<!-- exit (?P<code>\d) -->)?(?:\n```text\n(?P<output>.*?)```)?",
    re.S,
)


def lasting(text: str) -> str:
    """A text without its breaks of lines and what else depends on the engines that are installed."""
    text = re.sub(r"\b(py|r)-\w+(?= against)", "#", " ".join(text.split()))
    return " ".join(re.sub(r"\b\d+/\d+\b|\b\d+\.\d\b(?! digits)|-", " ", text).split())


def parity(command: str, folder: Path) -> Result:
    first, *words = shlex.split(command)
    assert first == "parity", command
    with contextlib.chdir(folder):
        return CliRunner().invoke(main, words, env={"PARITY_CACHE": str(folder / ".cache"), "COLUMNS": "80"})


def test_every_step_of_the_tutorial(tmp_path):
    (tmp_path / "fixtures").mkdir()
    shutil.copytree(FIXTURES / "grunfeld", tmp_path / "fixtures" / "grunfeld")
    ran = []
    for step in STEP.finditer(PAGE.read_text(encoding="utf-8")):
        if step["file"]:
            with (tmp_path / step["file"]).open("w" if step["how"] == "file" else "a", encoding="utf-8") as file:
                file.write(step["content"])
        elif step["where"]:
            path = tmp_path / step["where"]
            text = path.read_text(encoding="utf-8")
            assert step["old"] in text
            path.write_text(text.replace(step["old"], step["new"]), encoding="utf-8")
        else:
            for command in step["commands"].splitlines():
                done = parity(command, tmp_path)
                ran.append(command)
                assert done.exit_code == int(step["code"] or 0), (command, done.stdout, done.stderr)
                printed = f" {lasting(done.stdout)} "  # rows of a table stand by their digits
                shown = [lasting(line) for line in (step["output"] or "").splitlines() if line != "..."]
                # whole words: "agree" is no part of "disagree"
                assert not [line for line in shown if line and f" {line} " not in printed], (command, done.stdout)
    assert not {"python", "stata"} - {c.split()[-1] for c in ran}
    mine = parity("parity export invest main --to python", tmp_path).stdout
    (tmp_path / "main.py").write_text(mine, encoding="utf-8")
    done = subprocess.run([sys.executable, "main.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert "capital\t" in done.stdout and "\t0.047848396" in done.stdout, done.stderr
    assert len(ran) == 10 and sum(c.startswith("parity run") for c in ran) == 3


def test_the_table_of_commands_is_true(tmp_path):
    """Both spellings of each row exist: the right-hand side parses."""
    from parity.study.grammar import parse_formula

    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert len(rows) > 12
    formulas = re.findall(r'formula = "(.+?)"', "\n".join(rows).replace("\\|", "|"))
    assert len(formulas) >= 6
    for formula in formulas:
        parse_formula(formula)
    for item in re.findall(r"`((?:i|l|f|d)\([^`]+\)|a:b)`", "\n".join(rows)):
        parse_formula(f"y ~ {item}")
