"""What a user writes in `study.toml`: a file a section, the closed grammar of formulas, every mistake with file and key.

Imports `base`, `conventions` and `stata`. Reads `study.toml` and never the data; nothing that is written there is evaluated.
"""
