"""Report -> text for a terminal of 80 columns: the sentence that matters, one row a spec, worst first, then each
non-agreement, then one true line with its counts where the sentence hasn't said them. Sentences are made in English, and
told in the language asked for as they are put on lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import wcwidth
from tabulate import tabulate

from parity.base.printing import printing
from parity.report.chinese import Told, as_it_is, told_in
from parity.report.in_print import searched
from parity.report.sentence import main_sentence
from parity.report.text import wrapped
from parity.report.words import cause_lines, difference_lines, headline, last_line, live_line, read_lines, uncompared_line
from parity.results.record import HARMLESS, SIDES, VERDICTS, Record, Report
from parity.study.words_of_tables import Language

SPEC_WIDTH = 33
HEADS = ("verdict", "spec", "engines", "digits", "printed")


def to_terminal(report: Report, language: Language = "en", *, verbose: bool = False) -> str:
    """The whole report. `verbose` lists declined and unavailable engines too."""
    told = told_in(language)
    sentence, counts = main_sentence(report), last_line(report)
    sections = [_lines([sentence], told), spec_table(report, told)]
    trouble = [r for r in report.records if not r.harmless]
    sections += [_paragraph(r, told) for r in sorted(trouble, key=lambda r: VERDICTS.index(r.verdict))]
    if not verbose:
        lone = [r for r in report.records if r.verdict == "declined" and _alone(r, report)]
        sections += [_lines([line], told) for line in _declined(lone)]
    if verbose:
        quiet = [r for r in report.records if r.verdict in ("declined", "unavailable")]
        sections += [_lines([f"{r.name}: {headline(r)}" for r in quiet], told, "  ")]
        sections += [_paragraph(r, told) for r in report.records if r.verdict == "explained" and r.harmless]
    sections.append(_causes(report, told))
    if report.made:
        sections.append(_lines([f"Made data, not observed: {', '.join(report.made)}."], told))
    sections.append(_lines(read_lines(report), told))
    sections += [_lines([live_line(report)], told), _lines([uncompared_line(report.records)], told)]
    sections += [_lines([counts], told)] if counts != sentence else []
    text = "\n\n".join(s for s in sections if s) + "\n"
    # names and messages come from files and engines: no control sequence of theirs may reach the terminal
    return printing(text)


def _lines(sentences: Iterable[str], told: Told, indent: str = "") -> str:
    return "\n".join(wrapped(told(sentence), indent) for sentence in sentences)


def _alone(record: Record, report: Report) -> bool:
    """Whether every engine that was asked about its spec declined, so that its reason is all that there is to say."""
    beside = [r for r in report.records if (r.study, r.spec) == (record.study, record.spec) and r.kind in SIDES]
    return all(r.verdict in ("declined", "unavailable") for r in beside)


def _declined(records: Sequence[Record]) -> list[str]:
    """A sentence for each reason of a spec, and who gives it: of a spec that is wrong all engines give one."""
    who: dict[tuple[str, str], list[str]] = {}
    for record in records:
        who.setdefault((record.name, record.note), []).append(record.candidate)
    return [f"DECLINED {name}: {note} ({', '.join(engines)})" for (name, note), engines in who.items()]


def spec_table(report: Report, told: Told = as_it_is) -> str:
    """A row for each spec, worst first."""
    rows = []
    for study, spec in dict.fromkeys((r.study, r.spec) for r in report.records):
        records = [r for r in report.records if (r.study, r.spec) == (study, spec)]
        if records[0].kind == "expectation" or (records[0].kind == "reading" and records[0].harmless):
            continue  # it is the study's, no spec's; the last line says it
        worst = min(records, key=lambda r: VERDICTS.index(r.verdict)).verdict
        compared = [r for r in records if r.checked and r.kind in SIDES]
        agreed = sum(r.verdict == "agree" for r in compared)
        own = all(r.mode == "harmonised" for r in compared)  # then the reference is one of the engines
        engines = f"{agreed + own}/{len(compared) + own}" if compared else "0"
        digits = min((r.digits for r in compared if r.digits is not None), default=None)
        printed = [r for r in records if r.kind == "printed"]
        shown = f"{sum(r.verdict == 'agree' for r in printed)}/{len(printed)}" if printed else ""
        verdict = "agree" if worst in HARMLESS and compared else worst
        rows.append((VERDICTS.index(verdict), digits or 0.0, verdict, records[0].name, engines, digits, shown))
    rows.sort(key=lambda row: row[:2])
    body = [
        (told(v), _clip(name, SPEC_WIDTH), engines, "" if d is None else f"{d:.1f}", shown)
        for _, _, v, name, engines, d, shown in rows
    ]
    return tabulate(body, headers=[told(head) for head in HEADS], tablefmt="simple",
                    colalign=("left", "left", "right", "right", "right"), disable_numparse=True)  # fmt: skip


def _causes(report: Report, told: Told) -> str:
    """Which causes each engine's differences were explained by, and in how many specs."""
    count: Counter[tuple[str, str]] = Counter()
    for record in (r for r in report.records if r.mode == "as-shipped"):
        count.update({(record.candidate, c.id) for c in record.causes if c.alternative == 0})
    if not count:
        return ""
    rows = [(engine, cause, n) for (engine, cause), n in sorted(count.items(), key=lambda item: (item[0][0], -item[1]))]
    shown = [("" if i and rows[i - 1][0] == engine else engine, cause, n) for i, (engine, cause, n) in enumerate(rows)]
    heads = [told(head) for head in ("as shipped", "cause", "specs")]
    return tabulate(shown, headers=heads, tablefmt="simple", disable_numparse=True,
                    colalign=("left", "left", "right"))  # fmt: skip


def _paragraph(record: Record, told: Told) -> str:
    said = [*difference_lines(record, most=4), searched(record), *(f"engine said: {w}" for w in record.warnings[:2])]
    title = wrapped(told(f"{record.verdict.upper()} {record.name}: {headline(record)}"))
    causes = [wrapped(line, "    ") for line in cause_lines(record, told)]
    return "\n".join([title, *causes, *(wrapped(told(line), "    ") for line in said if line)])


def _clip(text: str, width: int) -> str:
    """Cut to a display width; Chinese characters take two columns."""
    return text if wcwidth.width(text) <= width else wcwidth.clip(text, 0, width - 1) + "…"
