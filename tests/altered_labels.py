"""Labels of windows altered beside right numbers, whatever printed them: none may pass.

    PYTHONPATH=tests python -m altered_labels --seed 1

Windows are laid out as Stata lays them out, from the estimates of a command: equations, blocks of lags and levels,
parameters.
Every label and header of each is altered in turn: another operator, level, variable or equation, two headers exchanged. An
alteration is *denied* where a number is no longer reproduced, or a finding says what is wrong; the others *passed*.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from statsmodels.tsa.statespace.tests.results.results_sarimax import wpi1_data

from conftest import FIXTURES
from parity.logs.log import read_log
from parity.package.estimates import Estimated, estimates_of
from parity.package.explained import exhibit_cells
from parity.package.fit import fit
from parity.package.mapping import Match
from parity.package.printed import of_log
from parity.package.work import Work
from parity.stata.do import run_do
from stata_rows import CROSS, RULE, digits, row

LOAD = "import delimited data.csv, case(preserve) clear\n"
PANEL, SERIES = f"{LOAD}xtset firm year\n", f"{LOAD}keep if firm == 1\ntsset year\n"
#: Family -> study, or "" for the series of wholesale prices; lines before the command; the command; its title.
FAMILIES = {
    "regress": ("grunfeld", PANEL, "regress inv L.value L2.capital i.firm", ""),
    "xtreg": ("grunfeld", PANEL, "xtreg inv L.value D.capital, fe", "Fixed-effects (within) regression"),
    "ivregress": ("grunfeld", PANEL, "ivregress 2sls inv L.capital L2.capital (value = L2.value)",
                  "Instrumental variables 2SLS regression"),
    "xtabond": ("grunfeld", PANEL, "xtabond inv L(0/1).value, lags(2)", "Arellano-Bond dynamic panel-data estimation"),
    "xtabond2": ("grunfeld", PANEL, "xtabond2 inv L.inv value, gmm(L.inv, lag(1 3) collapse) iv(value) twostep robust",
                 "Dynamic panel-data estimation, two-step system GMM"),
    "var": ("grunfeld", SERIES, "var inv value, lags(1/2)", "Vector autoregression"),
    "sureg": ("grunfeld", PANEL, "sureg (inv capital = value year)", "Seemingly unrelated regression"),
    "ologit": ("anes96", LOAD, "ologit vote age educ", "Ordered logistic regression"),
    "mlogit": ("anes96", LOAD, "mlogit vote age educ", "Multinomial logistic regression"),
    "arima": ("", "import delimited wpi.csv, clear\ntsset t\n", "arima wpi, arima(2,1,1)", "ARIMA regression"),
    "ivprobit": ("mroz", LOAD, "ivprobit inlf educ exper (nwifeinc = huseduc), first",
                 "Probit model with endogenous regressors"),
    "mean": ("anes96", LOAD, "mean age, over(vote)", "Mean estimation"),
}  # fmt: skip
#: Lines below a window.
FEET = {
    "xtabond2": ("Instruments for first differences equation", "  Standard", "    D.value",
                 "  GMM-type (missing=0, separate instruments for each period unless collapsed)",
                 "    L(1/3).L.inv collapsed"),
}  # fmt: skip
#: Words of a window, and what they are altered to.
WORDS = {
    "xtabond2": (("first differences", "orthogonal deviations"), ("D.value", "D.capital"), ("L(1/3)", "L(2/3)"),
                 ("two-step", "one-step"), ("system", "difference"), ("Corrected", "WC-Robust"), ("Corrected", "Robust")),
    "xtabond": (("Arellano-Bond", "System"),),
    "ivprobit": (("Log likelihood", "Log pseudolikelihood"), ("Wald", "LR")),
    "arima": (("Log likelihood", "Log pseudolikelihood"), ("Wald", "LR")),
    "ologit": (("Log likelihood", "Log pseudolikelihood"), ("LR chi2", "Wald chi2")),
    "mean": (("   Mean  ", "  Total  "), ("Std. err.", "Robust std. err.")),
    "regress": (("Std. err.", "Bootstrap std. err."), ("Coefficient", "       Mean")),
}  # fmt: skip
_OTHER_TITLES = {
    "Vector error-correction model", "Three-stage least-squares regression", "Two-step probit with endogenous regressors",
    "Total estimation", "Random-effects GLS regression", "System dynamic panel-data estimation", "Poisson regression",
}  # fmt: skip
_OPERATED, _LEVEL = re.compile(r"((?:[LFDS]\d*)+)\.(\w+)"), re.compile(r"(\d+)\.(\w+)")
_OPERATORS = ("L1.", "L2.", "L3.", "D1.", "LD.", "F1.")
_DIGIT = re.compile(r"\| +-?[\d.]*(?P<digit>\d)\d\d")
_LINE = re.compile(r"(?P<label>[^|]{13})\|(?P<rest>.*)")


@dataclass(frozen=True)
class Case:
    """A window, its estimate, and what its labels may be called instead: variables of the data, equations."""

    family: str
    e: Estimated
    lines: tuple[str, ...]
    variables: tuple[str, ...]
    equations: tuple[str, ...]

    def text(self, lines: tuple[str, ...]) -> str:
        return f". {self.e.command}\n\n" + "\n".join(lines) + "\n\n. di 1\n"


@cache
def case(family: str) -> Case:
    study, before, command, title = FAMILIES[family]
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if study:
            (folder / "data.csv").write_bytes((FIXTURES / study / "data.csv").read_bytes())
        else:
            (folder / "wpi.csv").write_text("t,wpi\n" + "".join(f"{1960 + i},{w}\n" for i, w in enumerate(wpi1_data)))
        done = run_do(before + command, folder)
        (e,) = estimates_of(done, {})
    rows = done.estimations[-1].coefficients
    n = int(e.statistics["nobs"])
    letter = "z" if e.df == float("inf") else "t"
    means = e.name == "mean"
    heads = "       Mean   Std. err." if means else f"Coefficient  Std. err.      {letter}    P>|{letter}|  "
    title, nobs = title or "Linear regression", f"Number of obs     = {n:>10,}"
    head = [title, "", f"{'':<48}{nobs}"] if e.name in ("var", "sureg", "xtabond2") else [f"{title:<48}{nobs}"]
    if "ll" in e.statistics and e.name in ("ivprobit", "arima", "ologit"):
        kind = "LR" if e.name == "ologit" else "Wald"
        chi2 = f"{kind} chi2({e.statistics['df_m']:.0f})      = {e.statistics['chi2']:>10.2f}"
        head += [f"{'':<48}{chi2}", f"Log likelihood = {e.statistics['ll']:.4f}"]
    above = [f"{'':>13}|{'Corrected':>23}"] if e.name == "xtabond2" else []
    outcome = "" if ":" in next(iter(e.terms)) or means or e.name in ("arima", "ivprobit") else e.outcome
    lines = [
        *head,
        "",
        RULE,
        *above,
        f"{outcome:>12} | {heads}   [95% conf. interval]",
        CROSS,
        *layout(e, rows),
        RULE,
        *FEET.get(family, ()),
    ]
    equations = tuple(dict.fromkeys(t.partition(":")[0] for t in e.terms if ":" in t))
    return Case(family, e, tuple(lines), tuple(e.source.data.columns), equations)


def layout(e: Estimated, rows) -> Iterator[str]:
    """Rows as Stata sets them: an equation to the left, a block's header, levels one blank further from the bar."""
    equation = block = ""
    for c in rows:
        of, several, name = c.term.rpartition(":")
        if name.startswith("/") and not several:
            of = "/"
        if of != equation:
            yield from [CROSS] * bool(equation)
            yield from [f"{of:<12} |"] * (of != "/")
            equation, block = of, ""
        found = _OPERATED.fullmatch(name) or _LEVEL.fullmatch(name)
        group = re.match(r"c\.(\w+)@(\d+)\.(\w+)", name)
        header = f"c.{group[1]}@{group[3]}" if group else found[2] if found else ""
        if header != block:
            yield from [f"{'':>12} |"] * bool(block)
            yield from [f"{header:>12} |"] * bool(header)
            block = header
        operator = found is not None and not found[1].isdigit()
        label = f"{group[2]} " if group else name if not found else f"{found[1]} "
        if operator:
            label = f"{found[1]}1." if len(found[1]) == 1 else f"{found[1]}."
        yield row(label, c) if not group else of_mean(label, c)


