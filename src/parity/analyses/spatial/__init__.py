"""Spatial panel models by maximum likelihood, their effects and tests, Moran's I; here and in R.

Imports what analyses share.
"""
