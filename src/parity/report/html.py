"""Report -> one HTML file that opens from a disk: no request leaves it, and its own script is the only one that may run."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Collection, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from parity.base.printing import printing
from parity.report.chinese import Told, told_in
from parity.report.named_causes import named_causes
from parity.report.overview import SHAPES, overview
from parity.report.page import page
from parity.report.sentence import specs_of
from parity.report.traced import with_causes
from parity.results.record import Report
from parity.study.words_of_tables import Language

TEMPLATES = Path(__file__).parent / "templates"


def to_html(report: Report, language: Language = "en", tables: Sequence[Any] = ()) -> str:
    """The whole page. Everything from data is escaped; numbers are computed here, the page's script only picks.

    tables: grids of `parity.table.grid`, with which the page opens.
    Pages of specs that agree are kept as text until they are opened: thousands of them would slow the first.
    """
    report = with_causes(report)
    view = overview(report)
    details = {(d.study, d.spec, d.mode): d for d in report.details or ()}
    analyses = {(a.study, a.spec, "harmonised"): a for a in report.analyses or ()}
    records = specs_of(report)
    rows = [row for study in view.studies for row in study.rows]
    keys = [(row.study, row.spec, row.mode) for row in rows]
    pages = [page(report, row, records[k], details.get(k), analyses.get(k)) for row, k in zip(rows, keys, strict=True)]
    jinja = environment(language)
    template, ids = jinja.get_template("page.html.j2"), [None, *(row.id for row in rows), None]
    causes = named_causes(report)
    texts = [
        (p, _page(template.render(p=p, before=ids[i], after=ids[i + 2], shapes=SHAPES), kept=not p.bad))
        for i, p in enumerate(pages)
    ]
    script, style = (
        words_of_script(language) + template_text("theme.js") + template_text("report.js"),
        template_text("report.css"),
    )
    return jinja.get_template("report.html.j2").render(
        report=report, view=view, pages=texts, shapes=SHAPES, script=script, style=style, policy=policy(script),
        causes=causes, named={c.cause.id for c in causes}, tables=tables,
    )  # fmt: skip


def _page(text: str, *, kept: bool):
    """A page as it stands, or kept as a JSON string that no text in it can end: neither `</script` nor `<!--` is left."""
    from markupsafe import Markup

    if not kept:
        return Markup(text)
    packed = json.dumps(text, ensure_ascii=False).replace("</", "<\\/")
    return Markup(re.sub(r"<(?=[!sS])", r"\\u003c", packed))


def policy(script: str) -> str:
    """Nothing is loaded from anywhere, and no script runs but this one."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def words_of_script(language: Language) -> str:
    """What the page's script says, in the language; nothing in English, which it has itself."""
    said = {text: told_in(language)(text) for text in SAID_BY_SCRIPT}
    return "" if language == "en" else f'"use strict";\nvar WORDS = {json.dumps(said, ensure_ascii=False)};\n'


#: Texts of `report.js` and `theme.js`: each goes through `told` there.
SAID_BY_SCRIPT = (
    "auto", "light", "dark", "{a} specifications", "{a} of {b} specifications", "{a} others", "{a} of {b} others",
    "{a} to {b}", "● this convention rounds to it", "▲ this convention does not round to it", ", as declared", "Copied",
)  # fmt: skip


@cache
def environment(language: Language = "en"):
    """Templates of pages; their own text is in the language, what stands in it as it is unless it goes through `told`."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from parity.report.chinese.templates import InChinese

    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=StrictUndefined, keep_trailing_newline=True, finalize=_plain,
        extensions=[InChinese] if language == "zh" else [],
    )  # fmt: skip
    made.filters |= {
        "ticks": _ticks,
        "breaks": _breaks,
        "told": told_in(language),
        "all_told": partial(_all_told, told_in(language)),
        "spoken": partial(_spoken, told_in(language)),
    }
    made.globals["language"] = language
    made.policies["json.dumps_kwargs"] = {"sort_keys": False, "separators": (",", ":"), "ensure_ascii": False}
    return made


def _spoken(told: Told, drawing: str) -> Any:
    """A drawing's markup, with what is read of it to who doesn't see it in the language; names in it stay."""
    from markupsafe import Markup, escape

    from parity.report.chinese.templates import SPOKEN, TOLD

    for form in (SPOKEN, TOLD):
        drawing = form.sub(lambda m: m[1] + str(escape(told(html.unescape(m[2])))) + m[3], drawing)
    return Markup(drawing)


def _plain(value: object) -> object:
    """Text of data without characters that don't print; what is markup already was made by the filters here."""
    from markupsafe import Markup

    return printing(value, "\ufffd", keep="\n\t") if isinstance(value, str) and not isinstance(value, Markup) else value


def _ticks(text: str, causes: Collection[str] = ()):
    """Text with what stands between backticks as code, and as a link where it is one of the causes; all of it escaped."""
    from markupsafe import Markup, escape

    known = {str(escape(cause)) for cause in causes}

    def code(found: re.Match[str]) -> str:
        shown = f"<code>{found[1]}</code>"
        return f'<a href="#cause-{found[1]}">{shown}</a>' if found[1] in known else shown

    return Markup(re.sub(r"`([^`]+)`", code, str(escape(_plain(text)))))


def _breaks(name: str):
    """A name that may break after its underscores and dots."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"([_.])(?=\w)", r"\1<wbr>", str(escape(_plain(name)))))


#: Keys of a page's data whose texts are sentences.
_SENTENCES = ("rules", "why", "said", "left")


def _all_told(told: Told, data: Any, key: str = "") -> Any:
    """Data of the page's script with its sentences in the language."""
    if isinstance(data, dict):
        return {k: _all_told(told, v, k) for k, v in data.items()}
    if isinstance(data, list | tuple):
        return [_all_told(told, v, key) for v in data]
    return told(data) if isinstance(data, str) and key in _SENTENCES else data


@cache
def template_text(name: str) -> str:
    """A style or script as it stands among the templates."""
    return (TEMPLATES / name).read_text(encoding="utf-8")
