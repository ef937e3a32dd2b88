"""Wald tests, combinations and functions of coefficients, Hausman's test; here and in base R from R's own fit.

Imports what analyses share, and the estimator in `engines`.
"""
