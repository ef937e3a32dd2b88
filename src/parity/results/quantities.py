"""Where engines of other packages import declared quantities from: they are declared in `parity.base.quantities`."""

from parity.base.quantities import BY_NAME, QUANTITIES, Declared, declared

__all__ = ["BY_NAME", "QUANTITIES", "Declared", "declared"]
