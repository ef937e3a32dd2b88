"""Recorded references: an engine's frozen answers with their provenance, and numbers printed in a table."""
