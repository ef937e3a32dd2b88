"""Texts of users, long and hostile: no pattern that reads them takes time that grows with more than their length."""

from __future__ import annotations

import contextlib
import time

import pytest

from parity.compare.printed import read_number
from parity.printed.cells import TableProblem, plain, tokens
from parity.printed.grids import read_grid
from parity.printed.notes import announced, star_cuts
from parity.printed.spelled import alike
from parity.printed.table import read_table
from parity.printed.window import read_output
from parity.study import hints
from parity.study.elsewhere import in_elsewhere
from parity.study.pasted import in_pasted
from parity.study.spec import PRINTED_NUMBER

#: Characters of each text, and the seconds that it may take; quadratic time would be minutes.
LENGTH, SECONDS = 10_000, 2.0
UNITS = [
    " ", "0", "*", ".", "-", "(", ")", "|", "a", "\t", "e", "0 ", "0,", "0.", "1,000", "* ", " *", "a ", "| ", "- ", "+-",
    "(0", "=", "a=", "~", "::", "a:", "#", "{", "{hline ", "{a:", "&", "\\\\", "$", "\\a{", "<b", "p<", "*** p<0.", "a.",
    "6.", "[T.", "资", "²", "<sup>", "-+-", "x |", "F(1, ",
]  # fmt: skip


#: Beginnings after which a pattern for commands reads on.
HEADS = ("by", "bys a", "stepwise", "svy ", "eststo", "eststo a,", "reg y x ", "feols(", "reg y [")


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
    "pieces of a term": lambda text: [alike(text[i : i + 200], ["year::80"]) for i in range(0, 2000, 200)],
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
def test_time_grows_with_the_text_alone(name):
    slow = []
    for text in texts():
        start = time.process_time()
        with contextlib.suppress(TableProblem):
            READERS[name](text)
        taken = time.process_time() - start
        if taken > SECONDS:
            slow.append((text[:12], round(taken, 1)))
    assert not slow


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
