"""What the text of the do-files shows by itself: each finding with its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from parity.package.document import FindingOf

_ABSOLUTE = re.compile(
    r"""(?:^|[\s"'(])((?:[A-Za-z]:[\\/]|/(?:Users|home|Volumes|mnt)/|~/|\\\\(?=[A-Za-z][\w.-]*\\\w))[^"'\n,]*)"""
)
_RANDOM = re.compile(r"\b(?:runiform|rnormal|rbinomial|rpoisson|uniform|rbeta|rgamma|runiformint|invnorm\w*\(uniform)\s*\(|"
                     r"^[^\S\n]*+(?:qui\w*+[^\S\n]++)?+(?:bootstrap|bsample|permute|simulate|boottest|ritest|sample|splitsample|mi\s+impute)\b|"
                     r"vce\(\s*boot", re.MULTILINE)  # fmt: skip
_SEED = re.compile(r"\bset\s+(?:seed|sortseed)\b|\bseed\(|\brseed\(", re.IGNORECASE)
#: Commands that Stata doesn't bring, by the package that does.
USER_WRITTEN = {
    "reghdfe": "reghdfe", "ivreghdfe": "ivreghdfe", "ivreg2": "ivreg2", "xtivreg2": "xtivreg2", "ppmlhdfe": "ppmlhdfe",
    "esttab": "estout", "estout": "estout", "eststo": "estout", "estadd": "estout", "estpost": "estout",
    "outreg2": "outreg2",
    "winsor2": "winsor2", "winsor": "winsor", "boottest": "boottest", "coefplot": "coefplot", "psmatch2": "psmatch2",
    "rdrobust": "rdrobust", "did_imputation": "did_imputation", "csdid": "csdid", "drdid": "drdid", "synth": "synth",
    "ritest": "ritest", "binscatter": "binscatter", "gtools": "gtools", "gcollapse": "gtools", "gegen": "gtools",
    "ftools": "ftools", "unique": "unique", "distinct": "distinct", "carryforward": "carryforward", "mdesc": "mdesc",
    "asdoc": "asdoc", "tabout": "tabout", "orth_out": "orth_out", "iebaltab": "ietoolkit", "leebounds": "leebounds",
    "sdid": "sdid", "eventstudyinteract": "eventstudyinteract", "bacondecomp": "bacondecomp", "weakivtest": "weakivtest",
    "ranktest": "ranktest", "cmogram": "cmogram", "maptile": "maptile", "spmap": "spmap", "xtabond2": "xtabond2",
}  # fmt: skip


def lint(texts: Mapping[str, str], readme: str = "", ados: Sequence[str] = ()) -> tuple[FindingOf, ...]:
    """texts: do-files by path; readme: all text in which packages may be declared; ados: code that is brought along."""
    statements = {path: _statements(text) for path, text in texts.items()}
    everything = "\n".join(texts.values())
    out: list[FindingOf] = []
    for path, held in statements.items():
        out += _paths(path, held)
        out += _settings(path, held)
        out += _merges(path, held)
        out += _collections(path, held)
    out += _seed(statements, everything)
    out += _undeclared(statements, everything, readme, ados)
    out += _cleared(statements)
    return tuple(out)


def without_statements(texts: Mapping[str, str]) -> list[str]:
    """Do-files that are empty, or hold comments alone."""
    return [path for path, text in texts.items() if not any(s for _, s in _statements(text))]


_WRITTEN = re.compile(r"""(?:using|saving\(|export)\s*[`"]*([^\s"(),]+|[^"\n]{1,300}+(?="))""")
#: Longer names are no files.
_LONGEST = 300
_MACRO = re.compile(r"`[^']*'|\$\{[^}]*\}|\$\w+")


def named_by(texts: Mapping[str, str], file: str) -> tuple[str, int] | None:
    """Do-file and line of the first command that names this file as what it writes, whatever its macros hold, run or not;
    where there is none, of the first that stands in a comment.

    By its name without the ending, which outreg2 and esttab may leave out or give to a second file.
    """
    stem = file.rsplit("/", 1)[-1].rsplit(".", 1)[0].lower()
    tried: dict[str, bool] = {}
    quiet: tuple[str, int] | None = None
    for path, text in texts.items():
        for found in _WRITTEN.finditer(text):
            target = found[1].lower()
            if target not in tried:
                name = re.split(r"[/\\]", target)[-1]
                name = re.sub(r"\.(?:tex|txt|rtf|csv|xlsx?|xml|html?|md|docx?)$", "", name.strip("\"' "))
                pieces = [re.escape(piece) for piece in _MACRO.split(name[:_LONGEST])]
                tried[target] = re.fullmatch(".+".join(pieces), stem) is not None
            if tried[target]:
                place = path, text.count("\n", 0, found.start()) + 1
                if not is_comment(text, place[1]):
                    return place
                quiet = quiet or place
    return quiet


def is_comment(text: str, line: int) -> bool:
    """Whether no statement of a do-file stands on a line, counted from 1: it is blank, or a comment of any kind."""
    return line not in _lines_of_code(text)


@lru_cache(maxsize=64)
def _lines_of_code(text: str) -> frozenset[int]:
    from parity.stata.source import statements

    return frozenset(n for s in statements(text) for n in range(s.line, s.last_line + 1))


#: `Table 3`, `Tab. A1` at the beginning of a title; `table3` as the name of a file.
_NUMBERED = re.compile(r"(?:appendix )?tab(?:le)?[._ -]{0,2}(?P<n>[a-z]?\.?\d{1,3}[a-z]?)(?!\w|\.\d)", re.IGNORECASE)
_COMMENT = re.compile(r"^[ \t]*(?:\*|//|/\*).*$", re.MULTILINE)
#: Commands that put a table together.
_WRITES = re.compile(
    r"^[ \t]*(?:(?:qui\w*|cap\w*|noi\w*)[ \t]+)?(?:esttab|estout|outreg2?|outtex|tabout|asdoc|xml_tab|putexcel|texsave|"
    r"estimates table|est tab|tabstat|latabstat|outsheet|export)\b",
    re.MULTILINE,
)


def commented(texts: Mapping[str, str], file: str, title: str) -> tuple[str, int] | None:
    """Do-file and line of the command that puts a table together below a comment with this one's number: `* Table 3`."""
    found = _NUMBERED.match(title.strip()) or _NUMBERED.match(file.rsplit("/", 1)[-1].rsplit(".", 1)[0])
    if found is None:
        return None
    wanted = found["n"].lower()
    for path, text in texts.items():
        named = [(c.start(), {m.lower() for m in _MENTIONED.findall(c[0])}) for c in _COMMENT.finditer(text)]
        places = [(at, numbers) for at, numbers in named if numbers]
        for i, (at, numbers) in enumerate(places):
            end = next((start for start, others in places[i + 1 :] if wanted not in others), len(text))
            if wanted in numbers and (call := _WRITES.search(text, at, end)):
                return path, text.count("\n", 0, call.start()) + 1
    return None


_MENTIONED = re.compile(r"\btab(?:le)?[._ -]{0,2}([a-z]?\.?\d{1,3}[a-z]?)(?!\w|\.\d)", re.IGNORECASE)


def _statements(text: str) -> list[tuple[int, str]]:
    from parity.stata.source import statements

    return [(s.line, s.text.strip()) for s in statements(text)]


def _paths(path: str, held: Sequence[tuple[int, str]]) -> Iterator[FindingOf]:
    for line, text in held:
        match = _ABSOLUTE.search(text)
        if match:
            yield FindingOf(
                id="absolute-path", file=path, line=line,
                text=f"`{match.group(1).strip()[:200]}` is somebody's own path; it is mapped onto the package",
            )  # fmt: skip


def _settings(path: str, held: Sequence[tuple[int, str]]) -> Iterator[FindingOf]:
    for line, text in held:
        if re.match(r"set\s+varabbrev\s+on", text):
            said = "a misspelt name of a variable may be taken for another one; set varabbrev off"
            yield FindingOf(id="set-varabbrev", file=path, line=line, text=said)


def _merges(path: str, held: Sequence[tuple[int, str]]) -> Iterator[FindingOf]:
    for line, text in held:
        if re.match(r"(?:qui\w*\s+|cap\w*\s+)*merge\s+m:m\b", text):
            yield FindingOf(id="merge-m-m", file=path, line=line, text="merge m:m pairs rows in their order, which no data "
                            "set needs: joinby, or m:1")  # fmt: skip


_COLLECTION = re.compile(
    r"(?:qui\w*+\s++|cap\w*+\s++|noi\w*+\s++)*+(?:collect\s++(?:preview|export)\b|dtable\b|etable\b)", re.IGNORECASE
)


def _collections(path: str, held: Sequence[tuple[int, str]]) -> Iterator[FindingOf]:
    """Tables of Stata 17 and later that a collection lays out: the first, and how many more."""
    lines = [(line, text) for line, text in held if _COLLECTION.match(text)]
    if lines:
        line, text = lines[0]
        more = f" ({len(lines) - 1} more such here)" if lines[1:] else ""
        said = (
            f"`{text[:50]}` lays out a table of a collection: its numbers alone say what stands in it, not this call{more}"
        )
        yield FindingOf(id="collection-not-read", file=path, line=line, text=said)


def _seed(statements: Mapping[str, list[tuple[int, str]]], everything: str) -> Iterator[FindingOf]:
    if _SEED.search(everything):
        return
    for path, held in statements.items():
        for line, text in held:
            if _RANDOM.search(text):
                yield FindingOf(id="no-seed", file=path, line=line, text=f"`{text[:50]}` draws random numbers and no seed "
                                "is set anywhere: its numbers come out differently each time")  # fmt: skip


def _undeclared(
    statements: Mapping[str, list[tuple[int, str]]], everything: str, readme: str, ados: Sequence[str]
) -> Iterator[FindingOf]:
    declared = f"{readme}\n" + "\n".join(
        line
        for line in everything.splitlines()
        if re.search(r"\b(ssc|net|github)\s+inst|ssc\s+desc|which\s|local\s+\w*pack", line)
    )
    brought = {a.rsplit("/", 1)[-1].rsplit(".", 1)[0].lower() for a in ados}
    lists = "\n".join(re.findall(r"(?:foreach\s+\w+\s+(?:in|of)[^\n{]*)", everything))
    seen: set[str] = set()
    for path, held in statements.items():
        for line, text in held:
            for word in re.findall(r"^\s*(?:(?:qui\w*|cap\w*|noi\w*|bys?\w*\s[^:]*:|xi:|eststo[^:]*:)\s*)*(\w+)", text):
                package = USER_WRITTEN.get(word)
                if package is None or package in seen:
                    continue
                seen.add(package)
                if not re.search(rf"\b{package}\b", declared + lists, re.IGNORECASE) and not {package, word} & brought:
                    yield FindingOf(id="package-undeclared", file=path, line=line, text=f"`{word}` comes with the package "
                                    f"{package}, which neither the README nor an `ssc install` names")  # fmt: skip


def _cleared(statements: Mapping[str, list[tuple[int, str]]]) -> Iterator[FindingOf]:
    """A table of all that eststo kept, where tables before it were not cleared: it has their columns too."""
    for path, held in statements.items():
        stored, tables, cleared = 0, 0, True
        for line, text in held:
            bare = re.sub(r"^(?:qui\w*|cap\w*|noi\w*)\s+", "", text)
            if re.match(r"(?:eststo|est\w*)\s+clear\b|clear\s+all\b", bare):
                stored, cleared = 0, True
            elif re.match(r"eststo\b", bare):
                stored += 1
            elif re.match(r"est(?:tab|out)\s*(?:using\b|,|$)", bare):
                if tables and stored and not cleared:
                    yield FindingOf(id="estimates-not-cleared", file=path, line=line, text="this table takes all stored "
                                    "estimates, and `eststo clear` is missing since the table before: it has its columns "
                                    "too")  # fmt: skip
                tables, stored, cleared = tables + 1, 0, False
