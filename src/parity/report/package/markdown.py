"""Findings in the shape of the REPLICATION.md of the AEA's data editor: its sections, classes, reasons and tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from parity.package.document import ExhibitOf, Package
from parity.report.package.words import (
    BUGS,
    called,
    first_line,
    in_order,
    installs,
    needing_a_look,
    number,
    programs,
    reasons,
)

CLASSES = (
    ("full", "full reproduction"), ("full with minor issues", "full reproduction with minor issues"),
    ("partial", "partial reproduction (see above)"),
    ("not able to reproduce", "not able to reproduce most or all of the results (reasons see above)"),
)  # fmt: skip
#: How a change of the package is asked for -> the findings that ask for it.
ASKED = {
    "[REQUIRED] Please amend README to contain complete computational requirements.": ("package-undeclared",),
    "[REQUIRED] Please set a seed before random numbers are drawn.": ("no-seed",),
    "[SUGGESTED] Please adapt the code to run from one root directory set in one place.": (
        "absolute-path", "file-elsewhere",
    ),
    "[REQUIRED] Please provide the code that makes each table, or name it.": ("exhibit-without-code",),
    "[REQUIRED] Please provide the code that gives each log, or logs of the code that is provided.": (
        "log-of-other-code", "log-without-code", "output-older-than-code", "note-command",
    ),
    "[REQUIRED] Please provide debugged code, addressing the issues identified in this report.": (
        "undefined-macro", "estimates-not-cleared",
    ),
    "[REQUIRED] Please provide all data that the code reads, or say how to get them.": ("file-absent",),
    "[REQUIRED] Please check that the data provided are those that the exhibits were made of.": ("other-data",),
    "[REQUIRED] Please correct the notes of tables that are wrong about their numbers.": (
        "note-brackets", "note-stars", "note-clusters", "note-robust", "note-errors", "note-count",
    ),
    "[REQUIRED] Please provide logs as they were written: their words deny their numbers or commands.": ("note-window",),
    "[REQUIRED] Please correct the labels of tables that are wrong about their numbers.": ("note-labels", "note-sample"),
    "[REQUIRED] Please correct the headings of tables that are wrong about their numbers.": (
        "note-outcome", "note-model", "note-columns",
    ),
    "[REQUIRED] Please correct the rows of tables that say of their columns what the commands don't do.": (
        "note-effects", "note-controls", "note-weights",
    ),
    "[REQUIRED] Please show the coefficients that the code puts into tables, or say which are left out.": ("note-rows",),
}  # fmt: skip
#: Findings of output that no do-file of the package gives.
NO_CODE = ("exhibit-without-code", "log-of-other-code", "log-without-code", "output-older-than-code")


def package_markdown(package: Package) -> str:
    lines = [f"# {_cell(package.package)}: replication results", "", "## SUMMARY", "", _sentence(package), ""]
    asked = list(_actions(package))
    if asked:
        lines += ["### Action Items", "", *asked, ""]
    lines += ["## Findings", "", *_requirements(package), *_preparation(package), *_exhibits(package), *_in_text(package)]
    lines += ["## Classification", ""]
    lines += [f"- [{'x' if package.classification == key else ' '}] {said}" for key, said in CLASSES]
    lines += ["", f"Computed: {package.classification_why}.", "", "### Reason for incomplete reproducibility", ""]
    lines += [f"- [{'x' if held else ' '}] {said}" for held, said in incomplete(package)]
    lines += ["", "## Appendix", "", "| file | role | SHA-256 |", "|---|---|---|"]
    lines += [f"| {_cell(f.path)} | {f.role} | {f.sha256 or 'not used'} |" for f in package.files]
    return "\n".join(lines) + "\n"


def _sentence(package: Package) -> str:
    said = " ".join(f"{s}." for s in package.said)
    return f"{first_line(package)}\n\n{_text(said)}"


def _actions(package: Package) -> Iterator[str]:
    for said, ids in ASKED.items():
        held = [f for f in package.findings if f.id in ids]
        if held:
            yield f"- [ ] {said}"
            at: dict[tuple[str, str], list[int]] = {}
            for f in held:
                at.setdefault((f.file, f.text), []).append(f.line)
            for (file, text), lines in list(at.items())[:20]:
                said = ", ".join(map(str, lines[:8])) + (f" and {len(lines) - 8} more" if len(lines) > 8 else "")
                yield f"  - `{file}`, line{'s' * (len(lines) > 1)} {said}: {_text(text)}"
            if len(at) > 20:
                yield f"  - and {len(at) - 20} more"


def _requirements(package: Package) -> list[str]:
    held = [f for f in package.findings if f.id == "package-undeclared"]
    out = ["### Missing computational requirements", ""]
    if not held:
        return [*out, "None", ""]
    rows = [f"    - {_text(f.text)}" for f in held]
    return [*out, "- [x] Software Requirements", "  - [x] Stata", *rows, ""]


def _preparation(package: Package) -> list[str]:
    out = ["### Data Preparation Code", ""]
    p = package.programs
    by_file = needing_a_look(package)
    for name in programs(package):
        n = by_file[name]
        many = f"has {n} statement{'s' * (n > 1)} that need{'s' * (n == 1)} a look (see the findings)."
        out.append(f"- Program `{name}` " + (many if n else "ran without error."))
    return [*out, ""] if p.do_files else [*out, "No program was run.", ""]


def _exhibits(package: Package) -> list[str]:
    out = ["### Tables and Figures", "", "| Figure/Table # | Program | Line Number | Reproduced? |", "|---|---|---|---|"]
    shown = [e for e in in_order(package.exhibits) if e.origin != "text"]
    for e in shown:
        file, line = where(e)
        out.append(f"| {_cell(called(e, package))} | {_cell(file)} | {line} | {reproduced(e)} |")
    out.append("")
    for e in shown:
        off = [c for c in e.cells if c.verdict in ("differs", "explained")]
        if off:
            out.append(f"- {_text(e.id)}:")
            for c in off[:30]:
                column = f"column {c.column}, " if len(e.columns) > 1 else ""
                why = "; ".join(x.text for x in c.causes) or c.reason
                out.append(f"  - {column}{_text(c.label or c.term)} ({_text(c.quantity)}): {_text(c.printed)} in print, "
                           f"{number(c.estimated)} reproduced, {c.verdict}: {_text(why)}")  # fmt: skip
            if len(off) > 30:
                out.append(f"  - and {len(off) - 30} more")
    return [*out, ""]


def _in_text(package: Package) -> list[str]:
    out = ["### In-Text Numbers", ""]
    held = [e for e in package.exhibits if e.origin == "text"]
    if not held:
        return [*out, "- [x] In-text numbers not verified.", ""]
    for e in held:
        for c in e.cells:
            sentence = e.columns[c.column - 1].head
            out.append(f'- "{_text(sentence)}": {c.verdict}' + (f" ({_text(c.reason)})" if c.reason else ""))
    return [*out, ""]


def incomplete(package: Package) -> list[tuple[bool, str]]:
    """The AEA's reasons, those that apply marked."""
    s = package.summary
    ids = Counter(f.id for f in package.findings if not installs(f))
    why = " ".join(r for r, _ in reasons(package))
    absent = ids["file-absent"] > 0 or "data are absent" in why
    return [
        (s.differs > 0, "`Discrepancy in output` (either figures or numbers in tables or text differ)"),
        (any(ids[i] for i in BUGS), "`Bugs in code` that were fixable by the replicator"),
        (any(ids[i] for i in NO_CODE), "`Code missing`"),
        (package.programs.failed > 0 and not s.reproduced, "`Code not functional`"),
        ("no engine" in why or ids["unknown-command"] + ids["never-run"] > 0, "`Software not available to replicator`"),
        (ids["too-much"] > 0, "`Insufficient time available to replicator`"),
        (absent, "`Data missing`"),
        (False, "`Data not available`"),
    ]  # fmt: skip


def where(e: ExhibitOf) -> tuple[str, str]:
    """Program and line of an exhibit."""
    command = e.command or next((c.command for c in e.columns if c.command is not None), None) or e.named
    return (command.file, str(command.line)) if command is not None else ("", "")


def reproduced(e: ExhibitOf) -> str:
    """Yes, or what isn't."""
    n = len(e.cells)
    counts = {v: e.count(v) for v in ("reproduced", "explained", "differs", "not verified")}
    if counts["reproduced"] == n:
        own = e.origin == "log" and where(e)[0] == e.file
        return ("Yes, by the log's own commands" if own else "Yes") if n else "(contains no data)"
    if not counts["reproduced"] + counts["explained"] + counts["differs"]:
        return "Not verified"
    said = [f"{k} {v}" for v, k in counts.items() if k and v != "reproduced"]
    return ("Partly: " if counts["reproduced"] else "No: ") + f"{', '.join(said)} of {n} numbers"


def _text(text: str) -> str:
    """Markdown in text from data stays text."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    for char in "\\`*_[]<>#":
        clean = clean.replace(char, f"\\{char}")
    return clean


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")
