"""Findings in the shape of the REPLICATION.md of the AEA's data editor: its sections, classes, reasons and tags."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from parity.package.document import ExhibitOf, FindingOf, Package
from parity.report.package.words import (
    BUGS,
    STOPPED,
    called,
    findings,
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
    "[REQUIRED] Please provide the code that makes each table, or name it.": ("exhibit-without-code", "no-command-gives-it"),
    "[REQUIRED] Please say which command gives each of these columns: none gives all of their numbers.": (
        "no-command-gives-all",
    ),
    "[REQUIRED] Please provide tables as the code writes them: these columns are another command's.": (
        "another-column", "table-of-another-run",
    ),
    "[REQUIRED] Please provide the code that gives each log, or logs of the code that is provided.": (
        "log-of-other-code", "log-without-code", "output-older-than-code", "note-command",
    ),
    "[REQUIRED] Please provide debugged code, addressing the issues identified in this report.": (
        "undefined-macro", "estimates-not-cleared", "stata-stops",
    ),
    "[REQUIRED] Please provide all data that the code reads, or say how to get them.": ("file-absent",),
    "[REQUIRED] Please check that the data provided are those that the exhibits were made of.": ("other-data",),
    "[REQUIRED] Please correct the notes of tables that are wrong about their numbers.": (
        "note-brackets", "note-stars", "note-clusters", "note-robust", "note-errors", "note-count", "note-kind",
    ),
    "[REQUIRED] Please provide logs as they were written: their words deny their numbers or commands.": ("note-window",),
    "[REQUIRED] Please correct the labels of tables that are wrong about their numbers.": ("note-labels", "note-sample"),
    "[REQUIRED] Please correct the headings of tables that are wrong about their numbers.": (
        "note-outcome", "note-model", "note-columns",
    ),
    "[REQUIRED] Please correct the rows of tables that say of their columns what the commands don't do.": (
        "note-effects", "note-controls", "note-instruments", "note-weights",
    ),
    "[REQUIRED] Please show the coefficients that the code puts into tables, or say which are left out.": ("note-rows",),
}  # fmt: skip
#: How a number that differs is asked for, and a README that isn't there: neither is a finding of the code.
ASKED_NUMBERS = "[REQUIRED] Please correct the numbers that the data don't give, or the code."
ASKED_OTHER_CODE = "[REQUIRED] Please provide the code, or the numbers, that belong together: these are of something else."
ASKED_README = ("[REQUIRED] Please add a README: the data and where they come from, the software, and how the code is run "
                "to make each table and figure.")  # fmt: skip
#: As many numbers, and findings, are listed; the JSON has each.
MOST_NUMBERS, MOST_FINDINGS = 60, 60
#: Findings of output that no do-file of the package gives.
NO_CODE = ("exhibit-without-code", "log-of-other-code", "log-without-code", "output-older-than-code")
#: Findings of mistakes in the code that the run got round: a file that lies in another folder than it is read from.
MENDED = ("file-elsewhere",)
#: Findings of what parity doesn't know, and Stata may: they say nothing of the package.
NOT_KNOWN_HERE = ("unknown-command", "unknown-function", "option-not-read")
#: Other software that a do-file calls, as its finding says it.
_OTHERS = (": it starts another program", ": it is another language", ": it is compiled code", ": it runs R")
#: A guess by spelling, `: did you mean `a.csv` or `b.csv`?`: for whoever sits at the terminal, not for a request.
_GUESS = re.compile(r": did you mean `[^`?]*`(?: or `[^`?]*`)?\?")


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
    lines += _not_known_here(package)
    lines += ["", "## Appendix", "", "| file | role | SHA-256 |", "|---|---|---|"]
    lines += [f"| {_cell(f.path)} | {f.role} | {f.sha256 or 'not used'} |" for f in package.files]
    return "\n".join(lines) + "\n"


def _sentence(package: Package) -> str:
    said = " ".join(f"{s}." for s in package.said)
    return f"{first_line(package)}\n\n{_text(said)}"


def _actions(package: Package) -> Iterator[str]:
    if package.files and not has_readme(package):
        yield f"- [ ] {ASKED_README}"
    yield from _wrong_numbers(package)
    for said, ids in ASKED.items():
        held = [f for f in package.findings if f.id in ids]
        if held:
            yield f"- [ ] {said}"
            at: dict[tuple[str, str], list[int]] = {}
            for f in held:
                at.setdefault((f.file, f.text), []).append(f.line)
            for (file, text), lines in list(at.items())[:20]:
                said = ", ".join(map(str, lines[:8])) + (f" and {len(lines) - 8} more" if len(lines) > 8 else "")
                yield f"  - `{file}`, line{'s' * (len(lines) > 1)} {said}: {_said(text)}"
            if len(at) > 20:
                yield f"  - and {len(at) - 20} more"


def has_readme(package: Package) -> bool:
    """Whether a file is called so, wherever it lies: `README.md`, `read_me.pdf`, `0_ReadMe.docx`."""
    names = (f.path.rpartition("/")[2].lower() for f in package.files)
    return any("readme" in re.sub(r"[ _-]", "", name) for name in names)


def _wrong_numbers(package: Package) -> Iterator[str]:
    """The request for each number that differs, at its own line."""
    other = {(e.id, c.column): (e, c) for e, c in package.of_other_code}
    if other:
        yield f"- [ ] {ASKED_OTHER_CODE}"
        for e, c in list(other.values())[:MOST_NUMBERS]:
            column = f", column {c.column}" if len(e.columns) > 1 else ""
            yield f"  - `{e.file}`, line {c.line or e.line}{column}: {_said(c.causes[0].text)}"
    off = [(e, c) for e in in_order(package.exhibits) for c in e.cells if c.verdict == "differs"]
    if not off:
        return
    yield f"- [ ] {ASKED_NUMBERS}"
    for e, c in off[:MOST_NUMBERS]:
        column = f", column {c.column}" if len(e.columns) > 1 else ""
        name = "".join(f", {_text(x)}" for x in dict.fromkeys((c.label, c.term, c.quantity)) if x)
        said = c.reason or f"printed {c.printed}, estimated {number(c.estimated)}"
        yield f"  - `{e.file}`, line {c.line or e.line}{column}{name}: {_said(said)}"
    if len(off) > MOST_NUMBERS:
        yield f"  - and {len(off) - MOST_NUMBERS} more"


def _requirements(package: Package) -> list[str]:
    held = [f for f in package.findings if f.id == "package-undeclared"]
    out = ["### Missing computational requirements", ""]
    if package.files and not has_readme(package):
        out += ["There is no README: none is declared.", ""]
    elif not held:
        out += ["None", ""]
    if not held:
        return out
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
    return [*out, "" if p.do_files else "No program was run.", *([] if p.do_files else [""]), *_listed(package)]


def _listed(package: Package) -> list[str]:
    """What the findings are, those of statements that need a look first."""
    found = sorted(findings(package), key=lambda f: f.id not in (*BUGS, *STOPPED))
    if not found:
        return []
    rows = [f"| {_cell(f.places)} | {f.id} | {_said(f.text, _cell)} |" for f in found[:MOST_FINDINGS]]
    more = len(found) - MOST_FINDINGS
    rows += [f"| and {more} more |  | the JSON has each |"] if more > 0 else []
    return ["### Findings of the Code and the Exhibits", "", "| file and line | finding | |", "|---|---|---|", *rows, ""]


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
                           f"{number(c.estimated)} reproduced, {c.verdict}: {_said(why)}")  # fmt: skip
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
            out.append(f'- "{_text(sentence)}": {c.verdict}' + (f" ({_said(c.reason)})" if c.reason else ""))
    return [*out, ""]


def incomplete(package: Package) -> list[tuple[bool, str]]:
    """The AEA's reasons, those that apply marked."""
    s = package.summary
    ids = Counter(f.id for f in package.findings if not installs(f))
    why = " ".join(r for r, _ in reasons(package))
    absent = ids["file-absent"] > 0 or "data are absent" in why
    return [
        (s.differs > 0, "`Discrepancy in output` (either figures or numbers in tables or text differ)"),
        (any(ids[i] for i in MENDED), "`Bugs in code` that were fixable by the replicator"),
        (any(ids[i] for i in NO_CODE), "`Code missing`"),
        (stops(package), "`Code not functional`"),
        (any(_calls_others(f) for f in package.findings), "`Software not available to replicator`"),
        (ids["too-much"] > 0, "`Insufficient time available to replicator`"),
        (absent, "`Data missing`"),
        (False, "`Data not available`"),
    ]  # fmt: skip


