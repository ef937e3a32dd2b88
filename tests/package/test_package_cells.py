"""Cells that public packages showed: first stages, renamed rows, levels left out, tables older than their code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from parity.package.mapfile import map_text
from parity.package.matched import Asked
from parity.package.verify import verify


@pytest.fixture
def panel(tmp_path):
    """Rows of six states in an order that isn't theirs, with an instrument; and the same as arrays."""
    rng = np.random.default_rng(3)
    n = 90
    state = rng.integers(0, 6, n)
    z, x = rng.normal(size=n), rng.normal(size=n)
    educ = 0.8 * z + 0.3 * x + state / 3 + rng.normal(size=n)
    wage = 0.5 * educ - x + rng.normal(size=n)
    columns = {"state": state, "z": z, "x": x, "educ": educ, "wage": wage}
    rows = zip(*columns.values(), strict=True)
    text = ",".join(columns) + "\n" + "\n".join(",".join(f"{v:.17g}" for v in row) for row in rows) + "\n"
    (tmp_path / "d.csv").write_text(text, encoding="utf-8")
    return tmp_path, {name: np.asarray(values, dtype=float) for name, values in columns.items()}


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def window(outcome: str, clusters: int, rows: list[tuple[str, float, float]], t: float) -> str:
    lines = [
        "                                                  Number of obs   =         90",
        f"                                                  N. of clusters  = {clusters:>10}",
        "",
        "------------------------------------------------------------------------------",
        "             |               Robust",
        f"{outcome:>12} |      Coef.   Std. Err.      t    P>|t|     [95% Conf. Interval]",
        "-------------+----------------------------------------------------------------",
    ]
    from scipy import special

    for name, b, se in rows:
        p = 2 * special.stdtr(86, -abs(b / se))
        lines.append(f"{name:>12} |  {b:9.7f}   {se:8.7f} {b / se:8.2f}   {p:5.3f}    {b - t * se:9.7f}   {b + t * se:9.7f}")
    lines.append("------------------------------------------------------------------------------")
    return "\n".join(lines)


def first_stage(columns, groups, factor):
    """Coefficients and standard errors of educ on x, z: sums of scores by group, times a factor."""
    x = np.column_stack([columns["x"], columns["z"], np.ones(90)])
    b = np.linalg.lstsq(x, columns["educ"], rcond=None)[0]
    scores = x * (columns["educ"] - x @ b)[:, None]
    sums = np.array([scores[groups == g].sum(axis=0) for g in np.unique(groups)])
    bread = np.linalg.inv(x.T @ x)
    v = bread @ (sums.T @ sums) @ bread * factor
    return list(zip(("x", "z", "_cons"), b, np.sqrt(np.diag(v)), strict=True))


COMMAND = "ivregress 2sls wage x (educ = z), vce(cluster state) first"


@pytest.mark.parametrize("runs", [False, True])
def test_a_first_stage_is_its_own_estimate(panel, runs):
    """Its outcome says so; a recorded log of ivregress took each run of rows for a cluster, times N / (N - k)."""
    from scipy import special

    folder, columns = panel
    state = columns["state"]
    run = np.cumsum(np.r_[0, state[1:] != state[:-1]])
    groups = run if runs else state
    count = len(np.unique(groups))
    factor = 90 / 87 if runs else count / (count - 1) * 89 / 87
    shown = window("educ", count, first_stage(columns, groups, factor), float(special.stdtrit(87, 0.975)))
    write(folder, "main.do", f"import delimited d.csv, asdouble\n{COMMAND}\n")
    write(folder, "main.log", f". import delimited d.csv, asdouble\n(5 vars, 90 obs)\n\n. {COMMAND}\n\n{shown}\n\n")
    (exhibit,) = [e for e in verify(folder).exhibits if e.kind == "estimates"]
    verdicts = {(c.term, c.quantity): c for c in exhibit.cells}
    assert not [c for c in exhibit.cells if c.verdict in ("differs", "not verified")], "the second stage isn't asked"
    assert verdicts["z", "coef"].verdict == "reproduced"
    errors = [c for c in exhibit.cells if c.quantity == "se"]
    assert {c.verdict for c in errors} == {"explained" if runs else "reproduced"}
    if runs:
        assert {x.id for c in errors for x in c.causes} == {"clusters-in-runs"}
        assert f"{count} for 6" in errors[0].causes[0].text


