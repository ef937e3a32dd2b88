"""Reports, one file per format. Each takes a `Report` and returns text; none computes a number."""
