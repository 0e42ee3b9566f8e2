"""What each source held, month by month: what a run keeps for those after it to be compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from custier.account import GOOD, NO_DAY, Counted, windows_of
from custier.rubric.model import Rubric
from custier.rubric.plan import EPOCH, Plan, day_number
from custier.values import Account, History, Month, Past

Days = Mapping[date, tuple[int, int]]
"""Day → its good rows and their amounts."""


def days_of(counted: Counted, as_of: date) -> dict[date, tuple[int, int]]:
    """The good rows of a source, day by day up to the as-of date."""
    last = day_number(as_of)
    good = [r for r in counted.days.iter_rows(named=True) if r["state"] == GOOD and NO_DAY < r["date_day"] <= last]
    return {EPOCH + timedelta(r["date_day"]): (r["rows"], int(r.get("money") or 0)) for r in sorted(good, key=lambda r: r["date_day"])}


def history_of(account: Account, days: Days, rubric: Rubric, plan: Plan, as_of: date, *, has_amounts: bool) -> History:
    """A source as the runs after this one compare with it."""
    starts = [window.dates(as_of)[0] for window in windows_of(account.source, rubric, plan)]
    dated = [start for start in starts if start is not None]
    start = min(dated).isoformat() if len(dated) == len(starts) else None
    first = min(days).isoformat() if days else None
    return History(account.used, account.money_used if has_amounts else None, first, start, months_of(days))


def months_of(days: Days) -> dict[str, Month]:
    """The same days by calendar month, as 2025-12."""
    months: dict[str, Month] = {}
    for day, (rows, amount) in days.items():
        so_far = months.get(f"{day:%Y-%m}", Month(0, 0, 0))
        months[f"{day:%Y-%m}"] = Month(so_far.rows + rows, so_far.amount + amount, so_far.days + 1)
    return months


def past_of(run: str, stable: Mapping[str, Any]) -> Past:
    """What the stable half of a run's manifest tells to the next; a run of an earlier custier tells less."""
    return Past(
        run=run,
        as_of=date.fromisoformat(stable["as_of"]),
        currency=stable.get("currency", ""),
        decimals=stable.get("currency_decimals", -1),
        inputs=_names(stable["inputs"]),
        histories={source: _history(told) for source, told in stable.get("history", {}).items()},
    )


def _names(files: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], frozenset[str]] = {}
    for file in files:
        key = file["source"], file["sha256"]
        found[key] = found.get(key, frozenset()) | {file["name"]}
    return found


def _history(told: Mapping[str, Any]) -> History:
    return History(**{**told, "months": {month: Month(**held) for month, held in told["months"].items()}})
