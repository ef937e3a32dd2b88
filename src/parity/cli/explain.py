"""parity explain."""

from __future__ import annotations

import sys

import click

from parity.cli.asked import one_study
from parity.cli.common import falling, language_option, stop, told


@click.command()
@click.argument("study", metavar="STUDY")
@click.argument("spec", metavar="SPEC", required=False)
@click.option("--target-coef", multiple=True, metavar="TERM=VALUE", help="A coefficient as printed, stars and all.")
@click.option("--target-se", multiple=True, metavar="TERM=VALUE", help="A standard error as printed.")
@click.option("--target-t", multiple=True, metavar="TERM=VALUE", help="A t statistic as printed.")
@click.option("--target-p", multiple=True, metavar="TERM=VALUE", help="A p-value as printed.")
@click.option("--target-n", metavar="VALUE", help="The number of observations.")
@click.option("--table", metavar="FILE", help="A printed table: CSV, Markdown, LaTeX or columns of spaces; - reads it "
              "from standard input.")  # fmt: skip
@click.option("--column", metavar="NAME", help="Its column: a number from 1, or its heading.")
@click.option("--term", multiple=True, metavar="LABEL=TERM", help="Which term a row is; LABEL= leaves the row out.")
@click.option("--parentheses", type=click.Choice(["se", "t", "p"]), help="What stands in its parentheses.")
@click.option("--stars", callback=falling, metavar="LEVELS",
              help="Levels of p for its stars, one star first: 0.1,0.05,0.01.")  # fmt: skip
@click.option("--decimal-comma", is_flag=True, help="Its numbers are written 0,352.")
@click.option("--candidate", metavar="ENGINE", help="Explain this engine's answer instead.")
@click.option("--reference", metavar="ENGINE", help="Against this one; default: the spec's reference.")
@click.option("--as-shipped", is_flag=True, help="The engine with its own defaults; without --candidate, every engine.")
@click.option("--target-weight", multiple=True, metavar="INDICATOR=VALUE", help="Of an index in place of SPEC: a weight.")
@click.option("--target-score", multiple=True, metavar="UNIT:TIME=VALUE", help="Of an index: a score.")
@click.option("--scores", metavar="FILE", help="Of an index: another program's scores, in full.")
@click.option("--from", "printed_by", metavar="SOFTWARE", default="", help="Whose numbers are typed, such as stata: causes "
              "that it has no option for are listed last.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), metavar="N", help="Stop searching after N seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
@language_option
def explain(
    study, spec, table, column, term, parentheses, decimal_comma, stars, target_n, candidate, reference, as_shipped, as_json,
    target_weight, target_score, scores, printed_by, seconds, language, **targets
) -> None:  # fmt: skip
    """Which convention gives these numbers? Their printed precision is respected.

    Numbers are typed one by one (--target-se capital=.0618), read from a printed table (--table), or estimated by two
    engines (--candidate, --reference). With none of these: why each engine as shipped differs from the declared spec.
    SPEC may be an index: which variant gives these weights or scores?

    Exit 0 if they agree or are explained, 1 if nothing explains them, or only what chance would do too, if a part of a
    table could not be read or --seconds ended the search, 130 if Ctrl-C did: the best so far is printed all the same. A
    misprint that is certain exits 0 here, as the question is answered; `parity run`, which judges, exits 1 for the same
    number in [[published]].
    """
    if spec is None:
        _which(study)
    if target_weight or target_score or scores:
        _index(study, spec, target_weight, target_score, scores, as_json, seconds)
    from parity.diagnose.questions import tables
    from parity.diagnose.questions import typed as printed
    from parity.report.explanation import explanation_text, explanations_text
    from parity.report.progress import search_watch
    from parity.runs import explain_engines as engines
    from parity.runs import explain_shipped as shipped

    typed = printed.typed_targets({k.removeprefix("target_"): texts for k, texts in targets.items()}, target_n)
    of_table = {"--column": column, "--term": term, "--parentheses": parentheses, "--decimal-comma": decimal_comma}
    of_engines = {"--candidate": candidate, "--reference": reference, "--as-shipped": as_shipped}
    _one_question(table, typed, of_engines, of_table)
    loaded = one_study(study, spec)
    try:
        with search_watch(seconds, told) as watch:
            if table is not None:
                answer = tables.explain_table(
                    loaded, spec, tables.read_text(table, loaded.header.encoding), column=column, terms=term,
                    parentheses=parentheses, stars=stars, decimal_comma=decimal_comma, printed_by=printed_by, watch=watch,
                )  # fmt: skip
            elif typed:
                answer = printed.explain_printed(loaded, spec, typed, stars, printed_by=printed_by, watch=watch)
            elif candidate is None and (as_shipped or reference is None):
                answers = shipped.explain_all_shipped(loaded, spec, reference, watch=watch)
                answer = None
            elif as_shipped:
                answer = shipped.explain_shipped(loaded, spec, reference, candidate, watch)
            else:
                answer = engines.explain_engines(loaded, spec, reference, candidate, watch)
    except engines.NoEstimate as failed:
        stop(f"parity: {told(str(failed))}", 1)
    if answer is None:
        click.echo(_json(answers) if as_json else explanations_text(answers, told), nl=as_json)
        sys.exit(max((_exit_code(a) for a in answers.values()), default=0))
    click.echo(answer.model_dump_json(indent=1) if as_json else explanation_text(answer, told), nl=as_json)
    sys.exit(_exit_code(answer))


def _exit_code(answer) -> int:
    return _stopped(answer.stopped) or (0 if answer.clean else 1)


def _stopped(why: str) -> int:
    from parity.report.progress import INTERRUPTED

    return 0 if not why else 130 if why == INTERRUPTED else 1


def _json(answers: dict) -> str:
    import json

    return json.dumps(
        {name: answer.model_dump(mode="json") for name, answer in answers.items()}, indent=1, ensure_ascii=False
    )


def _which(study: str) -> None:
    """Name the specs and indices of the study that may be asked about."""
    loaded = one_study(study)
    indices = f"; indices: {', '.join(loaded.index)}" if loaded.index else ""
    if not loaded.specs and not loaded.index:
        stop("parity: " + told(f"{loaded.file}: it has no specification and no index to explain"), 2)
    stop("parity: " + told(f"explain which SPEC of {study}? Specs: {', '.join(s.id for s in loaded.specs)}{indices}"), 2)


def _one_question(table, typed, of_engines: dict, of_table: dict) -> None:
    """Numbers, a table or engines: one of them, and options only beside what they are about."""
    from parity.base.errors import InputError

    asked = {"single numbers": bool(typed), "a table": table is not None, "engines": any(of_engines.values())}
    given = [name for name, is_given in asked.items() if is_given]
    if len(given) > 1:
        raise InputError.at(f"parity explain: {' and '.join(given)}", "", "ask for one of them at a time")
    lone = next((name for name, value in of_table.items() if value and table is None), "")
    if lone:
        raise InputError.at(lone, "", "it is about a table; give one with --table FILE")


def _index(study, name, weights, scores, file, as_json, seconds) -> None:
    from parity.diagnose.questions.index import explain_index_printed
    from parity.report.index_explanation import index_explanation_json, index_explanation_text
    from parity.report.progress import search_watch

    with search_watch(seconds, told) as watch:
        found = explain_index_printed(one_study(study), name, weights, scores, file, watch)
    click.echo(index_explanation_json(name, found) if as_json else index_explanation_text(name, found, told), nl=False)
    sys.exit(_stopped(found.stopped) or (0 if found.matches else 1))