def table(*rows: tuple[str, str, str], n: int = 90) -> str:
    body = "".join(f"{label} & {b} \\\\\n & {se} \\\\\n" for label, b, se in rows)
    return f"\\begin{{tabular}}{{lc}}\n & (1) \\\\\n & wage \\\\\n\\hline\n{body}\\hline\nN & {n} \\\\\n\\end{{tabular}}\n"


def estimates(folder: Path, command: str) -> dict[str, tuple[str, str]]:
    """Three decimals of each coefficient and standard error."""
    from parity.stata.do import run_do

    (found,) = run_do(f"import delimited d.csv, asdouble\n{command}", folder).estimations
    return {c.term: (f"{c.b:.3f}", f"({c.se:.3f})") for c in found.coefficients}


def cells(folder: Path):
    (exhibit,) = verify(folder).exhibits
    return exhibit.cells


def test_a_row_that_the_call_renames(panel):
    folder, _ = panel
    due = estimates(folder, "reg wage x z")
    write(folder, "main.do", "import delimited d.csv, asdouble\nreg wage x z\n"
                             'esttab using t.tex, se rename(x exposure z "the instrument")\n')  # fmt: skip
    write(folder, "t.tex", table(("exposure", *due["x"]), ("the instrument", *due["z"]), ("_cons", *due["_cons"])))
    assert {(c.term, c.verdict) for c in cells(folder)} == {(t, "reproduced") for t in ("x", "z", "_cons", "")}


def test_levels_left_out_stand_as_zero(panel):
    """A base level that esttab prints as 0 is what the command says; a level that has an estimate isn't zero."""
    folder, _ = panel
    due = estimates(folder, "reg wage i.state")
    write(folder, "main.do", "import delimited d.csv, asdouble\nreg wage i.state\nesttab using t.tex, se\n")
    levels = [(f"{i}.state", *due[f"{i}.state"]) for i in range(1, 6)]
    rows = [("0.state", "0.000", "(.)"), *levels, ("_cons", *due["_cons"])]
    write(folder, "t.tex", table(*rows))
    assert {c.verdict for c in cells(folder)} == {"reproduced"}
    rows[2] = ("2.state", "0.000", "(.)")
    write(folder, "t.tex", table(*rows))
    wrong = [c for c in cells(folder) if c.verdict != "reproduced"]
    assert [(c.term, c.quantity) for c in wrong] == [("2.state", "coef")]


def test_a_table_older_than_its_code(panel):
    """Rows that the last estimate lacks and an earlier one has, each with its numbers and N: that one was printed."""
    folder, _ = panel
    due = estimates(folder, "reg x z educ")
    write(folder, "main.do", "import delimited d.csv, asdouble\nreg x z educ\nreg z x\nesttab using t.tex, se\n")
    write(folder, "t.tex", table(("z", *due["z"]), ("educ", *due["educ"]), ("_cons", *due["_cons"])))
    found = verify(folder)
    (exhibit,) = found.exhibits
    assert {c.verdict for c in exhibit.cells} == {"explained"}
    assert {x.id for c in exhibit.cells for x in c.causes} == {"another-estimate"}
    assert exhibit.columns[0].command.line == 2
    # a map given back as it was written must not say that this is as it should be
    assert '1 = ""  # these are the numbers of main.do:2' in map_text(found).replace('"1" =', "1 =")
    again = verify(folder, Asked(mapped=map_text(found), map_file="given.toml"))
    assert {c.verdict for c in again.exhibits[0].cells} == {"explained"}


SUMMARY = """. sum abcdefghijkl_1 abcdefghijkl_2

    Variable |        Obs        Mean    Std. dev.       Min        Max
-------------+---------------------------------------------------------
abcdefghij.. |          2         1.5    .7071068          1          2
abcdefghij.. |          2         3.5    .7071068          3          4

"""


def test_names_cut_alike_are_told_apart_by_their_place(tmp_path):
    write(tmp_path, "d.csv", "abcdefghijkl_1,abcdefghijkl_2\n1,3\n2,4\n")
    write(tmp_path, "main.do", "import delimited d.csv\nsum abcdefghijkl_1 abcdefghijkl_2\n")
    write(tmp_path, "main.log", f". import delimited d.csv\n\n{SUMMARY}")
    found = cells(tmp_path)
    assert len(found) == 10
    assert {c.verdict for c in found} == {"reproduced"}


