"""Values as one JSON object: exact numbers, ISO dates, nothing but printable ASCII."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from custier.errors import CustierError


def json_text(value: Any) -> str:
    """One line of JSON; a Decimal is a number with all its digits, what is not finite is null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return json_text({f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
    match value:
        case Mapping():
            return "{" + ", ".join(f"{json.dumps(str(k))}: {json_text(v)}" for k, v in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(json_text, value)) + "]"
        case Decimal():
            return f"{value:f}" if value.is_finite() else "null"
        case float() if not math.isfinite(value):
            return "null"
        case date():
            return json.dumps(value.isoformat())
        case Path():
            return json.dumps(str(value))
    return json.dumps(value)


def fields_of(value: Any) -> dict[str, Any]:
    """A dataclass as a dict of its own fields, values untouched."""
    return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}


def error_object(error: CustierError) -> dict[str, Any]:
    """What `--json` says of a failure: `code`, `exit`, `message`, `state` and every problem."""
    first, more = error.problems[0], len(error.problems) - 1
    return {
        "code": first.code,
        "exit": error.exit_code,
        "message": first.what + (f", and {more:,} more" if more else ""),
        "state": error.state,
        "problems": error.problems,
    }
