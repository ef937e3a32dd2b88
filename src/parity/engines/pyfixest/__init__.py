"""pyfixest: its `feols` under the declared convention (`declared`) and as a user types it (`shipped`).

Imports what engines share, and the package itself only when it estimates.
"""
