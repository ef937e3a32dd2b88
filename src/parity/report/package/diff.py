"""Changes between two reports of a package, on a terminal."""

from __future__ import annotations

from parity.package.changes import PackageChanges
from parity.report.package.terminal import MOST, wrapped


def package_diff_text(found: PackageChanges) -> str:
    old, new = found.summary
    worse = [c for c in found.cells if c.worse]
    better = [c for c in found.cells if not c.worse]
    head = f"{len(worse)} of {new.cells} numbers got worse" if worse else "no number got worse"
    lines = [
        f"{head}, {len(better)} changed otherwise; {old.reproduced} of {old.cells} reproduced before, {new.reproduced} of "
        f"{new.cells} now.",
        f"classification: {found.classification[0]}, now {found.classification[1]}",
    ]  # fmt: skip
    for mark, held in (("WORSE", worse), ("changed", better)):
        for c in held[:MOST]:
            was, now = (v or "not there" for v in c.verdict)
            before, after = c.printed
            said = f"{before}" if before == after else f"{before or 'nothing'}, now {after or 'nothing'}"
            column = f", column {c.column}" if c.column > 1 else ""
            lines.append(f"{mark} {c.exhibit}{column}, {c.label}, {c.quantity}: {said}: {was}, now {now}"
                         + (f" ({c.why})" if c.why else ""))  # fmt: skip
        if len(held) > MOST:
            lines.append(f"... and {len(held) - MOST} more; --json FILE has all")
    lines += [f"new finding {f.file}:{f.line} {f.id}: {f.text}" for f in found.new_findings[:MOST]]
    lines += [f"gone finding {f.file}:{f.line} {f.id}" for f in found.gone_findings[:MOST]]
    if found.files:
        lines.append(f"files that changed: {', '.join(found.files[:MOST])}")
    return "\n".join(line for text in lines for line in wrapped(text)) + "\n"
