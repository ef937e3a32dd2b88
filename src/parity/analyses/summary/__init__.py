"""Summaries of a spec's sample, what stands in a paper's first tables: described, correlated, how collinear; here and in R.

Imports what analyses share. Estimates of specs are the business of `engines`.
"""
