"""parity diagnostics."""

from __future__ import annotations

import click

from parity.cli.common import find_studies, say, stop


@click.command()
@click.argument("study", metavar="STUDY")
@click.argument("specs", nargs=-1, metavar="[SPEC ...]")
def diagnostics(study, specs) -> None:
    """Print the diagnostics of instruments: STUDY's specs that have any, or those named.

    Exit 1 if one of them has none.
    """
    from parity.analyses.instruments.analysis import errors_of, why_none
    from parity.analyses.instruments.statistics import anderson_rubin_set, diagnose
    from parity.base.errors import InputError, Unestimable
    from parity.data.load import load_frame
    from parity.report.diagnostics import diagnostics_text
    from parity.sample.build import build_design
    from parity.study.parts import part_of

    (loaded,) = find_studies((study,))
    chosen = [loaded.spec(name) for name in specs] or [spec for spec in loaded.specs if spec.iv]
    if not chosen:
        raise InputError.at(str(loaded.file), "spec", "no spec of it has instruments")
    frames: dict = {}
    failed = False
    for spec in chosen:
        part = part_of(loaded, spec.id)
        frame = frames[part.part] = frames[part.part] if part.part in frames else load_frame(part)
        try:
            why = why_none(spec)
            if why:
                raise Unestimable(why)
            design, errors = build_design(part, spec, frame), errors_of(spec)
            found = diagnose(design, *errors)
            ar_set = anderson_rubin_set(design, *errors) if len(design.endog_names) == 1 else None
            say(diagnostics_text(spec.id, str(spec.formula), found, ar_set))
        except Unestimable as error:
            say(f"{spec.id}: no diagnostics: {error}\n")
            failed = True
    if loaded.header.made:
        say("Made data, not observed.")
    if failed:
        stop("", 1)
