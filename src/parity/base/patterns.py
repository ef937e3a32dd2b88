"""Pieces of regular expressions that read texts of users in time that grows with the text's length alone."""

from __future__ import annotations

#: Blanks before something that is searched for: all of a run or, behind its beginning, none. `\s*x` would look through a
#: run of blanks again from each of them.
BLANKS = r"(?:(?<!\s)\s++)?+"


def in_order(*pieces: str) -> str:
    """A pattern for a line in which these stand, in this order, with anything between them.

    Each is taken where it first comes behind the one before it, and never tried further on: where the pieces can be found
    at all, so they are found, and `a.*b.*c` would try each `a` with each `b`.
    """
    return "^" + "".join(rf"(?>.*?(?:{piece}))" for piece in pieces)
