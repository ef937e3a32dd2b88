"""`--help` in Chinese: nothing of any verb lacks it, and no line is wider than a terminal."""

from __future__ import annotations

import inspect
import re

import click
import pytest
import wcwidth
from click.testing import CliRunner

from parity.cli import VERBS, main
from parity.cli.helped import in_chinese
from parity.report.chinese.forms import catalogue

WORDS = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")
OF_PROGRAMS = ("CSV, .tsv, Parquet",)  # names alone


def command(verb: str) -> click.Command:
    return main.get_command(click.Context(main), verb)


@pytest.mark.parametrize("verb", VERBS)
def test_every_paragraph_and_option_has_its_chinese(verb):
    of = command(verb)
    said = [" ".join(p.split()) for p in inspect.cleandoc(of.help).split("\n\n")]
    said += [p.help for p in of.params if isinstance(p, click.Option)]
    assert [text for text in said if text not in catalogue()["help"]] == []


@pytest.mark.parametrize(
    ("words", "environment"),
    [(["-h"], "zh_CN.UTF-8"), (["--language", "zh", "--help"], "C"), (["explain", "-h"], "zh_CN.UTF-8"),
     (["run", "--help", "--language", "zh"], "C"), (["run", "--language=zh", "--help"], "C"),
     (["--language", "zh", "package", "--help"], "C"), (["--help", "--language", "zh"], "C"),
     (["audit", "--help", "--language", "zh"], "C")],
)  # fmt: skip
def test_help_is_told_in_chinese(words, environment):
    done = CliRunner().invoke(main, words, env={"LANG": environment, "LC_ALL": ""}, prog_name="parity")
    assert done.exit_code == 0 and done.output.startswith("用法：parity") and "显示此帮助并退出。" in done.output
    assert "[default" not in done.output and ("audit" not in words or "[默认：" in done.output)
    assert [line for line in done.output.splitlines() if WORDS.search(line) or wcwidth.width(line) > 80] == []


def test_help_does_not_hang_on_the_context_in_which_a_verb_was_asked_before():
    from parity.cli.explain import explain

    bare = click.Command("explain", params=explain.params, callback=explain.callback, help=explain.help)
    assert "-h" not in bare.get_help_option(click.Context(bare)).opts
    one = in_chinese(bare)
    done = CliRunner().invoke(one, ["-h"], help_option_names=["-h", "--help"])
    assert done.exit_code == 0 and done.output.startswith("用法：explain")


def test_help_is_english_where_nothing_says_chinese():
    for words in (["--help"], ["run", "--help"], ["run", "--help", "--language", "en"]):
        done = CliRunner().invoke(main, words, env={"LANG": "C", "LC_ALL": ""}, prog_name="parity")
        assert done.output.startswith("Usage: parity") and done.output.isascii()


def test_a_language_said_before_the_verb_is_that_of_the_verb(tmp_path):
    for words in (["--language", "zh", "check", str(tmp_path)], ["check", "--language", "zh", str(tmp_path)]):
        done = CliRunner().invoke(main, words, env={"LANG": "C", "LC_ALL": ""})
        assert done.exit_code == 2 and re.search("[一-鿿]", done.output)
