"""Reports, one file per format. Each takes a `Report` and returns text; none computes a number.

Imports `runs` and below. No engine is asked, and none is named.
"""
