"""What a study asks that is no estimate of a spec, a folder each: here, in R, and both held against each other.

Imports `engines`, `compare`, `data` and below. Nothing of a run's plan, of causes or of pages goes in.
"""
