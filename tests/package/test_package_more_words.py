"""Words beside right numbers: another form of a variable, models, notes of some columns, instruments, opposite groups."""

from __future__ import annotations

import pytest

from estimates_table import READ, WRITE, data_into, esttab
from package_altered import altered, bed_of

LABELS = "".join(f'label variable {n} "{label}"\n' for n, label in [
    ("x", "Trade openness"), ("w", "Wages"), ("z", "Size"), ("y", "Output"), ("v", "Value added"),
])  # fmt: skip
CODE = READ + LABELS + "".join(f"eststo: {c}\n" for c in [
    "regress y x w, vce(robust)", "regress y x w z, vce(cluster g)", "reghdfe y x w, absorb(g) vce(cluster g)",
    "ivregress 2sls y w (x = z), vce(cluster g)",
])  # fmt: skip


@pytest.fixture(scope="module")
def bed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words") / "package"
    folder.mkdir()
    data_into(folder)
    (folder / "README.md").write_text("Needs estout, reghdfe, ftools.\n")
    (folder / "main.do").write_text(CODE + WRITE)
    text = esttab(folder, CODE).replace('"Standard errors in', '"Robust standard errors in')
    for name, label in (("x", "Trade openness"), ("w", "Wages"), ("z", "Size"), ("y", "Output")):
        text = text.replace(f'"{name}"', f'"{label}"')
    (folder / "t.csv").write_text(text)
    bed = bed_of(folder)
    assert bed.report.exit_code == 0 and not bed.report.findings
    return bed


def denied(bed, before, after):
    """Findings that make the run red; no number's verdict hangs on words."""
    exhibits, findings = altered(bed, "t.csv", before, after)
    assert all(c.verdict == "reproduced" for e in exhibits for c in e.cells)
    return "; ".join(f.text for f in findings if f.id.startswith("note-"))


def noted(bed, note):
    return denied(bed, '"Robust standard', f'"{note}"\n"Robust standard')


@pytest.mark.parametrize("label", [
    "Log trade openness", "ln(Trade openness)", "Trade openness (log)", "L.Trade openness", "Lagged trade openness",
    "Trade openness, lagged", "Trade openness (t-1)", "Trade openness squared", "Trade openness^2",
    "Change in trade openness", "D.Trade openness", "Δ Trade openness", "Trade openness × Wages",
    "滞后一期Trade openness", "Trade openness 的平方",
])  # fmt: skip
def test_a_label_that_says_another_form_of_its_variable(bed, label):
    assert f"the row `{label}` says " in denied(bed, '"Trade openness"', f'"{label}"')


@pytest.mark.parametrize("label", ["Trade openness (% of GDP)", "trade openness", "Openness", "Logistics", "Log distance"])
def test_a_label_that_says_none(bed, label):
    assert not denied(bed, '"Trade openness"', f'"{label}"')


def test_a_name_may_say_the_form_itself(tmp_path):
    """`ltrade` labelled `Trade` is a logarithm, as far as anybody knows."""
    data_into(tmp_path)
    code = f'{READ}rename x ltrade\nlabel variable ltrade "Trade"\neststo: regress y ltrade w\n'
    (tmp_path / "main.do").write_text(code + WRITE)
    (tmp_path / "t.csv").write_text(esttab(tmp_path, code).replace('"ltrade"', '"Log trade"'))
    assert not [f for f in bed_of(tmp_path).report.denied if f.id == "note-labels"]


@pytest.mark.parametrize(("heads", "wrong"), [
    (("OLS", "OLS", "FE", "IV"), ""), (("OLS", "OLS", "Within", "2SLS"), ""),
    (("OLS", "FE", "FE", "IV"), "column 2 is headed `FE`"),
    (("OLS", "OLS", "RE", "IV"), "column 3 is headed `RE`"), (("OLS", "FD", "FE", "IV"), "column 2 is headed `FD`"),
    (("OLS", "OLS", "FE", "GMM"), "column 4 is headed `GMM`"), (("OLS", "OLS", "FE", "LIML"), "column 4 is headed `LIML`"),
    (("Men", "Women", "All", "All"), "columns 1 and 2 are headed `Men` and `Women`"),
    (("1990-1999", "2000-2009", "All", "All"), "`1990-1999` and `2000-2009`"),
    (("Log output", "Output", "Output", "Output"), "the heading `Log output` says the logarithm"),
    (("High", "Low", "All", "All"), ""),
])  # fmt: skip
def test_what_columns_are_headed(bed, heads, wrong):
    found = denied(bed, '"","Output","Output","Output","Output"', ",".join(f'"{h}"' for h in ("", *heads)))
    assert wrong in found if wrong else not found


