"""linearmodels: the class that fits a spec (`models`), under the declared convention (`declared`), as shipped (`shipped`).

Imports what engines share, and the package itself only when it estimates.
"""
