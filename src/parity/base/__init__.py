"""What everything else may lean on: values, errors, tolerances, kept answers, worker processes, files written whole.

Imports nothing of parity. Nothing that knows a study, a spec or an engine goes in, and no tolerance lives elsewhere.
"""
