"""parity export."""

from __future__ import annotations

from pathlib import Path

import click

from parity.cli.asked import Asked
from parity.cli.common import write


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
    from parity.study.parts import only

    asked, wanted = Asked.of(study), [spec] if spec else []
    none = "it has no spec"
    for one, names in asked.named(lambda s: [x.id for x in s.specs], wanted, key="spec", what="spec", none=none, quiet=True):
        able = [s for part in asked.parts(only(one, specs=names)) for s in part.specs]
        if any(reads_made_columns(one, s) for s in able) and not (one.folder / DERIVED_FILE).is_file():
            place = one.folder / DERIVED_FILE
            click.echo(f"parity: the scripts read {place}; parity data {one.folder} --csv {place} writes it", err=True)
        for written in able:
            with asked.going_on():
                for name, text in export_study(one, [written], language, engine).items():
                    if directory:
                        write(str(Path(directory) / one.id / name), text)
                    else:
                        click.echo(text)
    asked.end()
