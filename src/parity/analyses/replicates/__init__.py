"""Many estimates under many weights: draws, cross-products eliminated side by side, jackknife, intervals.

Imports `algebra` and below, and what pages show of draws. Knows no analysis of a study.
"""
