"""The rows and columns of one estimation sample, chosen once by stated rules, and what rounding leaves of their digits.

Imports `data`, `algebra` and below. No engine, no comparison; a file of data is read in `data`.
"""
