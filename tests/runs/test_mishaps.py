"""Perfect fits, tiny and huge numbers, near copies, constants, no degree of freedom: one clear word, no package's text."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import miniatures as m
from parity.engines.mishaps import KINDS, in_words
from parity.r.exchange import RError
from parity.runs.runner import run
from parity.runs.worker import _fallen
from parity.study.load import load_study

RAW = re.compile(
    r"LinAlgError|Lapack|computationally singular|RError|AbsorbingEffect|ValueError|\.py:\d|checked_matrix|exog "
)

SPECS = {
    "perfect": ("perfect ~ x + z", "vacuous", "the regressors determine the outcome `perfect` exactly"),
    "almost": ("almost ~ x + z", "vacuous", "the regressors determine the outcome `almost` exactly"),
    "near": ("near ~ x + z", "agree", "the regressors leave 1/"),
    "tiny": ("tiny ~ x + z", "vacuous", "`tiny` holds no value above 1e-100"),
    "vast": ("vast ~ x + z", "vacuous", "`vast` holds values above 1e+100"),
    "small_x": ("y ~ x + small", "vacuous", "`small` holds no value above 1e-100"),
    "huge": ("huge ~ x + z", "agree", ""),
    "constant": ("const ~ x + z", "vacuous", "the outcome `const` is constant"),
    "twin7": ("y ~ x + twin7", "agree", "`x` and `twin7` are nearly collinear"),
    "twin9": ("y ~ x + twin9", "agree", "`x` and `twin9` are nearly collinear"),
    "twin7fe": ("y ~ x + twin7 | unit + year", "agree", "`x` and `twin7` are nearly collinear"),
    "no_df": ("y ~ x + z", "vacuous", "3 rows leave no degree of freedom for 3 parameters"),
}


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mishaps")
    rng, n = np.random.default_rng(0), 60
    x, z, e = rng.normal(size=(3, n))
    columns = {
        "unit": np.repeat(np.arange(10), 6), "year": np.tile(np.arange(2000, 2006), 10), "x": x, "z": z, "y": x + z + e,
        "perfect": 2 * x - z + 1, "almost": 2 * x - z + 1 + 1e-12 * e, "near": 2 * x - z + 1 + 1e-7 * e,
        "tiny": (x + z + e) * 1e-170, "vast": (x + z + e) * 1e170, "huge": (x + z + e) * 1e90, "small": z * 1e-170,
        "const": np.full(n, 3.0), "twin7": x + 1e-7 * z, "twin9": x + 3e-9 * z, "three": np.arange(n) < 3,
    }  # fmt: skip
    pd.DataFrame(columns).astype({"three": int}).to_csv(folder / "data.csv", index=False, float_format="%.17g")
    toml = '[study]\ntitle = "Made"\nunit = "unit"\ntime = "year"\nmade = true\n'
    for name, (formula, _, _) in SPECS.items():
        where = 'where = "three == 1"\n' if name == "no_df" else ""
        toml += f'\n[spec.{name}]\nformula = "{formula}"\nvcov = "HC1"\n{where}'
    (folder / "study.toml").write_text(toml)
    return run([load_study(folder)], jobs=2).records


@pytest.mark.parametrize("name", SPECS)
def test_each_ends_in_one_word_that_a_person_understands(records, name):
    _, verdict, said = SPECS[name]
    mine = [r for r in records if r.spec == name and r.kind in ("estimate", "spec") and r.verdict != "unavailable"]
    assert mine and not any(RAW.search(r.note) for r in mine), [r.note for r in mine if RAW.search(r.note)]
    assert {r.verdict for r in mine} <= {verdict, "declined"}, [(r.candidate, r.verdict, r.note) for r in mine]
    assert any(r.verdict == verdict and said in r.note for r in mine)


TEXTS = {
    "singular": [
        np.linalg.LinAlgError("Singular matrix"), np.linalg.LinAlgError("Matrix is not positive definite"),
        RError("Lapack routine dgesv: system is exactly singular: U[3,3] = 0", "solve.default"),
        RError("system is computationally singular: reciprocal condition number = 1.2e-17", "solve.default"),
        RError("the leading minor of order 2 is not positive", "chol"), np.linalg.LinAlgError("SVD did not converge"),
        RError("the covariance has no row for x2", "checked_matrix"), ValueError("exog does not have full column rank."),
    ],
    "memory": [MemoryError("Unable to allocate 22 GiB"), RError("cannot allocate vector of size 7.5 Gb", "model.matrix")],
    "cells": [RError("long vectors not supported yet: lm.c:123", "lm.fit"), RError("negative length vectors", "")],
    "not finite": [
        RError("NA/NaN/Inf in foreign function call (arg 1)", "lm.fit"), ZeroDivisionError("float division by zero"),
        ValueError("array must not contain infs or NaNs"), RError("infinite or missing values in 'x'", "svd"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "error"), [(k, e) for k, errors in TEXTS.items() for e in errors], ids=str)
def test_what_packages_say_is_told_in_words_and_kept_as_a_warning(kind, error):
    answer = in_words("some", error, None, " (some.py:3)")
    assert answer is not None and KINDS[kind].search(f"{type(error).__name__}: {error}")
    assert not RAW.search(answer.reason) and str(error)[:12] not in answer.reason
    if answer.kind == "failed":
        assert any(str(error)[:12] in w for w in answer.warnings)  # for the maintainer of the package
    assert (answer.kind == "declined") == (kind == "cells")


def test_an_unknown_error_keeps_its_text():
    assert in_words("some", KeyError("no such option"), None) is None
    assert "no such option" in _fallen("some", KeyError("no such option"), None).reason


def breaks(e, spec, design):
    raise np.linalg.LinAlgError("Singular matrix")


def test_a_singular_matrix_on_columns_far_from_it_is_a_failure(make_study):
    toml = '[study]\ntitle = "G"\nunit = "firm"\ntime = "year"\n\n[spec.s]\nformula = "inv ~ value + capital | firm"\n'
    engines = [m.miniature("a"), m.miniature("b"), m.miniature("breaks", breaks)]
    (record,) = [r for r in run([load_study(make_study(toml))], engines=engines, jobs=1).records if r.candidate == "breaks"]
    assert record.verdict == "failed" and "these columns are far from that (condition number" in record.note
    assert any("Singular matrix" in w for w in record.warnings)


def test_engines_with_a_tolerance_of_their_own_decline(records):
    note = next(r.note for r in records if r.spec == "twin7fe" and r.candidate == "py-linearmodels")
    assert "by its own tolerance these columns are collinear" in note or "these columns leave" in note
