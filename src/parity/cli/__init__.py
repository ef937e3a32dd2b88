"""The command line: parses, calls, prints. No logic. Exit 0 all well, 1 the run found something, 2 the input is wrong.

One file per verb; a verb is imported when it is asked for.
"""

from __future__ import annotations

import importlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from parity.base.environment import ONE_THREAD, environment
from parity.base.errors import InputError, suggest
from parity.cli.common import language, language_option, problem_lines, stop
from parity.cli.helped import asked_in, in_chinese

__all__ = ["main"]

#: verb -> module below parity.cli with a command of that name, in the order of the help
VERBS = (
    "run",
    "new",
    "check",
    "data",
    "show",
    "explain",
    "cause",
    "report",
    "diff",
    "mediation",
    "bootstrap",
    "audit",
    "diagnostics",
    "table",
    "export",
    "translate",
    "package",
    "freeze",
    "engines",
)


HELP = ("-h", "--help")
#: Under which a context keeps the words of its command: `--help` is obeyed before what stands behind it is read.
WORDS = f"{__name__}.words"


class _Group(click.Group):
    """Prints every problem of an `InputError` and exits 2; never a traceback for what a user wrote."""

    def invoke(self, ctx: click.Context):
        try:
            with _ends_in_good_order(), environment({name: "1" for name in ONE_THREAD if name not in os.environ}):
                return super().invoke(ctx)
        except InputError as error:
            stop(problem_lines(error.problems), 2)
        except BrokenPipeError:
            stop("", 1)
        except OSError as error:
            stop(f"parity: {error.filename or ''}: {error.strerror or error}", 2)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[WORDS] = tuple(args)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def resolve_command(self, ctx: click.Context, args: list[str]):
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            ctx.fail(f"No such command `{args[0]}`{suggest(args[0], VERBS) or '; known: ' + ', '.join(VERBS)}")
        name, command, rest = super().resolve_command(ctx, args)
        helps = any(word in HELP for word in rest)
        return name, in_chinese(command) if helps and command and asked_in(rest, language()) == "zh" else command, rest

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return getattr(importlib.import_module(f"parity.cli.{cmd_name}"), cmd_name) if cmd_name in VERBS else None

    def get_help(self, ctx: click.Context) -> str:
        """In Chinese by its own `--language zh`, wherever that stands, or LANG."""
        if asked_in(ctx.meta.get(WORDS, ()), language()) != "zh":
            return super().get_help(ctx)
        own = in_chinese(self)
        own.get_command = lambda ctx, name: in_chinese(self.get_command(ctx, name))  # type: ignore[method-assign]
        formatter = own.context_class.formatter_class(width=ctx.terminal_width, max_width=ctx.max_content_width)
        own.format_help(ctx, formatter)
        return formatter.getvalue().rstrip("\n")


@contextmanager
def _ends_in_good_order() -> Iterator[None]:
    """SIGTERM and SIGHUP end the workers and their R, as Ctrl-C does."""

    def ended(number, frame) -> None:
        signal.signal(number, signal.SIG_IGN)
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    main_thread = threading.current_thread() is threading.main_thread()
    taken = [n for n in numbers if main_thread and signal.getsignal(n) is signal.SIG_DFL]  # nohup's choice stands
    for number in taken:
        signal.signal(number, ended)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


@click.group(cls=_Group, context_settings={"help_option_names": list(HELP), "max_content_width": 80})
@click.version_option(package_name="parity")
@language_option
def main(language: str) -> None:
    """Do several implementations of one specification agree? If not, which convention is responsible?"""
