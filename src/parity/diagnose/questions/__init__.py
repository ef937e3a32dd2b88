"""Every way to ask for a cause: numbers typed, a printed table, two engines, an index, printed records of a run.

Imports `diagnose`, `printed`, `data` and below. Nothing is estimated by an engine here: that is for `runs`.
"""
