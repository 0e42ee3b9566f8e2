"""What a stored run says of itself."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from pydantic import TypeAdapter

from custier.values import Summary


def read_summary(directory: Path) -> Summary:
    """The summary of a run's folder as it was written, every number with its digits; raises OSError or ValueError when it is not there
    or damaged.
    """
    return TypeAdapter(Summary).validate_python(json.loads((directory / "summary.json").read_bytes(), parse_float=Decimal))
