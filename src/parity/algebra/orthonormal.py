"""Orthonormal columns by way of cross-products, where these are sure to know enough; else by Householder's reflections.

Cross-products know half as many digits as the columns, but of columns far from collinear that is enough to see that they
are so, and to orthogonalise them roughly. Done twice, the second time on columns that are orthogonal but for 1e-8, it is
as accurate as Householder's QR (Yamamoto, Nakatsukasa, Yanagisawa and Fukaya 2015), and reads the rows a few times only.
"""

from __future__ import annotations

import numpy as np

#: A column of which all others leave this share of its norm is far from collinear: the square of it is far above the
#: rounding error of cross-products.
MUCH = 1e-4
#: Squares below this have lost digits to underflow.
SMALLEST = 1e-280


def apart(products: np.ndarray) -> bool:
    """Whether columns with these cross-products (k, k) are far from collinear.

    What all others leave of a column of length one, squared, is at least the least eigenvalue of their correlations.
    """
    squares = np.diag(products)
    if not np.isfinite(products).all() or not (squares > SMALLEST).all():
        return False
    lengths = np.sqrt(squares)
    return not len(lengths) or bool(np.linalg.eigvalsh(products / np.outer(lengths, lengths))[0] > MUCH**2)


def orthonormal(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Q (n, k) in Fortran order and R (k, k), an upper triangle, with columns = Q R and Q'Q = I; n at least k."""
    from scipy.linalg import blas

    products = columns.T @ columns
    if not apart(products):
        q, r = np.linalg.qr(columns)
        return np.asfortranarray(q), r
    r = np.linalg.cholesky(products).T
    q = blas.dtrsm(1.0, r, columns, side=1)
    again = np.linalg.cholesky(q.T @ q).T
    return blas.dtrsm(1.0, again, q, side=1, overwrite_b=1), again @ r
