"""Stata's commands in base R, the reference of most studies: what they can do and can't. See r_scripts/engines.

Imports what engines in R share. Nothing is computed here.
"""
