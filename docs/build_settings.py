"""docs/settings.md, every setting of a convention in other programs' words: `python docs/build_settings.py`."""

from __future__ import annotations

from pathlib import Path

from parity.conventions.meanings import PROGRAMS, SETTINGS, profiles_with

PAGE = Path(__file__).resolve().parent / "settings.md"
HEAD = """\
# Settings of a convention

A spec's `convention` is a profile, or a profile with single settings:

    convention = "reghdfe"
    convention = { profile = "fixest", count_fixef = "full", t_cluster = "resid" }

Below, each setting with its values: what a value does, what to type for it elsewhere, and the profiles that have it. An empty
cell: the program has no such choice. N rows, K coefficients, G clusters, T periods. The formulas are in
`src/parity/conventions/formulas.py`, what was found by running the packages in [conventions](conventions.md).
Made by `python docs/build_settings.py` from `src/parity/conventions/meanings.py`.
"""


def page() -> str:
    out = [HEAD]
    for name, setting in SETTINGS.items():
        out += [
            f"## {name}",
            "",
            setting.meaning,
            "",
            f"| value | | {' | '.join(PROGRAMS)} | profiles |",
            "|---|---|" + "---|" * 6,
        ]
        for value, (says, typed) in setting.values.items():
            shown = value.lower() if value in ("True", "False") else f'"{value}"'
            cells = [typed.get(program, "") for program in PROGRAMS]
            out.append(f"| `{shown}` | {says} | {' | '.join(cells)} | {', '.join(profiles_with(name, value))} |")
        out.append("")
    return "\n".join(out)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
