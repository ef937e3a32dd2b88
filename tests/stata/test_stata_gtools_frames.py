"""gtools beside Stata's own commands, and several data sets in memory; every number here is worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from parity.stata.do import run_do

HEAD = ("clear\nset obs 6\ngen g = ceil(_n / 3)\ngen x = _n / 3\ngen double d = _n / 3\ngen byte b = mod(_n, 4)\n"
        "replace x = . in 2\ngen str1 s = \"a\"\nreplace s = \"b\" in 3\nreplace s = \"\" in 4\n")  # fmt: skip


def ran(tmp_path, *lines):
    return run_do(HEAD + "\n".join(lines), tmp_path)


F = [float(np.float32(i / 3)) for i in range(1, 7)]


@pytest.mark.parametrize(
    ("line", "kind", "values"),
    [
        ("gegen v = total(x), by(g)", "double", [F[0] + F[2]] * 3 + [F[3] + F[4] + F[5]] * 3),
        ("gegen v = mean(d), by(g)", "double", [2 / 3] * 3 + [5 / 3] * 3),
        ("gegen v = mean(b), by(g)", "float", [2.0] * 3 + [1.0] * 3), ("gegen v = max(b), by(g)", "byte", [3] * 3 + [2] * 3),
        ("gegen v = count(x), by(g)", "long", [2] * 3 + [3] * 3), ("gegen v = group(b)", "long", [2, 3, 4, 1, 2, 3]),
        ("gegen v = nunique(s), by(g)", "long", [2] * 3 + [1] * 3),
        ("gegen v = nmissing(x), by(g)", "long", [1] * 3 + [0] * 3),
        ("gegen v = range(b), by(g)", "int", [2] * 3 + [2] * 3), ("gegen byte v = max(b), by(g)", "byte", [3] * 3 + [2] * 3),
        ("gegen v = demean(b), by(g)", "float", [-1, 0, 1, -1, 0, 1]),
        ("gegen v = standardize(b), by(g)", "float", [-1, 0, 1, -1, 0, 1]),
        ("gegen v = variance(b), by(g)", "float", [1] * 6), ("gegen v = cv(b), by(g)", "float", [0.5] * 3 + [1] * 3),
        ("gegen v = mean(b) [aw=b], by(g)", "float", [14 / 6] * 3 + [5 / 3] * 3),
        ("gegen v = total(b) [fw=b], by(g)", "double", [14] * 3 + [5] * 3),
        ("gegen v = sd(d) if b > 0, by(g)", "double", [1 / 3] * 3 + [np.nan] + [np.sqrt(1 / 18)] * 2),
        ("gegen v = mean(x)\ngegen v = max(b), by(g) replace", "byte", [3] * 3 + [2] * 3),
        ("gquantiles v = d, xtile nq(2)", "byte", [1, 1, 1, 2, 2, 2]),
        ("fasterxtile v = d, nq(3)", "byte", [1, 1, 2, 2, 3, 3]),
        ("gquantiles v = d, xtile nq(3) by(g)", "byte", [1, 2, 3, 1, 2, 3]),
        ("gegen v = rowtotal(b g)", "float", [2, 3, 4, 2, 3, 4]),
    ],
)  # fmt: skip
def test_gegen_and_gquantiles(tmp_path, line, kind, values):
    found = ran(tmp_path, line)
    assert not [f.text for f in found.findings]
    assert found.data["v"].kind == kind
    rounded = np.float32(values) if kind == "float" else np.array(values, dtype=float)
    np.testing.assert_allclose(found.data["v"].values, rounded, rtol=1e-14)


def test_gcollapse_has_types_and_statistics_of_its_own(tmp_path):
    stats = "(mean) x d (nmissing) lost=x (nunique) nu=s (max) b (sum) t=b (range) r=b (sd) long_sd=l (count) n=x"
    found = ran(tmp_path, "gen long l = _n", f"gcollapse {stats}, by(g) forcemem benchmark")
    assert not [f.text for f in found.findings]
    kinds = {n: c.kind for n, c in found.data.columns.items()}
    assert kinds == {"g": "float", "x": "float", "d": "double", "lost": "long", "nu": "long", "b": "byte", "t": "double",
                     "r": "int", "long_sd": "double", "n": "long"}  # fmt: skip
    assert found.data["lost"].values.tolist() == [1, 0] and found.data["nu"].values.tolist() == [2, 1]
    assert found.data["x"].values.tolist() == [float(np.float32((F[0] + F[2]) / 2)), float(np.float32(sum(F[3:]) / 3))]
    doubles = ran(tmp_path, "gcollapse (mean) x b, by(g) double").data
    assert doubles["x"].kind == doubles["b"].kind == "double"
    assert ran(tmp_path, "collapse (mean) x b, by(g)").data["x"].kind == "double"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("collapse (nunique) b, by(g)", "knows no"), ("gcollapse (mean) b, by(g) merge", "merge"),
        ("gcollapse (mean) b, by(g) unsorted", "unsorted"), ("egen v = mean(x) [aw=b]", "weights"),
        ("gegen v = total(x d)", "pooled by rows"), ("gquantiles v = d, pctile by(g)", "not known here"),
        ("gegen v = mean(x)\ngegen v = max(b) if g == 1, replace", "replace"),
        ("greshape gather x d, keys(k) values(v)", "values(v)"),
        ("gegen v = mean(s)", "type mismatch"), ("gegen x = mean(b)", "already defined"),
    ],
)  # fmt: skip
def test_what_of_gtools_is_not_run_is_said(tmp_path, line, why):
    assert any(why in f.text for f in ran(tmp_path, line).findings)


def test_greshape_calls_i_and_j_by_and_keys(tmp_path):
    ours = ran(tmp_path, "gen n = b", "keep g n d", "bysort g (d): replace n = _n", "greshape wide d, by(g) keys(n)").data
    theirs = ran(tmp_path, "gen n = b", "keep g n d", "bysort g (d): replace n = _n", "reshape wide d, i(g) j(n)").data
    assert list(ours.columns) == list(theirs.columns) == ["g", "d1", "d2", "d3"]
    assert all(np.array_equal(ours[n].values, theirs[n].values) for n in ours.columns)


# ---------------------------------------------------------------- frames


def test_frames_hold_data_of_their_own(tmp_path):
    found = ran(
        tmp_path, "frame copy default all", "frame put g d if b == 1, into(some)", "frame some: replace d = 9",
        "frame some {", "}", "frame change some", "gen there = _N", "cwf default", "drop if g == 1", "frame all: count",
        "frame rename all every", "frame every: summarize d", "summarize d", "frame drop every", "frame every: count",
        "frame change some",
    )  # fmt: skip
    assert found.data["d"].values.tolist() == [9, 9] and found.data["there"].values.tolist() == [2, 2]
    count, every, mine = (p.numbers["N"] for p in found.printed)
    assert (count, every, mine) == (6, 6, 3)
    assert [f.text for f in found.findings if "frame every" in f.text] == ["frame every not found; r(111)"]


def test_a_frame_is_posted_to_and_linked(tmp_path):
    found = ran(
        tmp_path, "frame create per g double(m) str4 word", 'frame post per (1) (1/3) ("one")',
        'frame post per (3) (`=1+1\') ("three")',
        "frlink m:1 g, frame(per)", "frget m w = word, from(per)", "frget m2 = m, from(per)",
        "frget word, from(per) prefix(p_)", "frame per: list",
    )  # fmt: skip
    assert not [f.text for f in found.findings if f.taints and "frget m w" not in f.command]
    assert found.data["m2"].values[:3].tolist() == [1 / 3] * 3 and np.isnan(found.data["m2"].values[3:]).all()
    assert found.data["p_word"].values.tolist() == ["one"] * 3 + [""] * 3
    assert found.data["per"].values[:3].tolist() == [1, 1, 1]
    assert "(3 observations in frame default unmatched)" in [s.values["text"] for s in found.said]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("frame change no", "frame no not found"), ("frame create default", "already exists"),
        ("frame drop default", "current"),
        ("frame copy default 2x", "invalid name"), ("frlink 1:1 g, frame(two)", "uniquely identify"),
        ("frget d, from(x)", "no link"), ("frame unheard of", "not known here"), ("frame post two (1)", "expressions"),
        ("frlink m:1 g, frame(two)", "uniquely identify"),
    ],
)  # fmt: skip
def test_what_goes_not_with_frames_is_said(tmp_path, line, why):
    assert any(why in f.text for f in ran(tmp_path, "frame copy default two", line).findings)


def test_an_estimation_in_a_frame_is_of_its_data(tmp_path):
    found = ran(tmp_path, "frame put d b if g == 2, into(two)", "frame two: regress d b", "regress d b")
    assert [int(e.sample.sum()) for e in found.estimations] == [3, 6] and found.data.rows == 6
    assert all(e.request is not None and not e.doubts for e in found.estimations)


def test_draws_stay_in_doubt_from_frame_to_frame(tmp_path):
    found = ran(
        tmp_path, "gen r = runiform()", "frame put g d if r > .5, into(two)", "frame two: duplicates drop g, force",
        "frame two: regress d g", "frame create p v", "frame post p (r[1])", "frame p: summarize v",
        "frlink m:1 g, frame(two)",
        "frget d2 = d, from(two)",
    )  # fmt: skip
    assert found.estimations[0].doubts and found.data["d2"].doubts and not found.data["d"].doubts and not found.data.doubts
    assert found.printed[-1].doubts == ("random",)


def test_a_command_that_failed_in_a_frame_leaves_it_in_doubt(tmp_path):
    inside = ran(tmp_path, "frame copy default two", "frame two: nosuchcommand x", "frame change two", "regress d b")
    assert inside.estimations[0].doubts
    gone = ran(tmp_path, "frame copy default two", "frame change two", "clear all", "frame two: count")
    assert [f.text.partition(";")[0] for f in gone.findings] == ["frame two not found"]


def test_rows_that_post_writes_are_in_doubt_with_what_was_posted(tmp_path):
    found = ran(tmp_path, 'postfile h v using "p.dta"', "post h (runiform())", "postclose h", 'use "p.dta", clear')
    assert found.data["v"].doubts == {"random"}
