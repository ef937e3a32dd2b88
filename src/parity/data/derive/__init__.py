"""Columns made from the data before any spec is estimated: derived columns and index scores.

Imports the evaluator of `data` and below. R computes all of it again, in `r_scripts/lib`; no analysis or comparison goes in.
"""
