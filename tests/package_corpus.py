"""Public packages in a folder, each verified: `PYTHONPATH=tests python -m package_corpus FOLDER [--only NAME]`.

Each folder below FOLDER is a package; they are no part of this repository. Printed: cells, reproduced, explained, differ,
not verified; the share of cells with an estimate that are reproduced or explained; the reasons of the others. A package
runs in a process of its own, so one that hangs ends nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
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


def row(name: str, report: dict) -> str:
    s = report["summary"]
    cells = [c for e in report["exhibits"] for c in e["cells"]]
    mapped = [c for e in report["exhibits"] if e["kind"] == "estimates" for c in e["cells"] if c["estimated"] is not None]
    good = sum(c["verdict"] in ("reproduced", "explained") for c in mapped)
    share = f"{good / len(mapped):.0%}" if mapped else "-"
    why = Counter(_short(c["reason"]) for c in cells if c["verdict"] == "not verified")
    text = "; ".join(f"{n} {r}" for r, n in why.most_common(6))
    return (f"{name[:40]:<40}{s['cells']:>7}{s['reproduced']:>7}{s['explained']:>6}{s['differs']:>6}{s['not_verified']:>7}"
            f"{len(mapped):>7}{share:>6}  {report['classification']}\n    {text}")  # fmt: skip


def _short(reason: str) -> str:
    return " ".join(reason.split()[:11])[:70]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--one", default="")
    parser.add_argument("--keep", default="", help="folder for the JSON reports")
    given = parser.parse_args()
    if given.one:
        json.dump(one(Path(given.one), None), sys.stdout)
        return
    print(f"{'package':<40}{'cells':>7}{'=':>7}{'~':>6}{'x':>6}{'?':>7}{'known':>7}{'good':>6}")
    for folder in sorted(p for p in Path(given.folder).iterdir() if p.is_dir() and given.only in p.name):
        command = [sys.executable, "-m", "package_corpus", given.folder, "--one", str(folder)]
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
        print(row(folder.name, report), flush=True)


if __name__ == "__main__":
    main()
