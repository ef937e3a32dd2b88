"""parity bootstrap."""

from __future__ import annotations

from pathlib import Path

import click

from parity.cli.common import find_studies, say, stop


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
    from parity.base.errors import InputError, Unestimable, suggest
    from parity.data.load import load_frame
    from parity.report.bootstrap import bootstrap_text
    from parity.report.text import wrapped
    from parity.study.parts import part_of

    (loaded,) = find_studies((study,))
    if not loaded.bootstrap:
        raise InputError.at(str(loaded.file), "", "it has no cluster bootstrap; write [bootstrap.NAME]")
    unknown = next((n for n in names if n not in loaded.bootstrap), None)
    if unknown is not None:
        message = f"there is no bootstrap `{unknown}`{suggest(unknown, loaded.bootstrap)}"
        raise InputError.at(str(loaded.file), "bootstrap", message)
    frames: dict = {}
    failed = False
    for key in names or loaded.bootstrap:
        name = f"bootstrap.{key}"
        part = part_of(loaded, loaded.bootstrap[key].spec)
        frame = frames[part.part] = frames[part.part] if part.part in frames else load_frame(part)
        try:
            pairs = pairs_of(part, frame, name, loaded.bootstrap[key])
            draws = pairs.draws()
            found = bootstrapped(pairs, draws)
            say(bootstrap_text(name, found, pairs.describe()))
            failed = failed or bool(found.doubts)
        except Unestimable as error:
            say(f"{name}: no estimate: {error}\n")
            failed = True
            continue
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            write_draws(draws, folder / f"{name.replace('/', '_')}.draws.tsv")
    say(wrapped("Computed here, compared with nothing: `parity run` holds it against R's refits of the same draws."))
    if loaded.header.made:
        say("Made data, not observed.")
    if failed:
        stop("", 1)
