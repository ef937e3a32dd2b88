"""parity package."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from parity.base.tolerance import REQUIRED_SHARE
from parity.cli.common import file_name, stop, write


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--do", "do", metavar="FILE", help="The do-file to begin with, where several run others.")
@click.option("--log", "logs", multiple=True, metavar="FILE", help="Only this log (repeatable).")
@click.option("--table", "tables", multiple=True, metavar="FILE", help="Only this table (repeatable).")
@click.option("--map", "map_file", metavar="FILE", help="What can't be guessed: exhibit, column, row, numbers in the text.")
@click.option("--write-map", callback=file_name, metavar="FILE", help="Write what was taken for what, to edit.")
@click.option("--html", callback=file_name, metavar="FILE", help="A page by exhibit, one file.")
@click.option("--json", "as_json", callback=file_name, metavar="FILE", help="parity-package/1; - prints it.")
@click.option("--markdown", callback=file_name, metavar="FILE", help="Findings in the shape of AEA's REPLICATION.md.")
@click.option("--code-check", callback=file_name, metavar="F.csv", help="The table that AEA's data editor fills in.")
@click.option("--require-share", "required", type=click.FloatRange(0, 100), default=100 * REQUIRED_SHARE, show_default=True,
              metavar="PERCENT", help="Of the printed numbers, compared, for exit 0.")  # fmt: skip
@click.option("--own-commands", is_flag=True, help="Numbers by commands that only logs have count for exit 0.")
@click.option("--engines", type=click.Choice(["own", "all"]), default="own", help="Other engines too; default own.")
@click.option("--no-cache", is_flag=True, help="Neither read nor keep answers.")
@click.option("-v", "--verbose", is_flag=True, help="List every row.")
def package(
    folder, do, logs, tables, map_file, write_map, html, as_json, markdown, code_check, required, own_commands, engines,
    no_cache, verbose,
) -> None:  # fmt: skip
    """Verify a replication package: every printed number of its logs and tables, or why not.

    Its do-files are run on its data by parity; nothing of them reaches a shell, and nothing is written into DIR.

    Exit 0 if every number compared is reproduced, or explained by how a program counts or rounds; 1 if one differs, is of
    other code, sample or errors, a note is wrong about its numbers, no command gives a column though all ran, fewer were
    compared than are required, or most are right by commands that only logs have while there are do-files; 2 if the input
    is wrong.
    """
    from parity.package.kept import verify_kept
    from parity.package.verify import Asked
    from parity.report.package.progress import progress_line
    from parity.report.package.terminal import package_text

    root = Path(folder)
    asked = Asked(
        do=_below(root, do), logs=tuple(_below(root, f) for f in logs), tables=tuple(_below(root, f) for f in tables),
        mapped=Path(map_file).read_text(encoding="utf-8-sig") if map_file else "", map_file=map_file or "", engines=engines,
    )  # fmt: skip
    outputs = {"json": as_json, "html": html, "markdown": markdown, "code_check": code_check, "map": write_map}
    for file in outputs.values():
        _outside(root, file)
    try:
        with progress_line() as progress:
            found = verify_kept(root, asked, cache=not no_cache, progress=progress,
                                warn=lambda text: click.echo(f"parity: {text}", err=True))  # fmt: skip
    except KeyboardInterrupt:
        stop("parity: stopped; nothing was written", 130)
    _write(found, outputs)
    if "-" not in outputs.values():
        click.echo(package_text(found, verbose=verbose), nl=False)
    why = found.why_red(required / 100, own_commands=own_commands)
    if why and not (found.summary.differs and found.enough(required / 100)):  # what differs stands above already
        stop(f"parity: {why}", 1)
    sys.exit(int(bool(why)))


def _below(root: Path, path: str | None) -> str | None:
    """A file as the package has it: typed from the working folder, or below the package."""
    if path is None:
        return None
    if (root / path).is_file():
        return Path(path).as_posix().removeprefix("./")
    try:
        return Path(path).resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path


def _outside(root: Path, file: str | None) -> None:
    """Raises `InputError` for an output that would lie in the package: nothing is written there."""
    from parity.base.errors import InputError

    if file is None or file == "-":
        return
    if Path(file).resolve().is_relative_to(root.resolve()):
        raise InputError.at(file, "", "lies in the package, where nothing is ever written: give another folder")


def _write(found, outputs: dict) -> None:
    from parity.package.document import to_json

    if outputs["json"]:
        write(outputs["json"], to_json(found))
    if outputs["html"]:
        from parity.report.package.page import package_page

        write(outputs["html"], package_page(found))
    if outputs["markdown"]:
        from parity.report.package.markdown import package_markdown

        write(outputs["markdown"], package_markdown(found))
    if outputs["code_check"]:
        from parity.report.package.code_check import code_check

        write(outputs["code_check"], code_check(found))
    if outputs["map"]:
        from parity.package.mapfile import map_text

        write(outputs["map"], map_text(found))
