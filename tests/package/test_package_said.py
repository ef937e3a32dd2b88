"""What titles, notes, heads and typed rows say that right numbers are: odds ratios, effects, a group, a model."""

from __future__ import annotations

import pytest

from estimates_table import READ, WRITE, data_into, esttab
from parity.package.verify import verify
from parity.stata.do import run_do

CHOICE = f"{READ}generate b = v > 0\neststo: logit b x w\n"
TWO = f"{READ}eststo: regress y x w\neststo: regress y x w z\n"
STANDARD = (
    f"{READ}quietly summarize y\ngenerate double s = (y - r(mean)) / r(sd)\n"
    "quietly summarize x\ngenerate double sx = (x - r(mean)) / r(sd)\neststo: regress s sx w\n"
)
SEXES = f"{READ}generate female = z > 0\neststo: regress y x if female == 1\neststo: regress y x if female == 0\n"


@pytest.fixture
def said(tmp_path):
    """Texts of the findings about words, of a table with a note below, heads and rows replaced."""
    data_into(tmp_path)

    def ask(code, note="", heads=None, row="", write=WRITE):
        (tmp_path / "main.do").write_text(code + write)
        table = esttab(tmp_path, code)
        for before, after in heads or ():
            table = table.replace(f'"{before}"', f'"{after}"', 1)
        (tmp_path / "t.csv").write_text(table + (f"{row}\n" if row else "") + (f'"{note}"\n' if note else ""))
        report = verify(tmp_path)
        assert report.summary.differs == 0 < report.summary.reproduced
        assert report.exit_code == bool(report.denied)
        return [f.text for f in report.denied]

    return ask


@pytest.mark.parametrize(
    ("code", "note", "says"),
    [
        (CHOICE, "Odds ratios; standard errors in parentheses.", "the note says odds ratios"),
        (CHOICE, "Exponentiated coefficients.", "the note says odds ratios"),
        (CHOICE, "The table reports average marginal effects.", "the note says marginal effects"),
        (CHOICE, "Marginal effects are reported.", "the note says marginal effects"),
        (CHOICE, "表中为边际效应。", "the note says marginal effects"),
        (CHOICE, "Logit coefficients. Odds ratios are available on request.", ""),
        (CHOICE, "Coefficients rather than odds ratios.", ""),
        (CHOICE, "Marginal effects in brackets.", ""),
        (CHOICE, "Standardized coefficients.", "the note says standardised coefficients"),
        (TWO, "Standardised beta coefficients.", "the note says standardised coefficients"),
        (TWO, "Marginal effects.", ""),
        (TWO, "Column 1 reports odds ratios.", ""),
        (STANDARD, "Standardized coefficients.", ""),
    ],
)
def test_what_the_coefficients_are_said_to_be(said, code, note, says):
    texts = said(code, note)
    assert [says in t for t in texts] == [True] * bool(says)


@pytest.mark.parametrize(
    ("heads", "says"),
    [
        ([("y", "Men"), ("y", "Women")], ["`Men`; in its sample `female` is 1", "`Women`; in its sample `female` is 0"]),
        ([("y", "Women"), ("y", "Men")], []),
        ([("y", "Female sample"), ("y", "Male sample")], []),
        ([("y", "All"), ("y", "Other")], []),
    ],
)
def test_a_column_headed_by_another_group(said, heads, says):
    texts = [t for t in said(SEXES, heads=heads) if "in its sample" in t]
    assert len(texts) == len(says) and all(s in t for s, t in zip(says, texts, strict=True))


@pytest.mark.parametrize("head", ["Tobit", "GLS", "Quantile regression", "Negative binomial", "Heckman", "Ordered probit"])
def test_a_column_headed_by_a_model_that_no_reader_has(said, head):
    (text,) = said(TWO, heads=[("y", head)])
    assert f"headed `{head}`; its command is of least squares" in text


def test_weighted_least_squares_are_generalised_ones(said):
    assert not said(f"{READ}generate one = 1 + (z > 0)\neststo: regress y x w [aw = one]\n", heads=[("y", "WLS")])


@pytest.mark.parametrize(("row", "wrong"), [("Additional controls,Yes,Yes", 2), ("Controls,Yes,Yes", 0)])
def test_controls_beside_those_shown(said, row, wrong):
    assert len(said(TWO, row=row)) == wrong


@pytest.mark.parametrize(("label", "due"), [("Adjusted R2", 1), ("Adj. R-squared", 1), ("R2", 0), ("Fit", 0)])
def test_a_statistic_that_the_call_names_after_another(tmp_path, label, due):
    """`scalars("r2 Adjusted R2")` prints R2 under the name of the adjusted one."""
    data_into(tmp_path)
    code = f"{READ}eststo: regress y x w z\n"
    (e,) = run_do(code, tmp_path).estimations
    (tmp_path / "main.do").write_text(code + WRITE.replace("se star", f'se scalars("r2 {label}") star'))
    row = f'"{label}","{e.estimated.numbers["r2"]:.4f}"\n'
    (tmp_path / "t.csv").write_text(esttab(tmp_path, code).replace('"Standard', row + '"Standard'))
    report = verify(tmp_path)
    cells = [c for x in report.exhibits for c in x.cells if c.verdict != "reproduced"]
    assert [x.id for c in cells for x in c.causes] == ["another-statistic"] * due
    assert report.exit_code == due
