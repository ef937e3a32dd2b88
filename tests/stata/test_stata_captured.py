"""`capture` before a program, a file, a loop or a block: the first error inside ends what it stands before."""

from __future__ import annotations

import pytest

from small_do import PANEL, column, run


@pytest.mark.parametrize(
    "called",
    [
        "program pp\nconfirm variable nosuch\nreplace x = 0\nend\ncapture pp",
        "program inner\nconfirm variable nosuch\nend\nprogram pp\ninner\nreplace x = 0\nend\ncapture noisily pp",
        "capture do sub.do",
        "capture foreach v in x {\nconfirm variable nosuch\nreplace x = 0\n}",
        "quietly capture forvalues i = 1/2 {\nconfirm variable nosuch\nreplace x = 0\n}",
        "capture {\nforeach v in x {\nconfirm variable nosuch\nreplace x = 0\n}\n}",
    ],
)
def test_capture_reaches_what_it_calls(tmp_path, called):
    """Stata leaves programs, files and loops at their first error; what stands behind it there was run here."""
    (tmp_path / "sub.do").write_text("confirm variable nosuch\nreplace x = 0\n", encoding="utf-8")
    session = run(f"{PANEL}{called}\nlocal code = _rc\ngen after = `code'\nconfirm variable absent\ngen last = 1", tmp_path)
    assert column(session, "x")[0] == 1 and column(session, "after")[0] == 111
    assert "nosuch" not in str(session.findings) and "absent" in str(session.findings)  # later errors are no longer caught
