"""Public packages in a folder, each verified: `PYTHONPATH=tests python -m package_corpus FOLDER [--only NAME]`.

Each folder below FOLDER is a package; they are no part of this repository. A package runs in a process of its own, so one
that hangs ends nothing. Of each are printed: all cells with their verdicts; then those of linear, instrumental-variables
and logit models whose data are in the package, with the share that is reproduced or explained; then why the rest is not.

A cell is of such a model by its command: the one that its column is, or that the log echoes above it. A column of a table of
which no command is known is counted apart (`unplaced`): nobody can say whose model it is. Cells "without data" are those
whose command reads what the package doesn't hold, or draws by chance. `--summary` prints only the table, in Markdown.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path


def one(folder: Path, do: str | None) -> dict:
    """The report of one package, as JSON's values."""
    from parity.package.verify import Asked, clear, look, verified

    found, listed, texts = look(folder)
    asked = Asked(do=do)
    try:
        clear(found, asked, folder)
    except Exception:
        if not found.ambiguous:
            raise
        asked = Asked(do=found.masters[0].path)
    return json.loads(
        verified(folder, found, listed, texts, asked, lambda what, i, n: None).model_dump_json(by_alias=True)
    )  # fmt: skip


#: Models whose numbers are asked for: linear ones, instrumental variables, logit; by the name of their command.
FAMILIES = {
    "linear": ["regress", "areg", "xtreg", "reghdfe", "reg2hdfe", "newey", "newey2", "xtscc", "cnsreg"],
    "IV": ["ivregress", "ivreg", "ivreg2", "ivreghdfe", "xtivreg", "xtivreg2", "ivreg28", "ivreg29"],
    "logit": ["logit", "logistic"],
}
FAMILY_OF = {name: family for family, names in FAMILIES.items() for name in names}
#: How reasons begin where the data aren't in the package.
ABSENT = ("its data are absent", "the data are absent", "its data are random draws")


def family(command: dict | None) -> str:
    """Which of them a command is, "other" for another one, "unplaced" where no command is known."""
    from parity.logs.command_names import command_name

    return "unplaced" if command is None else FAMILY_OF.get(command_name(command["text"]), "other")


def cells_by_family(report: dict) -> Iterator[tuple[str, dict]]:
    """Each cell of a table of estimates with the kind of model that it is of; "no estimate" for others."""
    for e in report["exhibits"]:
        columns = e["columns"]
        for c in e["cells"]:
            if e["kind"] != "estimates":
                yield "no estimate", c
                continue
            own = columns[c["column"] - 1]["command"] if 0 < c["column"] <= len(columns) else None
            found = family(own or e["command"])
            lost = c["verdict"] == "not verified" and c["reason"].startswith(ABSENT)
            yield ("without data" if lost else found), c


def counted(report: dict) -> dict[str, Counter[str]]:
    """Kind of model -> verdict -> cells."""
    out: dict[str, Counter[str]] = {}
    for kind, cell in cells_by_family(report):
        out.setdefault(kind, Counter())[cell["verdict"]] += 1
    return out


def reasons(report: dict) -> Counter[str]:
    """Why cells of the families, and those of unknown columns, have no verdict."""
    kinds = (*FAMILIES, "unplaced")
    return Counter(_short(c["reason"]) for k, c in cells_by_family(report) if k in kinds and c["verdict"] == "not verified")


HEAD = ("cells", "=", "~", "x", "?", "asked", "=", "~", "x", "?", "share", "unplaced", "without data")


def numbers(report: dict) -> list[str]:
    s, kinds = report["summary"], counted(report)
    asked: Counter[str] = Counter()
    for name in FAMILIES:
        asked.update(kinds.get(name, Counter()))
    total = sum(asked.values())
    good = asked["reproduced"] + asked["explained"]
    each = [s["cells"], s["reproduced"], s["explained"], s["differs"], s["not_verified"],
            total, asked["reproduced"], asked["explained"], asked["differs"], asked["not verified"]]  # fmt: skip
    apart = [sum(kinds.get(k, Counter()).values()) for k in ("unplaced", "without data")]
    return [*map(str, each), f"{good / total:.1%}" if total else "-", *map(str, apart)]


def row(name: str, report: dict, seconds: float) -> str:
    shown = "".join(f"{n:>8}" for n in numbers(report))
    text = "".join(f"\n    {n:>6} {r}" for r, n in reasons(report).most_common(8))
    return f"{name[:40]:<40}{shown}{seconds:>7.0f}s{text}"


