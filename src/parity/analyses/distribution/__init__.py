"""How a column is spread over units by period: sigma, Gini's coefficient after Dagum, kernel densities; here and in R.

Imports what analyses share.
"""
