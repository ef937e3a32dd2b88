"""What the project says, in Chinese: one catalogue of its sentences by their English form, and one function that asks it.

The catalogue is the `.toml` files here, a file for what is said in one place; labels of tables stand in
`parity.study.words_of_tables` and are asked too. Everything is made in English, for records and files are read by programs;
what is shown to a person goes through `told_in(language)` at the edge.
"""

from __future__ import annotations

from collections.abc import Callable

from parity.report.chinese.forms import in_chinese
from parity.study.words_of_tables import Language

Told = Callable[[str], str]


def as_it_is(text: str) -> str:
    return text


def told_in(language: Language) -> Told:
    """A function from a sentence in English to that in the language; one without a form there stays whole, in English."""
    return in_chinese if language == "zh" else as_it_is
