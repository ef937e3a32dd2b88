"""Windows of the data alone, as Stata lays them out, from the numbers of a run: summaries, tabulations, tests of means."""

from __future__ import annotations

import math
from collections.abc import Mapping

from scipy import special

import stata_rows

CROSS = "-------------+---------------------------------------------------------"


def digits(value: float) -> str:
    """In nine characters at most, as %9.0g has it."""
    text = stata_rows.digits(value)
    return text if len(text) <= 9 else f"{value:.{7 - (value < 0)}f}".replace("0.", ".", 1)


def of_summarize(said, text: str) -> str:
    if "detail" in text:
        return _detail(said[0].values)
    rows = [
        f"{s.values['variable']:>12} | {v['N']:>10.0f} {digits(v['mean']):>11} {digits(v['sd']):>11} {digits(v['min']):>10} "
        f"{digits(v['max']):>10}"
        for s in said
        for v in [s.numbers]
    ]
    return "\n".join(["", "    Variable |        Obs        Mean    Std. dev.       Min        Max", CROSS, *rows])


def _detail(v) -> str:
    def p(share: int, smallest: bool = True) -> str:
        extreme = digits(v[f"extreme{share}"])
        return f"{share:>2}% {digits(v[f'p{share}']):>12} {extreme:>14}"

    def bare(share: int) -> str:
        return f"{share:>2}% {digits(v[f'p{share}']):>12}"

    title, n, w = str(v["variable"]), f"{v['N']:.0f}", f"{v['sum_w']:.0f}"
    return "\n".join([
        "", f"{title:>31}", "-" * 61, "      Percentiles      Smallest", p(1), p(5),
        f"{p(10)}       Obs         {n:>11}", f"{p(25)}       Sum of wgt. {w:>11}", "",
        f"{bare(50):<30}       Mean        {digits(v['mean']):>11}",
        f"{'':<24}Largest       Std. dev.   {digits(v['sd']):>11}", p(75),
        f"{p(90)}       Variance    {digits(v['Var']):>11}", f"{p(95)}       Skewness    {digits(v['skewness']):>11}",
        f"{p(99)}       Kurtosis    {digits(v['kurtosis']):>11}",
    ])  # fmt: skip


def of_tabulate(said, text: str) -> str:
    v = said[0].values
    if said[0].kind == "tabulate2":
        return _two_way(v)
    total, running, rows = sum(v["counts"]), 0.0, []
    for label, n in zip(v["labels"], v["counts"], strict=True):
        running += n
        rows.append(f"{label:>11} | {n:>10.0f} {100 * n / total:>11.2f} {100 * running / total:>11.2f}")
    cross = "------------+-----------------------------------"
    return "\n".join([
        "", " Level of y |      Freq.     Percent        Cum.", cross, *rows, cross,
        f"      Total | {total:>10.0f} {100:>11.2f}",
    ])  # fmt: skip


def _two_way(v) -> str:
    cross = "-----------+" + "-" * (11 * len(v["levels"])) + "+----------"
    sums = [sum(c) for c in zip(*v["counts"], strict=True)]

    def line(label: str, counts) -> str:
        return f"{label:>10} |" + "".join(f"{n:>10.0f} " for n in counts) + f"|{sum(counts):>10.0f} "

    head = "Level of y |" + "".join(f"{level:>10} " for level in v["levels"]) + "|     Total"
    rows = [line(label, counts) for label, counts in zip(v["labels"], v["counts"], strict=True)]
    above = f"           |{'h':^{11 * len(v['levels'])}}"
    if "row" in v["shares"]:
        box = ["+----------------+", "| Key            |", "|----------------|", "|   frequency    |", "| row percentage |"]
        rows = [two for row, n in zip([*rows, line("Total", sums)], [*v["counts"], sums], strict=True)
                for two in (row, _shares(n), cross)]  # fmt: skip
        return "\n".join(["", *box, box[0], "", above, head, cross, *rows[:-1]])
    df = (len(v["levels"]) - 1) * (len(v["labels"]) - 1)
    return "\n".join([
        "", above, head, cross, *rows, cross, line("Total", sums), "",
        f"          Pearson chi2({df}) = {v['chi2']:8.4f}   Pr = {v['p']:.3f}",
    ])  # fmt: skip


def _shares(counts) -> str:
    return f"{'':>10} |" + "".join(f"{100 * n / sum(counts):>10.2f} " for n in counts) + f"|{100:>10.2f} "


