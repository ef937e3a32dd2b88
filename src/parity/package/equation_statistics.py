"""Numbers of the table of equations above a window of var or sureg, called `inv: RMSE`, and what var has above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parity.stata.results import Results

#: Columns of the table -> their names in e(), before the number of an equation.
_COLUMNS = {"Parms": ("k_", "df_m"), "RMSE": ("rmse_",), "R-sq": ("r2_",), "chi2": ("chi2_",), "P>chi2": ("p_",)}
#: Above the table of var -> in e().
_OF_ALL = {"FPE": "fpe", "HQIC": "hqic", "SBIC": "sbic", "Det(Sigma_ml)": "detsig_ml"}


def of_equations(results: Results) -> dict[str, float]:
    """Each equation has all rows. What isn't computed here is left out."""
    names, numbers = results.texts.get("eqnames", "").split(), results.numbers
    if not {"k_1", "df_m1"} & set(numbers):
        return {}
    out = {f"{name}: Obs": numbers["N"] for name in names}
    out |= {label: numbers[name] for label, name in _OF_ALL.items() if name in numbers}
    for i, name in enumerate(names, 1):
        held = {
            column: next((f"{key}{i}" for key in keys if f"{key}{i}" in numbers), "") for column, keys in _COLUMNS.items()
        }
        out |= {f"{name}: {column}": numbers[key] for column, key in held.items() if key}
    return out