@pytest.mark.parametrize(("row", "wrong"), [
    (("Estimator", "OLS", "OLS", "FE", "2SLS"), ""), (("Method", "OLS", "OLS", "OLS", "OLS"), "column 4 says `Method: OLS`"),
    (("Model", "OLS", "Probit", "FE", "IV"), "column 2 says `Model: Probit`"), (("Model", "A", "B", "C", "D"), ""),
    (("Instrument", "", "", "", "Size"), ""), (("Instruments", "", "", "", "Wages"), "`w` is no instrument"),
    (("Instruments", "", "", "", "Distance"), ""), (("Fixed effects", "No", "No", "Yes", "No"), ""),
    (("Fixed effects", "Yes", "No", "Yes", "No"), "column 1 says `Fixed effects: Yes`; its command has no effects"),
    (("固定效应", "否", "否", "否", "否"), "column 3 says `固定效应: 否`; its command has effects of g"),
])  # fmt: skip
def test_rows_of_models_and_instruments(bed, row, wrong):
    found = denied(bed, '"N",', ",".join(f'"{c}"' for c in row) + '\n"N",')
    assert wrong in found if wrong else not found


@pytest.mark.parametrize(("note", "wrong"), [
    ("Column 1 includes g fixed effects.", "column 1: its command has no effects of g"),
    ("Columns (2) and (3) include h fixed effects.", "column 2: its command has no effects of h"),
    ("Column 3 includes g fixed effects.", ""),
    ("Standard errors in columns 2-4 are clustered by g.", ""),
    ("Standard errors in column 3 are clustered by h.", "the note says clustered by h"),
    ("Standard errors in column 1 are clustered by g.", "the note says clustered by g; no command"),
    ("Column 2 reports probit estimates.", "the note says probit"),
    ("Columns 1-3 are OLS, column 4 IV estimates.", ""),
    ("Column 1 has no g fixed effects, unlike column 3.", ""),
    ("Region fixed effects are included in all specifications.", "its command has no effects of region"),
    ("All columns control for Size.", "column 1: its command has no `z`"),
    ("All columns control for Wages.", ""), ("All columns control for age and schooling.", ""),
    ("Column 2 controls for Size.", ""), ("Column 3 controls for Size.", "column 3: its command has no `z`"),
    ("Trade openness is instrumented with Size.", ""), ("In column 4, Trade openness is instrumented by Size.", ""),
    ("In column 3, Trade openness is instrumented with Size.", "is not instrumented in its commands"),
    ("Trade openness is instrumented with Wages.", "`w` is not an instrument"),
    ("Wages is treated as endogenous.", "`w` is not instrumented"),
    ("Openness is instrumented with distance.", ""),
    ("The dependent variable is output.", ""), ("The dependent variable is the log of output.", "says the logarithm"),
    ("Dependent variable: Value added.", "the dependent variable is `Value added`"),
    ("The dependent variable is growth of exports.", ""), ("被解释变量为v。", "the dependent variable is `v`"),
    ("Random effects estimates.", "the note says random effects"), ("PPML estimates.", "the note says poisson"),
    ("HC3 standard errors.", "the note says HC3 standard errors"),
    ("Classical standard errors.", "the note says classical standard errors"),
    ("Coefficients are standardised.", "the note says standardised coefficients"),
    ("Variables are described in the appendix.", ""), ("The instrument is Size.", ""),
    ("The instrument is Wages.", "`w` is not"),
    ("Column 4 instruments Trade openness with Wages.", "`w` is not an instrument"), ("第2列标准误聚类到g层面。", ""),
    ("第2列标准误聚类到h层面。", "the note says clustered by h"), ("标准误在h层面聚类。", "the note says clustered by h"),
    ("所有回归均控制了g固定效应。", "column 1: its command has no effects of g"),
])  # fmt: skip
def test_notes(bed, note, wrong):
    found = noted(bed, note)
    assert wrong in found if wrong else not found, found


def test_z_scores_in_parentheses_are_no_standard_errors(bed):
    _, findings = altered(bed, "t.csv", "Robust standard errors in", "z-scores in")
    assert any(f.id == "note-brackets" for f in findings)


def test_a_panel_that_names_another_model(bed):
    assert "is headed `Probit`" in denied(bed, '"Trade openness"', '"Panel B: Probit"\n"Trade openness"')


def test_a_model_may_have_the_numbers_of_its_twin_where_no_call_says_which(tmp_path):
    """Random effects without variance are least squares, GMM with as many instruments as are needed is 2SLS."""
    data_into(tmp_path)
    code = f"{READ}eststo: regress y x w\neststo: ivregress 2sls y w (x = z)\n"
    (tmp_path / "t.csv").write_text(esttab(tmp_path, code).replace('"y","y"', '"RE","GMM"'))
    for call, wrong in (("", 0), (WRITE, 2)):
        (tmp_path / "main.do").write_text(code + call)
        bed = bed_of.__wrapped__(tmp_path)
        assert sum(f.id == "note-model" for f in bed.report.denied) == wrong