def of_tabstat(said, text: str) -> str:
    """Groups in blocks, variables in columns."""
    names = list(dict.fromkeys(s.values["variable"] for s in said))
    called = {0.0: "Low", 1.0: "High", "": "Total"}
    cross, lines = "---------+" + "-" * (10 * len(names)), []
    for group in dict.fromkeys(s.values["group"] for s in said):
        mine = {s.values["variable"]: s.numbers for s in said if s.values["group"] == group}
        for i, statistic in enumerate(("mean", "sd")):
            label = called[group] if not i else ""
            lines.append(f"{label:>8} |" + "".join(f"{digits(mine[n][statistic]):>10}" for n in names))
        lines.append(cross)
    lines[-1] = cross.replace("+", "-")
    head = "       b |" + "".join(f"{n:>10}" for n in names)
    return "\n".join(["", "Summary statistics: Mean, SD", "Group variable: b (Level of y)", "", head, cross, *lines])


def of_correlate(said, text: str) -> str:
    v = said[0].values
    names = v["variables"]
    rows = [f"{n:>12} |" + "".join(f"{v['rho'][i][j]:>9.4f}" for j in range(i + 1)) for i, n in enumerate(names)]
    head = f"{'':>12} |" + "".join(f"{n:>9}" for n in names)
    cross = "-------------+" + "-" * (9 * len(names))
    return "\n".join([f"(obs={v['N'][0][0]:.0f})", "", head, cross, *rows])


def of_count(said, text: str) -> str:
    return f"  {said[0].numbers['N']:.0f}"


# ---------------------------------------------------------------- tests of means


def ttest(v: Mapping[str, float], text: str) -> str:
    rule, cross = "-" * 78, "---------+" + "-" * 68
    by, paired = "by(" in text, text.endswith("== z")

    def line(label: str, n: float | None, mean: float, se: float, sd: float | None, df: float) -> str:
        t = float(special.stdtrit(df, 0.975))
        shown = "" if n is None else f"{n:.0f}"
        deviation = "" if sd is None else digits(sd)
        return (f"{label:>8} | {shown:>7} {digits(mean):>11} {digits(se):>11} {deviation:>11} {digits(mean - t * se):>11} "
                f"{digits(mean + t * se):>11}")  # fmt: skip

    def own(label: str, i: int) -> str:
        n, sd = v[f"N_{i}"], v[f"sd_{i}"]
        return line(label, n, v[f"mu_{i}"], sd / math.sqrt(n), sd, n - 1)

    first = "Group" if by else "Variable"
    head = f"{first:>8} |     Obs        Mean    Std. err.   Std. dev.   [95% conf. interval]"
    if by:
        title = "Two-sample t test with equal variances"
        n = v["N_1"] + v["N_2"]
        mean = (v["N_1"] * v["mu_1"] + v["N_2"] * v["mu_2"]) / n
        difference = line("diff", None, v["mu_1"] - v["mu_2"], v["se"], None, v["df_t"])
        combined = line("Combined", n, mean, v["sd"] / math.sqrt(n), v["sd"], n - 1)
        rows = [own("Low", 1), own("High", 2), cross, combined, cross, difference]
        what, hypothesis, ha = "diff = mean(Low) - mean(High)", "diff = 0", "diff"
    elif paired:
        title, n = "Paired t test", v["N_1"]
        mean = v["mu_1"] - v["mu_2"]
        rows = [own("x", 1), own("z", 2), cross, line("diff", n, mean, v["se"], v["se"] * math.sqrt(n), n - 1)]
        what, hypothesis, ha = "mean(diff) = mean(x - z)", "mean(diff) = 0", "mean(diff)"
    else:
        title, rows = "One-sample t test", [own("x", 1)]
        what, hypothesis, ha = "mean = mean(x)", "mean = 0", "mean"
    return "\n".join([
        "", title, rule, head, cross, *rows, rule, f"    {what:<56}t = {v['t']:>8.4f}",
        f"H0: {hypothesis:<40}Degrees of freedom = {v['df_t']:>8.0f}", "",
        f"    Ha: {ha} < 0                 Ha: {ha} != 0                 Ha: {ha} > 0",
        f" Pr(T < t) = {v['p_l']:.4f}         Pr(|T| > |t|) = {v['p']:.4f}          Pr(T > t) = {v['p_u']:.4f}",
    ])  # fmt: skip