def test_standard_errors_of_rounding_alone_are_not_compared(tmp_path):
    """Of residuals that are zero no digit is the same twice; what can be compared is."""
    from parity.package.causes import by_itself
    from parity.package.estimates import Estimated
    from parity.package.fit import Fit
    from parity.package.verdict import judged

    e = Estimated(0, "a.do", 1, "reg y x", "reg", terms={"x": {"coef": 1.5, "se": 6.02e-14, "t": 2.5e13, "p": 0.0}})
    from parity.logs.exhibit import Place
    from parity.logs.numbers import cell
    from parity.package.verdict import Judged

    def of(quantity, text):
        printed = cell(text, Place("a.log", 1), quantity)
        return judged(Judged(0, 0, "x", "x", quantity, printed, None, "not verified"), e.number(quantity, "x"))

    found = by_itself([of("coef", "1.5"), of("se", "5.36e-14"), of("coef", "1.6")], Fit(e, ("x",), 1, 0, 0, 0, 0, None))
    assert [c.verdict for c in found] == ["reproduced", "not verified", "differs"]
    assert "zero but for rounding" in found[1].reason


@pytest.mark.parametrize(
    ("b", "se", "quantity", "text", "verdict"),
    [
        # the constant of residuals on residuals that are kept as floats: zero, whoever computes it
        (-5.5e-12, 9.294e-4, "coef", "1.59e-12", "not verified"), (-5.5e-12, 9.294e-4, "coef", "1.59e-05", "differs"),
        (-5.5e-12, 9.294e-4, "coef", "0.27", "differs"), (-5.5e-12, 9.294e-4, "t", "2.41", "differs"),
        (-5.5e-12, 9.294e-4, "se", "0.0011", "differs"), (1e-3, 9.294e-4, "coef", "1.59e-12", "differs"),
        # a standard error of residuals that are zero
        (1.5, 6e-14, "se", "5.36e-14", "not verified"), (1.5, 6e-14, "se", "0.0536", "differs"),
        (1.5, 6e-14, "t", "2.9e+13", "not verified"), (1.5, 6e-14, "t", "2.93", "differs"),
    ],
)  # fmt: skip
def test_only_what_prints_no_more_than_rounding_is_left_out(b, se, quantity, text, verdict):
    from parity.logs.exhibit import Place
    from parity.logs.numbers import cell
    from parity.package.causes import by_itself
    from parity.package.estimates import Estimated
    from parity.package.fit import Fit
    from parity.package.verdict import Judged, judged

    e = Estimated(0, "a.do", 1, "reg y x", "reg", terms={"x": {"coef": b, "se": se, "t": b / se, "p": 0.5}})
    printed = cell(text, Place("a.log", 1), quantity)
    one = judged(Judged(0, 0, "x", "x", quantity, printed, None, "not verified"), e.number(quantity, "x"))
    assert [c.verdict for c in by_itself([one], Fit(e, ("x",), 1, 0, 0, 0, 0, None))] == [verdict]


def test_hypotheses_are_no_numbers():
    from parity.logs.pairs import equations
    from parity.printed.lines import Line

    def names(text):
        return [(s.label, s.cell.text) for s in equations(Line(1, text), "a.log")]

    assert names("F test that all u_i=0: F(12, 38) = 26.61                     Prob > F = 0.0000") == [
        ("F(12, 38)", "26.61"), ("Prob > F", "0.0000")
    ]  # fmt: skip
    assert names("        Test:   Var(u) = 0") == []
    assert names("corr(u_i, X)   = 0 (assumed)                    Prob > chi2       =    0.0000") == [
        ("Prob > chi2", "0.0000")
    ]
    assert names("corr(u_i, Xb)  = 0.8341") == [("corr(u_i, Xb)", "0.8341")]


def test_lines_that_end_as_on_old_macs(tmp_path):
    from parity.stata.do import run_do

    (tmp_path / "d.csv").write_bytes(b"x,y\r1,2\r3,4\r")
    done = run_do("import delimited d.csv", tmp_path)
    assert {n: c.values.tolist() for n, c in done.data.columns.items()} == {"x": [1, 3], "y": [2, 4]}


def test_a_log_of_semicolons_is_of_its_do_file():
    from parity.logs.log import read_log

    log = read_log(
        b". import excel d.xlsx, firstrow case(l);\n\n. foreach v in a b { ;\n  2.   gen c`v' = .;\n  3.   };\n\n"
    )
    assert [c.text for c in log.commands] == [
        "import excel d.xlsx, firstrow case(l)",
        "foreach v in a b {",
        "gen c`v' = .",
        "}",
    ]


