"""Up to which day a run grades, and whether there is anything to grade up to then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from custier.account import Counted, newest_day
from custier.errors import Problem, UsageError
from custier.rubric.plan import EPOCH, Columns
from custier.values import Account


def choose_as_of(given: date | None, today: date, counted: Mapping[str, Counted], columns: Columns) -> tuple[date, str]:
    """The as-of date and where it comes from: given, or the newest good row of the transactions
    (of any source without them), never later than today.

    Where nothing is dated it must be given (UsageError); where no good row is left there is nothing to grade, and today's date only
    names the run that says so.
    """
    if given is not None:
        return given, "given"
    if not any("date" in columns[name] for name in counted):
        what = "no table has dates, so nothing says up to which day to grade"
        raise UsageError(Problem("CT1900", what, "as of", "name the last day that counts: --as-of 2025-12-31"))
    days = [day for day in map(newest_day, register(counted)) if day is not None]
    return (min(EPOCH + timedelta(max(days)), today), "data") if days else (today, "today")


def register(counted: Mapping[str, Counted]) -> list[Counted]:
    """The tables whose customers are graded: the transactions, or every table of a rubric without them."""
    return [counted["transactions"]] if "transactions" in counted else list(counted.values())


def is_usable(accounts: Sequence[Account]) -> bool:
    """Whether the windows cover any row of those that are graded: a month without rows must not empty the tiers."""
    graded = [a for a in accounts if a.source == "transactions"] or list(accounts)
    return any(a.used for a in graded)
