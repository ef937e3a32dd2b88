"""What R needs to read a data file for itself."""

from __future__ import annotations

from parity.study.data_formats import FORMATS

#: Ending of a file -> R package that reads it; R itself reads CSV.
READERS = {form.ending: form.again for form in FORMATS.values() if form.again not in ("", "R")}
