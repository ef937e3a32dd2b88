"""parity diagnostics."""

from __future__ import annotations

import click

from parity.cli.asked import Asked
from parity.cli.common import say


@click.command()
@click.argument("study", metavar="STUDY")
@click.argument("specs", nargs=-1, metavar="[SPEC ...]")
def diagnostics(study, specs) -> None:
    """Print the diagnostics of instruments: STUDY's specs that have any, or those named.

    Exit 1 if one of them has none.
    """
    from parity.analyses.instruments.analysis import errors_of, why_none
    from parity.analyses.instruments.statistics import anderson_rubin_set, diagnose
    from parity.base.errors import Unestimable
    from parity.data.load import load_frame
    from parity.report.diagnostics import diagnostics_text
    from parity.sample.build import build_design
    from parity.study.parts import only

    asked, failed = Asked.of(study), False
    # a spec that is named is answered, whether it has instruments or not
    having = (lambda s: [spec.id for spec in s.specs]) if specs else (lambda s: [spec.id for spec in s.specs if spec.iv])
    none = "no spec of it has instruments"
    for loaded, wanted in asked.named(having, specs, key="spec", what="spec", none=none):
        for part in asked.parts(only(loaded, specs=wanted)):
            frame = load_frame(part)
            for spec in part.specs:
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
    asked.end(found=failed)
