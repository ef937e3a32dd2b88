"""The core: which files its parts are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Part of the core -> its modules. As many mutants are drawn from each part.
PARTS = {
    "conventions": ("conventions/formulas.py", "conventions/profiles.py"),
    "facts": ("conventions/facts.py",), "harmonise": ("compare/harmonise.py",),
    "judge": ("runs/judge.py", "runs/judge_analyses.py", "runs/shipped/judge.py"),
    "compare": ("compare/numbers.py", "compare/lists.py", "compare/floor.py", "compare/other_profiles.py",
                "compare/change*.py"),
    "references": ("printed/*.py", "compare/printed.py", "*/frozen.py", "runs/freeze.py"),
    "resample": ("analyses/replicates/*.py", "analyses/resampling/*.py"), "instruments": ("analyses/instruments/*.py",),
    "derive": ("data/derive/*.py", "analyses/index/*.py"), "diagnose": ("diagnose/**/*.py",),
}  # fmt: skip
#: How a page of an analysis looks is no part of the core.
LAYOUT = ("page.py", "histogram.py")


def modules(part: str, root: Path = ROOT) -> list[str]:
    """The files of a part, relative to the project. LookupError: a pattern that no file has."""
    found: set[str] = set()
    for pattern in PARTS[part]:
        here = {str(p.relative_to(root)) for p in (root / "src" / "parity").glob(pattern) if p.name not in LAYOUT}
        if not here:
            raise LookupError(f"tests/mutants: no file is src/parity/{pattern} (PARTS of __main__.py, {part!r})")
        found |= here
    return sorted(found)
