"""What engines answer and what a run found, as frozen values: estimates, records, and what pages show beside them.

Imports `base`, `conventions` and `study`. Types alone: nothing is estimated, compared or printed here.
"""