def _calls_others(f: FindingOf) -> bool:
    """Whether a statement calls for other software than Stata."""
    return f.id == "never-run" and f.text.endswith(_OTHERS) and not f.text.lower().startswith("`mata")


def _not_known_here(package: Package) -> list[str]:
    """What parity itself lacks."""
    said = dict.fromkeys(_said(f.text) for f in package.findings if f.id in NOT_KNOWN_HERE)
    said |= dict.fromkeys(_said(r) for r, _ in reasons(package) if "no engine" in r or "not held against the data" in r)
    if not said:
        return []
    rows = [f"- {text}" for text in list(said)[:MOST_NUMBERS]]
    return ["", "Not checked for want of parity's own support, which is no reason above:", "", *rows]


def stops(package: Package) -> bool:
    """Whether a do-file stops in Stata, too: a file that isn't there, a brace that is missing, a return code. What isn't
    known here may have made the variables that a statement misses, so beside it a return code says nothing."""
    ids = {f.id for f in package.findings}
    if ids & {"file-absent", "unbalanced-braces", "stata-stops"}:
        return True
    return not ids & set(STOPPED) and any(f.id == "stata-error" and "; r(" in f.text for f in package.findings)


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


def _said(text: str, written: Callable[[str], str] | None = None) -> str:
    """What a finding or a reason says, without guesses. written: how text is kept as text"""
    return (written or _text)(_GUESS.sub("", text))


def _text(text: str) -> str:
    """Markdown in text from data stays text."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    for char in "\\`*_[]<>#":
        clean = clean.replace(char, f"\\{char}")
    return clean


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")
