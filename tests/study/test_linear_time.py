"""Texts of users, long and hostile: no pattern that reads them takes time that grows with more than their length.

Every regular expression of the package is found by itself (`hostile.py`), and is given texts made from it.
"""

from __future__ import annotations

import contextlib
import re
import time
from functools import cache

import pytest

import hostile
from parity.base.patterns import BLANKS, in_order
from parity.compare.printed import read_number
from parity.package.note_numbers import NUMBER
from parity.printed.cells import TableProblem, plain, tokens
from parity.printed.grids import read_grid
from parity.printed.notes import announced, star_cuts
from parity.printed.spelled import alike
from parity.printed.table import read_table
from parity.printed.window import read_output
from parity.stata_language.systems import _EQUATION
from parity.study import hints
from parity.study.elsewhere import in_elsewhere
from parity.study.pasted import in_pasted
from parity.study.published import PRINTED_NUMBER

#: Characters of each text, and the seconds that it may take; quadratic time would be minutes.
LENGTH, SECONDS = 5_000, 0.7
UNITS = [
    " ", "0", "*", ".", "-", "(", ")", "|", "a", "\t", "e", "0 ", "0,", "0.", "1,000", "* ", " *", "a ", "| ", "- ", "+-",
    "(0", "=", "a=", "~", "::", "a:", "#", "{", "{hline ", "{a:", "&", "\\\\", "$", "\\a{", "<b", "p<", "*** p<0.", "a.",
    "6.", "[T.", "资", "²", "<sup>", "-+-", "x |", "F(1, ",
]  # fmt: skip


#: Beginnings after which a pattern for commands reads on.
HEADS = ("by", "bys a", "stepwise", "svy ", "eststo", "eststo a,", "reg y x ", "feols(", "reg y [")


