"""A hundred commands: the lines in R and Python that `parity translate` prints give the command's own numbers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from functools import cache

import numpy as np
import pandas as pd
import pytest

from conftest import ROOT
from parity.stata.do import run_do
from parity.stata_language.request import Declined
from parity.translate.python import py_lines
from parity.translate.r import WITHOUT_FIXEST, r_lines

HEAD = (
    "set type double\nimport delimited data.csv, asdouble\negen id = group(firm)\nxtset id year\ngen late = year > 1944\n"
    "gen era = 1 + mod(year, 4)\ngen z = sqrt(capital) + mod(year, 3)\ngen w = 1 + mod(year, 5)\ngen lv = ln(value)\n"
    "gen one = 1\ngen cut = 3\n"
)
PLAIN = [
    "inv value", "inv value capital", "inv lv capital", "inv value i.era", "inv value c.value#c.capital",
    "inv value capital i.late", "inv c.value##i.late", "inv value i.late##i.era",
]  # fmt: skip
WHERE = ["", " if year > 1940", " if value > 500 & year != 1950", " if inlist(era, 1, 2) | capital > 100"]
ROBUST = ["", ", vce(robust)", ", vce(cluster id)", ", cluster(year)", ", vce(hc3)", ", vce(hc2)"]
PANEL = [
    "areg {}, absorb(id)", "areg {}, absorb(id) vce(cluster id)", "areg {}, absorb(year) vce(robust)", "xtreg {}, fe",
    "xtreg {}, fe vce(robust)", "reghdfe {}, absorb(id)", "reghdfe {}, absorb(id year)",
    "reghdfe {}, absorb(id year) vce(cluster id)", "reghdfe {}, absorb(id) vce(robust)",
]  # fmt: skip
INSTRUMENTS = ["", ", small", ", vce(robust)", ", vce(cluster id)"]
COMMANDS = [
    *(
        f"regress {x}{w}{v}"
        for i, x in enumerate(PLAIN)
        for j, w in enumerate(WHERE)
        for k, v in enumerate(ROBUST)
        if (i + 2 * j + k) % 3 == 0
    ),
    *(f"regress {x} [aw=w]{v}" for x in PLAIN[:3] for v in ROBUST[:3]),
    *(f"xtreg {x}, re" for x in PLAIN[:3]),
    *(command.format(x + w) for command in PANEL for x, w in zip(PLAIN[:3], WHERE[:3], strict=True)),
    *(f"ivregress 2sls inv capital (value = z){w}{o}" for w in WHERE[:2] for o in INSTRUMENTS),
    "ivreg2 inv capital (value = z), robust",
    "ivreg2 inv capital (value = z), cluster(id)",
    "newey inv value capital if id == 1, lag(2)",
    "x_ols year era cut cut inv value capital one, coord(2) xreg(3)",
    "acreg inv value, spatial latitude(w) longitude(era) dist(200)",
    "acreg inv value if year > 1940, spatial latitude(w) longitude(era) dist(200) id(id) time(year) lag(2) hac bartlett",
]
CLOSE = 1e-9


@cache
def own(folder: str) -> tuple:
    """(command, request, panel, {term: (b, se)}) of each."""
    from pathlib import Path

    shutil.copy(ROOT / "docs/examples/do_file/data.csv", folder)
    result = run_do(HEAD + "\n".join(COMMANDS), Path(folder))
    assert len(result.estimations) == len(COMMANDS), result.findings[:3]

    pd.DataFrame({n: c.values for n, c in result.data.columns.items()}).to_csv(f"{folder}/d.csv", index=False)
    return tuple((e.command, e.request, e.panel, {c.term: (c.b, c.se) for c in e.coefficients}) for e in result.estimations)


@pytest.fixture(scope="module")
def fits(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("lines"))
    return folder, own(folder)


def lines_of(write, fits) -> dict[int, list[str]]:
    found = {}
    for i, (_, request, panel, _) in enumerate(fits):
        try:
            found[i] = write(request, panel)
        except Declined:
            continue
    return found


def held(found: dict[str, dict], fits, tolerance) -> list[str]:
    wrong = []
    for i, numbers in found.items():
        command, request, _, ours = fits[int(i)]
        shared = [t for t in ("value", "capital", "lv") if t in numbers and t in ours]
        if not shared:
            wrong.append(f"{command}: nothing to compare, {list(numbers)[:4]}")
        for term in shared:
            close = tolerance(request)
            if not np.allclose(numbers[term], ours[term], rtol=close, atol=0):
                wrong.append(f"{command}: {term} {numbers[term]}, command {ours[term]}")
    return wrong


def test_lines_in_python(fits):
    folder, every = fits
    written = lines_of(py_lines, every)
    assert len(written) >= 100
    script = ["import json, warnings", "warnings.simplefilter('ignore')", "import numpy as np, pandas as pd",
              "base = pd.read_csv('d.csv')", "found = {}",
              "def numbers(m):",
              "    b = m.coef() if callable(getattr(m, 'coef', None)) else m.params",
              "    s = m.se() if callable(getattr(m, 'se', None)) else getattr(m, 'std_errors', getattr(m, 'bse', None))",
              "    return {n: (float(b[n]), float(s[n])) for n in b.index}"]  # fmt: skip
    for i, lines in written.items():
        text = "\n".join(lines).replace(".summary()", "")
        text = re.sub(r"^(pf\.feols|smf\.ols)\(", r"m = \1(", text, flags=re.MULTILINE)
        text = re.sub(r"^print\(((?:IV2SLS|RandomEffects).*)\)$", r"m = \1", text, flags=re.MULTILINE)
        body = "\n".join(f"    {line}" for line in text.splitlines())
        script.append(f"def f{i}(d):\n{body}\n    return numbers(m)\nfound[{i}] = f{i}(base.copy())")
    script.append("print(json.dumps(found))")
    done = subprocess.run([sys.executable, "-"], input="\n".join(script), capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr[-1500:]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    wrong = held(found, every, lambda r: CLOSE)
    assert not wrong, "\n".join(wrong)


@pytest.mark.needs_r
def test_lines_in_r(fits):
    folder, every = fits
    every_line = lines_of(r_lines, every)
    written = {i: lines for i, lines in every_line.items() if "library(fixest)" not in lines}
    written |= {i: lines[lines.index(WITHOUT_FIXEST) + 1 :] for i, lines in every_line.items() if WITHOUT_FIXEST in lines}
    assert len(written) >= 100
    script = ["base <- read.csv('d.csv'); found <- list()"]
    for i, lines in written.items():
        text = "\n".join(lines)
        text = re.sub(r"^coeftest\(", "ct <- coeftest(", text, flags=re.MULTILINE)
        text = re.sub(r"^summary\(plm", "ct <- coef(summary(plm", text, flags=re.MULTILINE)
        text = text + ")" if "coef(summary(plm" in text else text
        named = "setNames(lapply(rownames(ct), function(n) unname(ct[n, ])), rownames(ct))"
        rows = f"ct <- unclass(ct)[, 1:2, drop = FALSE]; {named}"
        script.append(f"found[['{i}']] <- suppressMessages(local({{ d <- base\n{text}\n{rows} }}))")
    script.append("""quoted <- function(named) sprintf('"%s": ', names(named))
