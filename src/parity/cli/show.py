"""parity show."""

from __future__ import annotations

import sys

import click

from parity.cli.asked import readable, readable_studies
from parity.cli.common import engines_of, stop


@click.command()
@click.argument("study", metavar="STUDY")
@click.argument("specs", nargs=-1, metavar="[SPEC ...]")
@click.option("--spec", "named", multiple=True, metavar="SPEC", help="Only this spec (repeatable); as SPEC behind STUDY.")
@click.option("--style", type=click.Choice(["stata", "r"]), help="As a window of Stata or a summary of R; default: as the "
              "declared convention's package.")  # fmt: skip
@click.option("--engine", "engine_ids", multiple=True, metavar="ID", help="This engine's numbers (repeatable).")
@click.option("--engines", "abreast", is_flag=True, help="Add each engine's numbers to ten digits, side by side.")
@click.option("--frozen", "transport", flag_value="frozen", help="Start no R: use the frozen references.")
@click.option("--live", "transport", flag_value="live", help="Use no frozen reference: ask every engine.")
def show(study, specs, named, style, engine_ids, abreast, transport) -> None:
    """Print the estimates of STUDY's specs under their declared convention, and how far the engines agree.

    Without SPEC: all of them. Names are those of the study. Exit 1 if engines differ, or one of them has no estimate, 2
    if a spec is wrong.
    """
    from parity.base.cache import AnswerCache, default_folder
    from parity.base.errors import InputError
    from parity.data.runnable import problems_of, wrong_study
    from parity.report.progress import progress_bar
    from parity.report.show import show_text
    from parity.runs import runner

    found, unread = readable_studies((study,), (*specs, *named))
    wanted = list(
        dict.fromkeys(readable((*specs, *named), found, unread) or (spec.id for one in found for spec in one.specs))
    )
    if not wanted:
        said = f"; its mediation analyses: parity mediation {study}" if any(one.mediation for one in found) else ""
        where = str(found[0].file) if len(found) == 1 else study
        raise InputError.at(where, "spec", f"it has no specification to show{said}")
    cache = AnswerCache(default_folder(), warn=lambda text: click.echo(f"parity: {text}", err=True))
    try:
        with progress_bar() as progress:
            report = runner.run(
                found, engines=engines_of(engine_ids, found), specs=wanted, transport=transport or "auto",
                cache=cache, progress=progress, details=True,
                wrong=[wrong_study(one.study, one.problems, one.name) for one in unread],
            )  # fmt: skip
    except KeyboardInterrupt:
        stop("parity: stopped", 130)
    text, whole = show_text(report, style=style, engines=engine_ids, abreast=abreast)
    click.echo(text, nl=False)
    for problem in problems_of(report.records):
        click.echo(f"parity: {problem}", err=True)
    sys.exit(2 if report.exit_code == 2 else 0 if whole else 1)
