"""A small package whose log has one right window of each kind that stands after an estimation, or is of the data alone.

Every number is the run's; words, heads and lines are laid out as Stata prints them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from estimates_table import data_into
from made_heads import estimates
from made_moments import digits, of_correlate, of_count, of_summarize, of_tabstat, of_tabulate, ttest
from parity.stata.do import run_do
from stata_rows import CROSS, RULE

CODE = """import delimited d.csv, clear
generate b = y > 0
label define l 0 "Low" 1 "High"
label values b l
label variable b "Level of y"
replace w = . if w > 2
generate lx = ln(x)
generate t = floor((_n - 1) / 20)
drop if z > 2
recode h (3 = 2)
summarize x w
summarize x, detail
tabulate b
tabulate b h, chi2
tabulate b h, row
bysort b: summarize x
tabstat x z, by(b) statistics(mean sd)
ttest x, by(b)
ttest x == 0
ttest x == z
correlate x z v
count if x > 1
regress y x w z
test x w
lincom x - w
nlcom _b[x]/_b[w]
estat hettest
estat ovtest
estat vif
bysort b: regress v x z
regress v x z if h < 2, vce(cluster g)
areg v x w, absorb(g)
reghdfe v x w, absorb(h) vce(cluster g)
probit b x z, vce(robust)
poisson g x z
logit b x z
estimates store A
lincom x, or
margins, dydx(x z)
margins, eyex(x)
margins, over(h)
logit b x
estimates store B
lrtest A B
xtset g t
xtreg y x z, fe
estimates store fe
xtreg y x z, re
xttest0
hausman fe
ivregress 2sls y z (x = v w)
estat overid
estat endogenous
ivreg2 y z (x = v w), robust
"""


def made_into(folder: Path) -> None:
    """The data, the do-file and its log."""
    data_into(folder)
    (folder / "main.do").write_text(CODE)
    (folder / "main.log").write_text(log_of(folder))


def log_of(folder: Path) -> str:
    done = run_do(CODE, folder)
    said = {line: [p for p in (*done.printed, *done.said) if p.line == line] for line in range(1, CODE.count("\n") + 1)}
    fits = {line: [e for e in done.estimations if e.line == line] for line in said}
    out = ["      name:  <unnamed>", "       log:  main.log", "  log type:  text", ""]
    for i, text in enumerate(CODE.splitlines(), 1):
        words = _by_groups(text, said[i], fits[i]) if text.startswith("bysort") else _words(text, said[i], fits[i])
        out += [f". {text}", *([words] if words.strip() else []), ""]
    out += [". log close", "      name:  <unnamed>", "       log:  main.log", "  log type:  text",
            " closed on:   1 Jan 2024, 10:00:00", ""]  # fmt: skip
    return "\n".join(out)


def _by_groups(text: str, said, fits) -> str:
    """A window for each group, Low and High."""
    inner = text.partition(": ")[2]
    each = [_words(inner, [said[i]] if said else [], [fits[i]] if fits else []) for i in (0, 1)]
    return "\n".join(f"\n{RULE}\n-> b = {group}\n{words}\n" for group, words in zip(("Low", "High"), each, strict=True))


def _words(text: str, said, fits) -> str:
    name = text.split()[0].rstrip(",")
    if fits:
        return estimates(text, fits[0])
    if said and all(s.kind == "said" for s in said):
        return "\n".join(s.values["text"] for s in said)
    if name == "estat":
        name = text.split()[1]
    if name == "ttest":
        return ttest(said[0].numbers, text)
    return WRITERS[name](said, text) if name in WRITERS and said else ""


def _row(label: str, v: Mapping[str, float]) -> str:
    t = v.get("t", v.get("z", 0.0))
    return (f"{label:>12} | {digits(v['estimate']):>10} {digits(v['se']):>10} {t:>8.2f} {v['p']:>7.3f}    "
            f"{digits(v['lb']):>9}   {digits(v['ub']):>9}")  # fmt: skip


def _table(above: list[str], outcome: str, first: str, letter: str, rows: list[str], over: str = "") -> str:
    heads = f"{outcome:>12} | {first:>11}  Std. err.      {letter}    P>|{letter}|     [95% conf. interval]"
    extra = [f"{'':>13}|{over:>23}"] if over else []
    return "\n".join(["", *above, "", RULE, *extra, heads, CROSS, *rows, RULE])


# ---------------------------------------------------------------- after an estimation


def of_lincom(said, text: str) -> str:
    ratio, v = ", or" in text, said[0].numbers
    what = text.split(maxsplit=1)[1].partition(",")[0]
    what = f" ( 1)  [b]{what} = 0" if ratio else f" ( 1)  {what} = 0"
    first, letter = ("Odds ratio", "z") if ratio else ("Coefficient", "t")
    return _table([what], "b" if ratio else "y", first, letter, [_row("(1)", v)])


def of_nlcom(said, text: str) -> str:
    return _table(["       _nl_1: _b[x]/_b[w]"], "y", "Coefficient", "z", [_row("_nl_1", said[0].numbers)])


def of_margins(said, text: str) -> str:
    n = f"Number of obs = {said[0].numbers['N']:.0f}"
    kind, first = "Average marginal effects", "dy/dx"
    legend = ["Expression: Pr(b), predict()"]
    rows = [_row(str(s.values["term"]), s.numbers) for s in said]
    if "over" in text:
        kind, first = "Predictive margins", "Margin"
        legend.append("Over:       h")
        rows = [f"{'h':>12} |", *(_row(f"{s.values['term'].partition('.')[0]} ", s.numbers) for s in said)]
    elif "eyex" in text:
        first = "ey/ex"
        legend.append("ey/ex wrt:  x")
    else:
        legend.append("dy/dx wrt:  x z")
    return _table([f"{kind:<58}{n}", "Model VCE: OIM", "", *legend], "", first, "z", rows, "Delta-method")


def of_test(said, text: str) -> str:
    v = said[0].numbers
    return f"""
 ( 1)  x = 0
 ( 2)  w = 0

       F({v["df"]:3.0f}, {v["df_r"]:5.0f}) = {v["F"]:7.2f}
            Prob > F = {v["p"]:9.4f}"""


def of_hettest(said, text: str) -> str:
    v = said[0].numbers
    return f"""
