"""Does an engine give the same numbers twice? Hash seeds, threads, orders of rows and of columns are changed, nothing else.

`check` runs it; `settings` says what is changed, `child` is a fresh interpreter, `moves` compares, `naming` names the cause.
"""

from parity.determinism.run import TIMEOUT, check

__all__ = ["TIMEOUT", "check"]
