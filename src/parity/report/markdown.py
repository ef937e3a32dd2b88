"""Report -> Markdown, for a pull request, an issue or a step summary."""

from __future__ import annotations

import re

from parity.base.printing import one_line
from parity.report.in_print import next_question
from parity.report.overview import SHAPES, Row, StudyView, Table, overview
from parity.report.sentence import verdict_counts
from parity.report.traced import with_causes
from parity.report.words import alternatives, difference_lines, headline, read_lines, uncompared_line
from parity.results.record import VERDICTS, Cause, Record, Report

#: Differences of one record that are listed.
LISTED = 6


def to_markdown(report: Report) -> str:
    """The sentence, the counts, what differs and why, then a table of every spec."""
    report = with_causes(report)
    view = overview(report)
    blocks = [f"## {escape(view.sentence)}", _counts(report), escape(f"{view.live[:1].upper()}{view.live[1:]}")]
    if view.made:
        blocks.append(escape(f"Made data, not observed: {', '.join(view.made)}."))
    blocks += ["\n".join(f"- {escape(line)}" for line in read_lines(report))] if report.read else []
    trouble = [r for r in report.records if not r.harmless]
    if trouble:
        blocks.append("### What differs")
        blocks += [_finding(r) for r in sorted(trouble, key=lambda r: VERDICTS.index(r.verdict))]
    blocks += ["### Specifications", *(_table(study, table) for study in view.studies for table in study.tables)]
    if alone := uncompared_line(report.records):
        blocks.append(escape(alone))
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    blocks.append(f"<sub>{escape(versions)}</sub>")
    return "\n\n".join(blocks) + "\n"


def _counts(report: Report) -> str:
    counts = verdict_counts(report)
    said = ", ".join(f"{SHAPES[v][1]} {n:,} {v}" for v, n in counts.items())
    return f"Comparisons: {said}."


def _finding(record: Record) -> str:
    lines = [f"- **{escape(record.name)}**: {record.verdict}: {escape(headline(record))}"]
    if record.kind == "printed" and record.note:
        lines.append(f"  - printed in: {escape(record.note)}")
    lines += [f"  - {escape(line)}" for line in difference_lines(record, most=LISTED)]
    if command := next_question(record):
        tried = "causes were tried one by one, and none gives what is printed; several at once"
        lines.append(f"  - {'which variant gives it' if record.about_analysis else tried}: {code(command)}")
    first, *others = alternatives(record) or [()]
    lines += [line for cause in first for line in _cause(cause)]
    if others:
        named = [" + ".join(c.id for c in causes) for causes in others]
        rest = f" and {len(named) - LISTED} more" if len(named) > LISTED else ""
        lines.append(f"  - or, which these numbers cannot tell apart: {escape('; '.join(named[:LISTED]))}{rest}")
    return "\n".join(lines)


def _cause(cause: Cause) -> list[str]:
    lines = [f"  - {escape(cause.text)} ({code(cause.id)}, leaves {cause.residual:.1e})"]
    lines += [f"    - {code(cause.formula)}"] if cause.formula else []
    lines += [f"    - {escape(who)} gives this: {code(what)}" for who, what in cause.how.items()]
    lines += [f"    - {escape(who)} avoids it: {code(what)}" for who, what in cause.avoids.items()]
    return lines + ([f"    - source: {escape(cause.source)}"] if cause.source else [])


def _table(study: StudyView, table: Table) -> str:
    said = table.label or study.title
    head = f"**{escape(study.id)}**{f' {escape(said)}' if said else ''}"
    rows = [
        f"| spec | verdict | {' | '.join(map(escape, table.engines))} | other checks |",
        f"|---|---|{'--:|' * len(table.engines)}--:|",
        *(_row(row, table.engines) for row in table.rows),
    ]
    return head + "\n\n" + "\n".join(rows)


def _row(row: Row, engines: tuple[str, ...]) -> str:
    shapes = {css: shape for css, shape, _ in SHAPES.values()}
    cells = []
    for cell in (*map(row.at, engines), row.printed):
        shape = shapes.get(cell.css[:1], "")
        cells.append(cell.text if cell.css.startswith("a ") else f"{shape} {cell.text}".strip())
    name = escape(row.name) + ("" if row.mode == "harmonised" else f" ({row.mode})")
    return f"| {name} | {SHAPES[row.verdict][1]} {row.verdict} | {' | '.join(cells)} |"


def escape(text: str) -> str:
    """Names and messages come from files and engines: none of them may become markup or leave its cell."""
    escaped = re.sub(r"([\\`*_\[\]#!|~$])", r"\\\1", one_line(text))
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
    # nothing becomes a link by itself, nor a list or a heading where a line begins with it
    escaped = escaped.replace("://", "&#58;//").replace("www.", "www&#46;")
    return re.sub(r"^(?:([-+=])(?=\s|[-+=]|$)|(\d+)([.)])(?=\s|$))", _as_text, escaped)


def _as_text(mark: re.Match[str]) -> str:
    return f"&#{ord(mark[1])};" if mark[1] else f"{mark[2]}\\{mark[3]}"


def code(text: str) -> str:
    """A code span of any text."""
    said = one_line(text).replace("|", "\\|") or " "
    fence = "`" * (max((len(m) for m in re.findall("`+", said)), default=0) + 1)
    pad = " " if "`" in said else ""
    return f"{fence}{pad}{said}{pad}{fence}"
