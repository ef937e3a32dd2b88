"""parity audit."""

from __future__ import annotations

from pathlib import Path

import click

from parity.cli.asked import Asked
from parity.cli.common import engines_of, file_name, language_option, say, stop, told, write

#: Draws of whole clusters under the null, where nothing else is asked.
DRAWS = 500


@click.command()
@click.argument("study", metavar="STUDY")
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.option("--json", "json_file", callback=file_name, metavar="FILE", help="Write the audit as JSON; - prints it.")
@click.option("--html", "html_file", callback=file_name, metavar="FILE",
              help="Write a page: the specification curve, to explore.")  # fmt: skip
@click.option("--parquet", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write every specification, a row each.")  # fmt: skip
@click.option("--draws", type=click.IntRange(min=0), default=DRAWS, show_default=True, metavar="N",
              help="Draws of whole clusters for joint inference; 0: none.")  # fmt: skip
@click.option("--cluster", metavar="COLUMN", help="Whose clusters are drawn; default the audited spec's, or the unit.")
@click.option("--engine", "engine_ids", multiple=True, metavar="ID", help="Estimate the extremes in these (repeatable).")
@click.option("--dask", metavar="WHERE",
              help="Estimate on Dask's workers: local, or a scheduler's address.")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Of --dask local; default one per core.")
@click.option("--store", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
              help="Keep parts here as they end; the same command goes on from them.")  # fmt: skip
@click.option("--no-engines", is_flag=True, help="Estimate no specification again.")
@language_option
def audit(
    study, names, json_file, html_file, parquet, draws, cluster, dask, workers, store, engine_ids, no_engines, language
) -> None:  # fmt: skip
    """Estimate every defensible choice of [audit.NAME] of STUDY, and say what the result hangs on.

    The specifications that the sentences rest on are estimated again by every engine. Exit 1 if an engine has another
    number than the audit.
    """
    from parity.audit.whole import Wanted, audited
    from parity.base.cache import AnswerCache, default_folder
    from parity.base.cluster import Wanted as Workers
    from parity.report.audit_json import audit_json
    from parity.report.audit_text import audit_text
    from parity.report.chinese import as_it_is
    from parity.report.progress import progress_bar

    asked, broken = Asked.of(study), False
    if workers and not dask:
        stop("parity: --workers: it is of --dask local; give that too", 2)
    none = (
        "it has no audit; write [audit.NAME] with spec and the choices, or have one proposed: parity new --audit STUDY SPEC"
    )
    several = sum(len(s.audits) for s in asked.studies) if not names else len(names)
    if several > 1 and (json_file or html_file or parquet):
        stop("parity: a file holds one audit; name it", 2)
    said = False
    for loaded, keys in asked.named(lambda s: s.audits, names, key="audit", what="audit", none=none):
        for key in keys:
            with asked.going_on():
                wanted = Wanted(
                    draws=draws, cluster=cluster, parquet=parquet, again=not no_engines, store=store,
                    workers=Workers(dask, workers) if dask else None,
                    engines=engines_of(engine_ids, [loaded]), cache=AnswerCache(default_folder()),
                )  # fmt: skip
                try:
                    with progress_bar() as progress:
                        found = audited(loaded, key, wanted, progress)
                except KeyboardInterrupt:
                    stop("parity: stopped; parts that were kept are where the same command goes on", 130)
                except OSError as error:
                    what = error.strerror or error
                    stop(f"parity: {error.filename or store or parquet or ''}: {what}; parts that were kept stay", 2)
                broken, said = broken or found.broken, True
                if json_file:
                    write(json_file, audit_json(found.said))
                if html_file:
                    write(html_file, _page(loaded, found))
                if "-" not in (json_file, html_file):
                    say(audit_text(found.said, told if language == "zh" else as_it_is))
        if said and loaded.header.made and "-" not in (json_file, html_file):
            say("Made data, not observed.")
    asked.end(found=broken)


def _page(study, found) -> str:
    from parity.audit.curve import curve, spoken_of
    from parity.report.audit_page import audit_page

    drawn = curve(found.outcomes, found.said.level, spoken_of(found.said))
    return audit_page(found.said, drawn, made=bool(study.header.made))
