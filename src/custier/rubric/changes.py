"""What changed with each version of a policy."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer

from custier.rubric.scalars import Strict, TitleText, Whole


def _day(value: Any) -> date:
    """`2026-01-31` → that day."""
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("is not a day; write it as 2026-01-31")


DayText = Annotated[date, BeforeValidator(_day, json_schema_input_type=str), PlainSerializer(date.isoformat)]


class Revision(Strict):
    """One version of the policy, and what it changed."""

    version: Whole = Field(ge=1, description="the version that brought it")
    on: DayText = Field(description="since when it holds: 2026-01-01")
    what: TitleText = Field(description="what changed, in words")
