"""The class that AEA's data editor gives a package, computed."""

from __future__ import annotations

from collections.abc import Sequence

from parity.base.tolerance import MOST_LOST, PARTIAL
from parity.package.document import FindingOf, Programs, Summary

#: Findings that are about form: by themselves they leave a reproduction full.
FORMAL = frozenset({"trap", "abbreviated-name", "absolute-path", "set-varabbrev", "package-undeclared", "missing-is-large",
                    "code-without-exhibit"})  # fmt: skip

#: How the reasons begin that are of code which the package lacks.
OF_CODE = ("the package holds no code", "the code of ")


def classified(
    summary: Summary, programs: Programs, findings: Sequence[FindingOf], codeless: int = 0, unread: int = 0
) -> tuple[str, str]:
    """The class and why. Numbers that nobody could check are no reproduction, and count beside those that differ.

    codeless: numbers whose code the package lacks, however right they are by the commands that a log echoes
    unread: cells of tables that are meant as numbers and could not be read as such
    """
    if not summary.cells:
        return "not able to reproduce", "no printed number was found to verify"
    good = summary.reproduced + summary.explained
    if good < MOST_LOST * summary.cells:
        return "not able to reproduce", f"{good} of {summary.cells} printed numbers could be reproduced"
    off = summary.differs + summary.not_verified
    share = (off + unread) / (summary.cells + unread)
    if share > PARTIAL:
        return "partial", f"{share:.0%} of the numbers differ or could not be verified, more than a quarter"
    if codeless and not programs.do_files:
        return "partial", f"{OF_CODE[0]}: its numbers are held against commands that logs echo"
    if codeless > PARTIAL * summary.cells:
        return "partial", f"{OF_CODE[1]}{codeless / summary.cells:.0%} of the numbers is missing, more than a quarter"
    failed = programs.failed + programs.lost
    if programs.statements and failed / programs.statements > PARTIAL:
        return "partial", f"{failed} of {programs.statements} statements did not run, more than a quarter"
    minor = []
    if off:
        said = [f"{summary.differs} differ{'s' * (summary.differs == 1)}"] if summary.differs else []
        said += [f"{summary.not_verified} not verified"] if summary.not_verified else []
        minor.append(f"{', '.join(said)} of {summary.cells} numbers")
    if summary.explained:
        minor.append(f"{summary.explained} explained by something else than the code as it stands")
    if unread:
        minor.append(f"{unread} cell{'s' * (unread > 1)} not read")
    told = [f for f in findings if f.id not in FORMAL]
    if told:
        minor.append(f"{len(told)} finding{'s' * (len(told) > 1)} of the code")
    return ("full with minor issues", "; ".join(minor)) if minor else ("full", "every number is reproduced")
