"""What R is asked and how its answer is read, without R: a stand-in for its session keeps the question."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from brute import made_design
from files_read import read_draws
from parity.analyses.index import r as index_r
from parity.analyses.instruments import r as instruments_r
from parity.analyses.resampling import r as resampling_r
from parity.analyses.resampling.pairs import Pairs
from parity.analyses.resampling.sample import Rows
from parity.analyses.resampling.wild import Clustering
from parity.base import tolerance
from parity.data.derive.index import Rows as Keys
from parity.r.frame import Column
from parity.study.analyses.resampling import BootstrapSettings, DifferenceSettings, WildSettings
from parity.study.derived import Dummy, Lag, Log, Winsorise
from parity.study.index import IndexSettings


@pytest.fixture
def session(monkeypatch):
    """Answers as it is told; asked: (function, request) of every call."""

    class Session:
        def __init__(self):
            self.asked, self.answer = [], {}

        def call(self, function, request):
            self.asked.append((function, request))
            return self.answer

    one = Session()
    for module in (index_r, instruments_r, resampling_r):
        monkeypatch.setattr(module, "get_session", lambda: one)
    return one


def columns(frame) -> dict[str, list]:
    return {name: column.to_list() for name, column in frame.columns.items()}


UNIT, TIME = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 1])
X, Y = np.array([1.0, 2, 4, 3, 5, 8]), np.array([2.0, 1, 3, 5, 4, 6])
NAMES = tuple(f"row {i}" for i in range(6))


def rows(settings, **more) -> Rows:
    given = {"name": "one", "settings": settings, "columns": {"c": Y[::-1].copy(), "x": X}, "y": Y,
             "effects": {"unit": UNIT, "time": TIME}, "cluster": "unit", "code": UNIT, "labels": ("a", "b", "c"),
             "first": UNIT > 0, "names": NAMES}  # fmt: skip
    return Rows(**given | more)


def test_a_group_difference(session, tmp_path):
    settings = DifferenceSettings(spec="s", group="g", draws=10, refits=10, method=("suest", "permutation"))
    session.answer = {
        "p_one_permutation": Column.double([0.25]), "replicate": Column.double([1.0, None, 3.0]), "note": "words",
    }  # fmt: skip
    found = resampling_r.analyse(rows(settings), tmp_path)
    assert found == {"p one permutation": 0.25, "replicate": [1.0, None, 3.0]}
    ((function, asked),) = session.asked
    assert function == "difference_analysis"
    assert columns(asked["data"]) == {
        "y": Y.tolist(), "x1": Y[::-1].tolist(), "x2": X.tolist(), "f1": [1, 1, 2, 2, 3, 3], "f2": [1, 2, 1, 2, 1, 2],
        "g": [1, 1, 2, 2, 3, 3], "h": [0, 0, 1, 1, 1, 1],
    }  # fmt: skip
    assert asked["regressors"].to_list() == ["x1", "x2"] and asked["effects"].to_list() == ["f1", "f2"]
    assert asked["methods"].to_list() == ["suest", "permutation"]
    assert (asked["interact"], asked["permute"], asked["first_draws"], asked["tie"]) == ("all", "units", 10, 1e-10)
    drawn = read_draws(tmp_path / "draws.tsv")
    assert asked["draws"] == str(tmp_path / "draws.tsv") and drawn.values.tolist() == [[0, 1], [0, 2], [1, 2]]
    plain = rows(DifferenceSettings(spec="s", group="g", method="suest"))
    resampling_r.analyse(plain, tmp_path / "none")
    assert session.asked[1][1]["draws"] is None and not (tmp_path / "none").exists()


def test_a_wild_bootstrap(session, tmp_path):
    settings = WildSettings(spec="s", draws=10, refits=12, null=0.5, restricted=False, level=0.9)
    session.answer = {"t": Column.double([2.5]), "low": Column.double([None])}
    assert resampling_r.analyse(rows(settings), tmp_path) == {"t": 2.5, "low": None}
    ((function, asked),) = session.asked
    assert function == "wild_analysis" and "boot" not in asked
    data = columns(asked["data"])
    assert data["x"] == X.tolist() and data["y"] == Y.tolist() and data["c1"] == Y[::-1].tolist()
    assert data["g"] == [1, 1, 2, 2, 3, 3] and data["f2"] == [1, 2, 1, 2, 1, 2]
    wanted = {"null": 0.5, "restricted": False, "level": 0.9, "tie": 1e-10, "first_draws": 12, "cluster": "g"}
    assert {k: asked[k] for k in wanted} == wanted and asked["draws"] == str(tmp_path / "factors.tsv")
    assert read_draws(tmp_path / "factors.tsv").values.shape == (8, 3)  # all signs of three clusters
    both = Clustering(np.array([0, 1, 2]), ((1.0, np.array([0, 0, 1])), (-1.5, np.array([0, 1, 2]))))
    resampling_r.analyse(rows(settings, clustering=both), tmp_path)
    asked = session.asked[1][1]
    assert asked["boot"].to_list() == [1, 2, 3] and columns(asked["parts"]) == {"p1": [1, 1, 2], "p2": [1, 2, 3]}
    assert asked["weights_of_parts"].to_list() == [1.0, -1.5]


@pytest.mark.parametrize("weighted", [False, True])
def test_a_bootstrap(session, tmp_path, weighted):
    weights = np.array([1.0, 2, 1, 2, 1, 2]) if weighted else None
    pairs = Pairs("one", BootstrapSettings(spec="s", draws=10, refits=11, level=0.9, percentiles="type7"), {"x": X},
                  {"d": Y[::-1].copy()}, {"z": X[::-1].copy()}, Y, False, weights, {"unit": UNIT}, "unit", UNIT,
                  ("a", "b", "c"))  # fmt: skip
    session.answer = {
        "replicates": Column.double(np.array([[1.0, 2.0], [3.0, math.nan]])),
        "intervals": Column.double(np.arange(12.0).reshape(6, 2)), "estimate": Column.double(np.array([0.5, 0.25])),
        "bootstrap_se": Column.double(np.array([0.1, 0.2])),
    }  # fmt: skip
    found = resampling_r.analyse(pairs, tmp_path)
    assert found["estimate"] == {"x": 0.5, "d": 0.25} and found["bootstrap se"] == {"x": 0.1, "d": 0.2}
    ends = [f"{method} {end}" for method in ("percentile", "bias-corrected", "bca") for end in ("low", "high")]
    assert {name: found[name] for name in ends} == {name: {"x": 2.0 * i, "d": 2.0 * i + 1} for i, name in enumerate(ends)}
    assert found["replicate"] == {"x": [1.0, 3.0], "d": [2.0, None]}
    ((function, asked),) = session.asked
    assert function == "bootstrap_analysis"
    assert columns(asked["data"]) == {
        "y": Y.tolist(), "w": [1.0, 2, 1, 2, 1, 2] if weighted else [1.0] * 6, "x1": X.tolist(), "d1": Y[::-1].tolist(),
        "z1": X[::-1].tolist(), "f1": [1, 1, 2, 2, 3, 3], "g": [1, 1, 2, 2, 3, 3],
    }  # fmt: skip
    assert (asked["n_x"], asked["n_d"], asked["n_z"], asked["intercept"]) == (1, 1, 1, False)
    assert (asked["first_draws"], asked["level"], asked["percentiles"]) == (11, 0.9, "type7")
    assert asked["tie"] == tolerance.REPLICATE_TIE and asked["effects"].to_list() == ["f1"]
    assert read_draws(tmp_path / "draws.tsv").values.shape == (10, 3)


def test_a_bootstrap_of_other_terms_is_refused(session, tmp_path):
    pairs = Pairs("one", BootstrapSettings(spec="s", draws=10), {"x": X}, {}, {}, Y, True, None, {}, "unit", UNIT,
                  ("a", "b", "c"))  # fmt: skip
    session.answer = {"replicates": Column.double(np.ones((2, 1))), "intervals": Column.double(np.ones((6, 1))),
                      "estimate": Column.double(np.ones(2)), "bootstrap_se": Column.double(np.ones(1))}  # fmt: skip
    with pytest.raises(ValueError, match="zip"):
        resampling_r.analyse(pairs, tmp_path)


def test_diagnostics_of_instruments(session):
    session.answer = {
        "first_stage": Column.double([1.0, 2.0]), "weak_f": Column.double([7.5]), "over": Column.double([None]),
        "r_version": "4.5.1",
    }  # fmt: skip
    design = made_design({
        "y": Y, "x": X[:, None], "endog": Y[::-1, None].copy(), "z": np.column_stack([X[::-1], X**2]),
        "effects": {"time": TIME}, "clusters": {"unit": UNIT}, "intercept": False,
    })  # fmt: skip
    assert instruments_r.diagnose_in_r(design, "cluster", "unit") == {"first_stage": [1.0, 2.0], "weak_f": 7.5, "over": None}
    ((function, asked),) = session.asked
    assert function == "iv_diagnostics" and asked["errors"] == "cluster" and asked["intercept"] is False
    assert (asked["n_x"], asked["n_d"], asked["n_z"]) == (1, 1, 2)
    data = columns(asked["data"])
    (effect,) = asked["effects"].to_list()
    assert data[effect] == [1, 2, 1, 2, 1, 2] and data["g"] == [1, 1, 2, 2, 3, 3]
    assert data["y"] == Y.tolist() and data["z2"] == (X**2).tolist()
    instruments_r.diagnose_in_r(design)
    assert "g" not in session.asked[1][1]["data"].columns and session.asked[1][1]["errors"] == "iid"
    weighted = made_design({"y": Y, "x": X[:, None], "endog": Y[::-1, None].copy(), "z": X[::-1, None].copy(),
                            "weights": np.ones(6), "intercept": True})  # fmt: skip
    with pytest.raises(ValueError, match="no weights"):
        instruments_r.diagnose_in_r(weighted)


KEYS = Keys(UNIT, TIME + 2015.0, NAMES)


def test_an_index(session):
    form = IndexSettings(
        indicators=(
            {"column": "a", "direction": "+", "dimension": "p"}, {"column": "b", "direction": "-", "dimension": "q"},
        ),
        method="given", weights={"b": 3.0, "a": 1.0}, range=(0.1, 0.9),
    )  # fmt: skip
    session.answer = {
        "scores": Column.double(X), "ranks": Column.double(Y), "dimensions": {"p": Column.double(X)},
        "weights": {"2016": Column.double([0.3, 0.7]), "2015": Column.double([0.25, 0.75])}, "entropies": None,
        "between": {},
    }  # fmt: skip
    found = index_r.r_index(form, {"a": X, "b": np.where(X == 2, math.nan, X)}, KEYS)
    assert found["score"][""].tolist() == X.tolist() and found["rank"][""].tolist() == Y.tolist()
    assert found["dimension"]["p"].tolist() == X.tolist() and found["entropy"] == {} == found["between"]
    assert {n: v.tolist() for n, v in found["weight"].items()} == {"a": [0.25, 0.3], "b": [0.75, 0.7]}
    ((function, asked),) = session.asked
    assert function == "parity_index"
    assert columns(asked["data"]) == {"x0": X.tolist(), "x1": [1.0, None, 4.0, 3.0, 5.0, 8.0]}
    assert asked["down"].to_list() == [False, True] and asked["dimension"].to_list() == ["p", "q"]
    assert asked["unit"].to_list() == UNIT.tolist() and asked["time"].to_list() == KEYS.time.tolist()
    assert asked["set"]["weights"].to_list() == [1.0, 3.0] and asked["set"]["range"].to_list() == [0.1, 0.9]
    assert asked["set"]["method"] == "given" and not {"indicators", "variants"} & set(asked["set"])
    assert asked["small"] == {
        "tie": 1e-11, "eigen_gap": 1e-3, "eigen_zero": 1e-10, "kaiser": 1e-9, "dispersion": 1e-12, "flat": 1e-12,
    }  # fmt: skip
    plain = IndexSettings(indicators=form.indicators)
    assert index_r.index_request(plain, {"a": X, "b": X}, KEYS)["set"]["weights"] is None


def test_an_answer_with_too_few_weights_is_refused(session):
    form = IndexSettings(indicators=({"column": "a", "direction": "+"}, {"column": "b", "direction": "+"}))
    session.answer = {"scores": Column.double(X), "ranks": Column.double(Y), "dimensions": None, "entropies": None,
                      "between": None, "weights": {"": Column.double([1.0])}}  # fmt: skip
    with pytest.raises(ValueError, match="zip"):
        index_r.r_index(form, {"a": X, "b": Y}, KEYS)


def test_derived_columns(session):
    session.answer = {"value": Column.double(Y)}
    frame = pd.DataFrame({"x": X, "who": list("aabbcc"), "year": TIME, "part": ["n", None, "n", "s", "s", "s"]})
    frame.loc[1, "x"] = math.nan

    def asked(step):
        assert index_r.r_derived(step, frame, KEYS).tolist() == Y.tolist()
        function, request = session.asked[-1]
        assert function == "parity_derived" and request["unit"].to_list() == UNIT.tolist()
        assert request["time"].to_list() == KEYS.time.tolist()
        settings = {k: v.to_list() if isinstance(v, Column) else v for k, v in request["step"].items()}
        return settings, [c.to_list() for c in request["x"]], request["by"]

    held = [1.0, None, 4.0, 3.0, 5.0, 8.0]
    settings, x, by = asked(Lag(lag="x", periods=2))
    assert (settings["what"], settings["periods"], x, by) == ("lag", 2, [held], None)
    settings, x, by = asked(Winsorise(winsorise="x", cuts=(5, 95), by=("part",)))
    assert settings["cuts"] == [5.0, 95.0] and x == [held] and by.to_list() == [0, None, 0, 1, 1, 1]
    assert "by" not in settings and settings["what"] == "winsorise"
    settings, x, _ = asked(Dummy(dummy="who", values=("a", "b")))
    assert x == [list("aabbcc")] and settings["values"] == ["a", "b"]
    settings, x, _ = asked(Dummy(dummy="year", values=(1,)))
    assert x == [TIME.tolist()] and settings["values"] == [1.0]
    assert asked(Log(log="x"))[0]["what"] == "log"
