"""The span of dates a metric looks at, always half-open: first day in, last day out."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from custier.rubric.scalars import Flag, Strict

SINCE_JOINING, MEMBERSHIP_YEAR = "since joining", "membership year"
SPANS = ("lifetime", "calendar year", SINCE_JOINING, MEMBERSHIP_YEAR)
YEAR = 12
_LENGTH = re.compile(r"\s*(\d{1,4})\s+(day|week|month|year)s?\s*")
_FISCAL = re.compile(r"fiscal year from month (1[0-2]|[1-9])")


def _last_of(span: str) -> str:
    """What to write for a whole year before this one, such as the `last calendar year`."""
    before = f"{{span: {span}, shifted: 12 months}}"
    cure = f"write {before} for the one before, or {span} for this one" if "year" in span else f"write {span}"
    return f"is the last of a span that has no length; {cure}"


@dataclass(frozen=True)
class Length:
    """A length of time: whole months, or days."""

    months: int = 0
    days: int = 0

    def __add__(self, other: Length) -> Length:
        return Length(self.months + other.months, self.days + other.days)

    def before(self, day: date) -> date:
        """The day this long before, clamped to the month's end (31 March - 1 month is 28 February)."""
        return _moved(day, -self.months, -self.days)

    def after(self, day: date) -> date:
        """The day this long after, clamped to the month's end (31 January + 1 month is 28 February)."""
        return _moved(day, self.months, self.days)

    def __str__(self) -> str:
        return f"{self.months} months" if self.months else f"{self.days} days"


def _moved(day: date, months: int, days: int) -> date:
    """The day so many months and then days on, within what dates can be."""
    year, month = divmod(day.year * YEAR + day.month - 1 + months, YEAR)
    if not date.min.year <= year <= date.max.year:
        return date.min if year < date.min.year else date.max
    day = day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))
    return date.fromordinal(min(max(1, day.toordinal() + days), date.max.toordinal()))


def length(value: Any) -> Length:
    """`12 months` → Length(months=12)."""
    if isinstance(value, Length):
        return value
    found = _LENGTH.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("is not a length of time; write a number and a unit, such as 12 months or 90 days")
    count, unit = int(found[1]), found[2]
    return {"day": Length(days=count), "week": Length(days=7 * count), "month": Length(months=count), "year": Length(months=12 * count)}[
        unit
    ]


LengthText = Annotated[Length, BeforeValidator(length, json_schema_input_type=str), PlainSerializer(str)]


class Window(Strict):
    """Which rows count, by their date: `{last: 12 months}`, `calendar year`, `lifetime`, …"""

    last: LengthText | None = Field(None, description="a rolling length that ends on the as-of date")
    span: str | None = Field(None, description="lifetime | calendar year | fiscal year from month N | since joining | membership year")
    shifted: LengthText = Field(Length(), description="how far back the whole window is moved")
    settle: LengthText = Field(Length(), description="the newest days that do not count yet")
    whole_months: Flag = Field(False, description="end with the last completed month")

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        if isinstance(value, str):
            words = value.strip()
            span = words.removeprefix("last ")
            if span != words and (span in SPANS or _FISCAL.fullmatch(span)):
                raise ValueError(_last_of(span))
            return {"last": span} if span != words else {"span": words}
        return value

    @model_validator(mode="after")
    def _one_span(self) -> Window:
        if (self.last is None) == (self.span is None):
            raise ValueError(
                "does not say how long it is; write exactly one of `last`, such as 12 months, and `span`, such as calendar year"
            )
        if self.last == Length():
            raise ValueError("spans no days; write a `last` such as 12 months")
        if self.span is not None and self.span not in SPANS and not _FISCAL.fullmatch(self.span):
            raise ValueError(
                f"has a span `{self.span}` that does not exist; write {', '.join(SPANS)}, fiscal year from month N, or last 12 months"
            )
        if self.span == MEMBERSHIP_YEAR and (self.shifted.days or self.shifted.months % YEAR):
            raise ValueError("moves a membership year by a part of one; write `shifted` in whole years")
        return self

    @property
    def from_joining(self) -> bool:
        """Whether it starts on a day of each customer's own."""
        return self.span in (SINCE_JOINING, MEMBERSHIP_YEAR)

    def last_day(self, as_of: date) -> date:
        """The last day that counts, before the window is moved back."""
        end = self.settle.before(as_of + timedelta(1))
        return (end.replace(day=1) if self.whole_months else end) - timedelta(1)

    def dates(self, as_of: date) -> tuple[date | None, date]:
        """First day that counts (None: no first day) and the first day that no longer counts; of a membership year, the first of any."""
        end = self.last_day(as_of) + timedelta(1)
        if self.last is not None:
            return (self.shifted + self.last).before(end), self.shifted.before(end)
        start = self._start(end - timedelta(1))
        return (None if start is None else self.shifted.before(start)), self.shifted.before(end)

    def in_words(self, as_of: date) -> str:
        """`2025-01-01 to 2025-12-31`, both days included."""
        start, end = self.dates(as_of)
        if self.span == MEMBERSHIP_YEAR:
            return f"the membership year up to {end - timedelta(1)}"
        return f"up to {end - timedelta(1)}" if start is None else f"{start} to {end - timedelta(1)}"

    def _start(self, last_day: date) -> date | None:
        if self.span == "calendar year":
            return date(last_day.year, 1, 1)
        if self.span == MEMBERSHIP_YEAR:
            return Length(months=YEAR).before(last_day + timedelta(1))
        if fiscal := _FISCAL.fullmatch(self.span or ""):
            first_month = int(fiscal[1])
            return date(last_day.year - (last_day.month < first_month), first_month, 1)
        return None
