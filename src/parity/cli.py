"""The command line: parses, calls, prints. No logic. Exit 0 all well, 1 the run found something, 2 the input is wrong."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from parity.errors import InputError


class _Group(click.Group):
    """Prints every problem of an `InputError` and exits 2; never a traceback for what a user wrote."""

    def invoke(self, ctx: click.Context):
        try:
            return super().invoke(ctx)
        except InputError as error:
            _stop("\n".join(f"parity: {problem}" for problem in error.problems), 2)
        except BrokenPipeError:
            _stop("", 1)
        except OSError as error:
            _stop(f"parity: {error.filename or ''}: {error.strerror or error}", 2)


def _stop(message: str, code: int) -> NoReturn:
    if message:
        click.echo(message, err=True)
    raise SystemExit(code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(package_name="parity")
def main() -> None:
    """Do several implementations of one specification agree? If not, which convention is responsible?"""


def _finite(ctx: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 < value < 1e9:
        raise click.BadParameter("a number of seconds", ctx, parameter)
    return value


def _file(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise click.BadParameter("the name of a file", ctx, parameter)
    return value


@main.command()
@click.argument("studies", nargs=-1, metavar="[STUDY ...]")
@click.option("--spec", "specs", multiple=True, metavar="ID", help="Only this spec (repeatable).")
@click.option("--engine", "engine_ids", multiple=True, metavar="ID", help="Only this engine and the reference (repeatable).")
@click.option("--frozen", "transport", flag_value="frozen", help="Start no R: use the frozen references.")
@click.option("--live", "transport", flag_value="live", help="Use no frozen reference: ask every engine.")
@click.option(
    "--json", "json_file", callback=_file, metavar="FILE", help="Write the report as JSON (parity-report/1); - prints it."
)
@click.option("--junit", "junit_file", callback=_file, metavar="FILE", help="Write the report as JUnit XML.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes; default one per core.")
@click.option("--timeout", type=float, callback=_finite, metavar="S", help="Seconds an engine may take for one spec.")
@click.option("--no-cache", is_flag=True, help="Neither read nor keep answers.")
@click.option("-v", "--verbose", is_flag=True, help="List declined and unavailable engines too.")
def run(studies, specs, engine_ids, transport, json_file, junit_file, jobs, timeout, no_cache, verbose) -> None:
    """Compare every spec of STUDY (default: all under fixtures/, or here) in every engine."""
    from parity import runner
    from parity.cache import AnswerCache, default_folder
    from parity.report.json import to_json
    from parity.report.progress import progress_bar
    from parity.report.terminal import to_terminal

    found = find_studies(studies)
    cache = AnswerCache(None if no_cache else default_folder(), warn=lambda text: click.echo(f"parity: {text}", err=True))
    try:
        with progress_bar() as progress:
            report = runner.run(
                found, engines=_engines(engine_ids, found), specs=specs or None, transport=transport or "auto",
                jobs=jobs, timeout=timeout or runner.TIMEOUT, cache=cache, progress=progress,
            )  # fmt: skip
    except KeyboardInterrupt:
        _stop("parity: stopped; nothing was written", 130)
    if json_file:
        _write(json_file, to_json(report))
    if junit_file:
        from parity.report.junit import to_junit

        _write(junit_file, to_junit(report))
    if json_file != "-":
        click.echo(to_terminal(report, verbose=verbose), nl=False)
    sys.exit(report.exit_code)


@main.command()
@click.argument("study", metavar="STUDY")
@click.option(
    "--engine", "engine_ids", multiple=True, metavar="ID", help="Only this engine; default every one but Python's."
)
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes; default one per core.")
def freeze(study, engine_ids, jobs) -> None:
    """Record the answers of engines as references of STUDY, with versions and hashes."""
    from parity.references.freeze import freeze_study

    for one in find_studies((study,)):
        for written, n in freeze_study(one, engine_ids or None, jobs=jobs):
            click.echo(f"{written}: {n} answers")


@main.command()
@click.option("--gaps", is_flag=True, help="What each engine can't do, with the reason.")
def engines(gaps) -> None:
    """What can run here, at which version, what is missing and how to get it."""
    from parity.report.engines import engines_table, gaps_table

    click.echo(gaps_table() if gaps else engines_table())


@main.command()
@click.argument("study", metavar="STUDY")
@click.argument("spec", metavar="SPEC")
@click.option("--target-coef", multiple=True, metavar="TERM=VALUE", help="A coefficient as printed, stars and all.")
@click.option("--target-se", multiple=True, metavar="TERM=VALUE", help="A standard error as printed.")
@click.option("--target-t", multiple=True, metavar="TERM=VALUE", help="A t statistic as printed.")
@click.option("--target-p", multiple=True, metavar="TERM=VALUE", help="A p-value as printed.")
@click.option("--target-n", metavar="VALUE", help="The number of observations.")
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
def explain(study, spec, target_coef, target_se, target_t, target_p, target_n, as_json) -> None:
    """Which convention gives these numbers? Their printed precision is respected.

    Exit 0 if they agree or are explained, 1 if nothing explains them.
    """
    from parity.explaining import explain_printed, typed_targets
    from parity.report.explanation import explanation_text
    from parity.study import load_study

    given = {"coef": target_coef, "se": target_se, "t": target_t, "p": target_p}
    explanation = explain_printed(load_study(study), spec, typed_targets(given, target_n))
    click.echo(explanation.model_dump_json(indent=1) if as_json else explanation_text(explanation), nl=as_json)
    sys.exit(1 if explanation.verdict == "disagree" else 0)


@main.command()
@click.argument("study", metavar="STUDY")
@click.argument("spec", required=False)
@click.option("--to", "language", type=click.Choice(["r"]), default="r", show_default=True, help="Language of the script.")
@click.option("-d", "--directory", metavar="DIR", help="Write one file per spec below DIR; default: print.")
def export(study, spec, language, directory) -> None:
    """Standalone scripts of a study's specs, as a person would write them."""
    from parity.export import export_study

    for one in find_studies((study,)):
        specs = [one.spec(spec)] if spec else list(one.specs)
        for name, text in export_study(one, specs, language).items():
            if directory:
                _write(str(Path(directory) / one.id / name), text)
            else:
                click.echo(text)


def find_studies(paths: tuple[str, ...]) -> list:
    """Studies at the paths: a folder with study.toml, the file itself, or a folder of such folders.

    Without paths: those under fixtures/, or in the working directory. Reports the problems of all of them at once.
    """
    from parity.study import load_study

    files: list[Path] = []
    for text in paths or (("fixtures",) if Path("fixtures").is_dir() else (".",)):
        path = Path(text)
        inside = [] if (path / "study.toml").is_file() or path.is_file() else sorted(path.glob("*/study.toml"))
        files += inside or [path]
    studies, problems = [], []
    for file in files:
        try:
            studies.append(load_study(file))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return studies


def _engines(ids: tuple[str, ...], studies: list):
    """The engines asked for, and the references they are held against; None means all."""
    from parity.engines import engine, registry

    if not ids:
        return None
    wanted = {name: engine(name) for name in ids}
    references = {spec.reference for study in studies for spec in study.specs}
    return [e for name, e in registry().items() if name in wanted or name in references]


def _write(file: str, text: str) -> None:
    from parity.references.frozen import write_atomically

    if file == "-":
        click.echo(text, nl=False)
    else:
        write_atomically(Path(file), text)


if __name__ == "__main__":
    main()
