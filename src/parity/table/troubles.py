"""Why a column is marked, in the language of the table: what a record says that fails it."""

from __future__ import annotations

from parity.report.in_print import no_such
from parity.report.words import alternatives, headline
from parity.results.record import OF_DATA, Record
from parity.study.words_of_tables import Language
from parity.table.noted import noted

_NAMES = {"python": "Python", "base-r": "R", "r": "R"}


def trouble_of(record: Record, language: Language | None) -> str:
    """One sentence, without its full stop."""
    return _in_chinese(record) if language == "zh" else f"{record.verdict}: {headline(record)}"


def unverified(record: Record | None, language: Language | None) -> str:
    """Of what no record compared; record: the first that says why, if any."""
    if language != "zh":
        return f"not verified: {record.candidate}: {record.note}" if record else "not verified"
    return f"未经验证：{_name(record.candidate)}：{noted(record.note, language)}" if record else "未经验证"


def _in_chinese(record: Record) -> str:
    note = noted(record.note, "zh")
    if record.verdict == "disagree":
        told = no_such(record) or record.kind in OF_DATA
        what = note if told else f"比较的 {record.checked} 个数中有 {len(record.differences)} 个不一致{_perhaps(record)}"
    else:
        what = {
            "vacuous": f"未作任何比较：{note}", "failed": f"未能完成：{note}", "stale": f"结果已过期：{note}",
            "explained": f"差异的原因是 {_causes(record)}", "unavailable": f"无法运行：{note}",
            "declined": f"未估计：{note}",
        }.get(record.verdict, note)  # fmt: skip
    if record.kind == "printed":
        return f"论文中的数字与估计值相比：{what}"
    sides = " 与 ".join(_name(one) for one in (record.candidate, record.reference) if one)
    return f"{sides}：{what}" if sides else what


def _perhaps(record: Record) -> str:
    if not record.causes or all(c.certain for c in record.causes):
        return ""
    return f"，原因可能是 {_causes(record)}（位数太少，也可能只是巧合）"


def _causes(record: Record) -> str:
    return " 或 ".join("、".join(c.id for c in causes) for causes in alternatives(record))


def _name(engine: str) -> str:
    return _NAMES.get(engine, engine)
