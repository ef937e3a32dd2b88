"""parity translate."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from parity.cli.common import say, stop


@click.command()
@click.argument("stata", metavar='"COMMAND" | FILE.do')
@click.option("--data", "data", metavar="FOLDER", help="Where the do-file's data lie; default: its own folder.")
@click.option("--xtset", metavar='"UNIT TIME"', default="", help="Unit and time for a single command.")
@click.option("--to", type=click.Choice(["study", "r", "python"]), help="Only this form.")
@click.option("--seconds", type=click.FloatRange(min=1), default=600, show_default=True, metavar="N",
              help="Of the processor, after which a do-file's run ends.")  # fmt: skip
@click.option("-o", "out", metavar="DIR", help="Write the estimations as a study with its data.")
def translate(stata, data, xtset, to, seconds, out) -> None:
    """Stata in parity's, R's and Python's words, with what each command's convention is.

    A do-file is run on its data: data steps, macros and loops; nothing of it reaches a shell, and nothing is written beside
    it. What isn't known here is said with file and line.
    """
    from parity.base.errors import InputError
    from parity.translate.page import shown

    if not stata.endswith(".do"):
        found = _command(stata, xtset)
        if to == "study" and found.spec is None:
            why = next((n for n in found.notes if n.startswith("no spec")), "no spec")
            stop(f"parity: {why}; on its data it is one: parity run --stata {shlex.quote(stata)} --data FILE", 1)
        say(_only(shown([found]), to), nl=False)
        return
    from parity.translate.dofile import read, summary, untrusted, write_studies

    file = Path(stata)
    if not file.is_file():
        raise InputError.at(stata, "", "there is no such do-file")
    from parity.stata.files import decoded

    folder = Path(data) if data else file.resolve().parent
    found = read(decoded(file.read_bytes()), file.name, folder, seconds=seconds)
    say(_only(shown(found.translations), to))
    say(summary(found), nl=False)
    if out:
        folders = write_studies(found.session.fits, Path(out), f"from {file.name}")
        if not folders:
            stop("parity: no estimation of it can be written as a spec", 1)
        say("\n" + "\n".join(f"written: {folder}/study.toml" for folder in folders))
    sys.exit(1 if untrusted(found) else 0)


def _command(text: str, xtset: str):
    """One command without data: names are taken as they are written."""
    from parity.base.errors import InputError
    from parity.stata_language.dataset import Panel
    from parity.stata_language.expression import ExpressionError
    from parity.study.command import request_of
    from parity.translate.page import translation

    unit, _, time = xtset.strip().partition(" ")
    try:
        return translation(text, 0, request_of(text, unit, time.strip()), Panel(unit, time.strip()))
    except (ValueError, ExpressionError) as error:
        raise InputError.at(text[:60], "", str(error)) from None


def _only(text: str, to: str | None) -> str:
    """The page, or one of its forms."""
    if to is None:
        return text
    wanted = {"study": "  parity", "r": "  R", "python": "  Python"}[to]
    kept, on = [], False
    for line in text.splitlines():
        if line in ("  parity", "  R", "  Python"):
            on = line == wanted
        elif on and line.startswith("    "):
            kept.append(line[4:])
        elif on and not line.strip():
            kept.append("")
            on = False
    return "\n".join(kept).rstrip() + "\n"
