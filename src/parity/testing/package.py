"""`pytest --parity-package DIR`: a replication package as tests, one an exhibit; a number that differs fails its exhibit."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from parity.base.errors import InputError
from parity.base.tolerance import REQUIRED_SHARE
from parity.package.document import ExhibitOf, Package


class PackageFailure(Exception):
    """What differs in an exhibit; its text is the explanation."""


class PackageFolder(pytest.Collector):
    """One package, verified when it is collected; unchanged files are answered from the cache."""

    def collect(self) -> Iterator[pytest.Item]:
        from parity.package.kept import verify_kept
        from parity.package.verify import EVERYTHING

        try:
            found = verify_kept(Path(self.path), EVERYTHING, cache=True, progress=lambda what, done, total: None)
        except InputError as error:
            raise self.CollectError("\n".join(str(p) for p in error.problems)) from None
        yield CompareItem.from_parent(self, name="enough is compared", package=found)
        for exhibit in found.exhibits:
            yield ExhibitItem.from_parent(self, name=exhibit.id, package=found, exhibit=exhibit)


class CompareItem(pytest.Item):
    """Green where `parity package` would be, for all that no exhibit shows: a package of whose numbers less was compared
    than is required isn't, nor one with a note that is wrong about its numbers, nor one right by what logs echo alone."""

    def __init__(self, *, package: Package, **kwargs):
        super().__init__(**kwargs)
        self.package = package

    def runtest(self) -> None:
        from parity.report.package.words import first_line

        given = self.config.getoption("parity_require_share")
        required = 100 * REQUIRED_SHARE if given is None else given
        said = [f"{f.file}:{f.line}: {f.text}" for f in self.package.denied]
        said += [other] if (other := self.package.of_other_code_said) else []
        if self.package.mostly_by_logs and not self.config.getoption("parity_own_commands"):
            said.insert(0, f"{self.package.by_logs_alone} (--parity-own-commands accepts them).")
        if not self.package.enough(required / 100):
            said.insert(0, f"{first_line(self.package)} At least one and {required:g} % must be compared "
                           "(--parity-require-share).")  # fmt: skip
        if said:
            raise PackageFailure("\n".join(said))

    def repr_failure(self, excinfo, style=None) -> str:
        return str(excinfo.value) if isinstance(excinfo.value, PackageFailure) else str(super().repr_failure(excinfo, style))

    def reportinfo(self):
        return self.path, None, f"parity package {self.path.name}: {self.name}"


class ExhibitItem(CompareItem):
    """One table or window."""

    def __init__(self, *, exhibit: ExhibitOf, **kwargs):
        super().__init__(**kwargs)
        self.exhibit = exhibit

    def runtest(self) -> None:
        from parity.report.package.words import number, place

        off = [c for c in self.exhibit.cells if c.verdict == "differs"]
        if off:
            raise PackageFailure(
                "\n".join(f"{place(self.exhibit, c)}: printed {c.printed}, estimated {number(c.estimated)}: "
                          f"{c.reason or '; '.join(x.text for x in c.causes)}" for c in off)
            )  # fmt: skip
        unverified = [c for c in self.exhibit.cells if c.verdict == "not verified"]
        if len(unverified) == len(self.exhibit.cells):
            pytest.skip(f"not verified: {unverified[0].reason}" if unverified else "not verified: it has no number")
        if unverified:  # a test that passes must not hide what it didn't compare
            warnings.warn(
                pytest.PytestWarning(
                    f"{len(unverified)} of {len(self.exhibit.cells)} numbers not verified, the first: {unverified[0].reason}"
                ),
                stacklevel=1,
            )
