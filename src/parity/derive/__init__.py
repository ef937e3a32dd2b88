"""Columns made from the data before any spec is estimated: derived columns and index scores. R computes them again."""
