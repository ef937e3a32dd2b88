"""parity freeze."""

from __future__ import annotations

import click

from parity.cli.common import find_studies


@click.command()
@click.argument("study", metavar="STUDY")
@click.option(
    "--engine", "engine_ids", multiple=True, metavar="ID", help="Only this engine; default every one but Python's."
)
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes; default one per core.")
def freeze(study, engine_ids, jobs) -> None:
    """Record the answers of engines as references of STUDY, with versions and hashes."""
    from parity.index_run import freeze_columns
    from parity.r.session import missing_r
    from parity.references.freeze import freeze_study

    for one in find_studies((study,)):
        for written, n in freeze_study(one, engine_ids or None, jobs=jobs):
            click.echo(f"{written}: {n} answers")
        columns = None if engine_ids or missing_r() else freeze_columns(one)
        if columns:
            click.echo(f"{columns[0]}: {columns[1]} forms of indices and derived columns")
