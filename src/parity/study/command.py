"""A spec that is written as its Stata command: `stata = "reghdfe inv value, absorb(firm) vce(cluster firm)"`.

The command stands for formula, model, where, weights, vcov and convention. Names of variables must be written in full: an
abbreviation can't be resolved without the data.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.base.errors import InputError, Problem

if TYPE_CHECKING:
    from parity.stata_language.request import Request

#: What the command fixes, so that none of it may stand beside it.
FIXED = ("formula", "model", "where", "weights", "vcov", "convention")


def with_commands(raw: dict[str, Any], file: Path) -> dict[str, Any]:
    """The content of a study.toml, its commands replaced by what they stand for. Raises `InputError` with every problem."""
    specs = raw.get("spec")
    if not isinstance(specs, dict) or not any(isinstance(s, dict) and "stata" in s for s in specs.values()):
        return raw
    problems: list[Problem] = []
    made: dict[str, Any] = {}
    header = raw.get("study") if isinstance(raw.get("study"), dict) else {}
    for name, given in specs.items():
        if not isinstance(given, dict) or "stata" not in given:
            made[name] = given
            continue
        beside = [key for key in FIXED if key in given]
        if beside:
            said = f"the command says it already: take `{beside[0]}` out, or `stata`"
            problems.append(Problem(str(file), f"spec.{name}.{beside[0]}", said))
            continue
        try:
            keys = spec_of(given["stata"], str(header.get("unit") or ""), str(header.get("time") or ""))
        except ValueError as error:
            problems.append(Problem(str(file), f"spec.{name}.stata", str(error)))
            continue
        made[name] = {**keys, **{k: v for k, v in given.items() if k != "stata"}}
    if problems:
        raise InputError(problems)
    return {**raw, "spec": made}


def spec_of(text: Any, unit: str, time: str) -> dict[str, Any]:
    """The keys that one command stands for. Raises `ValueError` with what is wrong."""
    from parity.stata_language.expression import ExpressionError
    from parity.stata_language.request import Declined
    from parity.stata_language.spec import written

    try:
        return written(request_of(text, unit, time)).keys
    except (Declined, ExpressionError) as error:
        raise ValueError(str(error)) from None


def request_of(text: Any, unit: str, time: str) -> Request:
    """What one command asks for, names as they are written. Raises `ValueError` with what is wrong."""
    from parity.stata_language.command import SyntaxProblem, read
    from parity.stata_language.dataset import DataProblem, Panel
    from parity.stata_language.expression import ExpressionError, parse
    from parity.stata_language.reading import READERS, request
    from parity.stata_language.request import Declined
    from parity.stata_language.varlist import Unresolved

    if not isinstance(text, str):
        raise ValueError("a command in quotes is needed")
    if "`" in text or "$" in text:
        raise ValueError("a command without macros is needed; `parity translate FILE.do` expands those of a do-file")
    try:
        command = read(text)
        if command.name not in READERS:
            raise ValueError(f"`{command.typed}` is no command that a spec can stand for; known: {', '.join(READERS)}")
        if command.prefix("by", "bysort") is not None:
            raise ValueError(
                "`by` estimates once for each group: write the command without it, and beside it "
                'split = { by = "region", values = ["east", "west"] }'
            )
        if command.condition:
            parse(command.condition)
        asked = request(command, Unresolved(), Panel(unit, time))
    except (SyntaxProblem, ExpressionError, Declined, DataProblem) as error:
        raise ValueError(str(error)) from None
    if asked.drawn:
        raise ValueError(
            f"standard errors by {asked.drawn} are drawn, which no spec can say: write the command without it, "
            f"and [bootstrap.NAME] beside the spec for draws of its clusters"
        )
    return asked
