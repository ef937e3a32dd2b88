"""What the verbs share: stopping with a message, finding engines, writing files; `asked` finds studies."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from parity.base.printing import printing

if TYPE_CHECKING:
    from parity.base.errors import Problem
    from parity.study.words_of_tables import Language


def stop(message: str, code: int) -> NoReturn:
    if message:
        click.echo(message, err=True)
    raise SystemExit(code)


def _language(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Language:
    """As said, or as the environment says. Kept for the whole command, whose errors are told in it too."""
    ctx.meta[_LANGUAGE] = value or ctx.meta.get(_LANGUAGE) or language_of_environment()
    return ctx.meta[_LANGUAGE]


def language_of_environment() -> Language:
    """Chinese where the environment says so, English anywhere else."""
    said = next((os.environ[key] for key in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(key)), "")
    return "zh" if said.lower().startswith("zh") else "en"


#: Where a command keeps its language. It is read first, so that what is wrong with other options can be told in it.
_LANGUAGE = "parity.language"
language_option = click.option(
    "--language", type=click.Choice(["en", "zh"]), callback=_language, is_eager=True,
    help="en or zh: of what is told; default by LANG.",
)  # fmt: skip


def language() -> Language:
    """Of the command that runs."""
    ctx = click.get_current_context(silent=True)
    return (ctx.meta.get(_LANGUAGE) if ctx else None) or language_of_environment()


def told(text: str) -> str:
    """A sentence of the project in the language of the command."""
    from parity.report.chinese import told_in

    return told_in(language())(text)


def problem_lines(problems: Iterable[Problem]) -> str:
    """A line a problem, in the language of the command."""
    return "\n".join(f"parity: {replace(p, message=told(p.message))}" for p in problems)


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


def falling(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[float, ...] | None:
    from parity.study.table import falling

    try:
        return None if value is None else falling(tuple(float(text) for text in value.split(",")))
    except ValueError:
        raise click.BadParameter("falling levels of p, one star first, such as 0.1,0.05,0.01", ctx, parameter) from None


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
