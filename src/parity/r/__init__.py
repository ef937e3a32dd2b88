"""The R side of the bridge: a session of R (in this process by rpy2, or a child by Rscript) that answers requests."""
