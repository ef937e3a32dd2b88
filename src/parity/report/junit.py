"""Report -> JUnit XML, for continuous integration. One test case per record."""

from __future__ import annotations

from xml.etree import ElementTree

from parity.base.printing import printing
from parity.report.words import cause_lines, difference_lines, headline
from parity.results.record import Record, Report


def to_junit(report: Report) -> str:
    """A suite per study; declined and unavailable records are skipped cases that say why."""
    root = ElementTree.Element("testsuites", name="parity")
    for study in dict.fromkeys(r.study for r in report.records):
        records = [r for r in report.records if r.study == study]
        suite = ElementTree.SubElement(root, "testsuite", name=study, tests=str(len(records)))
        suite.set("failures", str(sum(not r.harmless for r in records)))
        suite.set("skipped", str(sum(r.verdict in ("declined", "unavailable") for r in records)))
        for record in records:
            _case(suite, record)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _printable(text) + "\n"


def _case(suite: ElementTree.Element, record: Record) -> None:
    what = record.spec or ("study" if record.problems else record.note)
    name = f"{what} [{record.kind}: {record.candidate or 'all'} against {record.reference or 'none'}]"
    case = ElementTree.SubElement(suite, "testcase", classname=record.study, name=name)
    if record.verdict in ("declined", "unavailable"):
        ElementTree.SubElement(case, "skipped", message=f"{record.verdict}: {record.note}")
    elif not record.harmless:
        failure = ElementTree.SubElement(case, "failure", type=record.verdict, message=headline(record))
        failure.text = "\n".join([*cause_lines(record), *difference_lines(record)])
    elif record.causes:
        ElementTree.SubElement(case, "system-out").text = "\n".join([headline(record), *cause_lines(record)])


def _printable(text: str) -> str:
    """XML 1.0 has no control characters, and no halves of surrogate pairs; data may."""
    return printing(text, "\ufffd")
