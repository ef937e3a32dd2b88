"""`parity show`: the numbers are those that were compared, names are whole and aligned, what contradicts them is said."""

from __future__ import annotations

import re

import pytest
import wcwidth
from click.testing import CliRunner

from conftest import FIXTURES, ROOT
from parity.base.cache import AnswerCache
from parity.cli import main
from parity.engines import engine
from parity.report.figures import COMPARED, short
from parity.report.show import show_text
from parity.report.window import nine
from parity.results.record import Difference, summarise
from parity.runs import runner
from parity.study.load import load_study

LINE = str(ROOT / "docs" / "examples" / "one_line")
ENGINES = ("py-statsmodels", "py-linearmodels", "py-pyfixest")


def made(folder, *specs):
    engines = [engine(name) for name in ENGINES]
    return runner.run([load_study(folder)], engines=engines, specs=specs, jobs=1, cache=AnswerCache(None),
                      transport="frozen", details=True)  # fmt: skip


@pytest.fixture(scope="module")
def hard():
    return made(FIXTURES / "hard_cases", "chinese", "by_region", "two_clusters", "badly_scaled")


@pytest.fixture(scope="module")
def card():
    return made(FIXTURES / "card", "vignette_ols", "vignette_iv")


def cli(*words, code=0):
    done = CliRunner().invoke(main, ["show", *map(str, words)])
    assert done.exit_code == code, done.output
    return done.output


def section(text: str, spec: str) -> str:
    """What is printed of one spec."""
    start = text.index(f"/{spec}")
    following = re.search(r"^hard_cases/|^card/", text[start:], re.M)
    return text[start : start + following.start()] if following else text[start:]


