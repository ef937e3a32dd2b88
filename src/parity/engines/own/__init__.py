"""parity's own estimator: least squares, random effects and their covariances in numpy, and the engine that declares it.

Imports `algebra`, `sample` and below. No estimation package goes in. `streamed` goes by the row groups of a Parquet file.
"""
