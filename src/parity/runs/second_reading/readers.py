"""What R needs to read a data file for itself."""

from __future__ import annotations

#: Ending of a file -> R package that reads it; R itself reads CSV.
READERS = {".dta": "haven", ".xlsx": "readxl"}
