"""A ledger of points, the oldest used first: running sums and a running maximum instead of a queue.

By the day s let G be the points given, U those used and L those given so long ago that their time is over. Whatever is in L is gone by
then, used or expired; and points expire only then. So X(t) = max(0, L(s) - U(before s) for every s <= t) have expired by t, and
G - U - X are left. On one day points expire first, then come new ones, then some are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import narwhals as nw

from custier.frames import Frame
from custier.measure.expiry import last_days
from custier.rubric.formula import wide
from custier.rubric.plan import day_number
from custier.rubric.points import EXPIRED, OVERDRAWN

DAY = ("customer_id", "date", "date_day")
GIVEN, USED, OVER = "points given", "points used", "points over"


def balance_days(rows: Frame, totals: Sequence[str], expire: str, as_of: date) -> Frame:
    """Rows (`DAY`, totals, GIVEN and USED, never negative) → per customer: customer_id, each total, points_expired and
    points_overdrawn, the most that was ever used beyond what there was. Int64 points; refuses to wrap.
    """
    days = _by_day(rows, (*totals, GIVEN, USED))
    over = last_days(days, expire)
    if over is not None:
        columns = {name: nw.col(GIVEN) if name == OVER else nw.lit(0, nw.Int64()) for name in (*totals, GIVEN, USED, OVER)}
        lapsed = over.filter((nw.col(GIVEN) > 0) & (nw.col("over_day") <= day_number(as_of)))
        lapsed = lapsed.select("customer_id", date_day=nw.col("over_day"), **columns)
        dated = days.with_columns(**{OVER: nw.lit(0, nw.Int64())}).select(lapsed.collect_schema().names())
        days = _summed(nw.concat([dated, lapsed]), ("customer_id", "date_day"), (*totals, GIVEN, USED, OVER))
    return _closed(_running(days, over is not None), totals)


def _by_day(rows: Frame, names: Sequence[str]) -> Frame:
    return _summed(rows, DAY, names)


def _summed(rows: Frame, by: Sequence[str], names: Sequence[str]) -> Frame:
    summed = rows.with_columns(**{n: wide(nw.col(n)) for n in names}).group_by(*by).agg(**{n: nw.col(n).sum() for n in names})
    return summed.with_columns(**{n: nw.col(n).cast(nw.Int64()) for n in names})


def _running(days: Frame, expires: bool) -> Frame:
    """Days → the same with points_expired by each and points_overdrawn on it, in 128 bits."""
    kinds = (GIVEN, USED, *([OVER] if expires else []))
    so_far = {n: wide(nw.col(n)).cum_sum().over("customer_id", order_by="date_day") for n in kinds}
    days = days.with_columns(**{f"{n} so far": e for n, e in so_far.items()})
    gone = nw.col(f"{OVER} so far") - (nw.col(f"{USED} so far") - nw.col(USED)) if expires else wide(nw.lit(0))
    days = days.with_columns(**{EXPIRED: _above_zero(gone)})
    if expires:
        days = days.with_columns(**{EXPIRED: nw.col(EXPIRED).cum_max().over("customer_id", order_by="date_day")})
    owed = nw.col(f"{USED} so far") + nw.col(EXPIRED) - nw.col(f"{GIVEN} so far")
    return days.with_columns(**{OVERDRAWN: _above_zero(owed)})


def _above_zero(points: nw.Expr) -> nw.Expr:
    return nw.when(points > 0).then(points).otherwise(wide(nw.lit(0)))


def _closed(days: Frame, totals: Sequence[str]) -> Frame:
    """All days of a customer → one row."""
    made = {n: nw.col(n).sum() for n in totals} | {n: nw.col(n).max() for n in (EXPIRED, OVERDRAWN)}
    closed = days.with_columns(**{n: wide(nw.col(n)) for n in totals}).group_by("customer_id").agg(**made)
    return closed.with_columns(**{n: nw.col(n).cast(nw.Int64()) for n in made})
