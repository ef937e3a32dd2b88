"""Windows of estimates whole, as Stata and its users' commands lay them out: heads and feet of each command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scipy.special import fdtrc

from stata_rows import CROSS, RULE, digits, row

Line = tuple[str, str, str]


def estimates(text: str, fit) -> str:
    held = fit.estimated.numbers | fit.results.filled().numbers
    name, letter = text.split()[0], "t" if "df_r" in held else "z"
    robust = "robust" in text or "cluster" in text
    outcome = text.split()[2] if name == "ivregress" else text.split()[1]
    head = _sums(held) if name == "regress" and not robust else [_line(*line) for line in _head(name, text, held)]
    above = [f"{'':>13}|{'Robust':>23}"] if robust else []
    heads = f"{outcome:>12} | Coefficient  Std. err.      {letter}    P>|{letter}|     [95% conf. interval]"
    rows = [row(c.term, c) for c in fit.coefficients]
    return "\n".join(["", *head, "", RULE, *above, heads, CROSS, *rows, *_foot(name, text, held)])


def _line(left: str, label: str, value: str) -> str:
    return f"{left:<48}{label:<18}= {value:>10}" if label else left


def _head(name: str, text: str, v: Mapping[str, float]) -> Iterator[Line]:
    nobs = "Number of obs", f"{v['N']:,.0f}"
    f = f"F({v.get('df_m', 0):.0f}, {v.get('df_r', 0):.0f})", f"{v.get('F', 0):.2f}"
    of_f, r2 = ("Prob > F", f"{v.get('p', 0.0):.4f}"), ("R-squared", f"{v.get('r2', 0):.4f}")
    adjusted, rmse = ("Adj R-squared", f"{v.get('r2_a', 0):.4f}"), ("Root MSE", digits(float(f"{v.get('rmse', 0):.5g}")))
    wald = f"Wald chi2({v.get('df_m', 0):.0f})", f"{v.get('chi2', 0):.2f}"
    of_chi2 = "Prob > chi2", f"{v.get('p', 0):.4f}"
    clusters = f"{'(Std. err. adjusted for %.0f clusters in g)' % v.get('N_clust', 0):>78}", "", ""  # noqa: UP031
    match name:
        case "regress":
            yield from [("Linear regression", *nobs), ("", *f), ("", *r2), ("", "", ""), clusters]
        case "areg":
            yield from [("Linear regression, absorbing indicators", *nobs),
                        ("Absorbed variable: g", "No. of categories", f"{v['levels']:.0f}"),
                        ("", *f), ("", *r2), ("", *adjusted), ("", *rmse)]  # fmt: skip
        case "reghdfe":
            yield from [("(MWFE estimator converged in 1 iterations)", "", ""), ("", "", ""),
                        ("HDFE Linear regression", *nobs),
                        ("Absorbing 1 HDFE group", *f), ("Statistics robust to heteroskedasticity", *of_f), ("", *r2),
                        ("", *adjusted), ("", "Within R-sq.", f"{v['r2_within']:.4f}"),
                        (f"Number of clusters (g)      = {v['N_clust']:>10.0f}", *rmse), ("", "", ""), clusters]  # fmt: skip
        case "xtreg":
            fe = "fe" in text
            yield from [("Fixed-effects (within) regression" if fe else "Random-effects GLS regression", *nobs),
                        ("Group variable: g", "Number of groups", f"{v['N_g']:.0f}"), ("", "", ""),
                        ("R-squared:                                      Obs per group:", "", ""),
                        (f"     Within  = {v['r2_w']:.4f}", "             min", f"{v['g_min']:.0f}"),
                        (f"     Between = {v['r2_b']:.4f}", "             avg", f"{v['g_avg']:.1f}"),
                        (f"     Overall = {v['r2_o']:.4f}", "             max", f"{v['g_max']:.0f}"), ("", "", ""),
                        ("", *(f if fe else wald)), ("", *(of_f if fe else of_chi2))]  # fmt: skip
        case "ivregress":
            yield from [("Instrumental variables 2SLS regression", *nobs), ("", *wald), ("", *of_chi2), ("", *r2)]
        case "ivreg2":
            yield from [("IV (2SLS) estimation", "", ""), ("-" * 20, "", ""), ("", "", ""),
                        ("Estimates efficient for homoskedasticity only", "", ""),
                        ("Statistics robust to heteroskedasticity", "", ""), ("", "", ""), ("", *nobs),
                        ("", "Centered R2", f"{v['r2']:.4f}")]  # fmt: skip
        case _:
            title = {"logit": "Logistic", "probit": "Probit", "poisson": "Poisson"}[name] + " regression"
            robust = "robust" in text
            ll = f"Log {'pseudo' * robust}likelihood = {v['ll']:.6f}"
            test = wald if robust else (wald[0].replace("Wald", "LR"), wald[1])
            yield from [(title, *nobs), ("", *test), ("", *of_chi2), (ll, "Pseudo R2", f"{v['r2_p']:.4f}")]


def _foot(name: str, text: str, v: Mapping[str, float]) -> list[str]:
    if name == "areg":
        test = f"F({v['levels'] - 1:.0f}, {v['df_r']:.0f})"
        return [RULE, f"F test of absorbed indicators: {test} = {v['F_f']:.3f}"]
    if name == "xtreg":
        panel = [f"{what:>12} |{digits(float(f'{v[what]:.7g}')):>11}" for what in ("sigma_u", "sigma_e", "rho")]
        return [CROSS, *panel[:2], f"{panel[2]}   (fraction of variance due to u_i)", RULE]
    if name == "ivregress":
        return [RULE, "Endogenous: x", "Exogenous:  z v w"]
    if name == "ivreg2":
        return [RULE, "Instrumented:         x", "Included instruments: z", "Excluded instruments: v w", RULE]
    return [RULE]


def _sums(held: Mapping[str, float]) -> list[str]:
    k, n = held["df_m"], held["df_r"]
    m, r = held["mss"], held["rss"]
    lines = (("Number of obs", f"{held['N']:.0f}"), (f"F({k:.0f}, {n:.0f})", f"{held['F']:.2f}"),
             ("Prob > F", f"{fdtrc(k, n, held['F']):.4f}"),
             ("R-squared", f"{held['r2']:.4f}"), ("Adj R-squared", f"{held['r2_a']:.4f}"),
             ("Root MSE", f"{held['rmse']:.5g}"))  # fmt: skip
    model, rest, total = (
        f"{what:>12} | {ss:>11.7g} {df:>9.0f} {ss / df:>11.7g}   "
        for what, ss, df in (("Model", m, k), ("Residual", r, n), ("Total", m + r, k + n))
    )
    cross = "-------------+----------------------------------   "
    left = ["      Source |       SS           df       MS      ", cross, model, rest, cross, total]
    return [f"{a}{b:<16}= {c:>9}" for a, (b, c) in zip(left, lines, strict=True)]
