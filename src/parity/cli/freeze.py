"""parity freeze."""

from __future__ import annotations

from functools import partial

import click

from parity.cli.asked import Asked
from parity.cli.common import say


@click.command()
@click.argument("study", metavar="STUDY")
@click.option(
    "--engine", "engine_ids", multiple=True, metavar="ID", help="Only this engine; default every one but Python's."
)
@click.option("--as-shipped", is_flag=True, help="Their own defaults, for parity run --as-shipped.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes; default one per core.")
def freeze(study, engine_ids, as_shipped, jobs) -> None:
    """Record the answers of engines as references of STUDY, with versions and hashes."""
    from parity.analyses.registry import analyses
    from parity.analyses.run import freeze as freeze_analysis
    from parity.r.session import missing_r
    from parity.runs.freeze import freeze_study
    from parity.runs.second_reading.planned import freeze_second_reading
    from parity.study.parts import only, separate

    asked = Asked.of(study)
    records = [(partial(freeze_analysis, analysis), analysis.counted) for analysis in analyses().values()]
    for whole in asked.studies:
        parts = asked.parts(whole)
        specs = {s.id for part in parts for s in part.specs}
        one = only(whole, specs=specs, analyses={name for part in parts for name in separate(part)})
        with asked.going_on():
            for written, n in freeze_study(one, engine_ids or None, jobs=jobs, as_shipped=as_shipped) if parts else ():
                say(f"{written}: {n} answers")
            if engine_ids or missing_r():
                continue
            for record, what in (*records, (freeze_second_reading, "samples by R's own reading")):
                for part in parts:
                    if recorded := record(part):
                        say(f"{recorded[0]}: {recorded[1]} {what}")
    asked.end()
