"""Do two answers agree: estimates harmonised and compared, lists of draws, printed numbers, two reports, other profiles.

Imports the vocabulary of `engines`, `results`, `sample` and below. Names no engine, diagnoses nothing, prints nothing.
"""
