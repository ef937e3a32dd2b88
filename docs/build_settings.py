"""docs/settings.md, covariances and settings in other programs' words, and the profiles in docs/conventions.md.

Run as `python docs/build_settings.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

from parity.conventions.kinds import KINDS, SPELLED
from parity.conventions.profiles import PROFILES, profiles_with
from parity.conventions.settings import PROGRAMS, SETTINGS, Convention

PAGE = Path(__file__).resolve().parent / "settings.md"
FOUND = PAGE.with_name("conventions.md")
HEAD = """\
# Settings of a convention

A spec's `convention` is a profile, or a profile with single settings:

    convention = "reghdfe"
    convention = { profile = "fixest", count_fixef = "full", t_cluster = "resid" }

Below, each setting with its values: what a value does, what to type for it elsewhere, and the profiles that have it. An empty
cell: the program has no such choice. N rows, K coefficients, G clusters, T periods. The formulas are in
`src/parity/conventions/formulas.py`, what was found by running the packages in [conventions](conventions.md).
Made by `python docs/build_settings.py` from `settings.py`, `kinds.py` and `profiles.py` in `src/parity/conventions/`.
"""


def page() -> str:
    out = [HEAD, *_covariances()]
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


def _covariances() -> list[str]:
    """Kinds of covariance: what each is, what to type, which settings bear on it."""
    head = ["## Covariances", "", "`vcov` of a spec. g: a cluster variable; L lags.", ""]
    what = ["| kind | | settings that bear on it |", "|---|---|---|"]
    for kind in KINDS:
        name = f"`{{ {kind.key} = L }}`" if kind.key else f"`{kind.name}`"
        settings = ", ".join(f"`{s}`" for s in (kind.t, *kind.settings))
        what.append(f"| {name} | {kind.label}: {kind.meaning} | {settings} |")
    typed = [f"| kind | {' | '.join(SPELLED)} |", "|---|" + "---|" * len(SPELLED)]
    typed += [f"| `{kind.name}` | {' | '.join(kind.typed.get(p, '').replace('|', chr(92) + '|') for p in SPELLED)} |" for kind in KINDS]
    return ["\n".join([*head, *what, "", "What to type for each:", "", *typed, ""])]


def with_profiles(text: str) -> str:
    """docs/conventions.md with the table of profiles as they are declared."""
    default = {name: Convention.model_fields[name].default for name in SETTINGS}
    rows = ["| profile | settings that differ from the default |", "|---|---|"]
    for name, profile in PROFILES.items():
        own = [f"{s} = {getattr(profile, s)}" for s in SETTINGS if getattr(profile, s) != default[s]]
        rows.append(f"| `{name}` | {', '.join(own) or 'none'} |")
    defaults = ", ".join(f"{s} = {value}" for s, value in default.items())
    table = "\n".join([*rows, "", f"Defaults: {defaults}."])
    return re.sub(r"(<!-- profiles -->\n\n).*?(\n\n<!-- end -->)", lambda m: m[1] + table + m[2], text, flags=re.S)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    FOUND.write_text(with_profiles(FOUND.read_text(encoding="utf-8")), encoding="utf-8")
