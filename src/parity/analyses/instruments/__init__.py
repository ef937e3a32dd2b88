"""Diagnostics of two-stage least squares: relevance, strength, validity, need; here and in base R.

Imports what analyses share. Estimates of specs are the business of `engines`.
"""
