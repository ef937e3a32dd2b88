"""The phrasebook: run every command of docs/phrasebook.toml on Grunfeld's data, name what differs, write the page.

    python docs/build_phrasebook.py            # docs/phrasebook.json (what ran) and docs/phrasebook.md
    python docs/build_phrasebook.py --page     # the page alone, from the kept numbers

Commands of Stata run as the functions of the same name in r_scripts/engines, which check the command they stand for. lfe
is computed by its formula. Where a package is missing, its kept numbers stay.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from parity.conventions.profiles import PROFILES
from parity.data.load import load_frame
from parity.diagnose import TargetNumber, explain_targets
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.load import load_study
from parity.study.spec import Vcov

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
PAGE, KEPT, COMMANDS = DOCS / "phrasebook.md", DOCS / "phrasebook.json", DOCS / "phrasebook.toml"
STUDY = DOCS / "examples" / "phrasebook"
TERMS = ("value", "capital")
#: Two numbers are the same within this share: absorption in fixest and pyfixest stops at a tolerance.
SAME = 1e-8

R_SETUP = """\
library(fixest); library(plm); library(sandwich); library(lmtest)
grunfeld <- read.csv("fixtures/grunfeld/data.csv")
grunfeld$value_l1 <- ave(grunfeld$value, grunfeld$firm, FUN = function(x) c(NA, head(x, -1)))
one <- subset(grunfeld, firm == 1)"""

PYTHON_SETUP = """\
import pandas as pd, pyfixest as pf, statsmodels.api as sm, statsmodels.formula.api as smf
from statsmodels.sandbox.regression import gmm as sandbox_gmm
from linearmodels import IV2SLS, PanelOLS, RandomEffects
grunfeld = pd.read_csv("fixtures/grunfeld/data.csv")
grunfeld["value_l1"] = grunfeld.groupby("firm").value.shift()
panel, one = grunfeld.set_index(["firm", "year"]), grunfeld[grunfeld.firm == 1]"""

#: How the two coefficients and standard errors are read off a fit.
READ = {
    "Stata": "c(fit$b[terms], sqrt(diag(fit$V))[terms])",
    "fixest": 'setNames(c(coef(fit), se(fit)), sub("^fit_", "", names(c(coef(fit), se(fit)))))',
    "plm": "c(fit[, 1], fit[, 2])",
    "lm": "c(fit[, 1], fit[, 2])",
    "pyfixest": "(fit.coef(), fit.se())",
    "linearmodels": "(fit.params, fit.std_errors)",
    "statsmodels": "[pd.Series(v, getattr(fit.params, 'index', fit.model.exog_names)) for v in (fit.params, fit.bse)]",
}
IN_R, IN_PYTHON = ("Stata", "fixest", "plm", "lm"), ("pyfixest", "linearmodels", "statsmodels")
#: Package -> what the page calls it.
NAMES = {
    "Stata": "Stata", "fixest": "R: fixest", "plm": "R: plm", "lm": "R: lm, sandwich", "lfe": "R: lfe (by formula)",
    "pyfixest": "Python: pyfixest", "linearmodels": "Python: linearmodels", "statsmodels": "Python: statsmodels",
}  # fmt: skip


@dataclass(frozen=True)
class Way:
    """One command: a specification in one package with some options.

    run: what is executed; empty where the number comes from a formula. settings: for that formula, `vcov` or
    `convention` where they aren't the study's and lfe's own.
    """

    spec: str
    package: str
    option: str
    command: str
    before: str
    run: str
    settings: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"{self.spec} | {self.package} | {self.option}"


@cache
def specs() -> tuple[dict[str, Any], ...]:
    return tuple(tomllib.loads(COMMANDS.read_text(encoding="utf-8"))["spec"])


@cache
def ways() -> tuple[Way, ...]:
    return tuple(_way(s["id"], package, said, w) for s in specs() for package, said in s["in"].items() for w in said["ways"])


def _way(spec: str, package: str, said: Mapping[str, Any], way: str | Mapping[str, Any]) -> Way:
    given = {"type": way} if isinstance(way, str) else way
    command = said.get("call", "{}").replace("{}", given["type"])
    command = command.replace(", )", ")")
    run = "" if package == "lfe" else given.get("run", command)
    return Way(spec, package, given["type"], command, said.get("before", ""), run, given)


# ---------------------------------------------------------------- running


def run_python(chosen: Iterable[Way]) -> dict[str, list[float]]:
    """Key -> coefficients, then standard errors, of value and capital."""
    space: dict[str, Any] = {}
    out = {}
    with contextlib.chdir(ROOT):
        for way in chosen:
            if not space:
                exec(PYTHON_SETUP, space)
            exec(f"{way.before}\nfit = {way.run}", space)
            coef, se = eval(READ[way.package], space)
            out[way.key] = [float(column[t]) for column in (coef, se) for t in TERMS]
    return out


def run_r(chosen: Iterable[Way]) -> dict[str, list[float]]:
    """The same in one R session. A command of Stata must be the one that the function says it stands for."""
    lines = ["suppressPackageStartupMessages({", _r_setup(chosen := list(chosen)), "})", f"terms <- c{TERMS}"]
    lines += ['for (f in list.files("r_scripts/engines", "^stata_", full.names = TRUE)) source(f)', _NEWEY]
    for i, way in enumerate(chosen):
        lines += [way.before, f"fit <- {way.run}", f"x <- {READ[way.package]}"]
        lines.append(f'cat("{i}", sprintf("%.17g", c(x[terms], x[-seq_len(length(x) / 2)][terms])), "\\n")')
        if way.package == "Stata":
            lines.append(f'cat("said", {i}, fit$command, "\\n")')
    done = subprocess.run(["Rscript", "-"], input="\n".join(lines), capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"R: {done.stderr}")
    answers = [line.split() for line in done.stdout.splitlines()]
    for words in answers:
        if words[0] == "said":
            way = chosen[int(words[1])]
            if _spelt(" ".join(words[2:])) != _spelt(way.command):
                raise SystemExit(f"{way.command} is run as {' '.join(words[2:])}")
    return {chosen[int(w[0])].key: [float(v) for v in w[1:]] for w in answers if w[0] != "said"}


def _r_setup(chosen: Iterable[Way]) -> str:
    needed = {way.package for way in chosen}
    return R_SETUP if "fixest" in needed else R_SETUP.replace("library(fixest); ", "")


#: newey has no function of its own among Stata's commands: [TS] newey, N/(N - K) times the Bartlett sum.
_NEWEY = """newey <- function(data, y, x, time, lags) {
  fit <- stata_fit_frame(stata_data(data, y, x, other = time), y, x)
  V <- fit$n_obs / (fit$n_obs - fit$k - 1) * stata_v_newey(fit, NULL, data[[time]], lags)
  list(b = fit$b, V = V, command = paste0("newey ", paste(c(y, x), collapse = " "), " if firm == 1, lag(", lags, ")"))
}"""


def _spelt(command: str) -> str:
    """A command as both sides write it: L.value is a column here."""
    return command.replace("L.value", "value_l1").strip()


def by_formula(chosen: Iterable[Way]) -> dict[str, list[float]]:
    """lfe's numbers: parity's estimate of the specification under lfe's convention."""
    out = {}
    for way in chosen:
        spec = fitter().study.spec(way.spec)
        convention = PROFILES["lfe"].model_copy(update=dict(way.settings.get("convention", {})))
        vcov = Vcov.model_validate(way.settings.get("vcov", spec.vcov))
        numbers = fitter().numbers(Scenario(spec).with_spec(vcov=vcov, convention=convention))
        assert numbers is not None, way
        at = [numbers.terms.index(t) for t in TERMS]
        out[way.key] = [float(column[i]) for column in (numbers.coef, numbers.se) for i in at]
    return out


