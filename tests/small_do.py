"""Do-files of a few lines on five rows of a panel, and what they leave of a column."""

from __future__ import annotations

from pathlib import Path

from parity.stata.files import Files
from parity.stata.interpreter import Interpreter
from parity.stata.session import Session

PANEL = """
clear
input id t x str4 s
1 1 1 "a"
1 2 4 "b"
1 4 . ""
2 1 9 "a"
2 2 16 "d"
end
"""


def run(source: str, folder: Path, *, seconds: float = 20) -> Session:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    session = Session(Files(folder, scratch))
    Interpreter(session, seconds=seconds).run_text(source, "a.do")
    return session


def column(session: Session, name: str) -> list:
    return session.data[name].values.tolist()
