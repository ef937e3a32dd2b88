"""Facts counted from a sample, and the conventions that turn them into a small-sample factor, degrees of freedom and p.

Imports `base`. The only place that knows these formulas; no data, no engine and no search goes in.
"""
