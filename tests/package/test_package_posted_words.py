"""Tables of estpost whose title or labels are of another sample or variable than their numbers."""

from __future__ import annotations

import pandas as pd
import pytest

from parity.package.verify import verify

DATA = pd.DataFrame({
    "y": [1.5, 2.25, 3.0, 8.75, 5.5, 6.0], "x": [3.0, 1, 1, 8, 6, 4], "z": [2.0, 9, 4, 4, 1, 7],
    "female": [1, 0, 1, 0, 1, 0], "year": [2001, 2002, 2003, 2004, 2005, 2006],
})  # fmt: skip
CELLS = 'cells("count mean(fmt(3)) sd(fmt(3)) max(fmt(3))") noobs nomtitle nonumber'


def report(folder, title: str = "Summary", rows=("y", "x"), labels=("y", "x"), where: str = "", data=DATA):
    DATA.to_csv(folder / "d.csv", index=False)
    (folder / "main.do").write_text(
        f"import delimited d.csv, clear\nestpost summarize {' '.join(rows)}{where}\nesttab using t.csv, replace {CELLS}\n"
    )
    held = [data[v] for v in rows]
    lines = [
        f'"{label}","{len(v)}","{v.mean():.3f}","{v.std():.3f}","{v.max():.3f}"'
        for v, label in zip(held, labels, strict=True)
    ]
    (folder / "t.csv").write_text("\n".join([f'"{title}"', '"","count","mean","sd","max"', *lines]) + "\n")
    return verify(folder)


@pytest.mark.parametrize(
    ("title", "where", "data", "wrong"),
    [
        ("Summary", "", DATA, ""),
        ("Summary, women only", "", DATA, "the title says `women only`; in its sample `female` is 0, 1"),
        ("Summary, women only", " if female == 1", DATA[DATA.female == 1], ""),
        ("Summary, men only", " if female == 1", DATA[DATA.female == 1], "the title says `men only`"),
        ("Summary, sample 2001-2004", "", DATA, "the title says `2001-2004`; its sample has years from 2001 to 2006"),
        ("Summary, sample 2001-2006", "", DATA, ""),
    ],
)
def test_the_sample_that_a_title_names(tmp_path, title, where, data, wrong):
    found = report(tmp_path, title, where=where, data=data)
    assert found.summary.reproduced == found.summary.cells == 8
    said = [f.text for f in found.findings if f.id == "note-sample"]
    assert [t[: len(wrong)] for t in said] == [wrong] * bool(wrong) and found.exit_code == bool(wrong)


def test_a_row_called_after_another_variable(tmp_path):
    found = report(tmp_path, rows=("y", "x"), labels=("y", "z"))
    assert found.summary.explained == 4 and found.exit_code == 1
    (said,) = [f.text for f in found.findings if f.id == "note-labels"]
    assert said == "the row is called `z`, another variable; its numbers are of `x`"


def test_a_row_in_an_authors_own_words(tmp_path):
    found = report(tmp_path, labels=("Income, thousands", "x"))
    assert found.summary.reproduced == found.summary.cells == 8 and found.exit_code == 0


def test_a_row_that_the_call_does_not_put_there(tmp_path):
    """Its numbers are another sample's, and its label is nobody's: *not verified* would leave it green."""
    report(tmp_path)
    table = tmp_path / "t.csv"
    table.write_text(table.read_text() + '"Income","6","9.999","1.111","12.000"\n')
    found = verify(tmp_path)
    assert [c.verdict for c in found.exhibits[0].cells if c.label == "Income"] == ["differs"] * 4 and found.exit_code == 1


def test_the_count_that_esttab_puts_below_is_no_row(tmp_path):
    report(tmp_path)
    table = tmp_path / "t.csv"
    table.write_text(table.read_text() + '"N","6","","",""\n')
    found = verify(tmp_path)
    assert not found.summary.differs and found.exit_code == 0


@pytest.mark.parametrize(
    ("labels", "numbers", "verified"),
    [
        (("y", "Years of schooling"), ("y", "z"), 4),
        (("Income", "Union member share (x)", "Hours z"), ("y", "z", "x"), 4),
        (("y", "Hours", "Years of schooling"), ("y", "z", "x"), 4),
        (("Income", "Union member share", "z of a week"), ("y", "x", "z"), 12),
        (("Income", "Share of z", "Hours"), ("y", "x", "z"), 8),
        (("Income", "Union member share", "Hours"), ("y", "x", "z"), 12),
    ],
)
def test_a_row_known_by_its_numbers_stands_in_its_place(tmp_path, labels, numbers, verified):
    """Numbers of another row of the call under words that could mean any: they verify nothing."""
    report(tmp_path, rows=("y", "x", "z"), labels=("y", "x", "z"))
    table = tmp_path / "t.csv"
    held = {line.split(",")[0].strip('"'): line.partition(",")[2] for line in table.read_text().splitlines()[2:]}
    lines = [f'"{label}",{held[of]}' for label, of in zip(labels, numbers, strict=True)]
    table.write_text("\n".join([*table.read_text().splitlines()[:2], *lines]) + "\n")
    found = verify(tmp_path)
    assert found.summary.reproduced == verified and found.summary.cells == 4 * len(labels)
    assert found.summary.not_verified == found.summary.cells - verified
    if verified == 4:
        assert "has the numbers of `z`" in " ".join(c.reason for c in found.exhibits[0].cells)


def test_a_row_added_by_hand_is_not_verified(tmp_path):
    """One number below a call of four statistics: the call has nothing to say of it."""
    report(tmp_path)
    table = tmp_path / "t.csv"
    table.write_text(table.read_text() + '"Number of firms","","35.000"\n')
    found = verify(tmp_path)
    assert [c.verdict for c in found.exhibits[0].cells if c.label == "Number of firms"] == ["not verified"]
    assert found.exit_code == 0 and found.summary.reproduced == 8
