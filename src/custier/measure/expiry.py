"""On which day points are gone, counted in whole numbers, which every engine reckons alike."""

from __future__ import annotations

import narwhals as nw

from custier.frames import Frame
from custier.rubric.points import ENDS_OF_YEARS
from custier.rubric.window import length

MARCH_OF_YEAR_0 = -719468
"""The day 0000-03-01, counted from 1970-01-01; with March as the first month, a leap day ends the year."""


def last_days(days: Frame, expire: str) -> Frame | None:
    """Days with date and date_day → the same with over_day (Int64 days since 1970-01-01), the first on which what was earned is gone.

    Points of 31 January that last a month are gone on 28 February. None where points never expire.
    """
    if expire == "never":
        return None
    year, month, day = (e.cast(nw.Int64()) for e in (nw.col("date").dt.year(), nw.col("date").dt.month(), nw.col("date").dt.day()))
    if expire in ENDS_OF_YEARS:
        return _with_first_day(days.with_columns(march=(year + ENDS_OF_YEARS[expire]) * 12 - 2), "march", "over_day")
    time = length(expire)
    if not time.months:
        return days.with_columns(over_day=nw.col("date_day") + time.days)
    days = days.with_columns(march=year * 12 + month - 3 + time.months, day_of_month=day)
    days = _with_first_day(days.with_columns(after=nw.col("march") + 1), "march", "first_day")
    days = _with_first_day(days, "after", "first_after").with_columns(days_of_month=nw.col("first_after") - nw.col("first_day"))
    is_short = nw.col("day_of_month") > nw.col("days_of_month")
    kept = nw.when(is_short).then(nw.col("days_of_month")).otherwise(nw.col("day_of_month"))
    return days.with_columns(over_day=nw.col("first_day") + kept - 1)


def _with_first_day(days: Frame, march: str, name: str) -> Frame:
    """Months since March of the year 0 → the same with the first day of that month."""
    days = days.with_columns(year=(nw.col(march) // 12).cast(nw.Int64()))
    year = nw.col("year")
    to_year = year * 365 + year // 4 - year // 100 + year // 400
    to_month = ((nw.col(march) - year * 12) * 153 + 2) // 5
    return days.with_columns(**{name: (to_year + to_month + MARCH_OF_YEAR_0).cast(nw.Int64())})
