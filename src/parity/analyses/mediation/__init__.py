"""Direct and indirect effects with fixed effects, here and in R on the same draws.

Imports `analyses/replicates` and what analyses share; never `analyses/resampling`.
"""
