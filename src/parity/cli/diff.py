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
    """What changed between two runs, or two reports of a package: verdicts, digits and numbers.

    Exit 0 if no verdict got worse, 1 if one did.
    """
    if _of_packages(old, new):
        sys.exit(_packages(old, new, json_file))
    from parity.compare.changes import compare_reports
    from parity.report.diff import diff_text
    from parity.report.json import read_report

    found = compare_reports(read_report(old), read_report(new))
    if json_file:
        write(json_file, found.model_dump_json(by_alias=True, indent=1) + "\n")
    if json_file != "-":
        click.echo(diff_text(found), nl=False)
    sys.exit(found.exit_code)


def _of_packages(old: str, new: str) -> bool:
    """Whether the reports are of packages. Raises `InputError` where just one is."""
    from pathlib import Path

    from parity.base.errors import InputError
    from parity.package.document import SCHEMA, is_package

    kinds = [Path(f).is_file() and is_package(Path(f).read_bytes()) for f in (old, new)]
    if any(kinds) and not all(kinds):
        other = new if kinds[0] else old
        raise InputError.at(other, "", f"this is no {SCHEMA}, and the other is: a package is held against a package")
    return all(kinds)


def _packages(old: str, new: str, json_file: str | None) -> int:
    from pathlib import Path

    from parity.package.changes import compare_packages
    from parity.package.read_back import from_json
    from parity.report.package.diff import package_diff_text

    found = compare_packages(*(from_json(Path(f).read_bytes(), f) for f in (old, new)))
    if json_file:
        write(json_file, found.model_dump_json(by_alias=True, indent=1) + "\n")
    if json_file != "-":
        click.echo(package_diff_text(found), nl=False)
    return found.exit_code