def _short(reason: str) -> str:
    """A reason without what differs from cell to cell: names in backticks at its beginning, places at its end."""
    return re.sub(r" \([^()]*:\d+\)$", "", re.sub(r"^`[^`]*`", "`...`", reason))[:110]


def summary(folder: Path, only: str) -> None:
    """A table of kept reports: packages with cells of the families, and their sum."""
    print("| package | " + " | ".join(HEAD) + " |")
    print("|---|" + "--:|" * len(HEAD))
    total = [0] * len(HEAD)
    for file in sorted(folder.glob("*.json")):
        report = json.loads(file.read_text(encoding="utf-8"))
        shown = numbers(report)
        if only in file.stem and int(shown[5]):
            print(f"| {file.stem} | " + " | ".join(shown) + " |")
            total = [t + (0 if i == 10 else int(n)) for i, (t, n) in enumerate(zip(total, shown, strict=True))]
    share = f"{(total[6] + total[7]) / total[5]:.1%}" if total[5] else "-"
    print("| all | " + " | ".join(share if i == 10 else str(n) for i, n in enumerate(total)) + " |")


def windows(report: dict) -> Iterator[tuple[str, dict]]:
    """Each window of a log by the name of the command above it; what follows an estimation is `estat gof`, not `estat`."""
    from parity.logs.command_names import command_name

    for e in report["exhibits"]:
        text = (e["command"] or {"text": ""})["text"]
        if e["origin"] == "log" and e["cells"]:
            name = command_name(text) or "no command"
            yield f"estat {text.split()[1].strip(',')}" if name == "estat" and len(text.split()) > 1 else name, e


#: Verdicts in the order of the columns of `models`.
VERDICTS = ("reproduced", "explained", "differs", "not verified")


def models(folder: Path, only: str, asked: str) -> None:
    """A table of kept reports: of each package the windows in its logs by their command, their numbers and verdicts."""
    print("| package | command | windows | numbers | " + " | ".join(VERDICTS) + " |")
    print("|---|---|" + "--:|" * (2 + len(VERDICTS)))
    total: Counter[str] = Counter()
    for file in sorted(f for f in folder.glob("*.json") if only in f.stem):
        each: dict[str, Counter[str]] = {}
        for name, e in windows(json.loads(file.read_text(encoding="utf-8"))):
            if not asked or name in asked.split(","):
                verdicts = Counter(c["verdict"] for c in e["cells"])
                each.setdefault(name, Counter()).update(verdicts, windows=1, numbers=len(e["cells"]))
        for name, counts in sorted(each.items(), key=lambda pair: -pair[1]["numbers"]):
            print(
                f"| {file.stem} | {name} | " + " | ".join(str(counts[k]) for k in ("windows", "numbers", *VERDICTS)) + " |"
            )
            total.update(counts)
    print("| all | | " + " | ".join(str(total[k]) for k in ("windows", "numbers", *VERDICTS)) + " |")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--one", default="")
    parser.add_argument("--keep", default="", help="folder for the JSON reports")
    parser.add_argument("--summary", action="store_true", help="FOLDER holds JSON reports: their table, in Markdown")
    parser.add_argument("--models", nargs="?", const="", help="FOLDER holds JSON reports: their windows by command")
    given = parser.parse_args()
    if given.one:
        json.dump(one(Path(given.one), None), sys.stdout)
        return
    if given.models is not None:
        models(Path(given.folder), given.only, given.models)
        return
    if given.summary:
        summary(Path(given.folder), given.only)
        return
    print(f"{'package':<40}" + "".join(f"{h[:7]:>8}" for h in HEAD))
    for folder in sorted(p for p in Path(given.folder).iterdir() if p.is_dir() and given.only in p.name):
        command = [sys.executable, "-m", "package_corpus", given.folder, "--one", str(folder)]
        start = time.monotonic()
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=given.seconds)
        except subprocess.TimeoutExpired:
            print(f"{folder.name[:40]:<40}  more than {given.seconds:g} seconds", flush=True)
            continue
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["?"])[-1]
            print(f"{folder.name[:40]:<40}  {last[:120]}", flush=True)
            continue
        report = json.loads(done.stdout)
        if given.keep:
            Path(given.keep).mkdir(parents=True, exist_ok=True)
            Path(given.keep, f"{folder.name}.json").write_text(done.stdout, encoding="utf-8")
        print(row(folder.name, report, time.monotonic() - start), flush=True)


if __name__ == "__main__":
    main()
