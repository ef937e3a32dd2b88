"""parity table."""

from __future__ import annotations

from pathlib import Path

import click

from parity.cli.asked import Asked
from parity.cli.common import falling, file_name, seconds, stop


@click.command()
@click.argument("study", metavar="STUDY|FILE.json")
@click.option("--study", "wanted", metavar="NAME", help="Which study of FILE.json, where it holds several.")
@click.option("--table", "names", multiple=True, metavar="NAME", help="Only this table (repeatable).")
@click.option("--to", "form", type=click.Choice(["text", "markdown", "latex", "csv", "docx"]),
              help="Default: by the ending of FILE (.txt, .md, .tex, .csv, .docx), else text.")  # fmt: skip
@click.option("-o", "--output", callback=file_name, metavar="FILE", help="Write to FILE.")
@click.option("--parentheses", type=click.Choice(["se", "t", "p", "ci"]), help="What stands in parentheses.")
@click.option("--stars", callback=falling, metavar="LEVELS", help="Levels of p for one star, two ...: .1,.05,.01")
@click.option("--no-stars", is_flag=True, help="No stars.")
@click.option("--digits", type=click.IntRange(0, 12), metavar="N", help="Decimals.")
@click.option("--language", type=click.Choice(["en", "zh"]), help="Of labels and notes.")
@click.option("--frozen", "transport", flag_value="frozen", help="Start no R: use the frozen references.")
@click.option("--live", "transport", flag_value="live", help="Use no frozen reference: ask every engine.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes; default one per core.")
@click.option("--timeout", type=float, callback=seconds, metavar="S", help="Seconds an engine may take for one spec.")
@click.option("--no-cache", is_flag=True, help="Neither read nor keep answers.")
def table(
    study, wanted, names, form, output, parentheses, stars, no_stars, digits, language, transport, jobs, timeout, no_cache
) -> None:
    """The paper's tables of STUDY ([table.NAME] in it), from numbers that every engine was asked for.

    FILE.json is a report that `parity run --json` kept: nothing is run, and the tables are those of that run.
    Exit 1 if a column is not verified: it carries a mark, and a note says why.
    """
    from parity.base.writing import check_place, write_whole
    from parity.data.runnable import problems_of
    from parity.table.formats import grid_of, renderer
    from parity.table.kept import kept_study, kept_verified

    if output:
        check_place("--output", output)
    form = form or _by_ending(output)
    if form == "docx" and not output:
        stop("parity: a Word file needs a name: -o FILE.docx", 2)
    kept = _kept(study, {"--frozen or --live": transport, "--jobs": jobs, "--timeout": timeout, "--no-cache": no_cache})
    if wanted is not None and kept is None:
        stop("parity: --study chooses a study of FILE.json; here STUDY says which", 2)
    asked = Asked.kept(study, *kept_study(kept, study, wanted)) if kept else Asked.of(study)
    given = {"parentheses": parentheses, "stars": () if no_stars else stars, "digits": digits, "language": language}
    given = {key: value for key, value in given.items() if value is not None}
    grids: list = []
    for loaded, chosen in _chosen(asked, names):
        with asked.going_on():
            settings = {name: table.model_copy(update=given) for name, table in chosen.items()}
            if kept:
                verified = kept_verified(kept, study, loaded, settings.values())
            else:
                verified = _run(loaded, settings.values(), transport, jobs, timeout, no_cache)
            asked.problems += problems_of(r for r in verified.records if r.kind not in ("table", "audit"))
            for name, one in settings.items():
                with asked.going_on():
                    grids.append(grid_of(name, one, verified))
    if grids and (not output or output == "-"):
        click.echo(renderer(form)(grids), nl=False)
    elif grids:
        made = renderer(form)(grids)
        # without the mark a Chinese Excel reads UTF-8 as GBK
        marked = form == "csv" and isinstance(made, str) and not made.isascii()
        write_whole(Path(str(output)), f"\ufeff{made}" if marked else made)
    wrong = [grid.name for grid in grids if not grid.verified]
    if wrong and not asked.wrong:
        stop(f"parity: not every column is verified: {', '.join(wrong)}", 1)
    asked.end(found=bool(wrong))


def _chosen(asked: Asked, names) -> list:
    """Each study and its tables that are asked for, by name; names: default all. A name that no study has is a problem."""
    from parity.base.errors import Problem, suggest
    from parity.table.declared import default_tables

    found: list = []
    for study in asked.studies:
        with asked.going_on():
            found.append((study, default_tables(study)))
    known = [name for _, tables in found for name in tables]
    asked.ask("table", names)
    there = [*known, *(one.name.removeprefix("table.") for one in asked.unread if one.name.startswith("table."))]
    for name in (name for name in names if found and name not in there):
        message = f"there is no table `{name}`{suggest(name, known)}; tables: {', '.join(known)}"
        asked.problems.append(Problem(str(found[0][0].file) if len(found) == 1 else asked.path, "table", message))
    if any(name not in there for name in names):
        return []
    return [(study, {n: tables[n] for n in names or tables if n in tables}) for study, tables in found]


_ENDINGS = {".txt": "text", ".md": "markdown", ".tex": "latex", ".csv": "csv", ".docx": "docx"}


def _by_ending(output: str | None) -> str:
    """The format that a file's ending stands for. Exits 2 where it stands for none."""
    ending = Path(output or "").suffix.lower()
    if ending and ending not in _ENDINGS:
        stop(f"parity: which format is `{ending}`? Say --to, or end the file in {', '.join(_ENDINGS)}", 2)
    return _ENDINGS.get(ending, "text")


def _kept(file: str, run_options: dict[str, object]):
    """The report that a name ending in .json stands for, else None. Exits 2 where it is told how to run."""
    from parity.report.asked import hold_to_studies
    from parity.report.json import read_report

    if Path(file).suffix.lower() != ".json":
        return None
    told = next((name for name, value in run_options.items() if value), None)
    if told:
        stop(f"parity: {told}: a kept report runs nothing", 2)
    kept = read_report(file)
    hold_to_studies(kept, file)
    return kept


def _run(study, tables, transport, jobs, timeout, no_cache):
    """What the tables need, asked of every engine."""
    from parity.base.cache import AnswerCache, default_folder
    from parity.report.progress import progress_bar
    from parity.runs import runner
    from parity.table.gather import gather

    cache = AnswerCache(None if no_cache else default_folder(), warn=lambda text: click.echo(f"parity: {text}", err=True))
    try:
        with progress_bar() as progress:
            return gather(study, tables, transport=transport or "auto", jobs=jobs,
                          timeout=timeout or runner.TIMEOUT, cache=cache, progress=progress)  # fmt: skip
    except KeyboardInterrupt:
        stop("parity: stopped; nothing was written", 130)
