"""A command computes in one thread, unless its user says otherwise."""

from __future__ import annotations

import os

import click
from click.testing import CliRunner

from parity import cli
from parity.base.environment import ONE_THREAD


def seen(monkeypatch) -> dict[str, str | None]:
    """The environment that a verb finds."""
    found: dict[str, str | None] = {}

    def look() -> None:
        found.update({name: os.environ.get(name) for name in ONE_THREAD})

    monkeypatch.setattr(cli._Group, "get_command", lambda group, ctx, name: click.Command(name, callback=look))
    assert CliRunner().invoke(cli.main, ["check"]).exit_code == 0
    return found


def test_a_command_has_one_thread_and_gives_it_back(monkeypatch):
    for name in ONE_THREAD:
        monkeypatch.delenv(name, raising=False)
    assert seen(monkeypatch) == dict.fromkeys(ONE_THREAD, "1")
    assert not any(name in os.environ for name in ONE_THREAD)


def test_what_the_user_set_stands(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    assert seen(monkeypatch)["OPENBLAS_NUM_THREADS"] == "2"
