"""Linear algebra on plain arrays: absorbing effects, collinear columns, covariances, cross-products by cluster.

Imports `base` and `conventions`. Knows no study, no spec and no data frame, and reads no file.
"""