@pytest.mark.parametrize(
    ("value", "text"),
    [  # a window of Stata: regress price mpg weight, of its own auto.dta
        (1.74655935, "1.746559"), (-49.5122206, "-49.51222"), (1946.06867, "1946.069"), (0.64135378, ".6413538"),
        (86.1560389, "86.15604"), (3597.04960, "3597.05"), (0.46773602, ".467736"), (-221.302481, "-221.3025"),
        (122.278029, "122.278"), (-0.00123456789, "-.0012346"), (0.5, ".5"), (1234567.8, "1234568"), (0.0, "0"),
        (1.2345e-7, "1.23e-07"), (float("nan"), "."), (None, "."), (1.5e12, "1.50e+12"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_stata_writes_them(value, text):
    assert nine(value) == text and len(text) <= 9


@pytest.mark.parametrize("style", ["stata", "r"])
def test_the_numbers_are_those_that_were_compared(card, style):
    text, whole = show_text(card, style=style)
    assert whole
    for detail in card.details:
        shown = section(text, detail.spec)
        table = shown.split("interval]\n" if style == "stata" else "Coefficients:\n")[1]
        values = dict(zip(map(tuple, detail.quantities), detail.engines[0].values, strict=True))
        for term in detail.terms:
            name = "_cons" if (style, term) == ("stata", "(Intercept)") else term
            row = next(line for line in table.splitlines() if line.split()[:1] == [name]).replace("|", " ").split()
            numbers = [float(cell) for cell in row[1:5] if cell not in ("<", "***")]
            assert numbers[0] == pytest.approx(values["coef", term], rel=1e-4)
            assert numbers[1] == pytest.approx(values["se", term], rel=1e-3)
            assert numbers[2] == pytest.approx(values["t", term], abs=6e-3)
            if style == "stata":
                ends = [values[end, term] for end in ("ci_low", "ci_high")]
                assert [float(cell) for cell in row[5:7]] == pytest.approx(ends, rel=1e-5, abs=1e-7)
        assert f"{3010:,}" in shown


@pytest.mark.parametrize("style", ["stata", "r"])
def test_chinese_names_stand_in_line_and_long_ones_whole_above_their_numbers(hard, style):
    text, _ = show_text(hard, style=style, abreast=True)
    assert max(map(wcwidth.width, text.splitlines())) <= 80
    shown = section(text, "chinese")
    assert "log(`人均 GDP`)\n" in shown or style == "r"
    if style == "stata":
        bars = {wcwidth.width(line[: line.index("|")]) for line in shown.split("---+---")[1].splitlines() if " | " in line}
        assert bars == {13}
    else:
        numbers = [
            line for line in shown.split("Coefficients:\n")[1].split("---")[0].splitlines() if re.search(r"0\.\d{4}", line)
        ]
        ends = {wcwidth.width(re.match(r".*?\d\.\d+", line)[0]) for line in numbers}
        assert len(numbers) == 2 and len(ends) == 1
    assert "`region name`::Central:数字贸易\n" in section(text, "by_region")


def test_the_style_is_that_of_the_declared_convention_and_can_be_chosen(hard, card):
    by_itself, _ = show_text(hard)
    assert "[95% conf. interval]" in section(by_itself, "chinese") and "Pr(>|t|)" in section(by_itself, "by_region")
    stata, _ = show_text(card, style="stata")
    rows = [line.split(" |")[0].strip() for line in section(stata, "vignette_iv").splitlines() if " | " in line]
    assert rows[-1] == "_cons" and rows[rows.index("log(wage)") + 1 :][:3] == ["educ", "exper", "expersq"]
    assert "Excluded instruments: nearc4 age agesq" in stata
    r, _ = show_text(card)
    assert section(r, "vignette_iv").split("Pr(>|t|)\n")[1].startswith("(Intercept)")


def test_each_engine_has_a_column_of_ten_digits(card):
    text, _ = show_text(card, abreast=True)
    detail = card.details[0]
    at = {tuple(key): i for i, key in enumerate(detail.quantities)}
    assert all(e.engine in text for e in detail.engines) and "reference" in text
    for e in detail.engines:
        assert short(e.values[at["se", "educ"]], COMPARED) in section(text, detail.spec)


def test_a_number_that_an_engine_contradicts_says_so(card):
    worse = [r.model_copy(update={"verdict": "disagree", "differences": (
        Difference(quantity="coef", term="educ", reference=1.0, candidate=2.0, digits=0.0, allowed=0.0),)})
        if r.spec == "vignette_iv" and r.candidate == "py-pyfixest" else r for r in card.records]  # fmt: skip
    text, whole = show_text(card.model_copy(update={"records": tuple(worse), "summary": summarise(tuple(worse))}))
    assert not whole and "NOT ALL AGREE: py-pyfixest" in text and text.count("NOT ALL AGREE") == 1
    assert "agree with it to at least" in " ".join(text.split()).replace("agrees", "agree")


def test_on_the_command_line():
    text = cli(LINE, "--frozen", "--engines")
    assert "capital |   .4138018   .0632813     6.54   0.000     .2706496    .5569541" in text
    assert text.count("0.4138018346") >= 4
    assert "no spec `basline`: did you mean `baseline`?" in cli(LINE, "basline", code=2)
    assert "No estimate of py-moments" not in cli(LINE, "baseline", "--frozen", "--engine", "py-moments")


def test_an_engine_without_an_estimate_is_said(hard):
    text, whole = show_text(hard, engines=("py-moments",))
    assert not whole and "No estimate of py-moments." in text


def test_long_names_of_statistics_stay_within_the_window():
    text = cli(FIXTURES / "grunfeld", "--spec", "random", "--style", "stata", "--frozen")
    at = {line.index("=") for line in text.splitlines() if re.search(r"  =  |Hausman", line)}
    assert "Hausman degrees of freedom, sigmamore" in text and len(at) == 1
    assert max(map(wcwidth.width, text.splitlines())) <= 80


def test_specs_are_named_by_an_option_too():
    assert cli(LINE, "--spec", "baseline", "--frozen") == cli(LINE, "baseline", "--frozen")
