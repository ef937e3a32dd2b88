"""Logs of statistical programs and tables that they exported, as values; one file a format."""
