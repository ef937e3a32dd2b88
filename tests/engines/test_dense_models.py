"""The oracle of the miniatures and of planted cases, and parity's estimator, on random panels: the same to rounding."""

from __future__ import annotations

from collections import Counter

import numpy as np

import dense_models
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from random_studies import random_study


def test_both_give_the_same_coefficients_and_covariances():
    seen: Counter[str] = Counter()
    for seed in range(20):
        fitter = Fitter(*random_study(seed, models=True))
        for spec in fitter.study.specs:
            numbers = fitter.numbers(Scenario(spec))
            if numbers is None or not dense_models.known(spec):
                continue
            b, parts = dense_models.dense_model(spec, fitter.design(Scenario(spec)))
            own = fitter.parts(Scenario(spec))
            size = np.sqrt(np.abs(np.diag(numbers.vcov)))  # of two ways a variance may be below nought
            assert np.max(np.abs(b - numbers.coef) / size) < 1e-9, (seed, spec.id)
            assert set(parts) == set(own)
            assert all(np.max(np.abs(parts[s] - own[s])) < 1e-8 * np.max(np.abs(own[s])) for s in own), (seed, spec.id)
            seen[spec.model] += 1
    assert set(seen) == {"logit", "probit", "poisson", "liml", "fuller", "kclass", "gmm"}
    assert min(seen.values()) >= 3
