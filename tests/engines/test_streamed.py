"""Least squares by chunks of a Parquet file, against the same file in memory."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from parity.base.cluster import Wanted, cluster
from parity.base.errors import ColumnProblem
from parity.compare.harmonise import harmonise
from parity.data.load import load_frame
from parity.engines import engine
from parity.engines.own.streamed import estimate
from parity.sample import streamed
from parity.sample.build import build_design
from parity.sample.streamed import NotStreamed
from parity.study.load import load_study

EXACT = 1e-9


def panel(units=60, periods=12, seed=1):
    rng = np.random.default_rng(seed)
    unit, year = np.repeat(np.arange(units), periods), np.tile(np.arange(1990, 1990 + periods), units)
    n = len(unit)
    a, t = rng.normal(size=units)[unit] * 3, rng.normal(size=periods)[year - 1990]
    x = rng.normal(size=(n, 3)) + a[:, None] + [1e4, 0, 0]
    z = rng.normal(size=(n, 2))
    u = rng.normal(size=n)
    d = z.sum(axis=1) + u + a
    y = x @ [0.3, -0.2, 0.0] + 0.5 * d + a + t + u
    names = np.array(["Ä", "b", "c", "d"])[unit % 4]
    columns = {"unit": unit + 5, "year": year, "y": y, "d": d, "region": names, "sector": rng.integers(7, size=n)}
    columns |= dict(zip(("x1", "x2", "x3", "z1", "z2"), [*x.T, *z.T], strict=True))
    return pd.DataFrame(columns)


def study(folder, frame, formula, vcov, convention="reghdfe", where="", files=1, reference=""):
    table = pa.Table.from_pandas(frame, preserve_index=False)
    pq.write_table(table, folder / "data.parquet", row_group_size=97)
    if files > 1:
        (folder / "parts").mkdir()
        for i, part in enumerate(np.array_split(np.arange(len(frame)), files)):
            pq.write_table(table.take(pa.array(part)), folder / "parts" / f"part-{i}.parquet", row_group_size=50)
    (folder / "study.toml").write_text(
        '[study]\ntitle = "Made"\nmade = true\ndata = "data.parquet"\nunit = "unit"\ntime = "year"\n'
        f'[spec.main]\nformula = "{formula}"\nvcov = {vcov}\nconvention = "{convention}"\n'
        + (f'where = "{where}"\n' if where else "")
        + (f'reference = "{reference}"\n' if reference else ""),
        encoding="utf-8",
    )
    return load_study(folder)


def numbers(of, spec, facts):
    return {key: q.value for key, q in harmonise(of, facts, spec).quantities.items()}


def compared(one, path, those=None):
    """Both ways' quantities under the convention, as arrays; and the facts."""
    spec = one.specs[0]
    found = estimate(one, spec, path, those)
    design = build_design(one, spec, load_frame(one))
    memory = engine("py-moments").estimate(spec, design)
    mine, whole = numbers(found.estimate, spec, found.facts), numbers(memory, spec, design.facts)
    assert set(mine) == set(whole)
    keys = sorted(mine)
    return np.array([mine[k] for k in keys]), np.array([whole[k] for k in keys]), found, design


CASES = {
    "balanced": ("y ~ x1 + x2 + x3 | unit + year", '{ cluster = ["unit"] }'),
    "of few levels first": ("y ~ x1 + x2 | year + unit", '{ cluster = ["year"] }'),
    "both clusters": ("y ~ x1 + x2 + x3 | unit + year", '{ cluster = ["unit", "year"] }'),
    "iid": ("y ~ x1 + x2 | unit + year", '"iid"'),
    "HC1": ("y ~ x1 + x2 | unit", '"HC1"'),
    "an intercept": ("y ~ x1 + log(abs(x2) + 1)", '"HC1"'),
    "an intercept and text": ("y ~ x1 + x2", '{ cluster = ["region"] }'),
    "no intercept": ("y ~ 0 + x1 + x2", '"iid"'),
    "2SLS": ("y ~ x1 + x2 | unit + year | d ~ z1 + z2", '{ cluster = ["unit"] }'),
    "2SLS with an intercept": ("y ~ x1 | d ~ z1 + z2", '"HC1"'),
    "an effect of two columns": ("y ~ x1 + x2 | unit + region^year", '{ cluster = ["region"] }'),
    "not the panel's own": ("y ~ x1 + x2 | sector + region", '{ cluster = ["unit"] }'),
}
UNBALANCED = {
    "a tenth is missing": lambda f: f.sample(frac=0.9, random_state=3),
    "in any order": lambda f: f.sample(frac=0.6, random_state=4),
    "holes": lambda f: f.assign(x1=f["x1"].where(np.arange(len(f)) % 7 > 0)),
    "no unit has all years": lambda f: f[(f["unit"] % 3 == 0) == (f["year"] < 1996)],
}


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(streamed.source, "__defaults__", (150,))


