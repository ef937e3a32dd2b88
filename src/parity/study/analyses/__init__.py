"""What a study may ask for that is no estimate of a spec: settings of each kind, as the sections of `study.toml` have them.

Imports the rest of `study`. Nothing is computed here: that is `parity.analyses`, a folder a kind.
"""