numbers <- function(x) paste0('[', paste(sprintf('%.17g', x), collapse = ', '), ']')
terms <- function(x) paste0('{', paste0(quoted(x), vapply(x, numbers, ''), collapse = ', '), '}')
cat('{', paste0(quoted(found), vapply(found, terms, ''), collapse = ', '), '}', sep = '')""")
    with open(f"{folder}/lines.R", "w", encoding="utf-8") as file:
        file.write("\n".join(script))
    done = subprocess.run(["Rscript", "--vanilla", "lines.R"], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr[-1500:]
    assert held(json.loads(done.stdout.strip().splitlines()[-1]), every, lambda r: CLOSE) == []


def test_lags_of_a_series_go_by_its_periods_whatever_the_order_of_rows(tmp_path):
    """`tsset t, delta(2)` without a unit: a lag is two units of time, and newey's neighbours are those in time."""
    source = "clear\nset obs 40\nset type double\ngen t = 2 * mod(7 * _n, 41)\ngen x = sin(_n)\ngen y = x + cos(3 * _n)\n"
    done = run_do(source + "tsset t, delta(2)\ngen u = -t\nsort u\nnewey y L.x, lag(2)\n", tmp_path)
    (each,) = done.estimations
    frame = pd.DataFrame({n: c.values for n, c in each.data.columns.items()})
    assert frame["t"].is_monotonic_decreasing
    held = {"d": frame, "np": np, "pd": pd}
    lines = py_lines(each.request, each.panel)
    exec("\n".join([*lines[:-1], "m = " + lines[-1].removesuffix(".summary()")]), held)
    wanted = {c.term: (c.b, c.se) for c in each.coefficients}
    np.testing.assert_allclose(held["m"].loc["L_x"], wanted["L.x"], rtol=1e-10)
    assert "d$L_x <- d$x[match(d$t - 2, d$t)]" in r_lines(each.request, each.panel)
    assert "d <- d[order(d$t), ]" in r_lines(each.request, each.panel)


