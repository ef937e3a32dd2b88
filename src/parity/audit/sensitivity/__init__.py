"""How far one specification's claim is from failing: rows or units left out, and confounders nobody observed.

Each idea a file: `refit` (some rows left out), `influence` (each row or group left out), `removal` (the fewest that overturn
a claim), `oster` and `omitted` (unobserved confounders, from what `partialled` takes of a design).
"""