def of_mean(label: str, c) -> str:
    return f"{label:>12} | {digits(c.b):>10} {digits(c.se):>10}   {digits(c.low):>9}   {digits(c.high):>9}"


def alterations(of: Case, rng: random.Random) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What was done, and the lines with it: every label once or more."""
    own = FAMILIES[of.family][3] or "Linear regression"
    titles = sorted({title for *_, title in FAMILIES.values() if title} | _OTHER_TITLES - {own})
    for other in rng.sample([t for t in titles if t != own and len(t) < 47], 2):
        yield f"{own} -> {other}", (of.lines[0].replace(f"{own:<48}", f"{other:<48}").replace(own, other), *of.lines[1:])
    for before, after in WORDS.get(of.family, ()):
        i = next(i for i, line in enumerate(of.lines) if before in line)
        yield f"{before.strip()} -> {after.strip()}", (*of.lines[:i], of.lines[i].replace(before, after), *of.lines[i + 1 :])
    top = of.lines.index(CROSS)
    places = [i for i, line in enumerate(of.lines) if i > top and (m := _LINE.match(line)) and m["label"].strip()]
    for i in places:
        label, rest = of.lines[i][:13], of.lines[i][13:]
        for other in others(of, label.strip(), header=not rest.strip("| "), rng=rng):
            right = "  " if label.endswith("  ") and not label.endswith("   ") else " "
            shown = f"{other}{right}".rjust(13) if label.startswith(" ") or rest.strip("| ") else f"{other:<13}"
            if len(shown) == 13 and shown != label:
                yield f"{label.strip()} -> {other}", (*of.lines[:i], shown + rest, *of.lines[i + 1 :])
    headers = [i for i in places if not of.lines[i][13:].strip("| ")]
    for i, j in itertools.pairwise(headers):
        if of.lines[i][:13].strip() != of.lines[j][:13].strip() and (of.lines[i][0] == " ") == (of.lines[j][0] == " "):
            lines = list(of.lines)
            lines[i], lines[j] = lines[j], lines[i]
            yield f"{lines[i][:13].strip()} and {lines[j][:13].strip()} exchanged", tuple(lines)


def others(of: Case, label: str, *, header: bool, rng: random.Random) -> Iterator[str]:
    """What a label may be altered to."""
    if label in _OPERATORS or (label.endswith(".") and not header):
        yield from rng.sample([o for o in _OPERATORS if o != label], 2)
    elif label.isdigit():
        yield str(int(label) + rng.choice((1, 7)))
    elif label.startswith("/"):
        yield from (f"{label}3", "/lnsigma" if label != "/lnsigma" else "/athrho")
    elif "@" in label:
        yield from (label.replace("@vote", "@educ"), label.replace("age", "educ"))
    elif label == "ARMA":
        yield from ("ARCH", "wpi")
    elif label in ("ar", "ma"):
        yield from ({"ar": "ma", "ma": "ar"}[label], "arch")
    else:
        known = [v for v in (*of.variables, *of.equations, "nonsuch") if v != label and len(v) < 12]
        yield from rng.sample(known, min(2, len(known)))


def denied(of: Case, lines: tuple[str, ...]) -> bool:
    """Whether something of a window is not reproduced, or a finding says what is wrong with it."""
    log = read_log(of.text(lines).encode(), "main.log")
    windows = of_log(log, "main.log")
    for exhibit in windows:
        if exhibit.kind != "estimates":
            continue
        found = fit(exhibit.columns[0], of.e)
        cells, notes = exhibit_cells(exhibit, [Match(found, "echo")], [of.e], [""], Work(left=0.0))
        wrong = [c for c in cells if c.verdict in ("differs", "explained")]
        rows = {c.row for c in cells if c.row is not None}
        return bool(wrong or notes) or not rows
    return True


def with_a_digit(of: Case, lines: tuple[str, ...]) -> tuple[str, ...] | None:
    """An alteration with a digit of the same row's coefficient altered, too; None where it is of no single row."""
    places = [i for i, (a, b) in enumerate(zip(lines, of.lines, strict=True)) if a != b]
    found = _DIGIT.search(lines[places[0]]) if len(places) == 1 else None
    if found is None:
        return None
    i, row_, at = places[0], lines[places[0]], found.start("digit")
    return (*lines[:i], f"{row_[:at]}{(int(row_[at]) + 4) % 10}{row_[at + 1 :]}", *lines[i + 1 :])


def outcomes(family: str, seed: int, most: int | None = None, *, digits: bool = False) -> tuple[int, list[str]]:
    """How many alterations of a family, and which of them passed. digits: a number of the row is altered, too"""
    rng = random.Random(f"{family} {seed}")
    of = case(family)
    made = list(alterations(of, rng))
    made = [(what, both) for what, lines in made if (both := with_a_digit(of, lines))] if digits else made
    made = made if most is None else rng.sample(made, min(most, len(made)))
    return len(made), [what for what, lines in made if not denied(of, lines)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    total = Counter()
    for family in FAMILIES:
        if denied(case(family), case(family).lines):
            print(f"{family}: red as it is printed")
        for both in (False, True):
            n, passed = outcomes(family, seed, digits=both)
            total.update({("altered", both): n, ("passed", both): len(passed)})
            what = "labels with a digit of their row" if both else "labels and words"
            print(f"{family}: {n} {what} altered, {len(passed)} passed{': ' if passed else ''}{'; '.join(passed)}")
    print(f"{total['altered', False]} labels and words altered, {total['passed', False]} passed;", end=" ")
    print(f"{total['altered', True]} with a digit of their row, {total['passed', True]} passed")


if __name__ == "__main__":
    main()