def regress_window(folder: Path, data: str, command: str = "regress y x, nocons") -> str:
    from parity.stata.do import run_do

    (found,) = run_do(f"import delimited {data}\n{command}", folder).estimations
    (c,) = found.coefficients
    shape = "       y |      Coef.   Std. Err.      t    P>|t|     [95% Conf. Interval]"
    rule = "---------+----------------------------------------------------------------"
    row = f"       x |  {c.b:9.7f}   {c.se:8.7f} {c.t:8.2f}   {c.p:5.3f}    {c.low:9.6f}    {c.high:9.6f}"
    return f". {command}\n\n{'-' * 74}\n{shape}\n{rule}\n{row}\n{'-' * 74}\n\n"


def test_data_that_were_open_before_the_log_began(tmp_path):
    """A log that loads none: the file that has its variables and gives its numbers is taken, and that is said. A number
    that is off beside many that are theirs is off by itself."""
    rng = np.random.default_rng(5)
    for name in ("one.csv", "two.csv"):
        rows = "\n".join(f"{a:.6f},{b:.6f}" for a, b in rng.normal(size=(12, 2)))
        write(tmp_path, name, f"y,x\n{rows}\n")
    write(tmp_path, "other.csv", "y,z\n1,2\n")
    log = regress_window(tmp_path, "two.csv")
    write(tmp_path, "main.log", log + ". regress y x, nocons\n\n" + log.split("\n\n", 1)[1].replace("x |  ", "x |  9", 1))
    found = verify(tmp_path)
    assert [(f.id, "two.csv" in f.text) for f in found.findings] == [
        ("log-without-code", False), ("data-opened-by-hand", True),
    ]  # fmt: skip
    first, second = found.exhibits
    assert {c.verdict for c in first.cells} == {"reproduced"}
    assert {c.verdict for c in second.cells} == {"reproduced", "differs"}


def test_data_that_no_file_of_the_package_can_be_are_absent(tmp_path):
    """A log that loads none, of variables that no file has: that is why, and not that its author misspelt one."""
    write(tmp_path, "two.csv", "y,x\n1,2\n2,2.5\n4,3\n")
    log = regress_window(tmp_path, "two.csv")
    (tmp_path / "two.csv").unlink()
    write(tmp_path, "other.csv", "y,z\n1,2\n")
    write(tmp_path, "main.log", f"{log}{log}. import delimited other.csv\n\n. count\n  1\n\n")
    found = verify(tmp_path)
    *first, last = [c for e in found.exhibits for c in e.cells]
    assert len(first) > 10 and {c.verdict for c in first} == {"not verified"}
    assert all(c.reason.startswith("its data are absent: the file `data that were open when the log began`") for c in first)
    assert last.verdict == "reproduced" and "stata-error" not in {f.id for f in found.findings}


def test_runs_that_order_can_not_tell_apart_are_told_by_their_numbers(tmp_path):
    """Two windows of one command that ran once here: the one with its numbers is its, the other's can't be known."""
    write(tmp_path, "d.csv", "x\n1\n2\n3\n")
    count = ". count if x > 1\n  {}\n\n"
    write(tmp_path, "main.do", "import delimited d.csv\ncount if x > 1\n")
    write(tmp_path, "main.log", ". import delimited d.csv\n\n" + count.format(7) + count.format(2))
    assert [c.verdict for e in verify(tmp_path).exhibits for c in e.cells] == ["not verified", "reproduced"]


def test_shares_below_counts_are_held_as_shares(tmp_path):
    write(tmp_path, "d.csv", "a,b\n1,1\n1,2\n2,1\n2,1\n2,2\n")
    window = """. tab a b, col

           |           b
         a |         1          2 |     Total
-----------+----------------------+----------
         1 |         1          1 |         2
           |     33.33      50.00 |     40.00
-----------+----------------------+----------
         2 |         2          1 |         3
           |     66.67      50.00 |     60.00
-----------+----------------------+----------
     Total |         3          2 |         5
           |    100.00     100.00 |    100.00

"""
    write(tmp_path, "main.do", "import delimited d.csv\ntab a b, col\n")
    write(tmp_path, "main.log", f". import delimited d.csv\n\n{window}")
    assert {c.verdict for e in verify(tmp_path).exhibits for c in e.cells} == {"reproduced"}
    for right, wrong in (("33.33", "66.67"), ("      2          1 |         3", "      1          2 |         3")):
        write(tmp_path, "main.log", f". import delimited d.csv\n\n{window.replace(right, wrong, 1)}")
        assert "differs" in {c.verdict for e in verify(tmp_path).exhibits for c in e.cells}, wrong


