"""The two kinds of frames that steps hand on: rows still in their engine, and a table in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

Frame = nw.LazyFrame[Any]
"""A lazy frame of any engine; every step takes and gives these."""

Collected = nw.DataFrame[Any]
"""A frame in memory, for what looks at all rows or customers at once."""


def with_named(frame: Frame, columns: Mapping[str, nw.Expr]) -> Frame:
    """The frame with these columns; also when there are none, which narwhals refuses."""
    return frame.with_columns(**columns) if columns else frame
