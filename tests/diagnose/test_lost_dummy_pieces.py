"""How Eigen's factorisation takes a matrix: blocks, and what is left where a pivot is none."""

from __future__ import annotations

import numpy as np
import pytest

from parity.diagnose.lost_dummy import _block, triangle


@pytest.mark.parametrize(
    ("rows", "block"),
    [(1, 1), (31, 31), (32, 8), (127, 8), (128, 16), (255, 16), (256, 32), (400, 48), (1000, 112), (1024, 128), (9000, 128)],
)
def test_blocks_are_an_eighth_in_whole_sixteens(rows, block):
    assert _block(rows) == block


@pytest.mark.parametrize("rows", [5, 40, 150])
def test_the_triangle_of_a_regular_matrix_is_choleskys(rows):
    rng = np.random.default_rng(rows)
    a = rng.normal(size=(rows, rows))
    a = a @ a.T + rows * np.eye(rows)
    assert np.tril(triangle(a)) == pytest.approx(np.linalg.cholesky(a))
