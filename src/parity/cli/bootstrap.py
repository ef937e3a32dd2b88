"""parity bootstrap."""

from __future__ import annotations

from pathlib import Path

import click

from parity.cli.asked import Asked
from parity.cli.common import say


@click.command()
@click.argument("study", metavar="STUDY")
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.option("--draws", "folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Write the draws there too, as text that R and Stata can read.")  # fmt: skip
def bootstrap(study, names, folder) -> None:
    """Print the cluster bootstraps of STUDY: standard errors and intervals.

    It computes them here and compares nothing; `parity run` holds them against R's refits of the same draws. Exit 1 if
    one of them has no estimate, or one that its draws don't determine.
    """
    from parity.analyses.replicates.draws import write_draws
    from parity.analyses.resampling.bootstrap import bootstrap as bootstrapped
    from parity.analyses.resampling.pairs import pairs_of
    from parity.base.errors import Unestimable
    from parity.data.load import load_frame
    from parity.report.bootstrap import bootstrap_text
    from parity.report.text import wrapped
    from parity.study.parts import only

    asked, failed, shown = Asked.of(study), False, False
    none = "it has no cluster bootstrap; write [bootstrap.NAME]"
    for loaded, wanted in asked.named(lambda s: s.bootstrap, names, key="bootstrap", what="bootstrap", none=none):
        specs = {loaded.bootstrap[key].spec for key in wanted}
        for part in asked.parts(only(loaded, specs=specs, analyses=[f"bootstrap.{key}" for key in wanted])):
            frame = load_frame(part)
            for key, settings in part.bootstrap.items():
                name = f"bootstrap.{key}"
                try:
                    pairs = pairs_of(part, frame, name, settings)
                    draws = pairs.draws()
                    found = bootstrapped(pairs, draws)
                    say(bootstrap_text(name, found, pairs.describe()))
                    shown, failed = True, failed or bool(found.doubts)
                except Unestimable as error:
                    say(f"{name}: no estimate: {error}\n")
                    failed = True
                    continue
                if folder:
                    write_draws(draws, asked.folder(folder, loaded) / f"{name.replace('/', '_')}.draws.tsv")
        if loaded.header.made:
            say("Made data, not observed.")
    if shown:
        say(wrapped("Computed here, compared with nothing: `parity run` holds it against R's refits of the same draws."))
    asked.end(found=failed)
