"""A planted variant of an index is named from scores alone and from printed weights; twins are named together."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

import index_sets
from parity.cli import main as command
from parity.data.derive.index import index_scores
from parity.data.derive.problem import DeriveProblem
from parity.data.derive.variants import FAMILIES, VARIANTS, changed
from parity.data.evaluate import Panel
from parity.diagnose.questions.index_search import IndexExplanation, Target, Targets, explain_index
from parity.study.index import IndexSettings

PLANTED = [v for v in VARIANTS if v.id not in ("minmax", "limit", "k_rows", "pooled", "one_level", "entropy", "times_1")]


def planted(seed: int, of: str, digits: int | None):
    """A random set with a variant planted: (its id, whether it moves the numbers, the explanation); None if none fits."""
    rng = np.random.default_rng(1000 + seed)
    main, columns, rows = index_sets.random_set(seed)
    for k in rng.permutation(len(PLANTED)):
        variant = PLANTED[k]
        form = changed(main, variant, first_year=float(rows.time.min()))
        if form is None or form == main:
            continue
        try:
            made, plain = index_scores(form, columns, rows), index_scores(main, columns, rows)
        except DeriveProblem:
            continue
        break
    else:
        return None

    def target(value: float) -> Target:
        return Target(value) if digits is None else Target(round(value, digits), 0.5 * 10.0**-digits)

    if of == "weights":
        label = next(iter(made.weights))
        targets = Targets({n: target(w) for n, w in made.weights[label].items()}, {})
        moves = made.weights != plain.weights
    else:
        known = np.flatnonzero(~np.isnan(made.scores))
        targets = Targets({}, {int(i): target(made.scores[i]) for i in known})
        moves = not np.array_equal(made.scores, plain.scores, equal_nan=True)
    return variant.id, moves, explain_index(main, columns, rows, targets)


def named(found: IndexExplanation) -> set[str]:
    return {v.id for match in found.matches if len(match.variants) == 1 for v in match.variants}


def count(draws, of: str, digits: int | None) -> tuple[int, int, list]:
    hits, n, wrong = 0, 0, []
    for seed in draws:
        answer = planted(seed, of, digits)
        if answer is None:
            continue
        n += 1
        if answer[0] in named(answer[2]):
            hits += 1
        else:
            wrong.append((seed, answer[0], answer[2]))
    return hits, n, wrong


@pytest.mark.parametrize(("of", "digits"), [("scores", None), ("weights", 4), ("scores", 4)])
def test_a_planted_variant_is_named(of, digits):
    hits, n, wrong = count(range(12), of, digits)
    assert n >= 10
    assert hits >= 0.95 * n, wrong


def small(seed: int = 7):
    main, columns, rows = index_sets.random_set(seed)
    return main, columns, rows


def scores_of(main, columns, rows, **settings) -> Targets:
    made = index_scores(IndexSettings(**main.model_dump() | settings), columns, rows)
    return Targets({}, {i: Target(float(v)) for i, v in enumerate(made.scores)})


def test_variants_that_give_the_same_scores_are_both_named():
    main, columns, rows = small()
    found = explain_index(main, columns, rows, scores_of(main, columns, rows, shift=0.001, share_floor=1e-100))
    assert "shift_001" in named(found)
    # a floor of 1e-100 moves no score to any digit: the index as it stands can't be told from it
    same = explain_index(main, columns, rows, scores_of(main, columns, rows, share_floor=1e-100))
    assert found.matches and () in [m.variants for m in same.matches]
    assert "share_floor_1e-100" in named(same)


def test_two_variants_at_once_are_found():
    main, columns, rows = small()
    found = explain_index(main, columns, rows, scores_of(main, columns, rows, method="critic", times=100.0))
    assert {"critic", "times_100"} in [{v.id for v in m.variants} for m in found.matches]


def test_numbers_that_nothing_gives_are_not_explained():
    main, columns, rows = small()
    right = scores_of(main, columns, rows)
    wrong = Targets({}, {i: Target(t.value + 0.01 * (-1) ** i) for i, t in right.scores.items()})
    found = explain_index(main, columns, rows, wrong)
    assert not found.matches
    assert found.nearest is not None


def test_families_hold_every_variant_once():
    ids = [v.id for family in FAMILIES for v in family]
    assert len(set(ids)) == len(ids) == len(VARIANTS)


# ---------------------------------------------------------------- the command

STUDY = """
[study]
title = "an index"
unit = "firm"
time = "year"
[index.size]
indicators = [{ column = "value", direction = "+" }, { column = "capital", direction = "+" }]
[spec.a]
formula = "inv ~ size | firm"
"""


@pytest.fixture
def ask(make_study):
    folder = make_study(STUDY)

    def run(*args: str):
        return CliRunner().invoke(command, ["explain", str(folder), *args])

    run.folder = folder
    return run


def weights_of(ask, **settings) -> dict[str, float]:
    from parity.data.derive.index import rows_of
    from parity.data.derive.study_columns import indicator_columns
    from parity.data.load import load_frame
    from parity.study.load import load_study

    study = load_study(ask.folder)
    frame = load_frame(study)
    form = IndexSettings(**study.index["size"].forms()[""].model_dump() | settings)
    made = index_scores(form, indicator_columns(form, frame), rows_of(frame, Panel("firm", "year")))
    return made.weights[""], made.scores, frame


def test_printed_weights_name_their_method(ask):
    weights, *_ = weights_of(ask, method="critic")
    done = ask("size", *(f"--target-weight={n}={w:.4f}" for n, w in weights.items()))
    assert done.exit_code == 0, done.output
    assert "CRITIC weights" in done.output


def test_printed_and_whole_scores_name_theirs(ask, tmp_path):
    _, scores, frame = weights_of(ask, method="cv")
    chosen = [f"--target-score={frame['firm'][i]}:{frame['year'][i]}={scores[i]:.4f}" for i in range(0, 200, 9)]
    done = ask("size", *chosen)
    assert done.exit_code == 0, done.output
    assert "coefficient-of-variation weights" in done.output
    frame.assign(score=scores)[["firm", "year", "score"]].to_csv(tmp_path / "other.csv", index=False)
    done = ask("size", "--scores", str(tmp_path / "other.csv"), "--json")
    body = json.loads(done.output)
    assert body["checked"] == 200
    assert body["matches"][0]["variants"] == ["cv"]


def test_what_nothing_explains_exits_one_and_mistakes_exit_two(ask):
    assert ask("size", "--target-weight=value=.9999").exit_code == 1
    for args, said in [
        (("sise", "--target-weight=value=.5"), "did you mean `size`?"),
        (("size", "--target-weight=valu=.5"), "did you mean `value`?"),
        (("size", "--target-weight=value=abc"), "is not indicator=.1234"),
        (("size", "--target-score=1:1900=.5"), "there is no row `1:1900`"),
        (("size", "--scores", "nothing.csv"), "is no file"),
    ]:
        done = ask(*args)
        assert done.exit_code == 2, done.output
        assert said in done.output


def test_two_variants_that_fit_by_chance_are_not_named(ask):
    done = ask("size", "--target-weight=value=.42")
    assert done.exit_code == 1 and done.output.startswith("size: no variant gives the 1 number"), done.output
    assert "pairs of variants do, as about" in done.output or "nearest" in done.output


def test_a_variant_of_few_digits_is_not_said_for_certain(ask):
    weights, *_ = weights_of(ask, method="critic")
    name, weight = next(iter(weights.items()))
    few, many = (ask("size", f"--target-weight={name}={weight:.{digits}f}") for digits in (3, 9))
    assert "CRITIC weights" in few.output and "CRITIC weights" in many.output and few.exit_code == many.exit_code == 0
    assert "Not for certain: of all variants tried about 0." in few.output
    assert "for certain" not in many.output
    declared = ask("size", f"--target-weight={name}={weights_of(ask)[0][name]:.2f}")
    assert "as the study says" in declared.output and "for certain" not in declared.output


def test_the_search_can_be_stopped(ask):
    done = ask("size", "--target-weight=value=.9999", "--seconds", "0.000001")
    assert done.exit_code == 1 and "stopped before all was tried (--seconds 1e-06)" in done.output
