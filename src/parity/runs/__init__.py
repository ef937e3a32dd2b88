"""A run of studies: plan, ask what isn't cached, judge, say why; as shipped, for determinism, read a second time; freezing.

Imports all that estimates, compares and diagnoses. Prints nothing, and knows no command line.
"""
