"""Differences in differences by event time, cohort or period: seven methods, here and in base R from the same rows.

Imports what analyses share, `algebra`, `conventions` and `sample`. A method is one file: `Panel` -> `Estimated`.
"""
