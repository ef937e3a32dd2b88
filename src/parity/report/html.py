"""Report -> one HTML file that opens from a disk: no request leaves it, and its own script is the only one that may run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

from parity.base.printing import printing
from parity.report.named_causes import named_causes
from parity.report.overview import SHAPES, overview
from parity.report.page import page
from parity.report.sentence import specs_of
from parity.report.traced import with_causes
from parity.results.record import Report

TEMPLATES = Path(__file__).parent / "templates"


def to_html(report: Report) -> str:
    """The whole page. Everything from data is escaped; numbers are computed here, the page's script only picks.

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
    template, ids = environment().get_template("page.html.j2"), [None, *(row.id for row in rows), None]
    causes = named_causes(report)
    texts = [
        (p, _page(template.render(p=p, before=ids[i], after=ids[i + 2], shapes=SHAPES), kept=not p.bad))
        for i, p in enumerate(pages)
    ]
    script, style = template_text("theme.js") + template_text("report.js"), template_text("report.css")
    return environment().get_template("report.html.j2").render(
        report=report, view=view, pages=texts, shapes=SHAPES, script=script, style=style, policy=policy(script),
        causes=causes, named={c.cause.id for c in causes},
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


@cache
def environment():
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=StrictUndefined, keep_trailing_newline=True, finalize=_plain,
    )  # fmt: skip
    made.filters |= {"ticks": _ticks, "breaks": _breaks}
    made.policies["json.dumps_kwargs"] = {"sort_keys": False, "separators": (",", ":"), "ensure_ascii": False}
    return made


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


@cache
def template_text(name: str) -> str:
    """A style or script as it stands among the templates."""
    return (TEMPLATES / name).read_text(encoding="utf-8")
