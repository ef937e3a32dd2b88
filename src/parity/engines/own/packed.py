"""What a pass over a chunk gave, as bytes: its arrays beside a plan of how they belong together.

Nothing is pickled, so a file that somebody planted can't run code.
"""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from parity.algebra.streamed import ByLevel


def packed(answer: Any) -> bytes | None:
    """None where it holds what is neither an array of numbers or texts nor made of such."""
    arrays: list[np.ndarray] = []
    plan = _planned(answer, arrays)
    if plan is None:
        return None
    out = io.BytesIO()
    np.savez(
        out, plan=np.frombuffer(json.dumps(plan).encode(), dtype=np.uint8), **{f"a{i}": a for i, a in enumerate(arrays)}
    )
    return out.getvalue()


def _planned(value: Any, arrays: list[np.ndarray]) -> list | None:
    """[kind, ...] of a value, its arrays by their number."""
    match value:
        case np.ndarray() if value.dtype == object:
            texts = value.tolist()
            return ["texts", texts] if all(isinstance(t, str) for t in texts) else None
        case np.ndarray():
            arrays.append(value)
            return ["array", len(arrays) - 1]
        case ByLevel(levels, values):
            held = [_planned(levels, arrays), _planned(values, arrays)]
            return None if None in held else ["by level", *held]
        case tuple() | list():
            held = [_planned(v, arrays) for v in value]
            return None if None in held else ["tuple" if isinstance(value, tuple) else "list", held]
        case dict():
            held = [_planned(v, arrays) for v in value.values()]
            return None if None in held else ["dict", [list(key) for key in value], held]
        case int() | np.integer():
            return ["int", int(value)]
    return None


def unpacked(content: bytes) -> Any:
    with np.load(io.BytesIO(content), allow_pickle=False) as held:
        return _made(json.loads(held["plan"].tobytes()), held)


def _made(plan: list, held: Any) -> Any:
    kind, *of = plan
    match kind:
        case "texts":
            return np.array(of[0], dtype=object)
        case "array":
            return held[f"a{of[0]}"]
        case "by level":
            return ByLevel(*(_made(p, held) for p in of))
        case "dict":
            return {tuple(key): _made(p, held) for key, p in zip(*of, strict=True)}
        case "int":
            return of[0]
    return {"tuple": tuple, "list": list}[kind](_made(p, held) for p in of[0])