@cache
def fitter() -> Fitter:
    study = load_study(STUDY)
    return Fitter(study, load_frame(study))


@cache
def installed() -> dict[str, str]:
    """Package -> version, of those that can run here."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in IN_PYTHON:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    ask = 'for (p in c("plm", "sandwich", "lmtest", "AER", "fixest")) if (requireNamespace(p, quietly = TRUE)) ' \
          'cat(p, as.character(packageVersion(p)), "\\n")'  # fmt: skip
    try:
        done = subprocess.run(["Rscript", "-e", ask], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return found
    r = dict(line.split() for line in done.stdout.splitlines())
    if {"plm", "sandwich", "lmtest", "AER"} <= r.keys():
        found |= {"Stata": "r_scripts/engines", "plm": r["plm"], "lm": r["sandwich"]}
        found |= {"fixest": r["fixest"]} if "fixest" in r else {}
    return found


def run(packages: Iterable[str]) -> dict[str, list[float]]:
    """Every command of these packages, executed: key -> two coefficients, two standard errors."""
    mine = [way for way in ways() if way.package in packages]
    found = run_python(w for w in mine if w.package in IN_PYTHON)
    in_r = [w for w in mine if w.package in IN_R]
    return found | (run_r(in_r) if in_r else {}) | by_formula(w for w in mine if w.package == "lfe")


# ---------------------------------------------------------------- what the numbers say


@dataclass(frozen=True)
class Value:
    """One pair of standard errors of a specification, and the commands that give it."""

    se: tuple[float, float]
    ways: tuple[Way, ...]

    @property
    def shown(self) -> str:
        return f"{self.se[1]:.7f}"

    def of(self, package: str) -> Way | None:
        return next((w for w in self.ways if w.package == package), None)


def values(spec: str, numbers: Mapping[str, list[float]]) -> list[Value]:
    """The values that the commands of a specification give: that of Stata's first command, then by size."""
    found: list[list[Way]] = []
    for way in ways():
        if way.spec == spec:
            group = next((g for g in found if same(se_of(g[0], numbers), se_of(way, numbers))), None)
            found.append(group := []) if group is None else None
            group.append(way)
    out = [Value(se_of(group[0], numbers), tuple(group)) for group in found]
    return [out[0], *sorted(out[1:], key=lambda v: v.se[1])]


