r"""What a LaTeX table shows and what it hides: signs set apart, ticks, macros, rows that are never printed."""

from __future__ import annotations

import pytest

from estimates_table import READ, WRITE, data_into, esttab, outcome
from parity.package.verify import verify
from parity.stata.do import run_do

TWO = f"{READ}eststo: regress y x w\neststo: regress y x w z\n"
EFFECTS = f"{READ}eststo: regress y x w\neststo: areg y x w, absorb(g)\n"
ROW = r"x & 0.570*** & 0.568*** \\"
WRONG = ROW.replace("0.570", "9.570")


def tex(folder, code) -> str:
    """The estimates of a do-file as a tabular, three decimals."""
    found = run_do(code, folder).estimations
    rows = [["", *(f"({i + 1})" for i in range(len(found)))], ["", *map(outcome, found)]]
    for term in dict.fromkeys(c.term for e in found for c in e.coefficients):
        held = [next((c for c in e.coefficients if c.term == term), None) for e in found]
        stars = ["*" * sum(c.p < cut for cut in (0.1, 0.05, 0.01)) if c else "" for c in held]
        rows.append([term, *(f"{c.b:.3f}{s}" if c else "" for c, s in zip(held, stars, strict=True))])
        rows.append(["", *(f"({c.se:.3f})" if c else "" for c in held)])
    rows.append(["N", *(f"{e.estimated.numbers['N']:.0f}" for e in found)])
    body = "\n".join(" & ".join(row) + r" \\" for row in rows)
    note = r"\multicolumn{3}{l}{Standard errors in parentheses, * p<0.1, ** p<0.05, *** p<0.01} \\"
    return f"\\begin{{tabular}}{{lcc}}\n{body}\n{note}\n\\end{{tabular}}\n"


@pytest.fixture
def asked(tmp_path):
    """The report of a do-file's table after one change of its text."""
    data_into(tmp_path)

    def ask(change, code=TWO):
        (tmp_path / "main.do").write_text(code + WRITE.replace("t.csv", "t.tex"))
        before = tex(tmp_path, code)
        (tmp_path / "t.tex").write_text(after := change(before))
        assert after != before
        return verify(tmp_path)

    return ask


def differing(report) -> list[str]:
    return [c.printed for e in report.exhibits for c in e.cells if c.verdict != "reproduced"]


@pytest.mark.parametrize("sign", [r"$-\,$", r"\textminus ", "$-$ ", r"\textendash{}", "--", "$-$"])
def test_a_minus_however_it_is_set(asked, sign):
    report = asked(lambda text: text.replace("x & 0.570", f"x & {sign}0.570"))
    assert [t.replace("- ", "-") for t in differing(report)] == ["-0.570***"] and report.exit_code == 1
    report = asked(lambda text: text.replace("w & -0.442", f"w & {sign}0.442"))
    assert not differing(report) and report.exit_code == 0


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        (r"\checkmark", ""), (r"$\checkmark$", ""), (r"\ding{51}", r"\ding{55}"), (r"\cmark", r"\xmark"), (r"$\surd$", ""),
        (r"\textcolor{green}{\checkmark}", ""), (r"$\bullet$", ""), (r"\faCheck", ""),
    ],
)  # fmt: skip
def test_ticks_are_claims(asked, yes, no):
    for pair, wrong in (((no, yes), 0), ((yes, no), 2)):
        row = f"Group FE & {pair[0]} & {pair[1]} \\\\\n"
        report = asked(lambda text, row=row: text.replace("N &", f"{row}N &"), EFFECTS)
        assert not differing(report) and len(report.denied) == wrong


@pytest.mark.parametrize(
    ("before", "after"),
    [("\\iffalse\n", "\\fi\n"), ("\\begin{comment}\n", "\\end{comment}\n"), ("% ", "")],
)
def test_a_row_that_is_never_printed(asked, before, after):
    report = asked(lambda text: text.replace(ROW, f"{before}{ROW}\n{after}{WRONG}"))
    assert differing(report) == ["9.570***"] and report.exit_code == 1
    report = asked(lambda text: text.replace(ROW, f"{before}{WRONG}\n{after}{ROW}"))
    assert not differing(report) and report.exit_code == 0


def test_a_table_behind_the_end_of_the_document(asked):
    report = asked(lambda text: text.replace(ROW, WRONG) + "\\end{document}\n" + text)
    assert differing(report) == ["9.570***"] and len(report.exhibits) == 1


@pytest.mark.parametrize("named", [r"\newcommand{\effect}{9.570}", r"\def\effect{9.570}"])
def test_a_number_by_the_name_of_a_macro(asked, named):
    report = asked(lambda text: f"{named}\n" + text.replace("x & 0.570***", r"x & \effect***"))
    assert differing(report) == ["9.570***"]


@pytest.mark.parametrize("cell", [r"\effect", r"\st{0.570}9.570", r"\$9.570"])
def test_a_cell_that_is_not_read_leaves_no_whole_reproduction(asked, cell):
    report = asked(lambda text: text.replace("x & 0.570***", f"x & {cell}"))
    assert len(report.not_verified) == 1 and report.summary.not_verified == 0
    assert report.classification == "full with minor issues" and "1 cell not read" in report.classification_why


@pytest.mark.parametrize("environment", ["tabular}{lr@{.}lr@{.}l}", "tabularx}{\\linewidth}{@{}l*{2}{r@{$.$}l}@{}}"])
def test_numbers_that_a_column_of_points_joins(tmp_path, environment):
    """`r@{.}l`: the point stands in the columns' specification alone."""
    data_into(tmp_path)
    code = READ + "regress y x w\nregress y x w z\n"
    (tmp_path / "main.do").write_text(code)
    lines = [[c.strip('"') for c in line.split(",")] for line in esttab(tmp_path, code).splitlines()[2:-2]]
    rows = []
    for label, *cells in lines:
        halves = [c.replace(".", "&") if "." in c else f"\\multicolumn{{2}}{{c}}{{{c}}}" for c in cells]
        rows.append(" & ".join([label, *halves]) + " \\\\")
    head = (
        "& \\multicolumn{2}{c}{(1)} & \\multicolumn{2}{c}{(2)} \\\\\n& \\multicolumn{2}{c}{y} & \\multicolumn{2}{c}{y} \\\\"
    )
    text = f"\\begin{{{environment}\n{head}\n" + "\n".join(rows) + f"\n\\end{{{environment.partition('}')[0]}}}\n"
    text += "Standard errors in parentheses. * p<0.10, ** p<0.05, *** p<0.01\n"
    (tmp_path / "t.tex").write_text(text)
    report = verify(tmp_path)
    assert report.exit_code == 0 and report.summary.reproduced == report.summary.cells == 16
    first = lines[0][1].partition(".")[2]
    (tmp_path / "t.tex").write_text(text.replace(first, str(int(first[0]) ^ 1) + first[1:], 1))
    report = verify(tmp_path)
    assert len(differing(report)) == 1 and report.exit_code == 1
