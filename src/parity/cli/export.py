"""parity export."""

from __future__ import annotations

from pathlib import Path

import click

from parity.cli.common import find_studies, write


@click.command()
@click.argument("study", metavar="STUDY")
@click.argument("spec", required=False)
@click.option(
    "--to",
    "language",
    type=click.Choice(["r", "python", "stata"]),
    default="r",
    show_default=True,
    help="Language of the script.",
)
@click.option("--engine", metavar="PACKAGE", help="For Python: pyfixest, linearmodels or statsmodels; default by spec.")
@click.option("-d", "--directory", metavar="DIR", help="Write one file per spec below DIR; default: print.")
def export(study, spec, language, engine, directory) -> None:
    """Standalone scripts of a study's specs, as a person would write them."""
    from parity.export import DERIVED_FILE, export_study, reads_made_columns

    for one in find_studies((study,)):
        specs = [one.spec(spec)] if spec else list(one.specs)
        if any(reads_made_columns(one, s) for s in specs) and not (one.folder / DERIVED_FILE).is_file():
            place = one.folder / DERIVED_FILE
            click.echo(f"parity: the scripts read {place}; parity data {one.folder} --csv {place} writes it", err=True)
        for name, text in export_study(one, specs, language, engine).items():
            if directory:
                write(str(Path(directory) / one.id / name), text)
            else:
                click.echo(text)
