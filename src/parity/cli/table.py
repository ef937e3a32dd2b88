"""parity table."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from parity.cli.common import file_name, find_studies, seconds, stop


def _levels(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[float, ...] | None:
    from parity.table.settings import falling

    if value is None:
        return None
    try:
        return falling(tuple(float(text) for text in value.split(",")))
    except ValueError:
        raise click.BadParameter("falling levels of p, one star first, such as .1,.05,.01", ctx, parameter) from None


@click.command()
@click.argument("study", metavar="STUDY")
@click.option("--table", "names", multiple=True, metavar="NAME", help="Only this table (repeatable).")
@click.option("--to", "form", type=click.Choice(["text", "markdown", "latex", "csv", "docx"]), default="text",
              show_default=True)  # fmt: skip
@click.option("-o", "--output", callback=file_name, metavar="FILE", help="Write to FILE.")
@click.option("--parentheses", type=click.Choice(["se", "t", "p", "ci"]), help="What stands in parentheses.")
@click.option("--stars", callback=_levels, metavar="LEVELS", help="Levels of p for one star, two ...: .1,.05,.01")
@click.option("--no-stars", is_flag=True, help="No stars.")
@click.option("--digits", type=click.IntRange(0, 12), metavar="N", help="Decimals.")
@click.option("--frozen", "transport", flag_value="frozen", help="Start no R: use the frozen references.")
@click.option("--live", "transport", flag_value="live", help="Use no frozen reference: ask every engine.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes; default one per core.")
@click.option("--timeout", type=float, callback=seconds, metavar="S", help="Seconds an engine may take for one spec.")
@click.option("--no-cache", is_flag=True, help="Neither read nor keep answers.")
def table(study, names, form, output, parentheses, stars, no_stars, digits, transport, jobs, timeout, no_cache) -> None:
    """The paper's tables of STUDY ([table.NAME] in it), from numbers that every engine was asked for.

    Exit 1 if a column is not verified: it carries a mark, and a note says why.
    """
    from parity import runner
    from parity.cache import AnswerCache, default_folder
    from parity.errors import InputError, suggest
    from parity.references.frozen import write_atomically
    from parity.report.progress import progress_bar
    from parity.table.formats import grid_of, renderer
    from parity.table.gather import default_tables, gather

    if form == "docx" and not output:
        stop("parity: a Word file needs a name: -o FILE.docx", 2)
    (loaded,) = find_studies((study,))
    tables = default_tables(loaded)
    for name in names:
        if name not in tables:
            message = f"there is no table `{name}`{suggest(name, tables)}; tables: {', '.join(tables)}"
            raise InputError.at(str(loaded.file), "table", message)
    asked = {"parentheses": parentheses, "stars": () if no_stars else stars, "digits": digits}
    asked = {key: value for key, value in asked.items() if value is not None}
    chosen = {name: tables[name].model_copy(update=asked) for name in names or tables}
    cache = AnswerCache(None if no_cache else default_folder(), warn=lambda text: click.echo(f"parity: {text}", err=True))
    try:
        with progress_bar() as progress:
            verified = gather(loaded, chosen.values(), transport=transport or "auto", jobs=jobs,
                              timeout=timeout or runner.TIMEOUT, cache=cache, progress=progress)  # fmt: skip
    except KeyboardInterrupt:
        stop("parity: stopped; nothing was written", 130)
    grids = [grid_of(name, settings, verified) for name, settings in chosen.items()]
    made = renderer(form)(grids)
    if not output or output == "-":
        click.echo(made, nl=False)
    elif isinstance(made, bytes):
        Path(output).write_bytes(made)
    else:
        write_atomically(Path(output), made)
    wrong = [grid.name for grid in grids if not grid.verified]
    if wrong:
        stop(f"parity: not every column is verified: {', '.join(wrong)}", 1)
    sys.exit(0)
