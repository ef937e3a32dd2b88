"""Quantile regressions, with fixed effects too; here and in R.

Imports what analyses share.
"""