def se_of(way: Way, numbers: Mapping[str, list[float]]) -> tuple[float, float]:
    return tuple(numbers[way.key][2:])


def same(a: Iterable[float], b: Iterable[float]) -> bool:
    return all(abs(x - y) <= SAME * abs(y) for x, y in zip(a, b, strict=True))


def causes(numbers: Mapping[str, list[float]], chosen: Iterable[str] | None = None) -> dict[str, list[list[str]]]:
    """`specification | standard error` -> causes that lead there from Stata's first command, a list per alternative."""
    out = {}
    for spec in chosen or [s["id"] for s in specs()]:
        for value in values(spec, numbers)[1:]:
            of = numbers[value.ways[0].key]
            targets = [TargetNumber(q, t, f"{v:.9g}") for (q, t), v in zip(_QUANTITIES, of, strict=True)]
            found = explain_targets(fitter().study, fitter().study.spec(spec), fitter().original, targets, fitter=fitter())
            out[f"{spec} | {value.shown}"] = [list(s.ids) for s in found.causes]
    return out


_QUANTITIES = [(q, t) for q in ("coef", "se") for t in TERMS]


# ---------------------------------------------------------------- the page


def page(kept: Mapping[str, Any]) -> str:
    """The Markdown page, from the kept numbers alone."""
    numbers = kept["numbers"]
    setup = _SETUP.format(versions=_versions(kept["versions"]), r=R_SETUP, python=PYTHON_SETUP)
    parts = [_INTRODUCTION, _from_stata(numbers), setup, "## Every package, by command of Stata"]
    for spec in specs():
        stata = [v for v in values(spec["id"], numbers) if v.of("Stata")]
        parts += [f"### {spec['title']}", *(_elsewhere(v, spec["id"], numbers) for v in stata)]
    parts += [_FACTORS_TEXT, _factors(numbers), _P_VALUES, _ALL]
    for spec in specs():
        id = spec["id"]
        parts += [f"### {spec['title']}: who gives what", spec["note"], _defaults(id, kept), _matrix(id, kept)]
    return "\n\n".join(parts) + "\n"


def _versions(found: Mapping[str, str]) -> str:
    return ", ".join(f"{NAMES[p].split(': ')[-1].removeprefix('lm, ')} {v}" for p, v in found.items() if p != "Stata")


def _from_stata(numbers: Mapping[str, list[float]]) -> str:
    """Stata's commands, each with what gives the same number in R and in Python, by an option if some package has one."""
    lines = [
        "## I typed this in Stata",
        "",
        "| in Stata | SE | the same in R | the same in Python | |",
        "|---|---:|---|---|---|",
    ]
    for spec in specs():
        for value in values(spec["id"], numbers):
            typed = [w for w in value.ways if w.package == "Stata"]
            for way in typed:
                others = [_nearest(language, value, spec["id"], numbers) for language in (IN_R[1:], IN_PYTHON)]
                more = f"[all packages]({anchor(typed[0].command)})"
                lines.append(f"| {' | '.join([_code(way.command), value.shown, *others, more])} |")
    return "\n".join(lines)


def _nearest(packages: Iterable[str], value: Value, spec: str, numbers: Mapping[str, list[float]]) -> str:
    found = [reached(p, value, spec, numbers) for p in packages]
    return _said(*next((f for f in found if f[0] and not f[1]), next(f for f in found if f[0])))


def _said(way: Way | None, factor: float | None) -> str:
    return f"{_full(way)}{f', SE times {factor:.7f}' if factor else ''}" if way else "no option gives it"


