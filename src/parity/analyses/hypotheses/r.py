"""Questions about coefficients, asked of R, which fits and tests by itself: see r_scripts/lib/hypotheses.R."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from parity.analyses.hypotheses.sample import Asked, Side
from parity.conventions.facts import subsets
from parity.conventions.formulas import factor
from parity.engines.r_common import request
from parity.engines.safe import canonical_names, cluster_names
from parity.r.frame import Column
from parity.r.session import get_session
from parity.study.analyses.hypotheses import as_named

#: What R calls the test as a whole, which has no term.
WHOLE = "."


def answered_in_r(asked: Asked) -> dict[str, dict[str, float]]:
    """quantity -> term -> number, under our side's names. Raises `RuntimeError`, `NoR`."""
    texts = {as_named(text, asked.side.terms): text for text in _texts(asked)}
    given = {
        "side": _side(asked.side), "other": _side(asked.other) if asked.other else None,
        "question": asked.settings.question, "texts": Column.text(texts), "form": asked.settings.form,
        "common": Column.text(asked.common), "df": math.nan if asked.settings.df_rule == "convention" else asked.df,
    }  # fmt: skip
    answer = get_session().call("hypotheses_analysis", given)
    return {
        quantity: dict(
            zip((texts.get(n, n) for n in _names(value)), np.asarray(value.values, dtype=float).tolist(), strict=True)
        )
        for quantity, value in answer.items()
        if isinstance(value, Column)
    }


def _texts(asked: Asked) -> tuple[str, ...]:
    return asked.settings.test or tuple(asked.functions)


def _names(value: Column) -> tuple[str, ...]:
    """R names what it says of each number; all else is of the whole."""
    return tuple("" if name == WHOLE else name for name in value.names or ())


def _side(side: Side) -> Mapping[str, Any]:
    spec, design = side.spec, side.design
    safe = {name: short for short, name in cluster_names(design).items()}
    parts = [()] if not spec.vcov.cluster else list(subsets(spec.vcov.cluster))
    signs = [-1.0 if part and len(part) % 2 == 0 else 1.0 for part in parts]
    factors = [factor(design.facts, spec.convention, spec.vcov.kind, spec.vcov.cluster, part, iv=spec.iv) for part in parts]
    names = canonical_names(design)
    return {
        "fit": request(spec, design), "safe": Column.text(names), "terms": Column.text(names.values()),
        "parts": Column.text("^".join(safe[c] for c in part) for part in parts),
        "factor": Column.double(np.array(factors) * np.array(signs)), "df": side.degrees, "iid": side.iid_factor,
    }  # fmt: skip
