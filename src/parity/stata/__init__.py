"""Stata's language read into values and run on data: text, macros, expressions, data sets, commands.

A command that isn't understood is a finding with file and line; nothing of a do-file reaches a shell, Python or R as code.
Imports `stata_language`, parity's own estimator, `analyses`, `study` and below. What a verb prints and which engines
estimate is for the floors above.
"""
