"""Where a script looks for its data, and from where it is run."""

from __future__ import annotations

from pathlib import Path

from parity.base.r_text import comment
from parity.study.spec import Spec
from parity.study.study import Study

BUNDLED = "fixtures"


def bundled(study: Study) -> bool:
    """Whether the study lies in the repository's folder of studies; then its scripts have a place there too."""
    return study.folder.parent.name == BUNDLED


def data_parts(study: Study) -> tuple[str, ...]:
    """The data file's path in parts, from where the script is run: no path of the machine stands in a script."""
    return (*((BUNDLED,) if bundled(study) else ()), study.id, *Path(study.header.data).parts)


def run_from(study: Study) -> str:
    """`the repository's root`, or the folder that holds the study."""
    return "the repository's root" if bundled(study) else f"the folder that holds {study.id}/"


def eigenvalues_line(spec: Spec) -> list[str]:
    """The comment of a script under whose convention a negative eigenvalue would be set to zero, which it leaves."""
    if len(spec.vcov.cluster) < 2 or spec.convention.psd == "kept":
        return []
    return comment(
        f"A negative eigenvalue of this covariance stays here; {spec.convention.profile} sets it to zero, and warns."
    )


def data_line(study: Study) -> str:
    """The comment that says where the data are."""
    readme = " (see the README beside it)" if bundled(study) else ""
    return f"Data: {'/'.join(data_parts(study))}{readme}. Written by `parity export`."