def test_lines_without_fixest_stand_where_they_count_alike():
    """reghdfe drops singletons and tells nested effects from others by the data: no dummies stand in for that."""
    from parity.study.command import request_of

    for command, there in (("regress y x, r", True), ("areg y x, a(g) cl(g)", True), ("xtreg y x, fe r", True),
                           ("reghdfe y x, a(g) cl(g)", False), ("xtreg y x [fw=n], fe", False)):  # fmt: skip
        try:
            lines = r_lines(request_of(command, "g", "t"))
        except Declined:
            lines = []
        assert (WITHOUT_FIXEST in lines) == there, command


def test_a_square_is_no_product_of_a_name_with_itself():
    """`x:x` is `x` in R's formulas and formulaic's: the line of a public command had one column less, and other numbers."""
    from parity.study.command import request_of
    from parity.translate.python import py_lines
    from parity.translate.r import r_lines

    request = request_of("regress y c.x##c.x", "", "")
    assert "x + I(x^2)" in "\n".join(r_lines(request)) and "x:x" not in "\n".join(r_lines(request))
    assert "x + I(x**2)" in "\n".join(py_lines(request))


def both(command: str) -> tuple[str, str]:
    from parity.study.command import request_of

    request = request_of(command, "", "")
    return "\n".join(r_lines(request)), "\n".join(py_lines(request))


def test_dates_of_a_condition_are_its_numbers_and_said():
    """2010m1 is 600 months, 02jan1960 one day since 1960."""
    r, python = both("regress y x if month >= tm(2010m1) & day < td(02jan1960)")
    assert r.startswith("# 600 is 2010m1, 1 is 02jan1960\n") and "month >= 600" in r and "day < 1" in r
    assert python.startswith("# 600 is 2010m1, 1 is 02jan1960\n") and "d['month'] >= 600" in python


def test_cells_of_two_factors_alone_are_one_factor():
    r, python = both("regress y a#b x")
    assert "y ~ interaction(a, b) + x" in r and "y ~ C(a_b) + x" in python
    for command in ("regress y a#b x, noconstant", "areg y a#b, absorb(a)"):
        with pytest.raises(Declined, match="of its own"):
            both(command)


def test_dummies_beside_no_absorbed_effects_are_lms():
    """Of collinear dummies lm() leaves out the later ones, as regress does; feols left out others of a public command."""
    assert (
        "feols" not in both("regress y x i.t i.g, vce(cluster g)")[0] and "feols" in both("regress y x, vce(cluster g)")[0]
    )


def test_cells_run_in_python_are_the_means_of_cells():
    frame = pd.DataFrame({"a": [0, 0, 1, 1, 0, 1, 0, 1.0, np.nan], "b": [2, 10, 2, 10, 2, 2, 10, 10.0, 2]})
    frame["y"] = np.arange(9.0) ** 2
    held: dict = {"d": frame}
    exec(both("regress y a#b")[1].replace(".summary()", "").replace("pf.feols", "m = pf.feols"), held)
    means = frame.groupby(["a", "b"])["y"].mean()
    assert held["m"].coef().to_numpy() == pytest.approx(
        [means[0, 2], means[0, 10] - means[0, 2], means[1, 2] - means[0, 2], means[1, 10] - means[0, 2]]
    )
