"""What the verbs share: stopping with a message, finding studies and engines, writing files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import click

from parity.base.errors import InputError, Problem
from parity.base.printing import printing


def stop(message: str, code: int) -> NoReturn:
    if message:
        click.echo(message, err=True)
    raise SystemExit(code)


def seconds(ctx: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 < value < 1e9:
        raise click.BadParameter("a number of seconds", ctx, parameter)
    return value


def file_name(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise click.BadParameter("the name of a file", ctx, parameter)
    if value is not None:
        from parity.base.writing import STANDARD_OUTPUT, check_place

        check_place(f"--{(parameter.name or '').removesuffix('_file')}", value)
        return "-" if value in STANDARD_OUTPUT else value
    return value


def _study_files(paths: tuple[str, ...]) -> list[Path]:
    files: list[Path] = []
    for text in paths or (("fixtures",) if Path("fixtures").is_dir() else (".",)):
        path = Path(text)
        inside = [] if (path / "study.toml").is_file() or path.is_file() else sorted(path.glob("*/study.toml"))
        files += inside or [path]
    return files


def find_studies(paths: tuple[str, ...]) -> list:
    """Studies at the paths: a folder with study.toml, the file itself, or a folder of such folders.

    Without paths: those under fixtures/, or in the working directory. Reports the problems of all of them at once.
    """
    studies, wrong = readable_studies(paths)
    if wrong:
        raise InputError(problem for _, problems in wrong for problem in problems)
    return studies


def readable_studies(paths: tuple[str, ...]) -> tuple[list, list[tuple[str, tuple[Problem, ...]]]]:
    """Studies that can be read, and the name and problems of each that can't.

    Raises `InputError` where a path leads to no study, or where none can be read.
    """
    from parity.study.load import load_study

    studies: list = []
    wrong: list[tuple[str, tuple[Problem, ...]]] = []
    nowhere: list[Problem] = []
    for file in _study_files(paths):
        try:
            studies.append(load_study(file))
        except InputError as error:
            folder = file if file.is_dir() else file.parent
            if (folder / "study.toml").is_file() and (file.is_dir() or file.name == "study.toml"):
                wrong.append((Path(os.path.abspath(folder)).name, error.problems))
            else:
                nowhere += error.problems
    if nowhere or not studies:
        raise InputError([*nowhere, *(problem for _, problems in wrong for problem in problems)])
    return studies, wrong


def engines_of(ids: tuple[str, ...], studies: list):
    """The engines asked for, and the references they are held against; None means all."""
    from parity.engines import engine, registry

    if not ids:
        return None
    wanted = {name: engine(name) for name in ids}
    references = {spec.reference for study in studies for spec in study.specs}
    return [e for name, e in registry().items() if name in wanted or name in references]


def say(text: str, nl: bool = True) -> None:
    """Print text for people; no control sequence of a file's or an engine's reaches the terminal."""
    click.echo(printing(text, keep="\n\t"), nl=nl)


def write(file: str, text: str) -> None:
    from parity.base.writing import STANDARD_OUTPUT, write_whole

    if file in STANDARD_OUTPUT:
        click.echo(text, nl=False)
    else:
        write_whole(Path(file), text)
