"""parity freeze."""

from __future__ import annotations

from functools import partial

import click

from parity.base.errors import InputError, Problem
from parity.cli.common import find_studies, say


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
    from parity.base.cache import AnswerCache
    from parity.data.runnable import problems_of, runnable
    from parity.r.session import missing_r
    from parity.runs.freeze import freeze_study
    from parity.runs.second_reading.planned import freeze_second_reading
    from parity.study.parts import parts_of, without

    wrong: list[Problem] = []
    for one in find_studies((study,)):
        able = runnable(one, AnswerCache(None))
        wrong += problems_of(able.records)
        if not able.parts:
            continue
        one = without(one, {r.spec for r in able.records if r.kind == "spec"})
        for written, n in freeze_study(one, engine_ids or None, jobs=jobs, as_shipped=as_shipped):
            say(f"{written}: {n} answers")
        if engine_ids or missing_r():
            continue
        records = [(partial(freeze_analysis, analysis), analysis.counted) for analysis in analyses().values()]
        for record, what in (*records, (freeze_second_reading, "samples by R's own reading")):
            for part in parts_of(one):
                if recorded := record(part):
                    say(f"{recorded[0]}: {recorded[1]} {what}")
    if wrong:
        raise InputError(wrong)
