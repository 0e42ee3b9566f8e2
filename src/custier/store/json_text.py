"""Values as JSON text: dataclasses, dates and exact decimals included."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any


def plain(value: Any) -> Any:
    """The value as dicts, lists and scalars: dataclasses become dicts, dates and paths text; a Decimal stays."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


def json_text(value: Any) -> str:
    """Indented JSON in the order given; a Decimal is a number with exactly its digits, what does not print is an escape.

    Raises ValueError on NaN and infinity, TypeError on what JSON cannot hold.
    """
    return _text(plain(value), "\n")


def json_bytes(value: Any) -> bytes:
    """The same as a file: UTF-8, one newline at the end; bytes of a file name that are not UTF-8 stay as JSON escapes."""
    return (json_text(value) + "\n").encode("utf-8", "backslashreplace")


def _text(value: Any, newline: str) -> str:
    inner = newline + "  "
    if isinstance(value, dict) and value:
        return "{" + ",".join(f"{inner}{_text(key, inner)}: {_text(item, inner)}" for key, item in value.items()) + newline + "}"
    if isinstance(value, list) and value:
        return "[" + ",".join(inner + _text(item, inner) for item in value) + newline + "]"
    if isinstance(value, Decimal):
        return _digits(value)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text if text.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def _digits(number: Decimal) -> str:
    if not number.is_finite():
        raise ValueError("a number in JSON must be finite")
    return f"{number:f}"
