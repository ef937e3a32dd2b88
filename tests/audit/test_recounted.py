"""What an audit says of odd choices, counted again from the rows of its Parquet file: no share counts what has no number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from parity.audit.whole import Wanted, audited
from parity.report.audit_first import caveat, plain_sentence
from parity.report.audit_text import audit_text
from parity.study.load import parse_study

IV = 'formula = "y ~ c1 | firm + year | x ~ weak + z"\nvcov = { cluster = ["firm"] }\nconvention = "ivreghdfe"\n'
OLS = 'formula = "y ~ x + c1 + c2 | firm + year"\nvcov = { cluster = ["firm"] }\nconvention = "reghdfe"\n'
INDEX = """
[index.score]
indicators = [{ column = "a", direction = "+" }, { column = "flat", direction = "+" }]
method = "equal"
[index.score.variants]
by_year = { over = "year" }
alone = { indicators = [{ column = "flat", direction = "+" }] }
"""
#: Name -> the spec, the audit's choices, and what its text must say.
ODD = {
    "one choice only": (OLS, 'convention = ["areg"]', "these 2 are the options of one choice"),
    "no choice": (OLS, "", "there is this one alone"),
    "a term that a choice drops": (OLS, 'absorb = ["firm^year", "firm"]\nwhere = ["year > 2003"]', "yields nothing"),
    "weights of zeros": (OLS, 'weights = ["none", { analytic = "zeros" }]\ncontrols = "all"', "weight zero"),
    "some weights of zero": (OLS, 'weights = [{ analytic = "some_zeros" }]', "2 are the options of one choice"),
    "a cluster of one": (OLS, 'cluster = ["all_one", "half"]\nconvention = ["fixest"]', "there is only one cluster"),
    "no period": (OLS, 'where = ["year > 2005", "year > 3000"]', "keeps 0 of"),
    "a condition that empties": (OLS, 'where = ["c1 > 100"]\nleave_out = "half"', "`where` with `c1 > 100` yields nothing"),
    "an indicator that is constant": (
        OLS.replace("x + c1", "score + c1"), 'index.score = { variants = "all", leave_out = ["indicators"] }',
        "`index.score`: `alone` can't be built: no indicator varies; it is no option. "
        "`index.score`: `without a` can't be built: no indicator varies",
    ),
    "a weak instrument": (
        IV, 'instruments = ["weak", "z"]\ncontrols = "all"', "the instruments are weak (first-stage F below 10)",
    ),
    "one spec by two routes": (
        OLS, 'where = ["year != 2001"]\nleave_out = ["year", "firm"]\nabsorb = ["year + firm"]', "counted once",
    ),
    "logarithms of zeros": (
        OLS, 'outcome = ["log(counts)", "log1p(counts)", "log(negative)"]\ncontrols = "all"',
        "`outcome` with `log(negative)` yields nothing",
    ),
    "logarithms of zeros, the same rows": (
        OLS, 'outcome = ["log(counts)", "log1p(counts)"]\ncontrols = "all"\ncommon_sample = true',
        "`log(counts)` is missing in",
    ),
    "drawn": (OLS, 'controls = "all"\nleave_out = "firm"\nconvention = "all"\nmost = 40', "were drawn of"),
}  # fmt: skip


def data() -> pd.DataFrame:
    rng = np.random.default_rng(12)
    firm, year = (a.ravel() for a in np.indices((14, 5)))
    n = len(firm)
    made = pd.DataFrame({"firm": [f"f{i:02d}" for i in firm], "year": 2001 + year})
    for name in ("x", "c1", "c2", "a", "b", "z"):
        made[name] = rng.normal(size=n)
    made["weak"] = 0.01 * made["x"] + rng.normal(size=n)
    made["y"] = 0.25 * made["x"] + 0.5 * made["c1"] + rng.normal(size=n)
    made["zeros"], made["flat"], made["all_one"] = 0, 1.0, "one"
    made["some_zeros"] = np.where(np.arange(n) % 3 == 0, 0.0, 1.5)
    made["half"] = np.where(firm < 7, "first", "second")
    made["counts"], made["negative"] = rng.poisson(2.0, n), -1.0
    return made


@pytest.fixture(scope="module", params=sorted(ODD))
def found(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    data().to_csv(folder / "data.csv", index=False)
    spec, choices, says = ODD[request.param]
    term = "score" if "score" in spec else "x"
    text = (
        '[study]\ntitle = "Made"\nmade = true\ndata = "data.csv"\nunit = "firm"\ntime = "year"\n'
        f'{INDEX if "score" in spec else ""}[spec.main]\n{spec}[audit.a]\nspec = "main"\nterm = "{term}"\n{choices}\n'
    )
    study = parse_study(text, folder / "study.toml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("parity.audit.whole._groups", lambda space, rows: ())  # what overturns it is no matter of these
        said = audited(study, "a", Wanted(draws=0, again=False, parquet=folder / "rows.parquet")).said
    return said, pq.read_table(folder / "rows.parquet").to_pandas(), says


def good_of(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[np.isfinite(rows[["coef", "se", "p"]]).all(axis=1)]


def audited_row(said, rows: pd.DataFrame) -> pd.Series:
    same = np.logical_and.reduce([rows[a.name] == a.options[a.base] for a in said.axes] or [np.ones(len(rows), dtype=bool)])
    return rows[same].iloc[0]


def test_it_says_what_is_odd(found):
    said, _, says = found
    assert says in " ".join(audit_text(said).split()), audit_text(said)


def test_the_summary_is_that_of_the_rows(found):
    said, rows, _ = found
    s, good = said.summary, good_of(rows)
    assert (s.specs, s.estimable) == (len(rows), len(good))
    assert sum(n for _, n in s.reasons) == len(rows) - len(good) == int(rows["note"].notna().sum())
    if not len(good):
        return
    assert (s.median, s.least, s.largest) == pytest.approx((good.coef.median(), good.coef.min(), good.coef.max()), rel=1e-14)
    for q, value in s.quantiles:
        assert value == pytest.approx(np.quantile(good.coef, q), rel=1e-12)
    assert s.rows == (good.nobs.min(), good.nobs.max())
    assert (s.negative, s.zero, s.positive) == ((good.coef < 0).sum(), (good.coef == 0).sum(), (good.coef > 0).sum())
    for one in s.significant:
        below = good[good.p < one.level]
        assert (one.negative, one.positive) == ((below.coef < 0).sum(), (below.coef > 0).sum())
    for one in s.barren:
        taken = rows[rows[one.axis] == one.option]
        assert len(taken) == one.specs and not len(good_of(taken)) and one.reason in set(taken.note)
    own = audited_row(said, rows)
    if np.isfinite(own.coef):
        apart = (good.coef - own.coef).abs() > 1e-9 * abs(own.coef)
        above, below = (apart & (good.coef > own.coef)).sum(), (apart & (good.coef < own.coef)).sum()
        assert (s.base.coef, s.base.above, s.base.below) == (own.coef, above, below)
        assert s.base.share_above == pytest.approx(above / len(good))


def test_what_it_hangs_on_is_counted_over_estimates_alone(found):
    said, rows, _ = found
    good, own, hangs = good_of(rows), audited_row(said, rows), said.hangs
    if not len(good):
        assert hangs is None
        return
    if not np.isfinite(own.p):
        assert hangs.claim == "size"
        return
    star = own.p < said.level
    assert hangs.claim == ("star" if star else "no star")
    held = (good.p < said.level) & (np.sign(good.coef) == np.sign(own.coef)) if star else good.p >= said.level
    assert hangs.kept == held.sum()
    for one in hangs.options:
        mine = good[hangs.axis] == one.option
        other = (good.p < said.level) & (np.sign(good.coef) == -np.sign(own.coef))
        assert (one.of, one.kept, one.reversed) == (mine.sum(), (mine & held).sum(), (mine & other).sum())
    if hangs.enough:
        alone = np.logical_and.reduce([
            good[a.name] == (hangs.worst if a.name == hangs.axis else a.options[a.base]) for a in said.axes
        ])  # fmt: skip
        assert alone.sum() == 1 and not held[alone].iloc[0]


def test_what_overturns_is_counted_over_estimates_alone(found):
    said, rows, _ = found
    good, own = good_of(rows), audited_row(said, rows)
    if not len(good) or not np.isfinite(own.p):
        assert said.overturned == ()
        return
    far = pd.Series(0, good.index)
    for a in said.axes:
        far += (good[a.name] != a.options[a.base]).astype(int)
    for one in said.overturned:
        fails = {"sign": good.coef * np.sign(own.coef) <= 0, "ends": good.p >= said.level, "creates": good.p < said.level}
        fails = fails[one.claim]
        assert (one.of, one.total) == (len(good), fails.sum())
        assert [(d.changes, d.specs, d.overturned) for d in one.distances] == [
            (k, (far == k).sum(), (fails & (far == k)).sum()) for k in sorted(set(far))
        ]
        assert one.fewest == (None if not fails.any() else far[fails].min())
        assert one.count == (0 if not fails.any() else (fails & (far == one.fewest)).sum())


def test_what_has_one_option_left_is_not_said_to_move_nothing(found):
    said, rows, _ = found
    text = " ".join(audit_text(said).split())
    for axis in said.axes:
        if good_of(rows)[axis.name].nunique() < 2:
            assert f"What moves nothing: `{axis.name}`" not in text


def test_on_a_common_sample_the_first_lines_say_so(tmp_path):
    """The audited specification has a star on its own rows, and none on those that all have."""
    data().to_csv(tmp_path / "data.csv", index=False)
    spec, choices, _ = ODD["logarithms of zeros, the same rows"]
    text = (
        '[study]\ntitle = "Made"\nmade = true\ndata = "data.csv"\nunit = "firm"\ntime = "year"\n'
        f'[spec.main]\n{spec}[audit.a]\nspec = "main"\nterm = "x"\n{choices}\n'
    )
    said = audited(parse_study(text, tmp_path / "study.toml"), "a", Wanted(draws=0, again=False)).said
    assert said.printed.p < 0.05 < said.summary.base.p
    assert plain_sentence(said).startswith(
        "Fragile: the audited estimate says otherwise on its own rows. On the rows that all"
    )
    assert caveat(said).startswith(
        "On its own 70 rows the audited specification is positive and significant at 5 % (p 0.0377)."
    )
