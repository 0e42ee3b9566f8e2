"""Time without rows: months that are missing, and an as-of month that ends too early."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from custier.guard.judge import BASE, FIRST, judged
from custier.guard.volume import median
from custier.rubric.model import Guardrails
from custier.values import Guard, History

USUAL_MONTHS, MOST_NAMED = 12, 6


def check_gaps(history: History, as_of: date, before: tuple[History | None, date] | None, guardrails: Guardrails) -> list[Guard]:
    """Whole months without a row between the first row and the as-of date, and silent days of the as-of month.

    before: the source in the last run, and its as-of date, None in a first run: what was missing then already was published so.
    """
    if history.first is None:
        return []
    months = list(_months(date.fromisoformat(max(history.first, history.start or "")), as_of))
    over = [month for month in months if last_day(month) <= as_of]
    missing = [_named(m) for m in over if _named(m) not in history.months and not _was_missing(_named(m), before)]
    limit, rows = guardrails.missing_months_at_most, sum(month.rows for month in history.months.values())
    guard = judged("missing_months_at_most", limit, len(missing), len(over), unit="months", cause=no_row_in(missing))
    waived = FIRST if before is None else BASE if rows < (guardrails.min_base.count or 0) else ""
    return [_unless(waived, guard, f"{len(missing)}"), *_silent(history, months, as_of, guardrails, waived)]


def no_row_in(months: Sequence[str]) -> str:
    """In words, the first of them by name; nothing of none."""
    return f"no row in {', '.join(months[:MOST_NAMED])}{' …' if len(months) > MOST_NAMED else ''}" if months else ""


def _was_missing(month: str, before: tuple[History | None, date] | None) -> bool:
    """Whether the last run lacked the month too, although its rows began before and went beyond."""
    if before is None or before[0] is None or before[0].first is None:
        return False
    return before[0].first[:7] <= month <= before[1].isoformat()[:7] and month not in before[0].months


def _silent(history: History, months: list[date], as_of: date, guardrails: Guardrails, waived: str) -> Iterator[Guard]:
    """Days without a row in the as-of month, beyond those that the months before it have in as many days."""
    usual = [Fraction(_silent_days(history, month), _length(month)) for month in months[1:-1][-USUAL_MONTHS:]]
    if not usual:
        return
    silent = as_of.day - (_length(as_of) - _silent_days(history, as_of))
    more = max(0, silent - round(median(usual) * as_of.day))
    guard = judged("silent_days_at_most", guardrails.silent_days_at_most, more, as_of.day, unit="days")
    yield _unless(waived, guard, f"{more}")


def _unless(waived: str, guard: Guard, observed: str) -> Guard:
    """Of few rows months are empty without anything being wrong, so these limits hold no small base, though they are numbers."""
    return replace(guard, held=guard.held and not waived, waived=waived if guard.held else "", observed=observed)


def _silent_days(history: History, month: date) -> int:
    held = history.months.get(_named(month))
    return _length(month) - (0 if held is None else held.days)


def _months(first: date, last: date) -> Iterator[date]:
    """The first of each calendar month from one day to another."""
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield date(number // 12, number % 12 + 1, 1)


def _named(month: date) -> str:
    return f"{month:%Y-%m}"


def _length(month: date) -> int:
    return calendar.monthrange(month.year, month.month)[1]


def last_day(month: date) -> date:
    """The last day of the month of a day."""
    return month.replace(day=_length(month))
