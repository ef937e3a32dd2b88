"""parity explain."""

from __future__ import annotations

import sys

import click


@click.command()
@click.argument("study", metavar="STUDY")
@click.argument("spec", metavar="SPEC")
@click.option("--target-coef", multiple=True, metavar="TERM=VALUE", help="A coefficient as printed, stars and all.")
@click.option("--target-se", multiple=True, metavar="TERM=VALUE", help="A standard error as printed.")
@click.option("--target-t", multiple=True, metavar="TERM=VALUE", help="A t statistic as printed.")
@click.option("--target-p", multiple=True, metavar="TERM=VALUE", help="A p-value as printed.")
@click.option("--target-n", metavar="VALUE", help="The number of observations.")
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
def explain(study, spec, target_coef, target_se, target_t, target_p, target_n, as_json) -> None:
    """Which convention gives these numbers? Their printed precision is respected.

    Exit 0 if they agree or are explained, 1 if nothing explains them.
    """
    from parity.explaining import explain_printed, typed_targets
    from parity.report.explanation import explanation_text
    from parity.study import load_study

    given = {"coef": target_coef, "se": target_se, "t": target_t, "p": target_p}
    explanation = explain_printed(load_study(study), spec, typed_targets(given, target_n))
    click.echo(explanation.model_dump_json(indent=1) if as_json else explanation_text(explanation), nl=as_json)
    sys.exit(1 if explanation.verdict == "disagree" else 0)
