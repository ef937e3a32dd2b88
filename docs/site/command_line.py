"""The reference of the command line, from the parser itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click


def command_line() -> str:
    from parity.cli import main

    context = click.Context(main, info_name="parity")
    parts = [
        "# Command line",
        "Written from the parser. `parity --help` and `parity VERB --help` say the same.",
        "Exit code 0: all is well. 1: the run found something. 2: the input is wrong, and the message says what to type.",
    ]
    for name in main.list_commands(context):
        parts += _verb(main.get_command(context, name), name, context)
    return "\n\n".join(parts) + "\n"


def _verb(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    yield f"## parity {name}"
    yield f"```text\n{command.get_usage(context).removeprefix('Usage: ')}\n```"
    yield from map(_paragraph, inspect.cleandoc(command.help or "").split("\n\n"))
    rows = [_row(option, context) for option in command.get_params(context) if isinstance(option, click.Option)]
    yield "\n".join(["| option | |", "|---|---|", *(row for row in rows if row)])


def _paragraph(text: str) -> str:
    """Click's mark for lines that stay as they are makes a block of code."""
    if text.startswith("\b"):
        return "```text\n" + text.removeprefix("\b").strip("\n") + "\n```"
    return " ".join(text.split()).replace("<", "&lt;")


def _row(option: click.Option, context: click.Context) -> str:
    record = option.get_help_record(context)
    if record is None or "--help" in option.opts:
        return ""
    names, said = (" ".join(part.split()).replace("|", r"\|") for part in record)
    return f"| `{names}` | {said.replace('<', '&lt;').replace('*', chr(92) + '*')} |"
