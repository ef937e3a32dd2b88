"""What `parity translate` prints for public commands, run: `PYTHONPATH=tests python -m translated FOLDER [--n 100]`.

FOLDER holds a folder for each package. Its do-files are run on its data; of the estimation commands that became specs, N are
taken, packages in turn and different kinds of commands first. The lines in R and Python are run on the data as they stood
then, and every coefficient and standard error that the command shows is held against parity's own, to 1e-9.

alike      every number of the command, to 1e-9 of its own size, or a coefficient of its standard error's
differs    some number is another, or isn't there
failed     the lines end with an error
declined   no lines are printed, with the reason
not here   the lines need a package that isn't installed

Where R's lines have others below them, without fixest, both are run. A standard error that is zero by parity's own rule
(`compare.harmonise.cancelled`: scores that cancel within the clusters) must be zero by the same rule in the lines.

named      a number differs by no more than what two engines may differ by in a run (`compare.floor`, with the numbers of
           `base.tolerance`): what rounding leaves of the digits on these columns, in the arithmetic of the engine that is
           behind the lines. Lines on orthonormal columns have no such allowance. Or the lines themselves say that they
           differ, and that is so: on an unbalanced panel; all standard errors by one factor, where one effect lies
           within another; standard errors alone, where the command repaired its covariance

Nothing of a package is kept, and nothing of it is executed but Stata's own language. Exit 1 if a number differs or lines
fail.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from corpus import do_files, roots_first
from parity.base.tolerance import NO_VARIANCE
from parity.compare.floor import NO_FLOOR, Floor, floor_of
from parity.compare.harmonise import cancelled
from parity.translate.r import WITHOUT_FIXEST
from translated_terms import Term, label, of_lines, of_stata

if TYPE_CHECKING:
    from parity.sample.conditioning import Conditioning
    from parity.study.spec import Spec

#: Relative difference up to which numbers are the same.
CLOSE = 1e-9
#: Words of the lines -> the engine whose arithmetic they have; the first that is there.
BEHIND = {"qr.Q": "", "linalg.qr": "", "sm.OLS": "", "pf.feols": "py-pyfixest", "linearmodels": "py-linearmodels",
          "smf.": "py-statsmodels", "feols(": "r-fixest", "ivreg(": "r-ivreg", "plm(": "r-plm", "lm(": "r-lm"}  # fmt: skip
#: Seconds of the processor that a do-file and a package may take, and by the clock the lines of one command.
SECONDS, BUDGET, RUNNING = 20.0, 60.0, 120
#: Rows beyond which a data set isn't written out.
MOST_ROWS = 200_000


@dataclass(frozen=True)
class Case:
    """One command: its data as a frame, its lines by language, and its own numbers by term."""

    package: str
    where: str
    command: str
    frame: object
    lines: dict[str, tuple[str, ...]]
    ours: dict[Term, tuple[float, float]]
    floors: dict[str, Floor]
    absorbed: bool
    spread: dict[Term, float]
    repaired: bool = False


def cases_of(package: Path, seconds: float = SECONDS, budget: float = BUDGET) -> Iterator[Case]:
    """Every command of a package that became a spec and has numbers, once; those that the seconds reach."""
    from parity.stata.do import run_do
    from parity.stata_language.dataset import DataProblem
    from parity.stata_language.request import Declined

    seen: set[str] = set()
    read: set[str] = set()
    deadline = time.process_time() + budget
    for file in roots_first(do_files(package)):
        if str(file.relative_to(package)) in read or time.process_time() > deadline:
            continue
        found = run_do(file, package, seconds=seconds)
        read |= {done.file for done in found.statements}
        for each in found.estimations:
            if each.request is None or each.doubts or each.command in seen or each.data.rows > MOST_ROWS:
                continue
            if time.process_time() > deadline:
                break
            seen.add(each.command)
            try:
                numbers = each.coefficients
            except (Declined, DataProblem):
                continue
            known, spreads = conditioned(each.resolved)
            yield case(package.name, each, numbers, known, spreads)


def conditioned(resolved) -> tuple[Conditioning | None, dict[Term, float]]:
    """The condition of all columns, dummies and lags too; and of each term its homoskedastic standard error, beside which a
    standard error is zero; none of a likelihood."""
    from parity.sample.build import build_design
    from parity.sample.conditioning import conditioning
    from parity.sample.partialled_out import partial_out

    if resolved.spec.likelihood:
        return None, {}
    design = build_design(resolved.study, resolved.spec, resolved.frame)
    found = conditioning(design, partial_out(design))
    return found, {of_stata(resolved.names.get(n, n)): s for n, s in found.spread}


def floor_behind(lines: Sequence[str], known: Conditioning | None, spec: Spec) -> Floor:
    """What the arithmetic of the lines' engine may cost on these columns."""
    from parity.engines import engine

    text = "\n".join(lines)
    name = next((e for word, e in BEHIND.items() if word in text), "")
    return floor_of(known, spec, [(engine(name), "exact"), (engine("py-moments"), "exact")]) if name else NO_FLOOR


