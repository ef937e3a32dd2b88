"""`[moderation.NAME]` of a study and its data -> the model with its product, and the rows that both languages are given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from parity.base.errors import Unestimable
from parity.data.evaluate import Panel, numeric
from parity.sample.build import build_design
from parity.sample.design import Design
from parity.study.analyses.moderation import ModerationSettings, why_not
from parity.study.formula import Interaction, Item
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Stage:
    """A model and the place of a regressor in it."""

    spec: Spec
    design: Design
    place: int


@dataclass(frozen=True)
class Sample:
    """of        the model with the product, whose rows are n; `of.place` is the regressor's
    product   place of the product
    q         (n,) the moderator
    through   the other stage of moderated mediation, and the name of its regressor
    """

    settings: ModerationSettings
    term: str
    of: Stage
    product: int
    q: np.ndarray
    through: Stage | None = None
    path: str = ""
    notes: tuple[str, ...] = ()


def sample_of(study: Study, frame: pd.DataFrame, settings: ModerationSettings) -> Sample:
    """Raises `Unestimable` where the model can't be estimated, or the product is determined by the others."""
    given = study.spec(settings.spec)
    term = settings.term or str(given.formula.exog[0])
    spec, product, added = with_product(given, term, settings.by)
    design = build_design(study, spec, frame)
    q = numeric(settings.by, frame, Panel.of(study))[design.rows]
    for name in (term, product):
        if name not in design.x_names:
            raise Unestimable(f"`{name}` is left out of spec {spec.id}: {', '.join(design.x_names)}")
    notes = (f"added to spec {spec.id}: {', '.join(added)}",) if added else ()
    of = Stage(spec, design, design.x_names.index(term))
    place = design.x_names.index(product)
    if settings.through is None:
        return Sample(settings, term, of, place, q, notes=notes)
    other, path = _other(study, frame, settings, spec)
    if set(other.design.rows.tolist()) != set(design.rows.tolist()):
        notes += (f"{design.nobs} rows of spec {spec.id}, {other.design.nobs} of spec {other.spec.id}",)
    return Sample(settings, term, of, place, q, other, path, notes)


def with_product(spec: Spec, term: str, by: Item) -> tuple[Spec, str, tuple[str, ...]]:
    """The spec with moderator and product among its regressors, the product's name, and what was added."""
    items = {str(item): item for item in spec.formula.exog}
    names = (f"{term}:{by}", f"{by}:{term}")
    product = next((name for name in names if name in items), names[0])
    more = [by] if str(by) not in items else []
    more += [Interaction((items[term], by))] if product not in items else []
    exog = (*spec.formula.exog, *more)
    return spec.model_copy(update={"formula": replace(spec.formula, exog=exog)}), product, tuple(map(str, more))


def _other(study: Study, frame: pd.DataFrame, s: ModerationSettings, spec: Spec) -> tuple[Stage, str]:
    other = study.spec(str(s.through))
    if problem := why_not(other):
        raise Unestimable(f"through: {problem}")
    terms = [str(item) for item in other.formula.exog]
    mediator = str(spec.formula.outcome)
    path = s.path or (mediator if mediator in terms else terms[0])
    design = build_design(study, other, frame)
    if path not in design.x_names:
        raise Unestimable(f"`{path}` is left out of spec {other.id}: {', '.join(design.x_names)}")
    return Stage(other, design, design.x_names.index(path)), path
