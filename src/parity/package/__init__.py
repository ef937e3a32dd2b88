"""A replication package: every number that it prints, held against what its do-files and data give.

`verify(folder)` is the whole; everything before the report is a pure function over frozen values, but for `folder` (which
reads) and `estimates` (which runs the do-files). Nothing is ever written into the package.
"""
