"""From a file of data to a study that runs: read it, check it, guess the panel, write a commented `study.toml`; schemas.

Imports everything but `cli` and `testing`. Only `cli` imports it.
"""