def case(package: str, each, numbers, known: Conditioning | None, spreads: dict[Term, float]) -> Case:
    import numpy as np
    import pandas as pd

    from parity.translate.digits import loses_digits
    from parity.translate.nested import without_redundant
    from parity.translate.page import translation

    told = translation(
        each.command, each.line, each.request, each.panel, short=without_redundant(each.fit), exact=loses_digits(each.fit)
    )
    text = "\n".join((*told.r, *told.python))
    words = set(re.findall(r"[^\W\d]\w*", text)) | {each.panel.unit, each.panel.time}
    columns = {n: c.values for n, c in each.data.columns.items() if n in words}
    ours = {of_stata(c.term): (c.b, c.se) for c in numbers if not (np.isnan(c.b) or (c.b == 0 and not c.se > 0))}
    at = told.r.index(WITHOUT_FIXEST) if WITHOUT_FIXEST in told.r else len(told.r)
    lines = {"R": told.r[:at], "Python": told.python}
    if at < len(told.r):
        lines["no fixest"] = told.r[at + 1 :]
    floors = {language: floor_behind(printed, known, each.resolved.spec) for language, printed in lines.items()}
    return Case(package, f"{each.file}:{each.line}", each.command, pd.DataFrame(columns), lines, ours, floors,
                bool(each.request.absorb), spreads, was_repaired(each))  # fmt: skip


def was_repaired(each) -> bool:
    """Whether a covariance by several clusters has an eigenvalue that is zero, as the command sets a negative one."""
    import numpy as np

    if len(each.request.cluster) < 2 or "V" not in (held := each.fit.results.filled().matrices):
        return False
    v = held["V"].values
    size = np.sqrt(np.diag(v))
    return bool(np.all(size > 0) and np.linalg.eigvalsh(v / np.outer(size, size))[0] < 1e-12)


# ---------------------------------------------------------------- running

PYTHON = r"""
import ast, json, sys, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd
found = {}
for path in sys.argv[1:]:
    d = pd.read_csv(path + ".csv", keep_default_na=False, na_values=[""], low_memory=False)
    tree = ast.parse(open(path + ".py", encoding="utf-8").read())
    last = tree.body[-1].value
    if isinstance(last, ast.Call) and getattr(last.func, "id", "") == "print":
        last = last.args[0]
    elif isinstance(last, ast.Call) and getattr(last.func, "attr", "") == "summary":
        last = last.func.value
    held = {"d": d, "np": np, "pd": pd}
    try:
        exec(compile(ast.Module(tree.body[:-1], []), path, "exec"), held)
        m = eval(compile(ast.Expression(last), path, "eval"), held)
        if isinstance(m, pd.DataFrame) and list(m) == ["b", "se"]:
            b, s = m["b"], m["se"]
        elif isinstance(m, pd.DataFrame):
            b, s = held["fit"].params, pd.Series(np.sqrt(np.diag(m)), m.index)
        elif callable(getattr(m, "coef", None)):
            b, s = m.coef(), m.se()
        else:
            b, s = m.params, getattr(m, "std_errors", getattr(m, "bse", None))
        found[path] = {str(n): [float(b[n]), float(s[n])] for n in b.index}
    except Exception as error:
        found[path] = f"{type(error).__name__}: {error}"[:300]
print("\n" + json.dumps(found))
"""
R = r"""
quoted <- function(text) paste0('"', gsub('(["\\\\])', '\\\\\\1', gsub("[[:cntrl:]]", " ", text)), '"')
numbers <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
one <- function(path) {
  d <- read.csv(paste0(path, ".csv"), na.strings = "", check.names = FALSE, encoding = "UTF-8")
  held <- new.env(parent = globalenv()); assign("d", d, held)
  m <- suppressWarnings(suppressMessages(eval(parse(paste0(path, ".R"), encoding = "UTF-8"), held)))
  ct <- if (inherits(m, "fixest")) fixest::coeftable(m) else if (inherits(m, "coeftest")) unclass(m) else coef(m)
  ct <- ct[, 1:2, drop = FALSE]
  paste0("{", paste0(quoted(rownames(ct)), ": ", apply(ct, 1, numbers), collapse = ", "), "}")
}
paths <- commandArgs(TRUE)
out <- vapply(paths, function(p) tryCatch(one(p), error = function(e) quoted(conditionMessage(e))), "")
cat("\n{", paste0(quoted(paths), ": ", gsub("NaN|NA", "null", out), collapse = ", "), "}\n", sep = "")
"""


