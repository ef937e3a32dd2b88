"""Stata's language as values: commands, expressions, variable lists, and what an estimation command asks for.

Imports nothing of parity. Nothing is run here: a command that isn't understood is a value that says so.
"""
