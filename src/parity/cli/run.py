"""parity run."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path

import click

from parity.cli.asked import readable, readable_studies
from parity.cli.common import engines_of, file_name, language_option, seconds, stop
from parity.cli.outputs import DETAILED, append_summary, output_options, wanted, write_outputs


@click.command()
@click.argument("studies", nargs=-1, metavar="[STUDY ...]")
@click.option("--spec", "specs", multiple=True, metavar="ID", help="Only this spec (repeatable).")
@click.option("--engine", "engine_ids", multiple=True, metavar="ID", help="Only this engine and the reference (repeatable).")
@click.option("--stata", "command", metavar='"COMMAND"', help="One Stata command on --data in place of studies.")
@click.option("--data", metavar="FILE", help="The data of --stata.")
@click.option("--panel", metavar="UNIT", default="", help="Its panel variable, as xtset.")
@click.option("--time", "period", metavar="TIME", default="", help="Its time variable.")
@click.option("--as-shipped", is_flag=True, help="Every engine with its own defaults, every difference explained.")
@click.option("--determinism", is_flag=True, help="Each engine against itself: hash seeds, threads, order of rows, columns.")
@click.option("--frozen", "transport", flag_value="frozen", help="Start no R: use the frozen references.")
@click.option("--live", "transport", flag_value="live", help="Use no frozen reference: ask every engine.")
@output_options
@click.option("--summary", callback=file_name, metavar="FILE", help="Append Markdown; default $GITHUB_STEP_SUMMARY, if set.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes; default one per core.")
@click.option("--dask", metavar="WHERE",
              help="Read Parquet data by row groups on Dask's workers: local, or a scheduler's address.")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Of --dask local; default one per core.")
@click.option("--timeout", type=float, callback=seconds, metavar="S", help="Seconds an engine may take for one spec.")
@click.option("--no-cache", is_flag=True, help="Neither read nor keep answers.")
@language_option
@click.option("-v", "--verbose", is_flag=True, help="List declined and unavailable engines too.")
def run(
    studies, specs, engine_ids, command, data, panel, period, as_shipped, determinism, transport, summary, jobs, dask,
    workers, timeout, no_cache, language, verbose, **files,
) -> None:  # fmt: skip
    """Compare every spec of STUDY (default: all under fixtures/, or here) in every engine.

    With --stata "COMMAND" --data FILE: that one command, as if a study had it, and the window it gives.
    """
    chosen = wanted(files)
    if command is not None or data is not None:
        studies = _one_line(studies, command, data, panel, period)
    if determinism:
        stop("", _determinism(studies, specs, engine_ids, transport, chosen, jobs, timeout, verbose))
    from parity.base.cache import AnswerCache, default_folder
    from parity.data.runnable import problems_of, wrong_study
    from parity.report.progress import progress_bar
    from parity.report.show import show_text
    from parity.report.terminal import to_terminal
    from parity.runs import runner

    summary = summary or os.environ.get("GITHUB_STEP_SUMMARY")
    found, unread = readable_studies(studies, specs)
    specs = readable(specs, found, unread)
    cache = AnswerCache(None if no_cache else default_folder(), warn=lambda text: click.echo(f"parity: {text}", err=True))
    try:
        with _streaming(dask, workers, None if no_cache else default_folder()) as streaming, progress_bar() as progress:
            report = runner.run(
                found, engines=engines_of(engine_ids, found), specs=specs or None, transport=transport or "auto",
                streaming=streaming, jobs=jobs, timeout=timeout or runner.TIMEOUT, cache=cache, progress=progress,
                as_shipped=as_shipped, narrowed=bool(engine_ids),
                wrong=[wrong_study(one.study, one.problems, one.name) for one in unread],
                details=bool(command or summary) or any(name in DETAILED for name in chosen),
            )  # fmt: skip
    except KeyboardInterrupt:
        stop("parity: stopped; nothing was written", 130)
    if not any(r.problems for r in report.records):
        streaming.kept.clear()
    write_outputs(report, chosen)
    if summary:
        append_summary(report, summary)
    if "-" not in chosen.values():
        if command and not any(r.problems for r in report.records):  # who types a command wants to see its window
            click.echo(show_text(report, style="stata")[0])
        click.echo(to_terminal(report, language, verbose=verbose), nl=False)
    else:
        for problem in problems_of(report.records):
            click.echo(f"parity: {problem}", err=True)
    sys.exit(report.exit_code)


@contextmanager
def _streaming(where: str | None, workers: int | None, folder: Path | None):
    from parity.base.cluster import Wanted, cluster
    from parity.engines.own.kept_passes import KeptPasses
    from parity.runs.streaming import Streaming

    if where is None:
        if workers is not None:
            stop("parity: --workers: it is of --dask local; give that too", 2)
        yield Streaming(kept=KeptPasses(folder))
        return
    with cluster(Wanted(where, workers)) as those:
        yield Streaming(those, always=True, kept=KeptPasses(folder))


def _one_line(studies, command, data, panel, period) -> tuple[str, ...]:
    """The folder of a study of one command, which is gone when the program ends. Raises `InputError`."""
    import atexit
    import shutil
    import tempfile
    from dataclasses import replace

    from parity.base.errors import InputError
    from parity.translate.one_line import one_line

    if command is None or data is None:
        raise InputError.at("--stata", "", '--stata "COMMAND" and --data FILE go together')
    if studies:
        raise InputError.at("--stata", "", f"give a command or a study, not both: leave out {studies[0]}")
    folder = Path(tempfile.mkdtemp(prefix="parity-command-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        study = one_line(command, Path(data), folder, panel, period, lambda text: click.echo(f"parity: {text}", err=True))
    except InputError as error:  # nobody wrote the study of the command, and its folder is gone before it could be read
        raise InputError([
            replace(p, where=f"--stata: {command}", key="") if Path(p.where).is_relative_to(folder) else p
            for p in error.problems
        ]) from None  # fmt: skip
    return (str(study.folder),)


def _determinism(studies, specs, engine_ids, transport, chosen, jobs, timeout, verbose) -> int:
    """Every engine against itself; nothing is read from a cache or a frozen reference. The exit code."""
    from parity.base.errors import InputError
    from parity.data.runnable import problems_of, wrong_study
    from parity.engines import engine
    from parity.report.determinism import determinism_text
    from parity.report.progress import progress_bar
    from parity.runs import determinism
    from parity.runs.determinism.settings import in_words

    if transport == "frozen":
        raise InputError.at("--determinism", "", "a frozen answer can't move; leave out --frozen")
    found, unread = readable_studies(studies, specs)
    specs = readable(specs, found, unread)
    try:
        with progress_bar() as progress:
            report = determinism.check(
                found, engines=[engine(e) for e in engine_ids] or None, specs=specs or None, jobs=jobs,
                timeout=timeout or determinism.TIMEOUT, progress=progress,
                wrong=[wrong_study(one.study, one.problems, one.name) for one in unread],
            )  # fmt: skip
    except KeyboardInterrupt:
        stop("parity: stopped; nothing was written", 130)
    write_outputs(report, chosen)
    if "-" not in chosen.values():
        click.echo(determinism_text(report, in_words(), verbose=verbose), nl=False)
    else:
        for problem in problems_of(report.records):
            click.echo(f"parity: {problem}", err=True)
    return report.exit_code
