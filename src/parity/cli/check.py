"""parity check."""

from __future__ import annotations

import sys

import click

from parity.base.errors import InputError
from parity.cli.common import readable_studies, say


@click.command()
@click.argument("studies", nargs=-1, metavar="[STUDY ...]")
def check(studies) -> None:
    """The data of STUDY as a panel, and the sample of each spec. Nothing is estimated.

    Exit 1 where something would keep a spec from being estimated, or a number is printed of a term that it doesn't have.
    """
    from parity.new.study_checks import check_study
    from parity.report.findings import finding_lines
    from parity.study.parts import parts_of

    wrong, problems = False, []
    readable, unread = readable_studies(studies)
    for study in readable:
        for part in parts_of(study):
            try:
                found = check_study(part)
            except InputError as error:
                problems += error.problems
                continue
            for heading, findings in found.items():
                say("\n".join([f"{study.id}/{heading}", *finding_lines(findings)]))
                wrong = wrong or any(f.level == "wrong" for f in findings)
    problems += [problem for _, found in unread for problem in found]
    if problems:
        raise InputError(problems)
    sys.exit(1 if wrong else 0)
