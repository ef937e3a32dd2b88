"""Coupling coordination degree of several scores, row by row; here and in R.

Imports what analyses share.
"""
