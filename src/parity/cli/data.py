"""parity data."""

from __future__ import annotations

import click

from parity.cli.asked import Asked
from parity.cli.common import file_name, say, write


@click.command()
@click.argument("study", metavar="STUDY")
@click.option(
    "--csv", "csv_file", callback=file_name, metavar="FILE", help="Write the columns that specs read; - prints them."
)
@click.option("--all", "everything", is_flag=True, help="With --csv: every column.")
def data(study, csv_file, everything) -> None:
    """What was read of STUDY's data, and what was made of it: names matched, index weights, gaps filled."""
    from parity.base.errors import InputError
    from parity.report.columns import columns_csv, columns_text
    from parity.study.parts import parts_of

    asked = Asked.of(study)
    if csv_file and len(asked.studies) > 1:
        raise InputError.at("--csv", "", f"{study} holds several studies, whose columns are no one table")
    if csv_file and len(parts_of(asked.studies[0])) > 1:
        raise InputError.at("--csv", "", "the study has several data files, whose columns are no one table")
    first = True
    for one in asked.studies:
        for part in asked.parts(one):
            if csv_file:
                write(csv_file, columns_csv(part, everything=everything))
            if csv_file != "-":
                heading = f"{one.id}: " if len(asked.studies) > 1 else ""
                say(("" if first else "\n") + heading + columns_text(part), nl=False)
            first = False
    asked.end()