Breusch–Pagan/Cook–Weisberg test for heteroskedasticity
Assumption: Normal error terms
Variable: Fitted values of y

H0: Constant variance

    chi2(1) = {v["chi2"]:6.2f}
Prob > chi2 = {v["p"]:.4f}"""


def of_ovtest(said, text: str) -> str:
    v = said[0].numbers
    return f"""
Ramsey RESET test for omitted variables
Omitted: Powers of fitted values of y

H0: Model has no omitted variables

F({v["df"]:.0f}, {v["df_r"]:.0f}) = {v["F"]:6.2f}
Prob > F  = {v["p"]:.4f}"""


def of_vif(said, text: str) -> str:
    v = said[0].numbers
    rows = [f"{n:>12} | {x:9.2f}    {1 / x:.6f}" for n, x in v.items() if n != "mean"]
    cross = "-------------+----------------------"
    return "\n".join(["", "    Variable |       VIF       1/VIF  ", cross, *rows, cross, f"    Mean VIF | {v['mean']:9.2f}"])


def of_lrtest(said, text: str) -> str:
    v = said[0].numbers
    return f"""
Likelihood-ratio test
Assumption: B nested within A

 LR chi2(1) = {v["chi2"]:6.2f}
Prob > chi2 = {v["p"]:.4f}"""


def of_xttest0(said, text: str) -> str:
    v, held = said[0].numbers, said[0].values["variances"]
    rows = [f"{n:>17} | {digits(held[n]):>10}  {digits(held[n] ** 0.5):>11}" for n in ("y", "e", "u")]
    return "\n".join([
        "", "Breusch and Pagan Lagrangian multiplier test for random effects", "", "        y[g,t] = Xb + u[g] + e[g,t]", "",
        "        Estimated results:", "                         |       Var     SD = sqrt(Var)",
        "                ---------+-----------------------------", *(f"        {r}" for r in rows), "",
        "        Test: Var(u) = 0", f"                             chibar2(01) = {v['lm']:8.2f}",
        f"                          Prob > chibar2 = {v['p']:8.4f}",
    ])  # fmt: skip


def of_hausman(said, text: str) -> str:
    v, held = said[0].numbers, said[0].values["rows"]
    rows = [
        f"{n:>12} | {digits(b):>11} {digits(c):>12} {digits(d):>15} {digits(s):>15}"
        for n, b, c, d, s in zip(held["names"], held["b"], held["B"], held["difference"], held["se"], strict=True)
    ]
    return "\n".join([
        "", "                 ---- Coefficients ----",
        "             |      (b)          (B)            (b-B)     sqrt(diag(V_b-V_B))",
        "             |       fe           .          Difference       Std. err.", CROSS, *rows, RULE,
        "                          b = Consistent under H0 and Ha; obtained from xtreg.",
        "           B = Inconsistent under Ha, efficient under H0; obtained from xtreg.", "",
        "Test of H0: Difference in coefficients not systematic", "",
        "    chi2(2) = (b-B)'[(V_b-V_B)^(-1)](b-B)", f"            = {v['chi2']:6.2f}", f"Prob > chi2 = {v['p']:.4f}",
    ])  # fmt: skip


def of_overid(said, text: str) -> str:
    v = said[0].numbers
    return f"""
  Tests of overidentifying restrictions:

  Sargan (score) chi2(1) = {v["sargan"]:8.4g}  (p = {v["p_sargan"]:.4f})
  Basmann chi2(1)        = {v["basmann"]:8.4g}  (p = {v["p_basmann"]:.4f})"""


def of_endogenous(said, text: str) -> str:
    v = said[0].numbers
    return f"""
  Tests of endogeneity
  H0: Variables are exogenous

  Durbin (score) chi2(1)          = {v["durbin"]:8.6g}  (p = {v["p_durbin"]:.4f})
  Wu-Hausman F(1,{v["df_r"]:.0f})             = {v["wu"]:8.6g}  (p = {v["p_wu"]:.4f})"""


WRITERS = {
    "summarize": of_summarize, "tabulate": of_tabulate, "tabstat": of_tabstat, "correlate": of_correlate, "count": of_count,
    "test": of_test, "lincom": of_lincom, "nlcom": of_nlcom, "margins": of_margins, "hettest": of_hettest,
    "ovtest": of_ovtest, "vif": of_vif, "lrtest": of_lrtest, "xttest0": of_xttest0, "hausman": of_hausman,
    "overid": of_overid, "endogenous": of_endogenous,
}  # fmt: skip
