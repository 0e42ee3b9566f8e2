"""How a rubric says something of a source, as a cure tells it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

PLAIN = re.compile(r"[^\W\d][\w /()-]*")


def declare(source: str, key: str, value: str | Sequence[str]) -> str:
    """`sources: {transactions: {encoding: cp1252}}`, or with a list of names."""
    said = value if isinstance(value, str) else f"[{', '.join(map(_in_yaml, value))}]"
    return f"sources: {{{source}: {{{key}: {said}}}}}"


def _in_yaml(name: str) -> str:
    return name if PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
