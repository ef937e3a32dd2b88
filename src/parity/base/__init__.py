"""What everything else may lean on: values, quantities, errors, tolerances, kept answers, worker processes, whole files.

Imports nothing of parity. Nothing that knows a study, a spec or an engine goes in, and no tolerance lives elsewhere.
"""
