"""Marginal effects of likelihoods, averaged over rows or at means, by the delta method; here and in R.

Imports what analyses share.
"""
