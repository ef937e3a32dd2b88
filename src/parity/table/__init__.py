"""A paper's tables, made from the records of a run: settings and verified numbers in, a grid out, a renderer per format.

Imports `report`, `runs` and below. No number that a run didn't verify goes into a table.
"""
