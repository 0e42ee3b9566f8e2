"""Values as YAML that reads back as they are, on one line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from custier.rubric.yaml_file import plain_value

BARE = re.compile(r"[^\W\d_](?:[\w. /-]*\w)?")


def on_one_line(value: Any) -> str:
    """A text, number, list or mapping in YAML's flow style; texts stand in quotes where they need them."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {on_one_line(held)}" for name, held in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(on_one_line, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return str(value)
    if '"' in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return value if BARE.fullmatch(value) and plain_value(value) == value and value.isprintable() else quoted(value)


def quoted(text: str) -> str:
    """A text in double quotes; what does not print stands as its escape."""
    said = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else _escaped(c) for c in said)


def _escaped(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
