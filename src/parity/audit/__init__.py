"""An audit: every defensible choice of one specification, estimated, and what a claim hangs on.

The space of choices, the plan of its parts, the batched solver that estimates them, here or on workers, the store from which
a broken audit goes on, and the statistics over its results: summaries, what moves a number, the fewest choices that overturn
it, joint tests under the null, sensitivity of one specification.
Statistics are pure functions over `outcomes.Outcomes`. Imports `runs` and below.
"""
