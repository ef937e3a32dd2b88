"""A study's data and samples read a second time, by R from the file and the words of `study.toml`, and held against ours.

Every engine is given the sample and the columns that `parity.data.load`, `parity.data.evaluate` and `parity.sample.design`
made, so a mistake of theirs would be in all engines alike. R's side (`r_scripts/sample/`) shares nothing with them: its own
readers, its own parser of the grammar, its own evaluation.
Imports `analyses` for what is asked of R, and below.
"""
