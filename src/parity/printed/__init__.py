"""Printed tables and logs as values: cells, notes, Stata's windows, terms under the names that programs give them.

Imports `compare` and below. Text in, values out: no file of data, no engine, no search for a cause.
"""
