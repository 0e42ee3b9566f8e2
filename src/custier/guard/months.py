"""Whole months that are new since the last run: each against the months before it, so that one bad month of many is seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from custier.guard.gaps import last_day
from custier.guard.judge import BASE, BEFORE, FIRST, is_close, passed, signed
from custier.guard.volume import median
from custier.rubric.guardrails import Change
from custier.rubric.model import Guardrails
from custier.values import Guard, History

MOST_MONTHS, LEAST_MONTHS = 12, 3


@dataclass(frozen=True)
class _Compared:
    """A figure of a month, and the median of the months before it."""

    month: str
    figure: int
    usual: Fraction

    @property
    def change(self) -> Fraction:
        return self.figure / self.usual - 1


def check_months(source: str, now: History, as_of: date, last: date | None, guardrails: Guardrails) -> list[Guard]:
    """Rows and amounts of the months that are over by the as-of date and were not by the last run's, against the median of the 3 to 12
    months before each in this very run. The one that is farthest beyond its limit is told.

    last: the as-of date of the last run that had the source; None in a first run, where the newest whole month is looked at, and told.
    """
    over = [month for month in sorted(now.months) if _end(month) <= as_of]
    new = over[-1:] if last is None else [month for month in over if _end(month) > last]
    rows = {month: held.rows for month, held in now.months.items()}
    amounts = {month: held.amount for month, held in now.months.items()} if now.amount is not None else {}
    guards = []
    for name, figures, limit in (
        ("rows", rows, guardrails.month_rows_change_at_most),
        ("amount", amounts, guardrails.month_amount_change_at_most),
    ):
        found = [compared for month in new for compared in _compared(figures, month)]
        if not found:
            continue
        worst = max(found, key=lambda compared: (passed(limit, compared.change), abs(compared.change), compared.month))
        waived = FIRST if last is None else _waived(worst, figures, rows, limit, guardrails)
        guards.append(_judged(f"month_{name}_change_at_most of {source}", worst, limit, waived))
    return guards


def _compared(figures: Mapping[str, int], month: str) -> Iterator[_Compared]:
    """One, or none where too few months before it held anything to compare with."""
    before = [Fraction(figures[m]) for m in _months_before(month) if m in figures]
    if month in figures and len(before) >= LEAST_MONTHS and (usual := median(before)) > 0:
        yield _Compared(month, figures[month], usual)


def _waived(worst: _Compared, figures: Mapping[str, int], rows: Mapping[str, int], limit: Change, guardrails: Guardrails) -> str:
    """Few rows a month; or a season: the same month of the year before was beyond the limit on the same side."""
    usual_rows = next((compared.usual for compared in _compared(rows, worst.month)), Fraction(0))
    if usual_rows < (guardrails.min_base.count or 0):
        return BASE
    year_ago = _compared(figures, f"{int(worst.month[:4]) - 1:04}{worst.month[4:]}")
    return BEFORE if any(passed(limit, c.change) and (c.change < 0) == (worst.change < 0) for c in year_ago) else ""


def _judged(name: str, worst: _Compared, limit: Change, waived: str) -> Guard:
    over, by_rows = passed(limit, worst.change), name.startswith("month_rows")
    few_or_many = "is the export cut short" if worst.change < 0 else "is anything exported twice"
    rows = f"{worst.month} has {worst.figure:,} rows where such a month has about {round(worst.usual):,}: {few_or_many}?"
    guard = Guard(name, str(limit), signed(worst.change), worst.figure, round(worst.usual), over and not waived)
    about = rows if by_rows else f"the month is {worst.month}"
    return replace(
        guard,
        unit="rows" if by_rows else "money",
        near=not over and is_close(limit, worst.change),
        waived=waived if over else "",
        cause=about if over else "",
    )


def _months_before(month: str) -> Iterator[str]:
    number = int(month[:4]) * 12 + int(month[5:]) - 1
    for earlier in range(number - MOST_MONTHS, number):
        yield f"{earlier // 12:04}-{earlier % 12 + 1:02}"


def _end(month: str) -> date:
    return last_day(date.fromisoformat(f"{month}-01"))
