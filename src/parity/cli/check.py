"""parity check."""

from __future__ import annotations

import click

from parity.cli.asked import Asked
from parity.cli.common import language_option, say, told


@click.command()
@click.argument("studies", nargs=-1, metavar="[STUDY ...]")
@language_option
def check(studies, language) -> None:
    """The data of STUDY as a panel, and the sample of each spec. Nothing is estimated.

    Exit 1 where something would keep a spec from being estimated, or a number is printed of a term that it doesn't have.
    """
    from parity.new.study_checks import check_study
    from parity.report.findings import finding_lines
    from parity.study.parts import parts_of

    wrong, asked = False, Asked.of(*studies)
    for part in (part for study in asked.studies for part in parts_of(study)):
        with asked.going_on():
            for heading, findings in check_study(part).items():
                of = told(heading) if heading.split(" ")[0] == "data" else heading  # the others are names of specs
                say("\n".join([f"{part.id}/{of}", *finding_lines(findings, told)]))
                wrong = wrong or any(f.level == "wrong" for f in findings)
    asked.end(found=wrong)
