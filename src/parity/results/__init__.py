"""What engines answer and what a run found, as frozen values: estimates, records, and what pages show beside them.

Imports `base` and `conventions`. Types alone: nothing is estimated, compared or printed here.
"""
