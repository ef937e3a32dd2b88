"""One command side by side: Stata, the spec, R, Python, and what to know of it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from parity.stata_language.dataset import Panel
from parity.stata_language.request import EACH_ROW, Declined, Request
from parity.stata_language.spec import written
from parity.translate.python import py_lines
from parity.translate.r import r_lines


@dataclass(frozen=True)
class Translation:
    """What one estimation command is in each language; a reason stands where there is no short form."""

    text: str
    line: int
    spec: dict[str, Any] | None
    r: tuple[str, ...]
    python: tuple[str, ...]
    notes: tuple[str, ...]


#: What a command's convention is, in a sentence.
CONVENTIONS = {
    "regress": "t with N - K degrees of freedom; clusters: G/(G-1) (N-1)/(N-K), t with G - 1",
    "areg": "absorbed effects count in K, nested in the clusters or not; t with G - 1 for clusters",
    "xtreg, random_effects": "variance components by Swamy and Arora; z, the normal distribution, clustered or not",
    "xtreg": "the panel's effects don't count in a clustered K; dummies do; t with G - 1",
    "reghdfe": "effects nested in the clusters don't count; singletons are dropped; t with the smaller of G - 1 and N - K",
    "xtreg, between": "the regression of unit means; t with the number of units less K degrees of freedom",
    "ml": "observed information; robust N/(N - 1), clusters G/(G - 1), no other factor; z, the normal distribution",
    "xtabond": "no factor; z, the normal distribution; vce(robust) by the panel variable, of two steps Windmeijer's",
    "ivregress": "large-sample: no factor, normal distribution, unless small",
    "ivreg2": "large-sample: no factor, normal distribution, unless small",
    "ivreghdfe": "as reghdfe, and the constant counts beside nested effects",
}  # fmt: skip
#: Likewise of commands that share a profile.
OF_COMMAND = {
    "cluster2": "each part of the sum has its own G/(G-1) (N-1)/(N-K); t with N - K degrees of freedom",
    "var": "errors of each equation with e'e/T; z, the normal distribution",
    "sureg": "errors of each equation with e'e/N; z, the normal distribution",
    "total": "the standard error is s sqrt(N); t with N - 1 degrees of freedom",
    "tobit": "observed information; robust N/(N - 1), clusters G/(G - 1), no other factor; t with N less the slopes",
    "ivreg": "small samples: regress's factors, t with N - K degrees of freedom",
    "xtivreg2": "singletons are dropped; large-sample: divided by N less the groups, not under clusters; unless small",
    "x_ols": "Bartlett's kernel of each coordinate multiplied, no factor; the constant is a column",
    **dict.fromkeys(
        ("ols_spatial_HAC", "reg2hdfespatial", "acreg"), "111 km a degree, no factor, normal; a unit's own lags by Bartlett"
    ),
}


def translation(
    text: str, line: int, request: Request | None, panel: Panel, declined: str = "",
    *, short: tuple[Request | None, str] | None = None, exact: bool = False,
) -> Translation:  # fmt: skip
    """All forms of one request. short: the request that has the same numbers in Python, and a line that says why; exact:
    Python's lines without cross-products, since the data leave them too few digits."""
    if request is None:
        return Translation(text, line, None, (), (), (f"not translated: {declined}",))
    notes = [*request.traps]
    said = CONVENTIONS.get(f"{request.profile}, {request.model}", CONVENTIONS.get(request.profile))
    if request.settings.get("count_fixef") == "full" and request.profile in ("reghdfe", "ivreghdfe"):
        said = "as dofadjustments() asks, effects count in K, nested in the clusters or not"
    if EACH_ROW in request.cluster:
        said = "robust, N/(N-1) of all rows; t with N - 1 degrees of freedom"
    elif request.command in OF_COMMAND:
        said = OF_COMMAND[request.command]
    notes += [f"{request.command}: {said}"] if said else []
    try:
        spec = written(request).keys
    except Declined as error:
        spec, _ = None, notes.append(f"no spec: {error}")
    own = f"# the {request.drawn} is not repeated: these standard errors are {request.command}'s own"
    drawn = [own] if request.drawn else []
    python, why = short or (request, "")
    return Translation(
        text, line, spec, _or_why(lambda: [*drawn, *r_lines(request, panel)]),
        _or_why(lambda: [*drawn, *([why] if why else []), *py_lines(python, panel, exact)]),
        tuple(notes),
    )  # fmt: skip


def _or_why(write) -> tuple[str, ...]:
    try:
        return tuple(write())
    except Declined as error:
        return (f"# no short form: {error}",)


def toml_lines(name: str, spec: dict[str, Any]) -> list[str]:
    """`[spec.NAME]` and its keys."""
    return [f"[spec.{key(name)}]", *(f"{key(k)} = {toml(value)}" for k, value in spec.items())]


def key(name: str) -> str:
    """A key as TOML has it, quoted where it must be."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


def toml(value: Any) -> str:
    """A value as TOML has it, whatever characters its texts hold."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key(k)} = {toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        if not value.isprintable():  # JSON's escapes are TOML's
            return json.dumps(value).replace("\x7f", "\\u007f")
        return (
            f"'{value}'"
            if '"' in value and "'" not in value
            else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        )
    return str(value)


def shown(found: Sequence[Translation]) -> str:
    """Text for a terminal."""
    out: list[str] = []
    for i, one in enumerate(found, 1):
        out += [f"line {one.line}: {one.text}" if one.line else one.text, ""]
        if one.spec is not None:
            out += ["  parity", *(f"    {line}" for line in toml_lines(f"m{i}", one.spec)), ""]
        for title, lines in (("R", one.r), ("Python", one.python)):
            if lines:
                out += [f"  {title}", *(f"    {line}" for line in lines), ""]
        for note in one.notes:
            out += wrap(f"note: {note}", 80, initial_indent="  ", subsequent_indent="    ")
        out.append("")
    return "\n".join(out).rstrip() + "\n"
