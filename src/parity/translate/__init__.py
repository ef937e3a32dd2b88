"""Stata's commands in the words of others: parity's specs, R as a person writes it (fixest, plm, AER), Python (pyfixest).

Text in, text out; nothing is estimated. Imports `stata`, `study` and below.
"""
