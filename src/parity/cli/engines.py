"""parity engines."""

from __future__ import annotations

import click

from parity.cli.common import say


@click.command()
@click.option("--gaps", is_flag=True, help="What each engine can't do, with the reason.")
def engines(gaps) -> None:
    """What can run here, at which version, what is missing and how to get it."""
    from parity.r.session import transport
    from parity.report.engines import engines_table, gaps_table, second_reading_line

    if gaps:
        say(gaps_table())
    else:
        say("\n\n".join(line for line in (engines_table(), transport(), second_reading_line()) if line))