def test_the_body_of_a_lost_loop_has_its_reason(tmp_path):
    write(tmp_path, "main.do", "use absent.dta\nlevelsof g, local(gs)\nforeach g of local gs {\n  reg y x if g == `g'\n}\n")
    log = regress_window_of("reg y x if g == `g'", "y")
    write(tmp_path, "main.log", ". use absent.dta\n\n. levelsof g, local(gs)\n1\n\n" + log)
    (exhibit,) = [e for e in verify(tmp_path).exhibits if e.kind == "estimates"]
    assert {c.reason.split(":")[0] for c in exhibit.cells} == {"its data are absent"}


def regress_window_of(command: str, outcome: str) -> str:
    rule = "-" * 74
    return (
        f". foreach g of local gs {{\n  2.   {command}\n  3. }}\n\n{rule}\n"
        f"{outcome:>8} |      Coef.   Std. Err.      t    P>|t|     [95% Conf. Interval]\n"
        f"---------+{'-' * 64}\n       x |   .5000000   .2500000     2.00   0.080     -.100000     1.100000\n{rule}\n\n"
    )


def test_a_log_of_several_sessions_goes_on_behind_exit(tmp_path):
    write(tmp_path, "d.csv", "x\n1\n2\n3\n")
    one = ". import delimited d.csv\n\n. count\n  3\n\n"
    write(tmp_path, "main.log", f"{one}. exit, clear\n{one}")
    assert [c.verdict for e in verify(tmp_path).exhibits for c in e.cells] == ["reproduced", "reproduced"]


def test_a_window_is_of_its_own_logs_run(tmp_path):
    """Two logs, each of its own data: no window takes the other's numbers."""
    for name, n in (("a", 2), ("b", 3)):
        write(tmp_path, f"{name}.csv", "x\n" + "1\n" * n)
        printed = 5 if name == "b" else 2
        write(tmp_path, f"{name}.log", f". import delimited {name}.csv\n\n. count\n  {printed}\n\n")
    found = {c.printed: c for e in verify(tmp_path).exhibits for c in e.cells}
    assert found["2"].verdict == "reproduced"
    assert (found["5"].verdict, found["5"].estimated) == ("differs", 3.0)


def test_statistics_under_the_labels_of_their_call():
    """stats(, labels()), scalars() and outreg2's addstat() say which e() a row is."""
    from parity.package.calls import statistics_named

    options = {"stats": 'N r2_a, fmt(0 3) labels("Obs." "Fit, adjusted")', "scalars": '"widstat K-P F" N_clust',
               "addstat": '"Pairs", e(N_pairs), Score, e(chi2)'}  # fmt: skip
    assert statistics_named(options) == {
        "obs": "N", "fitadjusted": "r2_a", "kpf": "widstat", "nclust": "N_clust", "pairs": "N_pairs", "score": "chi2",
    }  # fmt: skip


def test_a_statistic_is_what_its_call_says(panel):
    folder, _ = panel
    from parity.stata.do import run_do

    due = estimates(folder, "reg wage x")
    (found,) = run_do("import delimited d.csv, asdouble\nreg wage x", folder).estimations
    fit = found.results.filled().numbers["r2_a"]
    write(folder, "main.do", "import delimited d.csv, asdouble\nreg wage x\n"
                             'esttab using t.tex, se stats(N r2_a, labels("N" "Goodness"))\n')  # fmt: skip
    text = table(("x", *due["x"]), ("_cons", *due["_cons"]))
    write(folder, "t.tex", text.replace("\\end{tab", f"Goodness & {fit:.3f} \\\\\n\\end{{tab"))
    good = next(c for c in cells(folder) if c.label == "Goodness")
    assert (good.verdict, good.estimated) == ("reproduced", pytest.approx(fit))