@pytest.mark.parametrize("case", CASES)
def test_chunks_give_what_the_whole_gives(tmp_path, case):
    formula, vcov = CASES[case]
    one = study(tmp_path, panel(), formula, vcov, "ivregress" if case == "2SLS with an intercept" else "reghdfe")
    mine, whole, found, design = compared(one, one.data_path)
    np.testing.assert_allclose(mine, whole, rtol=EXACT, atol=1e-13)
    assert (found.facts.absorbed_rank, found.facts.clusters) == (design.facts.absorbed_rank, dict(design.facts.clusters))
    assert [a.nested_in for a in found.facts.absorbed] == [a.nested_in for a in design.facts.absorbed]


@pytest.mark.parametrize("case", UNBALANCED)
def test_unbalanced_panels_are_solved_by_gradients(tmp_path, case):
    one = study(tmp_path, UNBALANCED[case](panel()), "y ~ x1 + x2 + x3 | unit + year", '{ cluster = ["unit"] }', "fixest")
    mine, whole, found, design = compared(one, one.data_path)
    np.testing.assert_allclose(mine, whole, rtol=EXACT, atol=1e-13)
    assert found.estimate.accuracy == "iterative"
    assert dict(found.facts.components) == dict(design.facts.components)
    assert found.facts.n_missing == design.facts.n_missing


def test_a_folder_of_files_and_a_condition(tmp_path):
    one = study(tmp_path, panel(), "y ~ x1 + x2 | unit + year", '{ cluster = ["unit"] }', where="year > 1992", files=4)
    mine, whole, found, _ = compared(one, tmp_path / "parts")
    np.testing.assert_allclose(mine, whole, rtol=EXACT, atol=1e-13)
    assert found.estimate.accuracy == "exact"


def test_workers_give_the_same_bytes(tmp_path):
    one = study(tmp_path, UNBALANCED["a tenth is missing"](panel()), "y ~ x1 | unit + year", '{ cluster = ["unit"] }')
    alone = estimate(one, one.specs[0], one.data_path)
    with cluster(Wanted("local", 2)) as those:
        assert estimate(one, one.specs[0], one.data_path, those) == alone


@pytest.mark.parametrize(
    ("formula", "vcov", "said"),
    [
        ("y ~ l(x1) | unit", '"iid"', "l(x1, 1)"),
        ("y ~ x1 + i(region)", '"iid"', "i(region)"),
        ("y ~ x1 | unit + year + region", '"iid"', "more than two fixed effects"),
        ("y ~ x1 | unit", '"HC3"', "HC3"),
        ("y ~ x1 + x2 | region^unit", '{ cluster = ["unit"] }', ""),
    ],
)
def test_what_hangs_on_other_rows_is_refused(tmp_path, formula, vcov, said):
    one = study(tmp_path, panel(), formula, vcov)
    if not said:
        estimate(one, one.specs[0], one.data_path)
        return
    with pytest.raises(NotStreamed) as error:
        estimate(one, one.specs[0], one.data_path)
    assert said in str(error.value)


def test_columns_that_others_determine_and_lone_levels_are_refused(tmp_path):
    frame = panel().assign(x3=lambda f: f["x1"] - 2 * f["x2"])
    one = study(tmp_path, frame, "y ~ x1 + x2 + x3 | unit", '"iid"')
    with pytest.raises(NotStreamed, match="`x3` is determined"):
        estimate(one, one.specs[0], one.data_path)
    frame = panel().iloc[: 12 * 59 + 1]
    one = study(tmp_path, frame, "y ~ x1 + x2 | unit", '"iid"')
    with pytest.raises(NotStreamed, match="singletons"):
        estimate(one, one.specs[0], one.data_path)