def anchor(command: str) -> str:
    """GitHub's anchor of a heading."""
    return "#" + "".join(c for c in command.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def _elsewhere(value: Value, spec: str, numbers: Mapping[str, list[float]]) -> str:
    typed = [w.command for w in value.ways if w.package == "Stata"]
    lines = [f"#### {typed[0]}", ""]
    lines += [f"The same as {' and as '.join(_code(c) for c in typed[1:])}.", ""] if typed[1:] else []
    lines += [f"SE of `capital`: {value.shown}", "", "| in | type |", "|---|---|"]
    for package in _packages(spec):
        if package != "Stata":
            lines.append(f"| {NAMES[package]} | {_said(*reached(package, value, spec, numbers))} |")
    return "\n".join(lines)


def _packages(spec: str) -> list[str]:
    return list(dict.fromkeys(w.package for w in ways() if w.spec == spec))


def reached(
    package: str, value: Value, spec: str, numbers: Mapping[str, list[float]]
) -> tuple[Way | None, float | None]:  # fmt: skip
    """The command of a package that gives a value, or one that is off by a factor, the same for both coefficients."""
    exact = value.of(package)
    if exact is not None:
        return exact, None
    for way in (w for w in ways() if (w.spec, w.package) == (spec, package)):
        ratios = [a / b for a, b in zip(value.se, se_of(way, numbers), strict=True)]
        if same(ratios[:1], ratios[1:]):
            return way, ratios[1]
    return None, None


def _full(way: Way) -> str:
    lines = [line for line in way.before.splitlines() if line]
    return "<br>".join(_code(line) for line in [*lines, way.command])


def _code(text: str) -> str:
    return f"`{text.strip()}`".replace("|", "\\|")


def _defaults(spec: str, kept: Mapping[str, Any]) -> str:
    lines = ["| in | the obvious command | SE of `capital` | why it isn't Stata's |", "|---|---|---:|---|"]
    found = values(spec, kept["numbers"])
    for package in _packages(spec):
        way = next(w for w in ways() if (w.spec, w.package) == (spec, package))
        value = next(v for v in found if way in v.ways)
        why = "" if value is found[0] else _why(kept["causes"][f"{spec} | {value.shown}"])
        lines.append(f"| {NAMES[package]} | {_full(way)} | {value.shown} | {why} |")
    return "\n".join(lines)


def _why(alternatives: list[list[str]]) -> str:
    """Linked causes; of several that these numbers can't tell apart the most plausible two."""
    said = [" and ".join(f"[{id}](causes/{id}.md)" for id in ids) for ids in alternatives[:2]]
    return ", or ".join(said) or "none of the [causes](causes/README.md); see above"


def _matrix(spec: str, kept: Mapping[str, Any]) -> str:
    numbers, found = kept["numbers"], values(spec, kept["numbers"])
    why = " | ".join(_why(kept["causes"][f"{spec} | {v.shown}"]) for v in found[1:])
    lines = [f"| | {' | '.join(v.shown for v in found)} |", "|---|" + "---|" * len(found)]
    lines.append(f"| *from Stata's first command by* | | {why} |")
    lines += [f"| {NAMES[p]} | {' | '.join(_cell(p, v, spec, numbers) for v in found)} |" for p in _packages(spec)]
    return "\n".join(lines)


def _cell(package: str, value: Value, spec: str, numbers: Mapping[str, list[float]]) -> str:
    way, factor = reached(package, value, spec, numbers)
    if way is None:
        return "–"
    first = next(w for w in ways() if (w.spec, w.package) == (spec, package))
    said = "as above" if way is first else _code(way.option.removeprefix(", "))
    return f"{said} × {factor:.5f}" if factor else said


#: Who, the factor of the variance in words, and the convention that has it: a profile and what differs from it.
FACTORS = (
    ("plm's `vcovHC`; fixest with `K.adj` and `G.adj` off; `use_correction` off", "1", "plm", {}),
    ("plm's `type = \"sss\"`", "G/(G-1) (N-1)/(N-K), K: the slopes", "reghdfe", {"count_fixef": "none"}),
    ("lfe", "G/(G-1) (N-1)/(N-K), K: the slopes and 1 if any effect lies within the clusters, else slopes and all effects, "
     "less one for each further effect",
     "lfe", {}),
    ("linearmodels", "N/(N-K), K: slopes and all effects, less one for each further effect; only the slopes if there is one "
     "effect and it lies within the clusters", "linearmodels", {}),
    ("Stata's `xtreg` and `reghdfe`; fixest; pyfixest", "G/(G-1) (N-1)/(N-K), K: the slopes, 1, and of effects that don't "
     "lie within the clusters all levels but one each", "reghdfe", {}),
    ("Stata's `areg` and `regress`; lm; statsmodels; linearmodels with `group_debias`",
     "G/(G-1) (N-1)/(N-K), K: slopes and all effects, less one for each further effect", "areg", {}),
)  # fmt: skip


def _factors(numbers: Mapping[str, list[float]]) -> str:
    """The factor of every convention with N, K and G of the two-way specification, and the standard error it makes."""
    spec = fitter().study.spec("two-way-effects")
    raw = numbers["two-way-effects | plm | "][3]
    lines = ["| who | factor f of the variance | f here | SE of `capital` |", "|---|---|---:|---:|"]
    for who, words, profile, changes in FACTORS:
        scenario = Scenario(spec).with_convention(**dict(PROFILES[profile].model_copy(update=changes)))
        (factor,) = fitter().rules(scenario)[0].values()
        lines.append(f"| {who} | {words} | {factor:.7f} | {raw * factor**0.5:.7f} |")
    return "\n".join(lines)


_INTRODUCTION = """\
# Phrasebook

The same regression in Stata, R and Python, and what to type so that all print the same standard error (SE). Find your
command of Stata in the first table. What stands in its line gives Stata's number to the last digit; with another package,
follow *all packages*.

The data are Grunfeld's: investment (`inv`), market value (`value`) and `capital` of ten firms in twenty years. Every
number on this page is the standard error of `capital`."""

_SETUP = """\
## Before you type

Once, in R (`install.packages("fixest")` and so on; lfe is no longer offered there):

```r
{r}
```

and in Python (`pip install pyfixest linearmodels statsmodels`):

```python
{python}
```

Put your own data in place of `grunfeld`. In R a command prints its table; in Python put `fit = ` before it, then
`print(fit.tidy())` for pyfixest, `print(fit.summary())` for statsmodels, `print(fit)` for linearmodels. In pyfixest keep the
blanks around the `+` between fixed effects ([why](causes/nested-flag-on-wrong-effect.md)).

Where a line says *SE times* a number, the package has no option for what you want: multiply the standard error that it
prints. That number belongs to these data; [for yours](#no-option-multiply) it is made of N, K and G. *No option gives it*,
or a dash, means that no factor does it either: it is another kind of covariance.

Every command was run, and every number computed, by `python docs/build_phrasebook.py`, with
{versions}.
Two exceptions. No Stata ran: its commands are those that this project writes anew in R from Stata's manuals
([r_scripts/engines](../r_scripts/engines)); wherever Stata's own output is recorded, they meet it
(`parity run fixtures/grunfeld -v`). And lfe is not run but computed by its formula."""

_FACTORS_TEXT = """\
## No option: multiply

Clustered standard errors of one specification differ by a factor, because each package multiplies the same sum by another f.
To get the SE of one line from that of another: SE × √(f wanted / f printed). N rows, G clusters (the smallest number, where
there are several cluster variables), K coefficients. Here for firm and year effects, clustered by firm: N = 200, G = 10, two
slopes, ten firms within the clusters, twenty years that aren't. Without clusters there is one factor only, N/(N-K), which
`ivregress` leaves out: multiply by √((N-K)/N)."""

_P_VALUES = """\
The same SE is not yet the same p-value. Stata takes t with G - 1 degrees of freedom for clusters, as fixest and pyfixest do;
`coeftest()`, plm and linearmodels take N - K ([why](causes/residual-degrees-of-freedom.md)), so type
`coeftest(model, ..., df = G - 1)`; statsmodels takes the normal distribution ([why](causes/normal-distribution.md)) unless
told `use_t=True`."""

_ALL = """\
## Who gives what, and why

For every specification two tables. The first has what each package gives for the obvious command, and the
[causes](causes/README.md) that lead from Stata's number to it. The second has a column for every number that somebody
gives. Its cells say what to type in place of the options in the first table; *as above* is that command as it stands, and
× a number means that its SE is to be multiplied."""


def main() -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {"versions": {}, "numbers": {}}
    if "--page" not in sys.argv:
        here = installed()
        wanted = {w.key for w in ways()}
        numbers = {k: v for k, v in kept["numbers"].items() if k in wanted} | run([*here, "lfe"])
        if missing := wanted - numbers.keys():
            raise SystemExit(f"never run: {', '.join(sorted(missing))}")
        ordered = {w.key: numbers[w.key] for w in ways()}
        kept = {"versions": kept["versions"] | here, "numbers": ordered, "causes": causes(ordered)}
        KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        print(f"ran here: {', '.join(f'{k} {v}' for k, v in here.items())}")
    PAGE.write_text(page(kept), encoding="utf-8")


if __name__ == "__main__":
    main()
