"""A file to columns: each format, labels, periods, codes, filters; the one evaluator of the grammar; derived columns.

Imports `study` and below. No rows of a spec are chosen here, and nothing is estimated.
"""
