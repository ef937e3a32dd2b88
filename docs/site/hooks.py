"""What MkDocs is told beyond mkdocs.yml: pages made from the code, the navigation's stars, links that leave the site."""

from __future__ import annotations

import re
import sys
from fnmatch import fnmatch
from html import unescape
from pathlib import Path
from posixpath import join, normpath

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[2]
#: Pages that are files of the repository's root.
COPIED = {"changelog.md": "CHANGELOG.md", "contributing.md": "CONTRIBUTING.md", "zh.md": "README.zh.md"}
CELL = re.compile(r"^\|.*$", re.M)
CODE_CELL = re.compile(r"<td([^>]*)>((?:(?!</td>).)*<code>(?:(?!</td>).)*)</td>", re.S)
CODE = re.compile(r"<code>([^<]*)</code>")
#: A whole link, in which nothing is linked again, or a piece of code.
NAMED = re.compile(r"<a\b.*?</a>|<code>[^<]*</code>", re.S)
#: A word of code so long that it would widen its column, and the signs after which it may end; `&quot;` is one sign.
LONG_WORD = re.compile(r"(?:&\w+;|[^\s&]){19,}")
SIGN = re.compile(r"([,(={])(?=[^,)}])")
#: Letters of code from which a cell keeps a column of some width.
LONG_CODE = 30
COMMAND = ' class="command"'
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)#\s]+)(#[^)]*)?\)")


def made() -> dict[str, str]:
    """Pages that are written from the code itself, of this checkout."""
    sys.path[:0] = [str(ROOT / "src"), str(Path(__file__).parent)]
    from command_line import command_line
    from python_api import python_api
    from schema_pages import json_page, study_page

    return {
        "reference/command-line.md": command_line(), "reference/study.md": study_page(ROOT / "schemas"),
        "reference/json.md": json_page(ROOT / "schemas"), "reference/python.md": python_api(),
    }  # fmt: skip


def on_files(files, config):
    """All pages are known here: what is made is added, and the stars of the navigation are filled in."""
    for uri, text in made().items():
        files.append(File.generated(config, uri, content=text))
    for uri, name in COPIED.items():
        files.append(File.generated(config, uri, content=_from_root((ROOT / name).read_text(encoding="utf-8"))))
    pages = sorted(f.src_uri for f in files.documentation_pages())
    config.nav = list(_filled(config.nav, pages, set(_named(config.nav))))
    return files


def _from_root(text: str) -> str:
    """The links of a page of the repository's root, as from docs/."""
    here = {name: uri for uri, name in COPIED.items()} | {"README.md": "index.md"}
    return LINK.sub(lambda m: f"[{m[1]}]({here.get(m[2]) or m[2].removeprefix('docs/')}{m[3] or ''})", text)


def _named(nav) -> list[str]:
    """Every page or pattern that stands in the navigation."""
    if isinstance(nav, str):
        return [nav]
    return [name for item in (nav.values() if isinstance(nav, dict) else nav) for name in _named(item)]


def _filled(nav, pages: list[str], named: set[str]):
    """The navigation with pages for patterns: each page that no other entry names; a pattern without a page goes."""
    for item in nav:
        title, value = next(iter(item.items())) if isinstance(item, dict) else (None, item)
        if isinstance(value, list):
            yield {title: list(_filled(value, pages, named))}
        elif "*" in value:
            found = [p for p in pages if _fits(p, value) and p not in named]
            named.update(found)
            index = [p for p in found if p.endswith(("index.md", "README.md"))]
            found = index + [p for p in found if p not in index]
            if title and len(found) > 1:
                yield {title: found}
            else:
                yield from ({title: p} if title else p for p in found)
        elif value in pages:
            yield item


def _fits(page: str, pattern: str) -> bool:
    return page.count("/") == pattern.count("/") and fnmatch(page, pattern)


def on_page_markdown(markdown, page, config, files):
    """A link to a file that is no page of the site (a source file, a schema) becomes its text."""
    folder = page.file.src_uri.rpartition("/")[0]

    def link(match) -> str:
        text, target = match[1], match[2]
        if re.match(r"[a-z]+:", target) or files.get_file_from_path(normpath(join(folder, target))):
            return match[0]
        return text if (ROOT / "docs" / folder / target).exists() or (ROOT / target).exists() else match[0]

    return CELL.sub(_unescaped, LINK.sub(link, markdown))


def _unescaped(row) -> str:
    r"""`\|` is how GitHub wants a bar in the code of a table; here it would be shown with its backslash."""
    return re.sub(r"`[^`]+`", lambda code: code[0].replace(r"\|", "|"), row[0])


def on_page_content(html, page, config, files):
    """A column of commands is neither crushed by the longest word of the next one nor left without a width of its own, and
    the name of a cause is a link to its page.
    """
    up = "../" * page.file.src_uri.count("/")
    causes = {file.name for file in files.documentation_pages() if file.src_uri.startswith("causes/")} - {"README", "index"}
    causes.discard(page.file.name)

    def link(code) -> str:
        return f'<a href="{up}causes/{code[1]}.html">{code[0]}</a>' if code[1] in causes else code[0]

    linked = NAMED.sub(lambda part: part[0] if part[0].startswith("<a") else CODE.sub(link, part[0]), html)
    return CODE_CELL.sub(_cell, linked)


def _cell(cell) -> str:
    longest = max(len(unescape(code)) for code in CODE.findall(cell[2]))
    text = CODE.sub(lambda code: f"<code>{LONG_WORD.sub(_breakable, code[1])}</code>", cell[2])
    return f"<td{cell[1]}{COMMAND if longest >= LONG_CODE else ''}>{text}</td>"


def _breakable(word) -> str:
    return SIGN.sub(r"\1<wbr>", word[0])


def on_post_page(output, page, config):
    """The dialog of the search has no name in the theme; a screen reader says this one."""
    return output.replace('class="md-search" data-md-component="search" role="dialog"',
                          'class="md-search" data-md-component="search" role="dialog" aria-label="Search"')  # fmt: skip
