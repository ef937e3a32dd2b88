"""The summary of a run on a terminal, in Chinese: the same records as `terminal.py` shows, phrases of one catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from parity.base.printing import printing
from parity.base.quantities import place
from parity.report.chinese.forms import in_chinese
from parity.report.in_print import printed_text
from parity.report.phrases_zh import KINDS_ZH, PHRASES_ZH, TRANSPORTS_ZH, VERDICTS_ZH
from parity.report.sentence import compared_engines, specs_of
from parity.report.terminal import spec_table
from parity.report.text import wrapped
from parity.report.words import CAN_NOT_RUN, alternatives, number, other_kinds
from parity.results.record import OF_DATA, VERDICTS, Difference, Record, Report

MOST = 4


def said(key: str, **values: object) -> str:
    return PHRASES_ZH[key].format(**values)


def to_terminal_zh(report: Report, *, verbose: bool = False) -> str:
    """The whole report. `verbose` lists declined and unavailable engines too."""
    heads = tuple(said(f"head {name}") for name in ("verdict", "spec", "engines", "digits", "printed"))
    shown = [r for r in report.records if not r.harmless or (verbose and r.verdict in ("declined", "unavailable"))]
    sections = [wrapped(_sentence(report)), spec_table(report, heads, VERDICTS_ZH)]
    sections += [_paragraph(r) for r in sorted(shown, key=lambda r: VERDICTS.index(r.verdict))]
    sections.append(wrapped(said("made", names="、".join(report.made))) if report.made else "")
    read = [said("read", study=study, text=in_chinese(note)) for study, notes in report.read.items() for note in notes]
    sections += ["\n".join(map(wrapped, read)), wrapped(_transports(report)), wrapped(_last(report))]
    return printing("\n\n".join(s for s in sections if s) + "\n")


def _sentence(report: Report) -> str:
    """How many specs agree, and which don't."""
    if not report.compared:
        return said("nothing")
    specs = {
        key: records for key, records in specs_of(report).items()
        if records[0].kind not in other_kinds() and not records[0].about_analysis
    }  # fmt: skip
    if not specs:
        return ""
    bad = ["/".join(key[:2]) for key, records in specs.items() if any(not r.harmless for r in records)]
    alone = sum(
        "/".join(key[:2]) not in bad and not any(r.checked and r.kind not in OF_DATA for r in records)
        for key, records in specs.items()
    )
    engines = len(compared_engines(report, of_specs=True))
    parts = [said("agree", total=len(specs), agree=len(specs) - len(bad) - alone, engines=engines)]
    names = "、".join(bad[:MOST]) + (said("more") if len(bad) > MOST else "")
    parts += [said("bad", count=len(bad), names=names)] if bad else []
    parts += [said("alone", count=alone)] if alone else []
    return "；".join(parts) + "。"


def _last(report: Report) -> str:
    """What stands beside the specs, and how many numbers were compared."""
    if not report.compared:
        return said("nothing")
    count = sum(r.checked for r in report.records if r.checked and r.kind not in OF_DATA)
    return "；".join([*_beside(report), said("compared", count=f"{count:,}")]) + "。"


def _beside(report: Report) -> Iterator[str]:
    for kind, name in other_kinds().items():
        records = [r for r in report.records if r.kind == kind]
        if kind == "reading":
            read = [r for r in report.records if r.kind in OF_DATA and r.checked]
            if read:
                yield said("reading same" if all(r.verdict == "agree" for r in read) else "reading other")
        elif records:
            total = len({(r.study, r.spec) for r in records}) if kind in CAN_NOT_RUN else len(records)
            agree = sum(r.verdict == "agree" for r in records)
            called = KINDS_ZH.get(kind, name)
            yield said("wrong" if kind in CAN_NOT_RUN else "beside", total=total, kind=called, agree=agree)
    printed = [r for r in report.records if r.about_analysis]
    if printed:
        yield said("printed", total=len(printed), agree=sum(r.verdict == "agree" for r in printed))


def _transports(report: Report) -> str:
    groups: dict[str, list[str]] = {}
    for engine, how in report.transports.items():
        groups.setdefault(how, []).append(engine)
    parts = [f"{text}：{'、'.join(groups[how])}" for how, text in TRANSPORTS_ZH.items() if how in groups]
    why = {how: how.removeprefix("unavailable").lstrip(": ") for how in groups if how.startswith("unavailable")}
    parts += [said("unavailable", names="、".join(groups[how]), why=text) for how, text in why.items()]
    return "；".join(parts) + "。" if parts else ""


def _paragraph(record: Record) -> str:
    title = said("record", verdict=VERDICTS_ZH[record.verdict], name=record.name, what=_headline(record))
    lines = [
        said("cause", id=c.id, text=f"{in_chinese(c.text)} {in_chinese(c.formula)}".rstrip())
        for c in record.causes
        if c.alternative == 0
    ]
    ranked = sorted(record.differences, key=lambda d: (place(d.quantity), d.digits))
    lines += [_difference(d, printed=record.kind == "printed") for d in ranked[:MOST]]
    lines += [said("and more", count=len(ranked) - MOST)] if len(ranked) > MOST else []
    lines += [said("warning", text=w) for w in record.warnings[:2]]
    return "\n".join([wrapped(title), *(wrapped(line, "    ") for line in lines)])


def _headline(record: Record) -> str:
    causes = said("or").join("、".join(c.id for c in one) for one in alternatives(record))
    what = {
        "agree": said("to digits", checked=record.checked, digits=f"{record.digits or 0:.1f}"),
        "disagree": said("differ", checked=record.checked, count=len(record.differences)),
        "explained": said("by causes", causes=causes),
    }.get(record.verdict, in_chinese(record.note))
    if record.moves:
        what = said("moves", checked=record.checked, count=len(record.moves))
    return said("sides", candidate=record.candidate, reference=record.reference, what=what) if record.reference else what


def _difference(d: Difference, *, printed: bool) -> str:
    name = f"{d.quantity} {d.term}".strip()
    ours = printed_text(d) if printed else number(d.reference)
    if d.candidate is None or d.reference is None:
        return said("only one", name=name, value=number(d.candidate) if d.reference is None else ours)
    key = "difference printed" if printed else "difference"
    return said(key, name=name, ours=ours, theirs=number(d.candidate), digits=f"{d.digits:.1f}")
