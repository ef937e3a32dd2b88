"""parity new."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from parity.cli.common import say


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--data", required=True, metavar="FILE", help="CSV, .tsv, Parquet, Stata .dta or Excel.")
@click.option("--unit", metavar="COLUMN", help="The panel's unit, if the guess is wrong.")
@click.option("--time", metavar="COLUMN", help="The panel's time, if the guess is wrong.")
def new(name, data, unit, time) -> None:
    """Make the folder NAME from a data file: checks, and a commented study.toml that runs."""
    from parity.new.write import new_study
    from parity.report.findings import finding_lines

    written = new_study(name, Path(data), unit, time)
    lines = [f"{written.folder}/study.toml"]
    lines += [f"  {note}" for note in written.notes]
    say("\n".join([*lines, *finding_lines(written.findings)]))
    say(f"\nNext: parity run {shlex.quote(str(written.folder))}")
