"""Words, labels and echoes of a log altered beside right numbers: what is said of each.

    PYTHONPATH=tests python -m altered_windows

An alteration is *red* where a number differs or is explained, or a finding denies it; *not verified* where fewer numbers are
reproduced or an entry says what isn't held; else it *passed*.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

from made_windows import made_into
from package_altered import altered_whole
from parity.package.document import FAILING
from planted_package import Bed

LOG = "main.log"
#: Family -> (command, what stands below it or is it, what it is altered to).
ALTERATIONS = {
    "heads of columns": (
        ("lincom x - w", "Coefficient", " Odds ratio"), ("lincom x, or", " Odds ratio", "Coefficient"),
        ("margins, dydx(x z)", "dy/dx  Std", "ey/ex  Std"), ("margins, dydx(x z)", " dy/dx  Std", "Margin  Std"),
        ("margins, eyex(x)", "ey/ex  Std", "dy/dx  Std"), ("margins, over(h)", "Margin  Std", " dy/dx  Std"),
        ("nlcom _b[x]/_b[w]", "      z    P>|z|", "      t    P>|t|"),
        ("lincom x - w", "      t    P>|t|", "      z    P>|z|"),
        ("margins, dydx(x z)", "      z    P>|z|", "      t    P>|t|"),
        ("lincom x - w", "           y |", "           v |"),
        ("nlcom _b[x]/_b[w]", "           y |", "           v |"),
        ("margins, dydx(x z)", "Delta-method", "      Robust"),
        ("summarize x w", "       Min        Max", "       Max        Min"),
        ("summarize x w", "    Mean    Std. dev.", "Std. dev.        Mean"),
        ("tabulate b\n", "Percent        Cum.", "   Cum.     Percent"),
        ("estat vif", "VIF       1/VIF", "1/VIF      VIF"),
        ("ttest x, by(b)", "Std. err.   Std. dev.", "Std. dev.   Std. err."),
        ("hausman fe", "(b)          (B)", "(B)          (b)"),
        ("hausman fe", "       fe           . ", "       re           . "),
        ("correlate x z v", "        x        z        v\n", "        z        x        v\n"),
        ("tabulate b h, chi2", "       0          1  ", "       1          0  "),
    ),
    "expressions and restrictions": (
        ("lincom x - w", "x - w = 0", "x - w = 3"), ("lincom x - w", "x - w = 0", "x + w = 0"),
        ("lincom x - w", "x - w = 0", "x - z = 0"), ("nlcom _b[x]/_b[w]", "_b[x]/_b[w]\n\n", "_b[x]/_b[z]\n\n"),
        ("nlcom _b[x]/_b[w]", "_b[x]/_b[w]\n\n", "_b[x]*_b[w]\n\n"), ("test x w", "( 2)  w = 0", "( 2)  z = 0"),
        ("lincom x, or", "[b]x = 0", "[b]z = 0"),
    ),
    "groups": (
        ("tabstat x z", "     Low |", "    High |"), ("tabstat x z", "    High |", "  Middle |"),
        ("tabstat x z", "Group variable: b", "Group variable: h"),
        ("tabstat x z", "Summary statistics: Mean, SD", "Summary statistics: Mean, Min"),
        ("tabstat x z", "       b |", "       h |"), ("tabstat x z", "         x         z", "         z         x"),
        ("ttest x, by(b)", "     Low |", "    High |"), ("ttest x, by(b)", "    High |", "  Middle |"),
        ("ttest x, by(b)", "mean(Low) - mean(High)", "mean(High) - mean(Low)"),
        ("ttest x, by(b)", "Combined |", "   Total |"), ("ttest x == z", "       x |", "       w |"),
        ("ttest x == z", "mean(x - z)", "mean(x - w)"), ("ttest x == 0", "       x |", "       w |"),
        ("ttest x == 0", "mean = mean(x)", "mean = mean(w)"), ("margins, over(h)", "Over:       h", "Over:       g"),
        ("margins, over(h)", "           h |", "           g |"),
        ("margins, over(h)", "          1  |", "          2  |"), ("tabulate b\n", " Level of y |", " Level of v |"),
        ("tabulate b\n", "        Low |", "       High |"), ("tabulate b h, chi2", "Level of y |", "Level of v |"),
        ("tabulate b h, chi2", "|                h", "|                g"),
        ("tabulate b h, chi2", "       Low |", "      High |"),
        ("summarize x, detail", "                              x\n", "                              w\n"),
        ("summarize x w", "           x |", "           z |"), ("correlate x z v", "           z |", "           w |"),
        ("estat vif", "           w |", "           v |"), ("hausman fe", "           x |", "           w |"),
        ("xttest0", "                        y |", "                        v |"),
        ("xttest0", "y[g,t] = Xb + u[g] + e[g,t]", "v[h,t] = Xb + u[h] + e[h,t]"),
    ),
    "groups of by, and shares": (
        ("bysort b: summarize", "-> b = Low", "-> b = High"), ("bysort b: summarize", "-> b = High", "-> b = Middle"),
        ("bysort b: summarize", "-> b = Low", "-> h = 0"), ("bysort b: regress", "-> b = Low", "-> b = High"),
        ("bysort b: regress", "-> b = High", "-> h = 1"), ("tabulate b h, row", "| row percentage |", "|column percentage|"),
        ("tabulate b h, row", "| row percentage |", "| cell percentage |"),
    ),
    "titles and hypotheses": (
        ("margins, dydx(x z)", "Average marginal effects", "Predictive margins      "),
        ("margins, dydx(x z)", "Average marginal effects", "Conditional marginal effects"),
        ("margins, over(h)", "Predictive margins ", "Adjusted predictions"),
        ("margins, over(h)", "Predictive margins      ", "Average marginal effects"),
        ("margins, dydx(x z)", "Model VCE: OIM", "Model VCE: Robust"),
        ("margins, dydx(x z)", "Pr(b), predict()", "Linear prediction, predict()"),
        ("margins, dydx(x z)", "Pr(b), predict()", "Pr(v), predict()"),
        ("margins, over(h)", "Pr(b), predict()", "Linear prediction, predict(xb)"),
        ("margins, dydx(x z)", "dy/dx wrt:  x z", "ey/ex wrt:  x z"),
        ("margins, eyex(x)", "ey/ex wrt:  x", "dy/dx wrt:  x"),
        ("margins, dydx(x z)", "Number of obs = 196", "Number of obs = 191"),
        ("margins, dydx(x z)", "dy/dx wrt:  x z", "dy/dx wrt:  x w"),
        ("lrtest A B", "B nested within A", "A nested within B"),
        ("lrtest A B", "B nested within A", "B nested within C"), ("lrtest A B", "LR chi2(1)", "LR chi2(2)"),
        ("lrtest A B", "Likelihood-ratio test", "Wald test"),
        ("estat hettest", "Breusch–Pagan/Cook–Weisberg test for heteroskedasticity", "White's test"),
        ("estat hettest", "Fitted values of y", "x w z"),
        ("estat hettest", "Fitted values of y", "Fitted values of v"),
        ("estat hettest", "H0: Constant variance", "H0: Heteroskedasticity"),
        ("estat hettest", "Normal error terms", "i.i.d. error terms"),
        ("estat ovtest", "Ramsey RESET test for omitted variables", "White's test"),
        ("estat ovtest", "fitted values of y", "fitted values of v"),
        ("estat ovtest", "Powers of fitted values of y", "Powers of independent variables"),
        ("estat ovtest", "H0: Model has no omitted variables", "H0: Model has omitted variables"),
        ("estat overid", "Sargan (score) chi2(1)", "Hansen's J chi2(1)"),
        ("estat overid", "Sargan (score)", "Basmann"),
        ("estat overid", "Tests of overidentifying restrictions", "Tests of endogeneity"),
        ("estat endogenous", "H0: Variables are exogenous", "H0: Variables are endogenous"),
        ("estat endogenous", "Tests of endogeneity", "Tests of overidentifying restrictions:"),
        ("estat endogenous", "Durbin (score)", "Wu-Hausman"),
        ("ttest x, by(b)", "with equal variances", "with unequal variances"), ("ttest x == 0", "One-sample", "Paired"),
        ("ttest x == z", "Paired t test", "Two-sample t test with equal variances"),
        ("ttest x, by(b)", "H0: diff = 0", "H0: diff = 1"), ("ttest x == 0", "H0: mean = 0", "H0: mean = 5"),
        ("ttest x, by(b)", "      Degrees of freedom", "Welch's degrees of freedom"),
        ("ttest x, by(b)", "Ha: diff < 0 ", "Ha: diff > 0 "),
        ("ttest x, by(b)", "Pr(T < t) = 0.0000", "Pr(T > t) = 0.0000"),
        ("hausman fe", "obtained from xtreg.\n           B", "obtained from regress.\n           B"),
        ("hausman fe", "Difference in coefficients not systematic", "Difference in coefficients systematic"),
        ("hausman fe", "b = Consistent under H0 and Ha", "b = Inconsistent under H0 and Ha"),
        ("xttest0", "Breusch and Pagan Lagrangian multiplier test for random effects", "Breusch-Pagan LM test"),
        ("xttest0", "Test: Var(u) = 0", "Test: Var(e) = 0"),
        ("tabulate b h, chi2", "Pearson chi2(2)", "Pearson chi2(3)"),
        ("tabulate b h, chi2", "Pearson chi2(2)", "likelihood-ratio chi2(2)"),
        ("test x w", "F(  2,   188)", "F(  2,   180)"), ("correlate x z v", "(obs=196)", "(obs=191)"),
    ),
    "windows of estimates": (
        ("regress v x z", "Robust", "HC3   "), ("regress v x z", "20 clusters in g", "20 clusters in h"),
        ("regress v x z", "20 clusters in g", "19 clusters in g"), ("regress v x z", "F(2, 19)", "F(2, 94)"),
        ("regress v x z", "           v |", "           y |"), ("regress y x w z", "Adj R-squared", "    R-squared"),
        ("regress y x w z", "F(3, 188)", "F(3, 189)"), ("regress y x w z", "       Model |", "   Explained |"),
        ("regress y x w z", "Root MSE ", "Root MAE "),
        ("regress y x w z", " Source |       SS           df       MS", " Source |       MS           df       SS"),
        ("regress y x w z", "[95% conf. interval]", "[90% conf. interval]"),
        ("regress y x w z", "           x |", "           w |"), ("regress y x w z", "Coefficient", "       Beta"),
        ("regress y x w z", "P>|t|", "  P>t"), ("logit b x z", "LR chi2(2)", "LR chi2(3)"),
        ("logit b x z", "LR chi2(2)", "Wald chi2(2)"), ("logit b x z", "Pseudo R2", "Adj R2   "),
        ("logit b x z", "Log likelihood", "Log pseudolikelihood"), ("logit b x z", "Coefficient", " Odds ratio"),
        ("logit b x z", "Logistic regression", "Probit regression  "), ("logit b x z", "Prob > chi2", "Prob > F   "),
        ("xtreg y x z, fe", "Fixed-effects (within) regression", "Between regression (group means) "),
        ("xtreg y x z, fe", "Group variable: g", "Group variable: h"), ("xtreg y x z, fe", "F(2, 174)", "F(3, 174)"),
        ("xtreg y x z, fe", "Number of groups", "Number of clusters"),
        ("xtreg y x z, re", "Wald chi2(2)", "Wald chi2(3)"),
        ("xtreg y x z, re", "Random-effects GLS regression", "Random-effects ML regression "),
        ("ivregress 2sls y z", "2SLS", "GMM "), ("ivregress 2sls y z", "Wald chi2(2)", "Wald chi2(3)"),
        ("ivregress 2sls y z", "Endogenous: x", "Endogenous: z"),
        ("ivregress 2sls y z", "Exogenous:  z v w", "Exogenous:  z v"),
        ("areg v x w", "Absorbed variable: g", "Absorbed variable: h"),
        ("areg v x w", "No. of categories", "No. of clusters  "), ("areg v x w", "Adj R-squared", "Within R-sq. "),
        ("areg v x w", "F test of absorbed indicators", "F test that all slopes are zero"),
        ("areg v x w", "Linear regression, absorbing indicators", "Fixed-effects (within) regression      "),
        ("reghdfe v x w", "HDFE Linear regression", "Linear regression     "),
        ("reghdfe v x w", "Absorbing 1 HDFE group", "Absorbing 2 HDFE groups"),
        ("reghdfe v x w", "Statistics robust to heteroskedasticity", "Statistics robust to autocorrelation   "),
        ("reghdfe v x w", "Number of clusters (g)", "Number of clusters (h)"),
        ("reghdfe v x w", "clusters in g", "clusters in h"), ("reghdfe v x w", "Within R-sq.", "R-sq. within"),
        ("xtreg y x z, fe", "Within  =", "Between ="), ("xtreg y x z, fe", "Overall =", "Within  ="),
        ("xtreg y x z, fe", "R-squared:", "R-squared adjusted:"), ("xtreg y x z, fe", "     sigma_u", "     sigma_e"),
        ("ivregress 2sls y z", "Endogenous:", "Excluded:  "), ("ivregress 2sls y z", "Wald chi2(2)", "LR chi2(2)  "),
        ("ivreg2 y z", "efficient for homoskedasticity only", "efficient for arbitrary heteroskedasticity"),
        ("ivreg2 y z", "robust to heteroskedasticity", "consistent for homoskedasticity only"),
        ("ivreg2 y z", "robust to heteroskedasticity", "robust to heteroskedasticity and clustering on g"),
        ("ivreg2 y z", "robust to heteroskedasticity", "robust to heteroskedasticity and autocorrelation"),
        ("ivreg2 y z", "IV (2SLS) estimation", "LIML estimation"), ("ivreg2 y z", "IV (2SLS) estimation", "OLS estimation"),
        ("ivreg2 y z", "Excluded instruments: v w", "Excluded instruments: v"),
        ("ivreg2 y z", "Centered R2", "Uncentered R2"),
        ("probit b x z", "Probit regression", "Logistic regression"), ("probit b x z", "pseudolikelihood", "likelihood"),
        ("probit b x z", "Wald chi2(2)", "LR chi2(2)  "), ("probit b x z", "Robust", "   OIM"),
        ("poisson g x z", "Poisson regression", "Negative binomial regression"),
        ("poisson g x z", "Coefficient", "        IRR"), ("poisson g x z", "           g |", "           h |"),
        ("regress y x w z", "Std. err.", "Std. dev."),
        ("", "\n. regress y x w z\n", "\n. regress y x w z\nnote: z omitted because of collinearity.\n"),
    ),
    "echoes": (
        ("", "\n. xtreg y x z, fe", "\n. regress y x z"), ("", "\n. xtreg y x z, fe", "\n. xtreg y x z, re"),
        ("", "\n. xtreg y x z, fe", "\n. xtreg y x w, fe"),
        ("", "\n. regress y x w z", "\n. regress y x w z if h < 2"),
        ("", "\n. regress y x w z", "\n. regress y x w z, robust"),
        ("", "\n. regress y x w z", "\n. regress y x w z lx"), ("", "\n. regress y x w z", "\n. regress v x w z"),
        ("", "\n. regress y x w z", "\n. regress y x w z, vce(cluster g)"),
        ("", "\n. regress v x z if h < 2", "\n. regress v x z if h < 1"),
        ("", "h < 2, vce(cluster g)", "h < 2, vce(cluster h)"), ("", "h < 2, vce(cluster g)", "h < 2"),
        ("", "\n. logit b x z", "\n. probit b x z"), ("", "\n. regress y x w z", "\n. regress y x w z [aw=lx]"),
        ("", "\n. regress y x w z", "\n. reg y w x z"), ("", "\n. regress y x w z", "\n. areg y x w z, absorb(g)"),
        ("", "\n. regress y x w z", "\n. reghdfe y x w z, absorb(g)"),
        ("", "\n. ivregress 2sls y z (x = v w)", "\n. ivregress liml y z (x = v w)"),
        ("", "\n. ivregress 2sls y z (x = v w)", "\n. ivregress 2sls y z (x = v)"),
        ("", "\n. summarize x w", "\n. summarize x w if h < 1"), ("", "\n. test x w", "\n. test x z"),
        ("", "\n. ttest x, by(b)", "\n. ttest x, by(b) unequal"),
        ("", "\n. margins, dydx(x z)", "\n. margins, dydx(x z) atmeans"), ("", "\n. lrtest A B", "\n. lrtest B A"),
        ("", "\n. tabulate b\n", "\n. tabulate b if h < 1\n"), ("", "\n. count if x > 1", "\n. count if x > 2"),
        ("", "\n. xtset g", "\n. xtset h"), ("", "\n. drop if z > 2", "\n. drop if z > 3"),
        ("", "\n. replace w = . if w > 2", "\n. replace w = 0 if w > 2"),
        ("", "\n. generate b = y > 0", "\n. generate b = y > 1"), ("", "\n. estat hettest", "\n. estat hettest x w"),
    ),
    "lines of data steps": (
        ("import", "(7 vars, 200 obs)", "(7 vars, 210 obs)"),
        ("replace w", "(4 real changes made, 4 to missing)", "(9 real changes made, 9 to missing)"),
        ("replace w", "(4 real changes made, 4 to missing)", "(4 real changes made)"),
        ("generate lx", "(101 missing values", "(11 missing values"),
        ("drop if z", "(4 observations deleted)", "(14 observations deleted)"),
        ("drop if z", "(4 observations deleted)\n", ""),
        ("recode h", "(50 changes made to h)", "(5 changes made to h)"),
        ("xtset g", "Panel variable: g (unbalanced)", "Panel variable: g (strongly balanced)"),
        ("xtset g", "Time variable: t, 0 to 9", "Time variable: t, 0 to 12"), ("xtset g", "variable: t,", "variable: h,"),
        ("xtset g", "Panel variable: g", "Panel variable: h"),
        ("regress y x", "\n. test x w", "\n. drop if x > 2\n(7 observations deleted)\n\n. test x w"),
        ("", ". label values b l\n", ". label values b l\n(3 real changes made)\n"),
        ("", ". generate b = y > 0\n", ". generate b = y > 0\n(5 missing values generated)\n"),
        ("regress y x", "\n. test x w", "\n(7 observations deleted)\n\n. test x w"),
    ),
    "points": (
        ("regress y x w z", ".5585393", "       ."), ("regress y x w z", ".08335733", "        ."),
        ("regress y x w z", " 6.70   0.000", "    .       ."), ("regress y x w z", "0.2653", "     ."),
        ("regress y x w z", "    22.63", "        ."), ("summarize x w", ".01521474", "        ."),
        ("summarize x w", "1.049469", "       ."), ("ttest x, by(b)", "-6.3207", "      ."),
        ("test x w", "  33.39", "      ."), ("lincom x - w", " .118836", "       ."),
        ("correlate x z v", "0.0856", "     ."), ("estat hettest", "0.5714", "     ."),
        ("tabstat x z", "1.049469", "       ."), ("margins, dydx(x z)", ".02632388", "        ."),
        ("tabulate b\n", "46.43       46.43", "    .       46.43"),
    ),
}  # fmt: skip


@cache
def bed() -> Bed:
    folder = Path(tempfile.mkdtemp())
    made_into(folder)
    return Bed(folder)


def place(text: str, command: str, before: str) -> int:
    """Where an alteration is to be made: below the command, or anywhere."""
    at = text.index("\n", text.index(f"\n. {command}".rstrip()) + 1) if command else 0
    return text.index(before, at)


def outcome(command: str, before: str, after: str) -> str:
    of = bed()
    text = (of.folder / LOG).read_text()
    at = place(text, command, before)
    return verdict(text, text[:at] + after + text[at + len(before) :])


def doubled(command: str, *, echo: bool) -> str:
    """The window of a command twice, with its echo or without."""
    text = (bed().folder / LOG).read_text()
    start = text.index(f"\n. {command}")
    end = text.index("\n. ", start + 3)
    first = start if echo else text.index("\n", start + 1)
    return verdict(text, text[:end] + text[first:end] + text[end:])


def verdict(text: str, changed: str) -> str:
    of = bed()
    assert changed != text
    exhibits, findings, left = altered_whole(of, LOG, changed)
    if any(f.id.startswith("note-") or f.id in FAILING for f in findings):
        return "red"
    cells = [c for e in exhibits for c in e.cells]
    if any(c.verdict in ("differs", "explained") for c in cells):
        return "red"
    lost = left or sum(c.verdict == "not verified" for c in cells) > of.report.summary.not_verified
    return "not verified" if lost else "passed"


#: Whose windows are set twice, with their echo or without.
TWICE = tuple(
    (c, echo)
    for c in ("regress y x w z", "summarize x w", "lincom x - w", "tabulate b\n", "estat hettest")
    for echo in (True, False)
)
#: What may pass: the same regressors in another order, less said than there is, a letter of earlier versions.
HARMLESS = ("reg y w x z", "(4 observations deleted) ->", "nlcom _b[x]/_b[w]: z P>|z| -> t P>|t|")


def outcomes(family: str, most: int | None = None) -> dict[str, str]:
    """What is said of each alteration of a family, or of the first of some drawn by chance, the same in each run."""
    if family == "windows twice":
        return {f"{c.strip()}, echo {echo}": doubled(c, echo=echo) for c, echo in TWICE[:most]}
    held = ALTERATIONS[family]
    held = held if most is None else random.Random(family).sample(held, most)
    return {
        re.sub(r"\s+", " ", f"{command or before.strip()}: {before.strip()} -> {after.strip()}"): outcome(
            command, before, after
        )
        for command, before, after in held
    }


def main() -> None:
    total: Counter[str] = Counter()
    for family in (*ALTERATIONS, "windows twice"):
        held = outcomes(family)
        counts = Counter(held.values())
        total += counts
        print(f"{family}: {', '.join(f'{n} {v}' for v, n in sorted(counts.items()))}")
        for what, said in held.items():
            if said != "red":
                print(f"   {said}: {what}")
    print(f"{sum(total.values())} altered: {', '.join(f'{n} {v}' for v, n in sorted(total.items()))}")


if __name__ == "__main__":
    main()
