"""Satterthwaite's degrees of freedom as a setting of a convention: R's recorded numbers, engines, causes, scripts."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from exported_scripts import run_python, run_r, written
from parity.algebra.covariance import satterthwaite_weighted
from parity.base.errors import InputError
from parity.cli import main
from parity.compare.harmonise import harmonise
from parity.compare.numbers import compare
from parity.conventions.facts import Facts
from parity.conventions.formulas import p_value
from parity.data.load import load_frame
from parity.engines import availability, engine
from parity.engines.own.fit import estimate, satterthwaite, solve, with_own_df
from parity.export import export_study
from parity.results.estimate import Estimate, Part, Printed
from parity.sample.build import build_design
from parity.study.load import load_study

HEAD = '[study]\ntitle = "t"\nunit = "firm"\ntime = "year"\n'
OWN = 'convention = { profile = "lm", t_cluster = "satterthwaite" }'


def spec(name: str, formula: str, kind: str = "CR2", cluster: str = "firm", more: str = "") -> str:
    return f'[spec.{name}]\nformula = "{formula}"\nvcov = {{ kind = "{kind}", cluster = ["{cluster}"] }}\n{OWN}\n{more}\n'


W, DERIVE_W = 'weights = { analytic = "w" }', '[derive]\nw = "year - 1930"\n'
FRATE = '[derive]\nfrate = "fatal / pop * 10000"\n'
#: clubSandwich 0.5.11, `coef_test(test = "Satterthwaite")` of lm(), and the same by estimatr 1.0.6, `lm_robust(se_type =
#: "CR2")`, on Grunfeld (plm), Fatalities (AER) and the first 60 firms of Petersen's data (sandwich), of which all take ten
#: seconds: term -> se, df, p.
RECORDED = {
    "pooled": ("grunfeld", spec("pooled", "inv ~ value + capital"), {
        "value": (0.0162450777801, 2.34261641339, 0.0123336860984),
        "capital": (0.110467620919, 2.86348461883, 0.132314400169),
    }),
    "uncorrected": ("grunfeld", spec("uncorrected", "inv ~ value + capital", "CR0"), {
        "value": (0.0150027280828, 3.7268971647, 0.00202744620101),
        "capital": (0.0802007980546, 3.85027541792, 0.0472836228774),
    }),
    "two_way": ("grunfeld", spec("two_way", "inv ~ value + capital | firm + year"), {
        "value": (0.0208148232743, 2.38867112031, 0.019673399842),
        "capital": (0.100213954232, 1.84346038046, 0.0790615897407),
    }),
    "weighted": ("grunfeld", DERIVE_W + spec("weighted", "inv ~ value + capital", more=W), {
        "value": (0.0183094088764, 2.91959932699, 0.00663826384733),
        "capital": (0.11781512248, 2.89135959872, 0.167889637516),
    }),
    "weighted_fe": ("grunfeld", DERIVE_W + spec("weighted_fe", "inv ~ value + capital | firm", more=W), {
        "value": (0.031248520066, 1.78768224552, 0.0672260680849),
        "capital": (0.073634311476, 1.66827068782, 0.0695150487586),
    }),
    "beer": ("fatalities", FRATE + spec("beer", "frate ~ beertax | state + year", cluster="state"), {
        "beertax": (0.37510176047, 7.40479040815, 0.129399190351),
    }),
    "petersen": ("petersen", spec("petersen", "y ~ x", cluster="year", more='where = "firm <= 60"'), {
        "x": (0.0768932426655, 8.92015652254, 6.3648377455e-07),
    }),
}  # fmt: skip


def made(make_study, case: str):
    data, text, numbers = RECORDED[case]
    head = HEAD.replace("firm", "state") if data == "fatalities" else HEAD
    return load_study(make_study(head + text, data)), numbers


@pytest.mark.parametrize("case", RECORDED)
def test_what_r_says(make_study, case):
    study, numbers = made(make_study, case)
    (one,) = study.specs
    design = build_design(study, one, load_frame(study))
    side = harmonise(estimate(one, design), with_own_df(design, one), one)
    for term, (se, df, p) in numbers.items():
        found = [side.quantities[q, term].value for q in ("se", "df_t", "p")]
        assert found == pytest.approx([se, df, p], rel=2e-11), term
        assert side.quantities["t", term].value == side.quantities["coef", term].value / found[0]
    assert ("df_t", "") not in side.quantities and {("df_t", term) for term in numbers} <= side.required


@pytest.mark.parametrize("name", ["r-lm", "r-estimatr"])
@pytest.mark.parametrize("case", RECORDED)
def test_packages_have_them_natively(make_study, case, name):
    one_engine = engine(name)
    if availability(one_engine) is not None:
        pytest.skip("not installed")
    study, numbers = made(make_study, case)
    (one,) = study.specs
    design = build_design(study, one, load_frame(study))
    answer = one_engine.estimate(one, design)
    assert answer.basis == "lm" and answer.df_t is None
    if name == "r-estimatr" and one.vcov.kind != "CR2":
        assert all(row.df is None for row in answer.printed.values())  # it has G - 1 there
        return
    for term, (se, df, p) in numbers.items():
        row = answer.printed[term]
        assert (row.se, row.df, row.p) == pytest.approx((se, df, p), rel=1e-9)


def test_with_instruments(make_study):
    if availability(engine("r-ivreg")) is not None:
        pytest.skip("not installed")
    study = load_study(make_study(HEAD + spec("iv", "inv ~ 1 | firm | value ~ capital + year")))
    (one,) = study.specs
    design = build_design(study, one, load_frame(study))
    (own,) = with_own_df(design, one).own_df.values()
    for name in ("r-ivreg", "r-estimatr"):
        assert engine(name).estimate(one, design).printed["value"].df == pytest.approx(own, rel=1e-9), name


@pytest.mark.parametrize("kind", ["CR0", "CR2", "CR3"])
def test_weighted_by_the_whole_matrix(kind):
    """P with everything written out, working model errors of one variance (clubSandwich's for weighted lm)."""
    rng = np.random.default_rng(3)
    x, w, code = rng.normal(size=(40, 4)), rng.uniform(0.3, 3, 40), rng.integers(0, 7, 40)
    bread, root = np.linalg.inv(x.T @ (w[:, None] * x)), np.sqrt(w)
    rest = np.eye(40) - x @ bread @ x.T * w
    whole, power = np.linalg.qr(root[:, None] * x)[0], {"CR0": 0.0, "CR2": -0.5, "CR3": -1.0}[kind]
    found = satterthwaite_weighted(root[:, None] * x @ bread, code, whole, w, kind, power)
    for j, got in enumerate(found):
        columns = []
        for g in np.unique(code):
            rows = np.flatnonzero(code == g)
            if kind == "CR2":
                values, vectors = np.linalg.eigh(rest[rows] @ rest[rows].T)
                adjusted = vectors @ np.diag(values**-0.5) @ vectors.T
            else:
                adjusted = np.linalg.inv(rest[np.ix_(rows, rows)]) if kind == "CR3" else np.eye(len(rows))
            columns.append(rest[rows].T @ (adjusted.T @ (w[rows] * (x[rows] @ bread[:, j]))))
        p = np.array(columns) @ np.array(columns).T
        assert got == pytest.approx(np.trace(p) ** 2 / np.sum(p * p), rel=1e-9)


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR2", "CR3"])
def test_a_frequency_weight_is_rows(make_study, kind):
    text = HEAD + '[derive]\nfw = "1 + (year > 1940) + (year > 1950)"\n'
    weights = 'weights = { frequency = "fw" }'
    study = load_study(make_study(text + spec("s", "inv ~ value + capital | firm", kind, more=weights)))
    (one,) = study.specs
    design = build_design(study, one, load_frame(study))
    repeated = design.take(np.repeat(np.arange(design.nobs), design.weights.astype(int)))
    repeated = replace(repeated, weights=None, weight_kind=None)
    weighted, rows = solve(design), solve(repeated)
    want = satterthwaite(rows, one.vcov, repeated.clusters)
    assert satterthwaite(weighted, one.vcov, design.clusters) == pytest.approx(want, rel=1e-9)


# ---------------------------------------------------------------- what is compared


def two_sides(df: float, other: float):
    """Two engines that print their own degrees of freedom of one term."""
    facts = Facts(nobs=50, nobs_weighted=50.0, n_slopes=1, intercept=False, clusters={("g",): 9}, own_df={"x": df})
    from parity.study.spec import Spec

    one = Spec.model_validate({
        "id": "s", "formula": "y ~ 0 + x", "vcov": {"kind": "CR2", "cluster": ["g"]},
        "convention": {"profile": "lm", "t_cluster": "satterthwaite"},
    })  # fmt: skip
    part = Part(cluster=("g",), matrix=((0.04,),))

    def side(name: str, value: float, t_p: bool):
        printed = {"x": Printed(df=value, p=p_value(2.5, df) if t_p else None)}
        answer = Estimate(engine=name, terms=("x",), coef=(0.5,), parts=(part,), basis="lm", printed=printed)
        return harmonise(answer, facts, one)

    return compare(side("a", df, True), side("b", other, True))


def test_an_engine_with_other_degrees_of_freedom_differs_even_where_p_is_alike():
    assert two_sides(4.25, 4.25).verdict == "agree"
    wrong = two_sides(4.25, 4.25 * (1 + 1e-6))
    assert [(d.quantity, d.term) for d in wrong.differences if d.quantity == "df_t"] == [("df_t", "x")]


def test_a_run_compares_them(make_study, tmp_path):
    folder = make_study(HEAD + spec("s", "inv ~ value + capital | firm"))
    report = tmp_path / "report.json"
    result = CliRunner().invoke(main, ["run", str(folder), "--jobs", "1", "--json", str(report)])
    assert result.exit_code == (0 if availability(engine("r-lm")) is None else 1), result.output
    detail = json.loads(report.read_text())
    if result.exit_code == 0:
        agreed = {r["candidate"]: r["how"] for r in detail["records"] if r["kind"] == "estimate" and r["verdict"] == "agree"}
        assert "native" in (agreed.get("r-estimatr"), agreed.get("r-lm"))
        again = CliRunner().invoke(main, ["report", str(report)])
        assert again.exit_code == 0, again.output


@pytest.mark.parametrize(("change", "says"), [
    (('["firm"]', '["firm", "year"]'), "one cluster variable"),
    ((OWN, 'model = "random_effects"\n' + OWN.replace(" }", ', t_random = "resid" }')), "random effects"),
])  # fmt: skip
def test_where_they_do_not_exist(make_study, change, says):
    text = HEAD + spec("s", "inv ~ value + capital", "CR1").replace(*change)
    with pytest.raises(InputError, match=says):
        load_study(make_study(text))


# ---------------------------------------------------------------- causes


def explained(folder, *options: str) -> list[str]:
    result = CliRunner().invoke(main, ["explain", str(folder), "s", *options, "--json"])
    assert result.exit_code in (0, 1) and "Traceback" not in result.output, result.output
    return [c["id"] for solution in json.loads(result.output)["causes"] for c in solution["causes"]]


DECLARED = {"satterthwaite": OWN, "groups": 'convention = "areg"'}


@pytest.mark.parametrize("weights", ["", 'weights = { analytic = "w" }'])
@pytest.mark.parametrize(("declared", "printed", "cause"), [
    ("groups", "satterthwaite", "satterthwaite-degrees-of-freedom"),
    ("satterthwaite", "groups", "cluster-degrees-of-freedom"),
    ("satterthwaite", "resid", "residual-degrees-of-freedom"),
    ("satterthwaite", "normal", "normal-distribution"),
])  # fmt: skip
def test_p_of_another_distribution_is_named(make_study, declared, printed, cause, weights):
    text = HEAD + '[derive]\nw = "year - 1930"\n' + spec("s", "inv ~ value + capital | firm", more=weights)
    study = load_study(make_study(text.replace(OWN, DECLARED[declared])))
    (one,) = study.specs
    there = one.model_copy(update={"convention": one.convention.model_copy(update={"t_cluster": printed})})
    design = build_design(study, there, load_frame(study))
    side = harmonise(estimate(there, design), with_own_df(design, there), there)
    se, p = (side.quantities[q, "capital"].value for q in ("se", "p"))
    given = ["--target-se", f"capital={se:.6g}", "--target-p", f"capital={p:.6g}"]
    found = explained(study.folder, *given)
    assert found[:1] == [cause]


# ---------------------------------------------------------------- scripts

BATTERY = {
    "cr2": spec("cr2", "inv ~ value + capital"),
    "cr2_fe": spec("cr2_fe", "inv ~ value + capital | firm + year"),
    "cr3_fe": spec("cr3_fe", "inv ~ value + capital | year", "CR3"),
    "frequency": spec("frequency", "inv ~ value + capital | year", more='weights = { frequency = "fw" }'),
    "iv": spec("iv", "inv ~ 1 | year | value ~ capital + lag"),
}
ONLY_R = {
    "cr1_fe": spec("cr1_fe", "inv ~ value + capital | year", "CR1"),
    "cr0": spec("cr0", "inv ~ value + capital", "CR0"),
    "weighted": spec("weighted", "inv ~ value + capital | year", more=W),
}
DERIVED = '[derive]\nw = "year - 1930"\nfw = "1 + (year > 1940)"\nlag = "value / (capital + 1)"\n'


def printed_rows(text: str) -> dict[str, list[float]]:
    rows = [line.split("\t") for line in text.splitlines() if line.count("\t") == 7 and not line.startswith("term")]
    return {name: [float(v) for v in values] for name, *values in rows}


@pytest.mark.parametrize("language", ["r", "python"])
def test_scripts_print_them(make_study, tmp_path, language):
    if language == "r" and availability(engine("r-lm")) is not None:
        pytest.skip("not installed")
    battery = BATTERY | (ONLY_R if language == "r" else {})
    folder = make_study(HEAD + DERIVED + "".join(battery.values()))
    study = load_study(folder)
    frame, data = load_frame(study), str(folder / "data.csv")
    if language == "r":
        printed = run_r(written(study, study.specs, tmp_path), tmp_path, data)
    else:
        found = run_python(export_study(study, study.specs, language), tmp_path, tmp_path, data)
        printed = {name.removesuffix(".py"): lines for name, lines in found.items()}
    for one in study.specs:
        design = build_design(study, one, frame)
        side = harmonise(estimate(one, design), with_own_df(design, one), one)
        rows = printed_rows("\n".join(printed[one.id]))
        terms = {t for q, t in side.required if q == "coef"}
        assert set(rows) == terms, one.id
        for term, got in rows.items():
            want = [side.quantities[q, term].value for q in ("coef", "se", "t", "p", "ci_low", "ci_high", "df_t")]
            assert got == pytest.approx(want, rel=1e-7), (one.id, term)


@pytest.mark.parametrize(("language", "more", "kind"), [
    ("python", 'weights = { analytic = "w" }', "CR2"), ("python", "", "CR1"), ("r", 'weights = { analytic = "w" }', "CR3"),
])  # fmt: skip
def test_no_script_is_said_and_no_traceback(make_study, language, more, kind):
    study = load_study(make_study(HEAD + DERIVED + spec("s", "inv ~ value + capital", kind, more=more)))
    with pytest.raises(InputError, match="script in"):
        export_study(study, study.specs, language)


def test_stata_s_dfadjust(make_study):
    study = load_study(make_study(HEAD + spec("s", "inv ~ value + capital").replace('"lm"', '"regress"')))
    (text,) = export_study(study, study.specs, "stata").values()
    assert "vce(hc2 firm, dfadjust)" in text and "distribution of t" not in text
    command = "regress inv value capital, vce(hc2 firm, dfadjust)"
    folder = make_study(HEAD + f'[spec.s]\nstata = "{command}"\n', name="stata")
    (one,) = load_study(folder).specs
    assert one.vcov.kind == "CR2" and one.convention.t_cluster == "satterthwaite"
