"""Commands by name. A file holds a command or a family; each registers itself with `command`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parity.stata.session import Session
    from parity.stata_language.command import Command


@dataclass(frozen=True)
class Known:
    """How a command is run. by_groups: it knows groups itself; else `by` runs it for each group in turn."""

    run: Callable[[Session, Command], None]
    by_groups: bool = False
    changes_data: bool = True


_REGISTRY: dict[str, Known] = {}
#: Files of commands, imported when the first command is asked for.
MODULES = (
    "create",
    "egen",
    "rows",
    "renaming",
    "labels",
    "texts",
    "recoding",
    "quantiles",
    "ranges",
    "files",
    "handles",
    "combine",
    "shape",
    "frames",
    "gtools",
    "panel",
    "macros",
    "arguments",
    "matrix_columns",
    "output",
    "tabulating",
    "cells",
    "looking",
    "indicators",
    "estimation",
    "posted",
    "put",
    "stored",
    "after",
    "asdoc",
    "predicted",
    "margins",
    "comparing",
    "estat",
    "specification",
    "by_ranks",
    "correlations",
)

#: They change neither data nor results that a later command reads.
HARMLESS = frozenset({
    "graph", "twoway", "scatter", "histogram", "kdensity", "coefplot", "marginsplot", "lfit", "line", "lpoly", "lowess",
    "binscatter", "cibar",
    "spmap", "maptile", "log", "cmdlog", "notes", "browse", "edit", "sleep", "window",
    "more", "pause",
    "cls", "timer", "about", "query", "which", "type", "translate", "putdocx", "putpdf", "texdoc", "matlist",
    "discard", "ado", "adopath", "help", "search", "checksum", "sysdir",
    "datasignature",
    "misstable", "mdesc", "rvfplot", "avplot", "lvr2plot", "acprplot", "qnorm", "pnorm", "stem",
    "symplot", "dotplot",
    "grstyle", "colorpalette", "grc1leg", "grc1leg2", "addplot", "tabout", "texsave", "regsave", "logout",
    "parallel", "estfe",
    "mkdir", "rmdir", "estwrite", "event_plot", "view", "doedit", "pwd", "ls", "dir", "xtline", "tsline", "constraint",
    "heatplot",
    "ac", "pac", "sjlog", "xcorr", "qqplot", "rcap", "grc", "plotregion", "gr_edit", "graphregion", "schemepack",
    "eclplot", "rdplot", "cmogram", "corrgram", "wntestq", "estimatesplot", "mplotoffset", "combomarginsplot",
    "_dots", "vioplot", "catplot", "radar", "sankey", "end",
    # tables of collections, whose files are read as any other's; listings and tests
    "collect", "dtable", "fre", "memory", "bitest", "spearman", "mcci", "testnl", "centile", "serrbar", "aaplot",
    "sepscatter", "sfrancia", "fitstat", "vce", "pwcompare", "contrast", "listcoef", "mlistat", "mlincom", "mchange",
    "mtable", "brant", "leastlikely", "prchange", "prvalue", "prtab", "mlogtest", "lroc", "lsens", "lstat",
})  # fmt: skip
#: Those of them that replace r(), as their manuals say under "Stored results".
R_CLASS = frozenset({
    "mdesc", "misstable", "kdensity", "lowess", "lpoly", "corrgram", "ac", "pac", "xcorr", "wntestq", "histogram",
    "datasignature", "checksum", "query", "coefplot", "rdplot", "cmogram", "binscatter", "tabout", "constraint", "search",
    "texsave", "lvr2plot", "dtable", "fre", "bitest", "spearman", "mcci", "testnl", "centile", "sfrancia",
    "fitstat", "pwcompare", "contrast", "listcoef", "mlistat", "mlincom", "mchange", "mtable", "brant", "leastlikely",
    "prchange", "prvalue", "prtab", "mlogtest", "lroc", "lsens", "lstat",
})  # fmt: skip
#: Never run, whatever they say; and why.
NEVER = {
    "shell": "it starts another program", "!": "it starts another program", "winexec": "it starts another program",
    "python": "it is another language", "java": "it is another language", "mata": "it is another language",
    "plugin": "it is compiled code",
    "net": "it installs software", "ssc": "it installs software", "github": "it installs software",
    "update": "it installs software",
    "erase": "it deletes files", "rm": "it deletes files",
    "webuse": "its data are on the web", "sysuse": "its data come with Stata", "odbc": "its data are in a database",
    "rsource": "it runs R",
    "rcall": "it runs R", "zipfile": "it runs an archiver", "unzipfile": "it unpacks an archive",
}  # fmt: skip


def command(*names: str, by_groups: bool = False, changes_data: bool = True) -> Callable:
    """Registers a function (session, command) under these names; a name that ends in a colon is run behind its prefix."""

    def register(function: Callable[[Session, Command], None]) -> Callable[[Session, Command], None]:
        for name in names:
            if name in _REGISTRY:
                raise ValueError(f"two commands named {name}")
            _REGISTRY[name] = Known(function, by_groups, changes_data)
        return function

    return register


@cache
def _loaded() -> dict[str, Known]:
    for module in MODULES:
        import_module(f"parity.stata.commands.{module}")
    return _REGISTRY


def known(name: str) -> Known | None:
    return _loaded().get(name)


def slip_of(name: str) -> str:
    """The command of which a name has the same letters in another order, as a half-sentence. Names that are merely near may
    be commands of somebody's own, such as `ivreg2h`."""
    meant = [k for k in _loaded() if len(name) > 3 and k != name and sorted(k) == sorted(name)]
    return f": did you mean `{meant[0]}`?" if meant else ""
