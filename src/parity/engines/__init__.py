"""The registry of engines: an explicit dict, one file per implementation."""
