"""parity report."""

from __future__ import annotations

import click

from parity.cli.common import language_option
from parity.cli.outputs import output_options, wanted, write_outputs


@click.command()
@click.argument("file", metavar="FILE.json")
@output_options
@language_option
@click.option("-v", "--verbose", is_flag=True, help="List declined and unavailable engines too.")
def report(file, verbose, language, **files) -> None:
    """Render a report that `parity run --json` kept, without running anything.

    Every format is byte for byte what the run itself would have written. Without options: as on the terminal.
    """
    from parity.report.asked import hold_to_studies
    from parity.report.json import read_report
    from parity.report.terminal import to_terminal

    kept, chosen = read_report(file), wanted(files)
    hold_to_studies(kept, file)
    write_outputs(kept, chosen)
    if not chosen:
        click.echo(to_terminal(kept, language, verbose=verbose), nl=False)
