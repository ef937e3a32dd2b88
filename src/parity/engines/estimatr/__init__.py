"""R's package estimatr: what it can do and can't. Both its forms run in R, see r_scripts/engines.

Imports what engines in R share. Nothing is computed here.
"""
