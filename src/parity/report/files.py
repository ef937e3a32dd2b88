"""Which function makes which file of a report: `parity run` and `parity report` offer the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module

from parity.results.record import Report
from parity.study.words_of_tables import Language

#: format -> (module below parity.report, function, what it is)
FORMATS: Mapping[str, tuple[str, str, str]] = {
    "json": ("json", "to_json", "JSON (parity-report/1)"),
    "html": ("html", "to_html", "one HTML page that needs nothing else"),
    "markdown": ("markdown", "to_markdown", "Markdown"),
    "latex": ("latex", "to_latex", "a LaTeX table"),
    "junit": ("junit", "to_junit", "JUnit XML"),
    "badge": ("badge", "to_badge", "an SVG badge"),
}


#: Formats that are told in the reader's language; the others are read by programs, or are English.
TOLD = ("html",)


def renderer(form: str, language: Language = "en") -> Callable[[Report], str]:
    """Imported when asked for: an unchanged run that prints to a terminal needs none of them."""
    module, function, _ = FORMATS[form]
    made = getattr(import_module(f"parity.report.{module}"), function)
    return partial(made, language=language) if form in TOLD and language != "en" else made
