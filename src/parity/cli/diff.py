"""parity diff."""

from __future__ import annotations

import sys

import click

from parity.cli.common import file_name, write


@click.command()
@click.argument("old", metavar="OLD.json")
@click.argument("new", metavar="NEW.json")
@click.option("--json", "json_file", callback=file_name, metavar="FILE", help="Write the changes as JSON; - prints them.")
def diff(old, new, json_file) -> None:
    """What changed between two runs: versions, verdicts, digits and numbers.

    Exit 0 if no verdict got worse, 1 if one did.
    """
    from parity.compare.changes import compare_reports
    from parity.report.diff import diff_text
    from parity.report.json import read_report

    found = compare_reports(read_report(old), read_report(new))
    if json_file:
        write(json_file, found.model_dump_json(by_alias=True, indent=1) + "\n")
    if json_file != "-":
        click.echo(diff_text(found), nl=False)
    sys.exit(found.exit_code)
