"""One file that two do-files write: the table is of the one that has its columns, where no do-file says which ran last."""

from __future__ import annotations

import numpy as np
import pandas as pd
import statsmodels.api as sm

from parity.package.verify import verify


def test_a_table_that_an_old_do_file_writes_too(tmp_path):
    rng = np.random.default_rng(3)
    d = pd.DataFrame({"x": rng.normal(size=80), "z": rng.normal(size=80)})
    d["y"] = d.x + rng.normal(size=80)
    d.to_csv(tmp_path / "d.csv", index=False)
    (tmp_path / "code").mkdir()
    (tmp_path / "old").mkdir()
    load = 'import delimited "d.csv", clear asdouble\neststo clear\n'
    table = 'esttab using "t.tex", replace se\n'
    (tmp_path / "code" / "main.do").write_text(f"{load}eststo: reg y x\n{table}")
    (tmp_path / "old" / "tables.do").write_text(f"{load}eststo: reg y z\neststo: reg y x z\n{table}")
    fit = sm.OLS(d.y, sm.add_constant(d[["x"]])).fit()
    rows = [
        f"x & {fit.params['x']:.3f}\\\\", f" & ({fit.bse['x']:.4f})\\\\",
        f"\\_cons & {fit.params['const'] + 0.2:.3f}\\\\", f" & ({fit.bse['const']:.4f})\\\\", "\\hline", "N & 80\\\\",
    ]  # fmt: skip
    text = "\n".join((r"\begin{tabular}{lc}", r" & (1)\\", r" & y\\", r"\hline", *rows, r"\end{tabular}"))
    (tmp_path / "t.tex").write_text(text)
    (found,) = verify(tmp_path).exhibits
    assert found.command.file == "code/main.do"
    assert sorted(c.verdict for c in found.cells) == ["differs", *["reproduced"] * 4]


def test_where_a_do_file_runs_both_the_last_table_is_the_package_s(tmp_path):
    test_a_table_that_an_old_do_file_writes_too(tmp_path)
    (tmp_path / "master.do").write_text('do "code/main.do"\ndo "old/tables.do"\n')
    (found,) = verify(tmp_path).exhibits
    assert found.command.file == "old/tables.do"


def test_tables_of_one_name_are_each_of_the_folder_that_it_is_written_into(tmp_path):
    """Two exercises, each from its own folder: neither replaces the other's table."""
    rng = np.random.default_rng(3)
    for name, rows in (("a", 80), ("b", 90)):
        (tmp_path / name).mkdir()
        d = pd.DataFrame(rng.normal(size=(rows, 2)), columns=["y", "x"])
        d.to_csv(tmp_path / name / "d.csv", index=False)
        code = 'import delimited "d.csv", clear asdouble\nest clear\neststo: reg y x\nesttab using t.tex, replace se\n'
        (tmp_path / name / f"{name}.do").write_text(f'cd "C:/Users/ann/exercises/{name}"\n{code}')
        fit = sm.OLS(d.y, sm.add_constant(d[["x"]])).fit()
        body = [r"\begin{tabular}{lc}", r" & (1)\\", r" & y\\", r"\hline"]
        for term in ("x", "const"):
            body += [f"{term.replace('const', '_cons')} & {fit.params[term]:.4f}\\\\", f" & ({fit.bse[term]:.4f})\\\\"]
        (tmp_path / name / "t.tex").write_text("\n".join([*body, r"\hline", rf"N & {rows}\\", r"\end{tabular}"]))
    found = verify(tmp_path)
    assert [(e.file, e.command.file) for e in found.exhibits] == [("a/t.tex", "a/a.do"), ("b/t.tex", "b/b.do")]
    assert {c.verdict for e in found.exhibits for c in e.cells} == {"reproduced"}
