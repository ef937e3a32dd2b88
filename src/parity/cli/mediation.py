"""parity mediation."""

from __future__ import annotations

from pathlib import Path

import click

from parity.cli.asked import Asked
from parity.cli.common import say


@click.command()
@click.argument("study", metavar="STUDY")
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.option("--draws", "folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Write the draws there too, as text that R and Stata can read.")  # fmt: skip
def mediation(study, names, folder) -> None:
    """Print the mediation analyses of STUDY: coefficients, tests of the products, intervals.

    Exit 1 if one of them has no estimate.
    """
    from parity.analyses.mediation.sample import prepare
    from parity.analyses.replicates.draws import write_draws
    from parity.base.errors import Unestimable
    from parity.data.load import load_frame
    from parity.report.mediation import mediation_text
    from parity.study.parts import only

    asked, failed = Asked.of(study), False
    none = "it has no mediation analysis; write [mediation.NAME]"
    for loaded, wanted in asked.named(lambda s: s.mediation, names, key="mediation", what="analysis", none=none):
        for part in asked.parts(only(loaded, analyses=[f"mediation.{name}" for name in wanted])):
            for name, prepared in prepare(part, load_frame(part)):
                try:
                    if isinstance(prepared, str):
                        raise Unestimable(prepared)
                    say(mediation_text(name, prepared.found(), prepared.settings.describe()))
                except Unestimable as error:
                    say(f"{name}: no estimate: {error}\n")
                    failed = True
                    continue
                if folder:
                    place = asked.folder(folder, loaded)
                    for kind, draws in (("draws", prepared.draws()), ("normals", prepared.normals())):
                        write_draws(draws, place / f"{name.replace('/', '_')}.{kind}.tsv")
        if loaded.header.made:
            say("Made data, not observed.")
    asked.end(found=failed)
