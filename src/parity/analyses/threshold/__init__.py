"""Threshold regression of panels with fixed effects after Hansen (1999): thresholds, their sets, tests; here and in R.

Imports what analyses share.
"""
