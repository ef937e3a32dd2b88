"""Tables that esttab wrote of what estpost gives: each number beside its own, and one that is altered differs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parity.package.described import cells_asked
from parity.package.verify import verify


def data() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    g = np.arange(60) % 2
    return pd.DataFrame({"g": g, "wage": rng.normal(20, 5, 60) + g, "age": rng.integers(20, 60, 60)})


def table(rows: list[list[str]], heads: list[str]) -> str:
    body = "\\\\\n".join(" & ".join(row) for row in rows)
    head = f"\\begin{{tabular}}{{l{'c' * len(heads)}}}\n & {' & '.join(heads)}"
    return f"{head}\\\\\n\\hline\n{body}\\\\\n\\hline\n\\end{{tabular}}\n"


def described(x: pd.Series) -> list[str]:
    return [f"{x.mean():.3f}", f"{x.std():.3f}", f"{x.min():.3f}", f"{x.max():.3f}", f"{len(x)}"]


def verified(folder: Path, code: str, text: str):
    data().to_csv(folder / "d.csv", index=False)
    (folder / "a.do").write_text(
        f'import delimited "d.csv", clear asdouble\nlabel variable wage "Hourly wage"\n{code}\n', encoding="utf-8"
    )
    (folder / "t.tex").write_text(text, encoding="utf-8")
    return verify(folder)


def verdicts(found) -> Counter[str]:
    return Counter(c.verdict for e in found.exhibits for c in e.cells)


@pytest.mark.parametrize(
    "code",
    [
        "estpost tabstat wage age, c(stat) stat(mean sd min max n)\n"
        'esttab using t.tex, label cells("mean sd min max count")',
        'estpost summarize wage age\nesttab using t.tex, label cells("mean(fmt(3)) sd(fmt(3)) min max count") noobs',
        'eststo clear\neststo: estpost sum wage age\nesttab using t.tex, coeflabels(wage "Hourly wage") '
        'cells("mean sd min(fmt(3)) max count")',
    ],
)
def test_statistics_side_by_side(tmp_path, code):
    d = data()
    rows = [["Hourly wage", *described(d.wage)], ["age", *described(d.age)]]
    heads = ["mean", "sd", "min", "max", "N"]
    assert verdicts(verified(tmp_path, code, table(rows, heads))) == {"reproduced": 10}
    rows[0][2] = f"{d.wage.std(ddof=0):.3f}"
    found = verified(tmp_path, code, table(rows, heads))
    assert verdicts(found) == {"reproduced": 9, "differs": 1}
    (wrong,) = [c for e in found.exhibits for c in e.cells if c.verdict == "differs"]
    assert (wrong.term, wrong.quantity) == ("wage", "sd")


def test_a_model_for_each_group_with_deviations_below(tmp_path):
    code = "\n".join(
        (
            "by g, sort: eststo: estpost summarize wage age",
            "esttab using t.tex, label cells(mean(fmt(3)) sd(par fmt(3))) noobs",
        )
    )
    groups = [x for _, x in data().groupby("g")]
    rows = []
    for name, label in (("wage", "Hourly wage"), ("age", "age")):
        rows += [[label, *(f"{x[name].mean():.3f}" for x in groups)], ["", *(f"({x[name].std():.3f})" for x in groups)]]
    assert verdicts(verified(tmp_path, code, table(rows, ["(1)", "(2)"]))) == {"reproduced": 8}
    rows[0][1], rows[0][2] = rows[0][2], rows[0][1]
    assert verdicts(verified(tmp_path, code, table(rows, ["(1)", "(2)"]))) == {"reproduced": 6, "differs": 2}


def test_tests_of_means_and_frequencies(tmp_path):
    from scipy import stats

    d = data()
    rows = []
    for name, label in (("wage", "Hourly wage"), ("age", "age")):
        a, b = d[name][d.g == 0], d[name][d.g == 1]
        t = stats.ttest_ind(a, b)
        rows.append([label, f"{a.mean():.3f}", f"{b.mean():.3f}", f"{a.mean() - b.mean():.3f}", f"{t.pvalue:.3f}"])
    code = 'estpost ttest wage age, by(g)\nesttab using t.tex, label noobs cells("mu_1 mu_2 b p")'
    assert verdicts(verified(tmp_path, code, table(rows, ["Mean 0", "Mean 1", "Difference", "p"]))) == {"reproduced": 8}
    code = 'estpost tabulate g\nesttab using t.tex, noobs cells("b pct")'
    rows = [["0", "30", "50.00"], ["1", "30", "50.00"], ["Total", "60", "100.00"]]
    assert verdicts(verified(tmp_path, code, table(rows, ["Frequency", "Percent"]))) == {"reproduced": 6}


def test_columns_that_the_call_does_not_ask_for_are_not_verified(tmp_path):
    d = data()
    code = 'estpost summarize wage age\nesttab using t.tex, cells("mean sd")'
    rows = [["wage", f"{d.wage.mean():.3f}"], ["age", f"{d.age.mean():.3f}"]]
    assert verdicts(verified(tmp_path, code, table(rows, ["mean"]))) == {"not verified": 2}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("mean(fmt(2)) sd(par)", (("mean",), ("sd",))),
        ('"mean sd" "min max"', (("mean", "sd"), ("min", "max"))),
        ("(mean(fmt(2) label(M)) sd) count", (("mean", "sd"), ("count",))),
        ('"b(star fmt(3)) & se(par)"', (("b", "se"),)),
        ("mean", (("mean",),)),
    ],
)
def test_what_cells_asks_for(text, lines):
    assert cells_asked({"cells": text}) == lines


def test_main_and_aux():
    assert cells_asked({"main": "mean", "aux": "sd"}) == (("mean",), ("sd",))


@pytest.mark.parametrize(
    ("call", "heads", "verdict"),
    [
        ('cells("mean sd min max count")', ["Median", "SD", "p25", "p75", "N"], {"reproduced": 4, "not verified": 6}),
        (
            'drop(age) cells("mean sd min max count")',
            ["mean", "sd", "min", "max", "N"],
            {"reproduced": 5, "not verified": 5},
        ),
        ('cells("mean(transform(@*100)) sd min max count")', ["", "", "", "", ""], {"reproduced": 8, "not verified": 2}),
    ],
)
def test_what_is_said_of_right_numbers(tmp_path, call, heads, verdict):
    d = data()
    rows = [["Hourly wage", *described(d.wage)], ["age", *described(d.age)]]
    code = f"estpost summarize wage age\nesttab using t.tex, label {call}"
    assert verdicts(verified(tmp_path, code, table(rows, heads))) == verdict


def test_stars_of_a_test_are_of_its_p(tmp_path):
    from scipy import stats

    d = data()
    a, b = d.age[d.g == 0], d.age[d.g == 1]
    gap, p = a.mean() - b.mean(), stats.ttest_ind(a, b).pvalue
    due = "*" * sum(p < cut for cut in (0.1, 0.05, 0.01))
    code = 'estpost ttest age, by(g)\nesttab using t.tex, star(* 0.10 ** 0.05 *** 0.01) cells("b(star fmt(3))")'
    assert verdicts(verified(tmp_path, code, table([["age", f"{gap:.3f}{due}"]], ["b"]))) == {"reproduced": 1}
    wrong = "***" if due != "***" else ""
    assert verdicts(verified(tmp_path, code, table([["age", f"{gap:.3f}{wrong}"]], ["b"]))) == {"differs": 1}
    code = 'estpost summarize age\nesttab using t.tex, cells("mean")'
    assert verdicts(verified(tmp_path, code, table([["age", f"{d.age.mean():.3f}***"]], ["mean"]))) == {"not verified": 1}


def test_labels_are_those_when_the_table_is_written(tmp_path):
    d = data()
    code = 'estpost summarize wage age\nlabel variable wage "Age"\nlabel variable age "Wage"\n'
    rows = [["Wage", f"{d.wage.mean():.3f}"], ["Hourly wage", f"{d.wage.mean():.3f}"]]
    found = verified(tmp_path, code + 'esttab using t.tex, label cells("mean")', table(rows, ["mean"]))
    assert "reproduced" not in verdicts(found)


def test_two_values_of_one_label_are_not_told_apart(tmp_path):
    code = "\n".join(
        (
            'replace g = 2 in 1/10\nlabel define l 0 "Other" 1 "One" 2 "Other"\nlabel values g l',
            'estpost tabulate g\nesttab using t.tex, cells("b") noobs',
        )
    )
    rows = [["Other", "10"], ["One", "25"], ["Total", "60"]]
    assert "reproduced" not in verdicts(verified(tmp_path, code, table(rows, ["b"])))
