"""An engine as shipped: what a user gets by typing the obvious command, nothing harmonised.

`AsShipped(engine)` is an engine itself, so that plan, workers, cache and frozen references treat it like any other. The
rows are the study's before any package drops singletons; constants, factors, degrees of freedom and the printed table
are the package's own. docs/evidence/as-shipped.md says which command counts as obvious.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from parity.engines.base import Engine, EngineInfo
from parity.results.estimate import Declined, Estimate
from parity.sample.design import Design
from parity.study.models import K_CLASS, LIKELIHOODS, OF_DYNAMIC, OF_MOMENTS
from parity.study.spec import Spec

#: What an as-shipped estimate carries: the package's own convention, whichever that is.
BASIS = "as-shipped"
#: Models beyond least squares, 2SLS and panels' that an engine's adaptor asks for as shipped.
BEYOND = {"r-stata": LIKELIHOODS, "r-plm": OF_DYNAMIC, "py-linearmodels": (*K_CLASS, *OF_MOMENTS, "between")}


@dataclass(frozen=True)
class AsShipped:
    """An engine asked for its defaults. Its `shipped(spec, design, tight)` answers; an engine without one declines.

    tight: the same, but asked in a way that does without what its arithmetic loses (a tolerance, ill-conditioned columns);
    the answer says which cause it avoids
    """

    engine: Engine
    tight: bool = False

    @property
    def role(self) -> str:
        """What tells this engine's answers from the engine's own."""
        return "as-shipped, tight" if self.tight else "as-shipped"

    @property
    def info(self) -> EngineInfo:
        return self.engine.info

    def __getattr__(self, name: str) -> Any:
        """`availability` and `versions` where the engine itself has them."""
        if name in ("availability", "versions"):
            return getattr(self.__dict__["engine"], name)
        raise AttributeError(name)

    def declines(self, spec: Spec, unit: str | None, time: str | None) -> Declined | None:
        if self._shipped is None:
            reason = "this adaptor doesn't know what its engine does as shipped"
            return Declined(engine=self.info.id, gap="notimpl", reason=reason)
        if not spec.additive and spec.model not in BEYOND.get(self.info.id, ()):
            reason = f"this adaptor doesn't ask for a {spec.model} as shipped yet"
            return Declined(engine=self.info.id, gap="notimpl", reason=reason)
        # whose covariance GMM has is its own affair, as singletons are
        own = spec.convention.model_copy(update={"gmm_covariance": "sandwich"})
        return self.engine.declines(spec.model_copy(update={"convention": own}), unit, time)

    def sample(self, spec: Spec) -> Spec:
        """The spec whose rows it is given: singletons are its own affair."""
        return spec.model_copy(update={"convention": spec.convention.model_copy(update={"singletons": "keep"})})

    def estimate(self, spec: Spec, design: Design) -> Estimate | Declined:
        assert self._shipped is not None
        answer = self._shipped(spec, design, self.tight)
        return answer.model_copy(update={"basis": BASIS}) if isinstance(answer, Estimate) else answer

    @property
    def _shipped(self) -> Callable[[Spec, Design, bool], Estimate | Declined] | None:
        return getattr(self.engine, "shipped", None)
