"""Report -> LaTeX: a longtable for an appendix. Needs booktabs and longtable; XeLaTeX where names aren't Latin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from parity.base.printing import one_line
from parity.report.overview import StudyView, Table, overview
from parity.report.sentence import verdict_counts
from parity.report.traced import with_causes
from parity.report.words import difference_lines, headline, uncompared_line
from parity.results.record import VERDICTS, Report

_ESCAPED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "−": r"$-$", "²": r"$^2$", "∞": r"$\infty$", "×": r"$\times$", "·": r"$\cdot$", "–": "--", "—": "---", "…": r"\ldots{}",
    "\"": r"\textquotedbl{}", "`": r"\textasciigrave{}", "χ": r"$\chi$", "ρ": r"$\rho$", "λ": r"$\lambda$", "σ": r"$\sigma$",
    "α": r"$\alpha$", "β": r"$\beta$", "γ": r"$\gamma$", "δ": r"$\delta$", "θ": r"$\theta$", "μ": r"$\mu$", "τ": r"$\tau$",
}  # fmt: skip


def to_latex(report: Report) -> str:
    """A table of every spec, and a paragraph on each that doesn't agree."""
    report = with_causes(report)
    view = overview(report)
    counts = ", ".join(f"{n} {v}" for v, n in verdict_counts(report).items())
    lines = [r"% \usepackage{booktabs,longtable}"]
    tables = [(study, table) for study in view.studies for table in study.tables]
    for label in dict.fromkeys(table.label for _, table in tables):
        lines += _longtable([(s, t) for s, t in tables if t.label == label], _sentence(label) or view.sentence)
    note = f"Numbers are digits of agreement with the reference (ref.). Comparisons: {counts}. {_sentence(view.live)}"
    note = f"{note.rstrip('.')}. {uncompared_line(report.records)}".rstrip()
    lines += [rf"\noindent {escape(note)}", ""]
    trouble = [r for r in report.records if not r.harmless]
    for record in sorted(trouble, key=lambda r: VERDICTS.index(r.verdict)):
        said = [headline(record), *difference_lines(record, most=4), *(c.text for c in record.causes if c.alternative == 0)]
        lines += [rf"\noindent \textbf{{{escape(record.name)}}}: {escape('; '.join(said))}.", ""]
    return "\n".join(lines)


def _longtable(tables: Sequence[tuple[StudyView, Table]], caption: str) -> Iterator[str]:
    engines = tuple(dict.fromkeys(e for _, table in tables for e in table.engines))
    columns = "ll" + "r" * (len(engines) + 2)
    head = " & ".join(["Specification", "Verdict", "Digits", *map(escape, engines), "Printed"]) + r" \\"
    yield from (
        rf"\begin{{longtable}}{{{columns}}}",
        rf"\caption{{{escape(caption)}}}\\",
        r"\toprule", head, r"\midrule", r"\endfirsthead",
        r"\toprule", head, r"\midrule", r"\endhead",
        r"\bottomrule", r"\endfoot",
    )  # fmt: skip
    for study, table in tables:
        title = f"{study.id}: {study.title}" if study.title else study.id
        yield rf"\multicolumn{{{len(columns)}}}{{l}}{{\textit{{{escape(title)}}}}} \\"
        for row in table.rows:
            name = row.name if row.mode == "harmonised" else f"{row.name} ({row.mode})"
            cells = [cell.text or _WORD.get(cell.spoken, cell.spoken) for cell in (*map(row.at, engines), row.printed)]
            yield " & ".join(map(escape, [name, row.verdict, row.digits, *cells])) + r" \\"
    yield from (r"\end{longtable}", "")


_WORD = {"declined": "", "not asked": "", "none": "", "reference": "ref.", "unavailable": "n/a"}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def escape(text: str) -> str:
    return "".join(_ESCAPED.get(c, c) for c in one_line(text, " "))
