"""The files a report may be written to: the same options for `parity run` and `parity report`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from parity.cli.common import file_name, language, stop, write
from parity.report.files import FORMATS, renderer

#: Formats that show more of a spec than its records hold.
DETAILED = ("json", "html", "markdown", "latex")


def output_options(command: Callable) -> Callable:
    """`--json FILE`, `--html FILE` ...; their values come as keyword arguments of the format's name."""
    for name, (_, _, what) in reversed(FORMATS.items()):
        option = click.option(f"--{name}", name, callback=file_name, metavar="FILE", help=f"Write {what}; - prints it.")
        command = option(command)
    return command


def wanted(files: Mapping[str, str | None]) -> dict[str, str]:
    """Format -> file, of those asked for. Exits 2 where two formats would go to one place."""
    chosen = {name: file for name, file in files.items() if file}
    seen: dict[str, str] = {}
    for name, file in chosen.items():
        if file == os.devnull:
            continue
        other = seen.setdefault(os.path.realpath(file) if file != "-" else file, name)
        if other != name:
            stop(f"parity: --{other} and --{name} both go to {'the terminal' if file == '-' else file}", 2)
    return chosen


def write_outputs(report, chosen: Mapping[str, str]) -> None:
    for name, file in chosen.items():
        made = renderer(name, language())
        write(file, made(report, tables=_tables(report)) if name == "html" else made(report))


def _tables(report) -> tuple:
    """With which the page of one study opens."""
    if len(report.studies or ()) != 1:
        return ()
    from parity.table.beside import grids_of

    return grids_of(report, language())


def append_summary(report, file: str) -> None:
    """Append Markdown to a step summary: other steps of the job may have written to it. Says so where anything is there."""
    if Path(file).is_file() and Path(file).stat().st_size:
        click.echo(f"parity: {file}: appended to what was there", err=True)
    with Path(file).open("a", encoding="utf-8") as out:
        out.write(renderer("markdown")(report) + "\n")
