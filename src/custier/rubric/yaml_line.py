"""A part of a rubric as one line of YAML, for cures that can be copied."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

BARE = re.compile(r"[A-Za-z][A-Za-z_-]*")
NOT_BARE = ("null", "true", "false", "nan", "yes", "no", "on", "off")


def yaml_line(value: Any) -> str:
    """A value in YAML on one line, as a rubric takes it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {yaml_line(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(yaml_line, value)) + "]"
    if isinstance(value, str) and (not BARE.fullmatch(value) or value.lower() in NOT_BARE):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if isinstance(value, bool | int) else str(value)