def test_output_that_is_older_than_its_code(tmp_path):
    """An estimation that the log echoes and no do-file has: the code changed after the log was written."""
    write(tmp_path, "d.csv", "y,x,z\n1,2,1\n2,1,4\n4,3,2\n3,5,5\n")
    load = "import delimited d.csv"
    write(tmp_path, "main.do", f"{load}\nregress y x, nocons\nregress y x z\n")
    log = regress_window(tmp_path, "d.csv")
    write(tmp_path, "main.log", f". {load}\n\n{log}. regress y x  z\n\n")
    assert not [f for f in verify(tmp_path).findings if f.id == "output-older-than-code"]
    write(tmp_path, "main.log", f". {load}\n\n{log}. regress y z x, robust\n\n")
    found, pair = [f for f in verify(tmp_path).findings if f.id == "output-older-than-code"]
    assert pair.line == found.line and pair.text.startswith("it is main.do:3 but for robust, which only the log has")
    assert found.text.startswith("1 of its estimations stands in no do-file, the first `regress y z x, robust`")


def test_data_that_are_unknown_are_so_since_something(tmp_path):
    """The first statement that failed is the reason of all that was lost behind it."""
    write(tmp_path, "d.csv", "y,x\n1,2\n2,1\n4,3\n")
    load = "import delimited d.csv"
    log = regress_window(tmp_path, "d.csv")
    write(tmp_path, "main.do", f"{load}\nmystery using other, clear\nregress y x, nocons\n")
    write(tmp_path, "main.log", f". {load}\n\n. mystery using other, clear\n\n{log}")
    (exhibit,) = [e for e in verify(tmp_path).exhibits if e.kind == "estimates"]
    (reason,) = {c.reason for c in exhibit.cells}
    assert reason == "its data could not be known: the command `mystery` is not known here (main.do:2)"


def test_windows_of_hausman_and_xttest0_are_held_against_the_data(tmp_path):
    """Every number of both, and one that isn't theirs."""
    rng = np.random.default_rng(8)
    rows = [(i, t, *rng.normal(size=2) + i) for i in range(8) for t in range(5)]
    write(tmp_path, "d.csv", "i,t,x,y\n" + "\n".join(f"{i},{t},{x:.6f},{y:.6f}" for i, t, x, y in rows) + "\n")
    commands = ["import delimited d.csv", "xtset i t", "xtreg y x, fe", "est store f", "xtreg y x, re", "est store r",
                "hausman f r", "xtreg y x, re", "xttest0"]  # fmt: skip
    from parity.stata.do import run_do

    tests = {p.kind: p for p in run_do("\n".join(commands), tmp_path).printed}
    h, b = tests["hausman"], tests["xttest0"]
    held = {name: values[0] for name, values in h.values["rows"].items() if name != "names"}
    variances = b.values["variances"]
    shown = f"""
                 ---- Coefficients ----
             |      (b)          (B)            (b-B)     sqrt(diag(V_b-V_B))
             |       f            r         Difference          S.E.
-------------+----------------------------------------------------------------
           x |   {held["b"]:.7f}     {held["B"]:.7f}     {held["difference"]:.7f}     {held["se"]:.7f}
------------------------------------------------------------------------------

                  chi2(1) = (b-B)'[(V_b-V_B)^(-1)](b-B)
                          =     {h.numbers["chi2"]:.2f}
                Prob>chi2 =      {h.numbers["p"]:.4f}
"""
    lagrange = f"""
Breusch and Pagan Lagrangian multiplier test for random effects

        Estimated results:
                         |       Var     sd = sqrt(Var)
                ---------+-----------------------------
                       y |   {variances["y"]:.6f}       {variances["y"] ** 0.5:.6f}
                       e |   {variances["e"]:.6f}       {variances["e"] ** 0.5:.6f}
                       u |   {variances["u"]:.6f}       {variances["u"] ** 0.5 + 1:.6f}

        Test:   Var(u) = 0
                             chibar2(01) =     {b.numbers["lm"]:.2f}
                          Prob > chibar2 =   {b.numbers["p"]:.4f}
"""
    write(tmp_path, "main.do", "\n".join(commands) + "\n")
    echoes = "".join(f". {c}\n\n" for c in commands[:6])
    write(tmp_path, "main.log", f"{echoes}. hausman f r\n{shown}\n. xtreg y x, re\n\n. xttest0\n{lagrange}\n")
    found = [c for e in verify(tmp_path).exhibits for c in e.cells]
    assert len(found) == 14
    assert [(c.label, c.verdict) for c in found if c.verdict != "reproduced"] == [("u", "differs")]