#: Language -> suffix, what runs all lines and prints their numbers, how it is started.
OF_LANGUAGE = {"R": ("R", R, ["Rscript", "--no-init-file"]), "Python": ("py", PYTHON, [sys.executable])}
OF_LANGUAGE["no fixest"] = OF_LANGUAGE["R"]


def has_fixest() -> bool:
    if not shutil.which("Rscript"):
        return False
    asked = ["Rscript", "--no-init-file", "-e", "cat(requireNamespace('fixest', quietly = TRUE))"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.endswith("TRUE")


def run(language: str, cases: dict[str, Case], folder: Path) -> dict[str, object]:
    """By the case's name: its numbers by term as they are called there, or why there are none."""
    suffix, driver, program = OF_LANGUAGE[language]
    (folder / f"driver.{suffix}").write_text(driver, encoding="utf-8")
    for name, each in cases.items():
        (folder / f"{name}.{suffix}").write_text("\n".join(each.lines[language]) + "\n", encoding="utf-8")
    found: dict[str, object] = {}
    names = list(cases)
    for at in range(0, len(names), 20):
        some = names[at : at + 20]
        try:
            done = subprocess.run([*program, f"driver.{suffix}", *some], capture_output=True, text=True, cwd=folder,
                                  timeout=RUNNING * len(some), check=True)  # fmt: skip
            found |= json.loads(done.stdout.strip().splitlines()[-1])
        except (subprocess.SubprocessError, ValueError, IndexError) as error:
            said = getattr(error, "stderr", "") or str(error)
            found |= dict.fromkeys(some, f"the whole of it: {said[-200:]}")
    return found


def judged(each: Case, language: str, answer: object) -> tuple[str, str]:
    """What became of a command in a language, and why."""
    import numpy as np

    if not isinstance(answer, dict):
        return "failed", str(answer)
    theirs = {of_lines(name): numbers for name, numbers in answer.items()}
    away, worst, worst_se, ratios = [], 0.0, 0.0, [1.0]
    zero = none_of(each.ours, each.spread)
    for term, (b, se) in each.ours.items():
        if term == frozenset({("_cons", "")}) and each.absorbed:
            continue  # Stata's is the mean of the absorbed effects, that of dummies the first one, others have none
        if term not in theirs or any(x is None or np.isnan(x) for x in theirs[term]):
            away.append(f"{label(term)} isn't there")
            worst = float("inf")
            continue
        other_b, other_se = theirs[term]
        if term in zero and none_of({term: theirs[term]}, each.spread):
            size = each.spread[term]
            b, other_b = (0.0 if abs(x) <= NO_VARIANCE * size else x for x in (b, other_b))
            se = other_se = 0.0
        if np.isnan(se):  # of draws: the lines say that theirs is the command's own
            se = other_se
        off_b, off_se = abs(b - other_b) / (max(abs(b), se) or 1.0), abs(se - other_se) / se if se else abs(other_se)
        off = max(off_b, off_se)
        ratios.append(other_se / se if se else 1.0)
        if off > CLOSE:  # what is within 1e-9 needs no reason
            worst, worst_se = max(worst, off_b if off_b > CLOSE else 0.0), max(worst_se, off_se)
            away.append(f"{label(term)}: {b:.12g} ({se:.12g}), there {other_b:.12g} ({other_se:.12g}), off {off:.1e}")
    if not each.ours:
        return "failed", "the command shows no coefficient"
    if not away:
        return "alike", ""
    text, one_factor = "\n".join(each.lines[language]), max(ratios[1:]) <= min(ratios[1:]) * (1 + CLOSE)
    said = "on an unbalanced panel" in text or (
        not worst and (("lies within another" in text and one_factor) or ("negative eigenvalue" in text and each.repaired))
    )
    floor = each.floors[language]
    within = worst <= floor.capped("coef") and worst_se <= floor.capped("se")
    return ("named" if within or said else "differs"), "; ".join(away[:3])


def none_of(numbers: dict[Term, tuple[float, float]], spreads: dict[Term, float]) -> frozenset[Term]:
    """Terms whose standard error is zero by the rule that the comparison has."""
    import numpy as np

    known = list(numbers)
    return cancelled(known, np.diag([se * se for _, se in numbers.values()]), spreads)


def chosen(cases: Sequence[Case], n: int) -> list[Case]:
    """N of them: packages in turn, in each the kinds of commands that came least often first."""
    by: dict[str, list[Case]] = defaultdict(list)
    for each in cases:
        by[each.package].append(each)
    kinds: Counter[str] = Counter()
    out: list[Case] = []
    while by and len(out) < n:
        for package in sorted(by):
            each = min(by[package], key=lambda c: kinds[kind_of(c.command)])
            by[package].remove(each)
            kinds[kind_of(each.command)] += 1
            out.append(each)
            if not by[package]:
                del by[package]
    return out[:n]


def kind_of(command: str) -> str:
    """Its name and the names of its options."""
    head, _, options = command.partition(",")
    return f"{head.split()[0]} {' '.join(sorted(re.findall(r'[a-z0-9]+(?=[( ]|$)', options)))} {'#' in head} {'i.' in head}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="translated", description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--only", help="packages whose name holds this")
    parser.add_argument("--most", type=int, default=20, help="commands of a package")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of the processor, that a do-file may take")
    parser.add_argument("--budget", type=float, default=BUDGET, help="of the processor, that a package may take")
    given = parser.parse_args()
    packages = sorted(p for folder in given.folders for p in folder.iterdir() if p.is_dir() and do_files(p))
    every: list[Case] = []
    for package in packages:
        if given.only and given.only not in package.name:
            continue
        try:
            some = chosen(list(cases_of(package, given.seconds, given.budget)), given.most)
        except Exception as error:
            print(f"{package.name}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        every += some
        print(f"{package.name}: {len(some)}", file=sys.stderr, flush=True)
    taken = chosen(every, given.n)
    counts, reasons, bad = compared(taken)
    show(taken, counts, reasons, bad)
    return 1 if bad else 0


def compared(taken: Sequence[Case]) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]], list[str]]:
    """Counts by language, reasons of what is declined, and a line for each that differs or fails."""
    counts: dict[str, Counter[str]] = {language: Counter() for language in OF_LANGUAGE}
    reasons: dict[str, Counter[str]] = {language: Counter() for language in OF_LANGUAGE}
    fixest = has_fixest()
    bad: list[str] = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        names = {f"c{i}": each for i, each in enumerate(taken)}
        for name, each in names.items():
            each.frame.to_csv(folder / f"{name}.csv", index=False, float_format="%.17g")
        for language in counts:
            here = {}
            for name, each in names.items():
                if language not in each.lines:
                    continue
                lines = each.lines[language]
                if not lines or lines[0].startswith("# no short form"):
                    counts[language]["declined"] += 1
                    reasons[language][lines[0].removeprefix("# no short form: ") if lines else "no request"] += 1
                elif "library(fixest)" in lines and not fixest:
                    counts[language]["not here"] += 1
                else:
                    here[name] = each
            if OF_LANGUAGE[language][0] == "R" and not shutil.which("Rscript"):
                counts[language]["not here"] += len(here)
                continue
            for name, answer in run(language, here, folder).items():
                each = here[name]
                what, why = judged(each, language, answer)
                counts[language][what] += 1
                if what not in ("alike", "named"):
                    bad.append(f"{language} {what}: {each.package}/{each.where}: {each.command}\n    {why}\n"
                               + case_text(each, language))  # fmt: skip
    return counts, reasons, bad


def case_text(each: Case, language: str) -> str:
    """Its lines, indented."""
    return "\n".join(f"    {line}" for line in each.lines[language])


def show(taken: Sequence[Case], counts: dict[str, Counter[str]], reasons: dict[str, Counter[str]], bad: list[str]) -> None:
    print(f"{len(taken)} commands of {len({c.package for c in taken})} packages")
    by = Counter(kind_of(c.command).split()[0] for c in taken)
    print(", ".join(f"{name} {n}" for name, n in by.most_common()))
    words = ("alike", "named", "differs", "failed", "declined", "not here")
    print(f"\n{'':<10}" + "".join(f"{w:>10}" for w in words))
    for language, found in counts.items():
        print(f"{language:<10}" + "".join(f"{found[w]:>10}" for w in words))
    for language, found in reasons.items():
        for reason, n in found.most_common():
            print(f"{language:<10}{n:>4}  {reason}")
    for line in bad:
        print(f"\n{line}")


if __name__ == "__main__":
    sys.exit(main())
