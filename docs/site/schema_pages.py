"""Tables of `study.toml` and of the JSON files, from their schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def study_page(folder: Path) -> str:
    schema = _read(folder, "study")
    parts = [
        "# study.toml",
        "Written from `schemas/study.json`, which the types of the code make. "
        "`#:schema ./study.schema.json` in the first line lets an editor complete the keys; `parity new` puts it there. "
        "What the keys mean, by example: [add a spec or a study](../adding-a-study.md).",
        *_object("study.toml", schema, level=2, title="The file"),
    ]
    for name, part in sorted(schema["$defs"].items(), key=lambda found: ("Header", "Spec", "Published").index(found[0])
                             if found[0] in ("Header", "Spec", "Published") else 9):  # fmt: skip
        parts += _object(name, part, level=2)
    return "\n\n".join(parts) + "\n"


def json_page(folder: Path) -> str:
    parts = [
        "# JSON",
        "Written from the schemas in `schemas/`. Numbers have 17 significant digits, which read back to the same double. "
        "A file of a later version may have more keys, never other meanings of these.",
    ]
    titles = {
        "report": "Report: `parity run --json`, `parity report`, `parity diff`",
        "reference": "Frozen reference: `parity freeze`",
        "estimate": "Answer of an engine",
    }
    seen: set[str] = set()
    for name, title in titles.items():
        schema = _read(folder, name)
        parts.append(f"## {title}")
        if "properties" in schema:
            parts += _object(name, schema, level=3, title=schema["title"])
        for part, definition in schema["$defs"].items():
            if part not in seen:
                parts += _object(part, definition, level=3)
            seen.add(part)
    return "\n\n".join(parts) + "\n"


def _read(folder: Path, name: str) -> dict[str, Any]:
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def _object(name: str, schema: dict[str, Any], *, level: int, title: str = "") -> Iterator[str]:
    anchor = f" {{ #{name.lower().replace('.', '-')} }}"
    yield f"{'#' * level} {title or name}{anchor}"
    if schema.get("description"):
        yield _text(schema["description"])
    required = schema.get("required", ())
    rows = [
        f"| `{key}` | {_kind(value)} | {_default(key, value, required)} | {_cell(value.get('description', ''))} |"
        for key, value in schema.get("properties", {}).items()
    ]
    if rows:
        yield "\n".join(["| key | type | default | |", "|---|---|---|---|", *rows])


def _text(text: str) -> str:
    """Paragraphs; lines that are set in columns stay as they are."""
    blocks = text.strip().split("\n\n")
    return "\n\n".join(f"```text\n{b}\n```" if "\n" in b and "   " in b else " ".join(b.split()) for b in blocks)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|").replace("<", "&lt;")


def _default(key: str, value: dict[str, Any], required) -> str:
    if key in required:
        return "required"
    return f"`{json.dumps(value['default'], ensure_ascii=False)}`" if value.get("default") not in (None, "") else ""


def _kind(schema: dict[str, Any]) -> str:
    """A type in a few words, with links to the tables of the page."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return ", ".join(f"`{v}`" for v in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " or ".join(dict.fromkeys(_kind(s) for s in schema[word] if s.get("type") != "null"))
    if schema.get("type") == "array":
        items = schema.get("items") or next(iter(schema.get("prefixItems", ())), {})
        return f"list of {_kind(items)}" if items else "list"
    if schema.get("type") == "object":
        if schema.get("properties"):
            inside = ", ".join(f"`{k}`: {_kind(v)}" for k, v in schema["properties"].items())
            return f"table ({inside})"
        inner = schema.get("additionalProperties")
        return f"name = {_kind(inner)}" if isinstance(inner, dict) and inner else "table"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    return words.get(schema.get("type", ""), "any")
