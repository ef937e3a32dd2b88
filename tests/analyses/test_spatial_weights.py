"""Files of spatial weights: squares and pairs, and what is wrong with one, by its line."""

from __future__ import annotations

import numpy as np
import pytest

from parity.analyses.spatial.weights import read_weights, standardised
from parity.base.errors import InputError
from parity.study.analyses.spatial import SpatialSettings

UNITS = ("京", "津", "冀")
PLAIN = SpatialSettings(spec="s", weights="w.csv")
BOTH = PLAIN.model_copy(update={"symmetric": True})


@pytest.fixture
def read(tmp_path):
    def of(text: str, settings: SpatialSettings = PLAIN, units=UNITS):
        (tmp_path / "w.csv").write_text(text, encoding="utf-8")
        return read_weights(tmp_path / "w.csv", settings, units)

    return of


def test_a_square_pairs_and_pairs_said_once_are_the_same(read):
    square = read("\ufeff,津,冀,京\n津,0,2,1\n冀,2,0,1\n京,1,1,0\n")
    pairs = read("a,b,w\n京,津,1\n津,京,1\n京,冀,1\n冀,京,1\n津,冀,2\n冀,津,2\n\n")
    once = read("a,b,w\n京,津,1\n冀,京,1\n津,冀,2\n", BOTH)
    want = np.array([[0.0, 1, 1], [1, 0, 2], [1, 2, 0]])
    assert all((w == want).all() and not notes for w, notes in (square, pairs, once))
    one_way, _ = read("a,b\n京,津\n津,冀\n冀,京\n")
    assert (one_way == [[0, 1, 0], [0, 0, 1], [1, 0, 0]]).all()


def test_units_beside_the_sample_are_left_out_and_islands_stay(read):
    w, notes = read("a,b\n京,津\n津,京\n京,沪\n")
    assert w.sum() == 2 and "沪" in notes[0] and "not in the sample" in notes[0]
    rows = standardised(w, PLAIN, UNITS)
    assert rows.sum(axis=1).tolist() == [1, 1, 0]


def test_forms_of_weights():
    w = np.array([[0.0, 1, 1], [1, 0, 2], [1, 2, 0]])

    def of(**changes):
        return standardised(w, PLAIN.model_copy(update=changes), UNITS)

    assert of(standardise="none").tolist() == w.tolist()
    assert np.abs(np.linalg.eigvals(of(standardise="spectral"))).max() == pytest.approx(1)
    assert of(diagonal="ones").tolist()[0] == pytest.approx([1 / 3] * 3)
    own = standardised(w + np.eye(3), PLAIN.model_copy(update={"diagonal": "dropped"}), UNITS)
    assert own.tolist() == of().tolist()
    kept = standardised(w + 2 * np.eye(3), PLAIN.model_copy(update={"diagonal": "kept"}), UNITS)
    assert kept[0].tolist() == pytest.approx([0.5, 0.25, 0.25])


@pytest.mark.parametrize(
    ("text", "said"),
    [("a,b\n", "no weights in it"), ("a\nb\n", "no weights in it"), (",京,津\n京,0,1\n津,1\n", "line 3: 2 cells"),
     (",京,京\n京,0,1\n京,1,0\n", "two columns"), ("a,b,w\n京,津,x\n", "line 2: `x` is no weight"),
     ("a,b,w\n京,津,-1\n", "is no weight"), ("a,b,w\n京,津,nan\n", "is no weight"), ("a,b\n京,\n", "line 2"),
     ("a,b,w\n京,津,1\n京,津,2\n", "line 3: 京 and 津 have another weight"),
     (",京,津\n京,0,1\n津,1,0\n", "no weights of 冀"),
     (",京,津,冀\n京,0,1,1\n津,1,0,1\n沪,1,1,0\n", "no square"), ("a,b\n北京,天津\n", "no weights of")],
)  # fmt: skip
def test_mistakes_have_their_line(read, text, said):
    with pytest.raises(InputError) as error:
        read(text)
    assert said in str(error.value) and "w.csv" in str(error.value)
