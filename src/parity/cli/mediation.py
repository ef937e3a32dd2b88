"""parity mediation."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from parity.cli.common import find_studies, say, stop


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
    from parity.base.errors import InputError, Unestimable, suggest
    from parity.data.load import load_frame
    from parity.report.mediation import mediation_text
    from parity.study.parts import main_part

    loaded = main_part(find_studies((study,))[0])
    if not loaded.mediation:
        raise InputError.at(str(loaded.file), "", "it has no mediation analysis; write [mediation.NAME]")
    unknown = next((n for n in names if n not in loaded.mediation), None)
    if unknown is not None:
        message = f"there is no analysis `{unknown}`{suggest(unknown, loaded.mediation)}"
        raise InputError.at(str(loaded.file), "mediation", message)
    failed = False
    for name, part in prepare(loaded, load_frame(loaded)):
        if names and name.split(".")[1] not in names:
            continue
        try:
            if isinstance(part, str):
                raise Unestimable(part)
            say(mediation_text(name, part.found(), part.settings.describe()))
        except Unestimable as error:
            say(f"{name}: no estimate: {error}\n")
            failed = True
            continue
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            for kind, draws in (("draws", part.draws()), ("normals", part.normals())):
                write_draws(draws, folder / f"{name.replace('/', '_')}.{kind}.tsv")
    if loaded.header.made:
        say("Made data, not observed.")
    if failed:
        stop("", 1)
    sys.exit(0)
