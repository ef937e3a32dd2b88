"""parity check."""

from __future__ import annotations

import sys

import click

from parity.cli.common import find_studies


@click.command()
@click.argument("studies", nargs=-1, metavar="[STUDY ...]")
def check(studies) -> None:
    """The data of STUDY as a panel, and the sample of each spec. Nothing is estimated.

    Exit 1 where something would keep a spec from being estimated, or a number is printed of a term that it doesn't have.
    """
    from parity.parts import parts_of
    from parity.report.findings import finding_lines
    from parity.scaffold.study_checks import check_study

    wrong = False
    for study in find_studies(studies):
        for heading, findings in (found for part in parts_of(study) for found in check_study(part).items()):
            click.echo("\n".join([f"{study.id}/{heading}", *finding_lines(findings)]))
            wrong = wrong or any(f.level == "wrong" for f in findings)
    sys.exit(1 if wrong else 0)
