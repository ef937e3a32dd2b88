"""Index scores and derived columns, held against R's.

Imports what analyses share; the scores themselves are made in `data/derive`.
"""