def folder_of(one, **more):
    """The study's data in a folder of two files, and others beside them."""
    table = pq.read_table(one.data_path)
    folder = one.folder / "parts"
    folder.mkdir()
    pq.write_table(table.slice(0, 300), folder / "a.parquet")
    pq.write_table(table.slice(300), folder / "b.parquet")
    for name, rows in more.items():
        (folder / name).parent.mkdir(exist_ok=True)
        pq.write_table(rows, folder / name)
    return folder


def test_copies_and_checkpoints_in_a_folder_are_no_data(tmp_path):
    one = study(tmp_path, panel(), "y ~ x1 | unit + year", '{ cluster = ["unit"] }')
    copy = pq.read_table(one.data_path).slice(0, 300)
    folder = folder_of(one, **{".ipynb_checkpoints/a-checkpoint.parquet": copy, "_old/a.parquet": copy, "_a.parquet": copy})
    assert estimate(one, one.specs[0], folder).facts.nobs == 720
    whole = one.model_copy(update={"header": one.header.model_copy(update={"data": "parts"})})
    before = whole.data_hash()
    (folder / "_a.parquet").unlink()
    assert whole.data_hash() == before
    pq.write_table(copy, folder / "c.parquet")
    assert whole.data_hash() != before


def test_files_whose_columns_differ_in_kind_are_refused(tmp_path):
    one = study(tmp_path, panel(), "y ~ x1 | unit + year", '{ cluster = ["unit"] }')
    frame = pq.read_table(one.data_path).to_pandas()
    other = pa.Table.from_pandas(frame.assign(unit=frame["unit"].astype(str)), preserve_index=False)
    with pytest.raises(NotStreamed, match=r"`unit`, which holds numbers in a.parquet and texts in c.parquet"):
        estimate(one, one.specs[0], folder_of(one, **{"c.parquet": other}))


def test_columns_stored_as_floats_are_refused(tmp_path):
    one = study(tmp_path, panel(), "y ~ x1 | unit + year", '{ cluster = ["unit"] }')
    one = one.model_copy(update={"header": one.header.model_copy(update={"storage": "float"})})
    with pytest.raises(NotStreamed, match="columns stored as floats"):
        estimate(one, one.specs[0], one.data_path)


def test_infinite_values_are_refused_as_in_memory(tmp_path):
    frame = panel()
    frame.loc[100, "x1"] = np.inf
    one = study(tmp_path, frame, "y ~ x1 | unit + year", '{ cluster = ["unit"] }')
    with pytest.raises(ColumnProblem, match="`x1` holds an infinite value"):
        estimate(one, one.specs[0], one.data_path)


def test_decimals_categories_and_an_index_are_read_as_in_memory(tmp_path):
    one = study(tmp_path, panel(), "y ~ x1 + x2 | unit + year", '{ cluster = ["region"] }')
    wanted, _, _, _ = compared(one, one.data_path)
    table = pq.read_table(one.data_path)
    frame = table.to_pandas().astype({"region": "category"}).set_index(["unit", "year"])
    made = pa.Table.from_pandas(frame)
    x2 = made.column("x2").cast(pa.decimal128(38, 20), safe=False)
    pq.write_table(made.set_column(made.schema.names.index("x2"), "x2", x2), one.data_path, row_group_size=97)
    mine, whole, _, _ = compared(one, one.data_path)
    np.testing.assert_allclose(mine, whole, rtol=EXACT, atol=1e-13)
    np.testing.assert_allclose(mine, wanted, rtol=1e-7, atol=1e-12)


def test_combinations_that_overflow_are_refused(tmp_path):
    one = study(tmp_path, panel(), "y ~ x1 | unit", '{ cluster = ["unit", "year", "sector"] }')
    of = streamed.source(one, one.specs[0], one.data_path)
    many = {(c,): np.arange(3_000_000) for c in ("unit", "year", "sector")}
    with pytest.raises(NotStreamed, match="too many to be numbered"):
        streamed.with_levels(of, many).combinations(of.chunks[0])
