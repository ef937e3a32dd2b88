"""What goes wrong with a column or an index, said as a sentence."""

from __future__ import annotations


class DeriveProblem(ValueError):
    """A column or an index can't be made as asked; the message says why and what would help."""
