"""parity cause."""

from __future__ import annotations

import click

from parity.cli.common import say


@click.command()
@click.argument("name", required=False, metavar="[CAUSE]")
def cause(name) -> None:
    """The page of a cause: what it is, in whose words, what gives and what avoids it, an example. Without CAUSE: all names.

    Reports and `parity explain` name causes; what they say of one is here at length.
    """
    from parity.base.errors import InputError, suggest
    from parity.report.cause_pages import first_sentence, page_text, pages

    if name is None:
        say("\n".join(f"{known}\n    {first_sentence(known)}" for known in pages()))
        return
    if name not in pages():
        raise InputError.at(name, "", f"there is no such cause{suggest(name, pages()) or '; parity cause lists them'}")
    say(page_text(name), nl=False)