@cache
def texts() -> list[str]:
    out = []
    for unit in UNITS:
        body = unit * (LENGTH // len(unit))
        out += [body, f"0.3{body}x", f"({body}!", f"x | {body}\nCoef. | Std. err.", f"*{body}"]
        out += [f"{head}{body}x" for head in HEADS]
    return out


READERS = {
    "printed number": PRINTED_NUMBER.fullmatch, "cell": tokens, "plain": plain, "cuts": star_cuts, "notes": announced,
    "grid": read_grid, "table": read_table, "window": read_output,
    "command": in_pasted, "elsewhere": lambda text: in_elsewhere(f"y ~ {text}"),
    "formula": hints.in_formula, "condition": hints.in_condition,
    "term": lambda text: alike(text, ["year::80", "x"]), "abbreviation": lambda text: alike(f"{text}~x", ["year::80", "x"]),
    "equations": lambda text: list(_EQUATION.finditer(text)),
    "pieces of a term": lambda text: [alike(text[i : i + 200], ["year::80"]) for i in range(0, 2000, 200)],
}  # fmt: skip


def seconds(read, text: str, clock=time.process_time) -> float:
    """Of the processor, or by another clock."""
    start = clock()
    with contextlib.suppress(TableProblem):
        read(text)
    return clock() - start


@pytest.mark.parametrize("name", READERS)
def test_time_grows_with_the_text_alone(name):
    """Twice, as the first time may be the garbage collector's; first by the clock on the wall, which is read in no time."""
    read, wall = READERS[name], time.perf_counter
    slow = [text[:12] for text in texts() if seconds(read, text, wall) > SECONDS and seconds(read, text) > SECONDS]
    assert not slow


def test_digits_before_a_letter_take_no_time():
    assert seconds(NUMBER.findall, "1" * 4 * LENGTH + "a") < SECONDS and NUMBER.findall("1,000 of .25, 4th") == [
        "1,000",
        ".25",
    ]


def test_six_hundred_blanks_take_no_time():
    start = time.process_time()
    for text in (
        " " * 600 + "x",
        "0.35" + " " * 600 + "x",
        "0.35" + "* " * 300 + "x",
        "(0.35" + " " * 600 + ")" + " " * 600 + "x",
    ):
        assert not PRINTED_NUMBER.fullmatch(text)
    assert PRINTED_NUMBER.fullmatch(" " * 600 + "(0.35 ** ) **" + " " * 600)
    assert time.process_time() - start < 0.5


def test_a_long_number_is_a_number():
    assert read_number("0." + "3" * 5000).value == pytest.approx(1 / 3)


# ---------------------------------------------------------------- every pattern

#: Patterns whose callers cut the text first: module and what the pattern begins with -> what of a text they are given.
BOUNDED = {
    ("parity.logs.grid_cells", r"\(?\s*(?P<kind>t|z|p|"): "300 characters",
    ("parity.logs.pairs", r"(?:[A-Za-z][\w-]*[ -]?)?[A-Za-z]\w*\("): "60 characters",
    ("parity.logs.pairs", r"[A-Za-z][\w|]*\("): "120 characters",
    ("parity.logs.pairs", r"(?P<label>(?:[^\W\d]|"): "300 characters",
    ("parity.logs.recognise", r"\S(?: {2,}|\t| \| *)"): "60 characters",
    ("parity.logs.statistic_names", ""): "300 characters, of which 90 are left",
    ("parity.package.inventory", "`[^']*'|"): "300 characters",
    ("parity.package.inventory", r"/\*.*?\*/"): "what stands before the last end of a comment",
    ("parity.package.lint._MACRO", ""): "300 characters",
    ("parity.stata.commands.labels", r"(?<![\d.])(-?[\d.]++|"): "what stands before the last compound quote that closes",
    ("parity.stata.lists", '`"'): "what stands before the last compound quote that closes",
    ("parity.stata.commands.arguments", r"\b([A-Z]*)([a-z_]\w*|\b)"): "what stands before the last closing bracket",
    ("parity.study.hints", r"^\s*\[{1,2}[^\]\"]*[^"): "300 characters",
    ("parity.study.hints", r"^[^=\"]*[^"): "300 characters",
    ("parity.study.hints", r"\{[^\"]*=\s*(?!true"): "300 characters",
}


def bounded(one: hostile.Used) -> bool:
    return any(one.place.startswith(name) and str(one.pattern).startswith(begins) for name, begins in BOUNDED)


def test_what_is_cut_first_is_quick_to_read():
    """What the patterns under `BOUNDED` read, by the functions that cut it."""
    from parity.logs.statistic_names import statistic_name
    from parity.stata.lists import split_words
    from parity.study.hints import in_toml

    def taken(read, unit: str, n: int) -> float:
        start = time.process_time()
        read(unit * (n // len(unit)))
        return time.process_time() - start

    def toml(text: str) -> str:
        return in_toml(text, "at line 1")

    for read, unit in ((split_words, '`"'), (split_words, '`"a"\' '), (statistic_name, ".f"), (toml, "[["), (toml, "{=")):
        assert min(taken(read, unit, 40_000) for _ in range(3)) < 0.5, unit
    assert split_words('`"a "b" c"\' "d e" f `"g"\'') == ['a "b" c', "d e", "f", "g"]


def test_every_pattern_of_the_package_is_found_and_none_takes_more_than_its_texts_length():
    """A new pattern that does is named, with its text: write it with `++` and `*+`, or with what `base.patterns` has."""
    every = hostile.used()[0]
    places = {one.place.partition("[")[0] for one in every}
    for known in ("parity.logs.aligned._PASTED", "parity.logs.bars._KINDS", "parity.study.published.PRINTED_NUMBER",
                  "parity.logs.statistic_names._PATTERNS"):  # fmt: skip
        assert known in places, known
    assert len(every) > 700
    assert len([one for one in every if re.search(r":\d+(\[\d+\])?$", one.place)]) > 300  # inside functions
    found = {one.place: said for one in every if not bounded(one) and (said := hostile.slow(one))}
    assert not found, "\n".join(f"{place}: {said}" for place, said in found.items())


@pytest.mark.parametrize(
    ("pattern", "mode"),
    [
        (r"(\d+\.?\d*|\.\d+)(e\d+)?", "fullmatch"), (r"\s*=\s*x", "search"), (r"(?:a+)+b", "match"), (r"a.*b.*c", "search"),
        (r"`[^']*'", "sub"), (r"\(\s*\d*\s*\)", "match"), (r"(.*?)\s*$", "match"), (r"^\s*x", "findall"),
        (r"\s+$", "search"), (r"<[^>]*>", "findall"),
    ],
)  # fmt: skip
def test_patterns_known_to_be_slow_are_found(pattern, mode, monkeypatch):
    monkeypatch.setattr(hostile, "LENGTHS", (*hostile.LENGTHS, 25_600))  # a fast machine needs longer texts for the mildest
    flags = re.MULTILINE if pattern.startswith("^") else 0
    assert hostile.slow(hostile.Used("test", pattern, flags, frozenset([mode])))


@pytest.mark.parametrize(
    ("pattern", "mode"),
    [
        (r"(\d++\.?+\d*+|\.\d++)(e\d+)?", "fullmatch"), (BLANKS + r"=\s*x", "search"), (in_order("a", "b", "c"), "search"),
        (r"[^\S\n]*+x", "match"), (r"\w+(?:,\w+)*", "fullmatch"), (r"\d{1,3}(?:,\d{3})*", "search"),
    ],
)  # fmt: skip
def test_patterns_known_to_be_quick_are_not(pattern, mode):
    assert not hostile.slow(hostile.Used("test", pattern, 0, frozenset([mode])))


def test_pieces_in_order_are_found_where_any_are():
    ordered = re.compile(in_order("b", "c+", "d"))
    loose = re.compile("b.*c+.*d")
    for text in ("abcd", "bdcd", "bcxcd", "cbd", "b c\nd", "dcb", "bbccdd", ""):
        assert bool(ordered.search(text)) == bool(loose.search(text)), text


@pytest.mark.parametrize("text", ["a  =  x", "=x", "  =x = x", "a = = x", "a\t\n=x", "   ", "x=x  =x"])
def test_blanks_before_are_those_of_the_plain_pattern(text):
    assert re.sub(rf"{BLANKS}=\s*", "|", text) == re.sub(r"\s*=\s*", "|", text)
