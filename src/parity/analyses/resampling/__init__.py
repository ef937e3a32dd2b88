"""Group differences, wild and pairs cluster bootstraps of a study, on cross-products of `parity.algebra.moments`; and in R.

Imports `analyses/replicates`, `analyses/mediation` for its questions to R, and what analyses share.
"""
