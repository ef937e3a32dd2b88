"""The R side of the bridge: a session of R (in this process by rpy2, or a child by Rscript) that answers requests.

Imports `base`. What is asked stands with who asks it: no engine, study or analysis goes in.
"""
