"""Does an engine give the same numbers twice? Hash seeds, threads, orders of rows and of columns are changed, nothing else.

`check` runs it; `settings` says what is changed, `child` is a fresh interpreter, `moves` compares, `naming` names the cause.
Imports the worker of `runs` and below. No rule of a comparison is its own.
"""

from parity.runs.determinism.trials import TIMEOUT, check

__all__ = ["TIMEOUT", "check"]
