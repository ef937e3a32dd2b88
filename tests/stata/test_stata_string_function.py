"""string(): under formats with leading zeros, and in a data set of one row. [FN] String functions, [D] format."""

from __future__ import annotations

import pytest

from parity.stata.do import run_do


@pytest.mark.parametrize("rows", [1, 3])
def test_texts_of_numbers_are_texts_whatever_the_rows(rows, tmp_path):
    text = f'set obs {rows}\ngen x = 5\ngen s = string(x)\ngen t = string(x, "%05.0f")\ngen u = "a" + string(x)\n'
    text += 'display s[1] "|" t[1] "|" u[1]\nreplace s = upper(u)\ndisplay s[1]\n'
    found = run_do(text, tmp_path)
    assert not found.findings and [p.values["text"] for p in found.printed] == ["5|00005|a5", "A5"]
    assert [found.data[n].kind for n in "stu"] == ["str2", "str5", "str2"]


@pytest.mark.parametrize(("asked", "wanted"), [
    ("%02.0f 7", "07"), ("%02.0f 123", "123"), ("%05.1f 3.14159", "003.1"), ("%06.2f -1.5", "-01.50"), ("%2.0f 7", "7"),
    ('string(48, "%05.0f")', "00048"), ('string(0.5, "%4.2f")', "0.50"),
])  # fmt: skip
def test_leading_zeros_are_shown(asked, wanted, tmp_path):
    assert run_do(f"display {asked}\n", tmp_path).printed[0].values["text"].strip() == wanted
