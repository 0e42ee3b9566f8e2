"""Where every row and every minor unit of money went; a row that is nowhere is a bug."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import narwhals as nw

from custier.errors import Bug, InputError, Problem
from custier.frames import Collected
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan, day_number
from custier.rubric.window import Window
from custier.values import Account

MOST_TOTAL = 4e18
"""Half of what Int64 holds: a sum below it cannot wrap."""


@dataclass(frozen=True)
class Sorted:
    """One source after validation: all rows that reached it, the good ones, and (file, line) of the rejected ones."""

    source: str
    rows: Collected
    good: Collected
    rejected: Collected
    read: int
    malformed: int
    excluded: int
    money_excluded: int


def account_for(rows: Sorted, rubric: Rubric, plan: Plan, as_of: date) -> Account:
    """Row and money accounting of a source; raises Bug when read ≠ used + rejected + excluded + before + after."""
    rejected = rows.rejected.select("file", "line").unique()
    refused = rows.rows.join(rejected, on=["file", "line"], how="semi")
    used, after, before = _by_window(rows.good, rows.source, rubric, plan, as_of)
    account = Account(
        source=rows.source,
        read=rows.read,
        rejected=len(refused) + rows.malformed,
        excluded=rows.excluded,
        before_window=len(before),
        after_window=len(after),
        used=len(used),
        money_read=_money(rows.rows) + rows.money_excluded,
        money_rejected=_money(refused),
        money_excluded=rows.money_excluded,
        money_before_window=_money(before),
        money_after_window=_money(after),
        money_used=_money(used),
    )
    _reconcile(account)
    return account


def refuse_overflow(rows: Collected, source: str, columns: Iterable[str]) -> None:
    """InputError when the amounts of a column are so large that a sum could wrap."""
    for column in columns:
        total = rows[column].abs().cast(nw.Float64()).sum()
        if total is not None and total > MOST_TOTAL:
            raise InputError(
                Problem(
                    "CT6401", f"the values of `{column}` add up to more than exact sums can hold", source, "check the unit of the column"
                )
            )


def windows_of(source: str, rubric: Rubric, plan: Plan) -> set[Window]:
    """Every window that a metric looks at this source through."""
    own = {p.metric.window or rubric.window for p in plan.metrics.values() if p.metric.source == source and p.metric.formula is None}
    return own or {rubric.window}


def _by_window(good: Collected, source: str, rubric: Rubric, plan: Plan, as_of: date) -> tuple[Collected, Collected, Collected]:
    spans = [w.dates(as_of) for w in windows_of(source, rubric, plan)]
    balances = any(p.metric.aggregation == "time_weighted_mean" and p.metric.source == source for p in plan.metrics.values())
    day, covered = nw.col("date_day"), nw.lit(False)
    for start, end in spans:
        within = day < day_number(end)
        covered = covered | (within if start is None or balances else within & (day >= day_number(start)))
    latest = max(day_number(end) for _, end in spans)
    good = good.with_columns(covered=covered)
    rest = good.filter(~nw.col("covered"))
    return good.filter(nw.col("covered")), rest.filter(day >= latest), rest.filter(day < latest)


def _money(rows: Collected) -> int:
    return int(rows["amount"].sum() or 0) if "amount" in rows.columns else 0


def _reconcile(a: Account) -> None:
    rows = a.used + a.rejected + a.excluded + a.before_window + a.after_window
    money = a.money_used + a.money_rejected + a.money_excluded + a.money_before_window + a.money_after_window
    if rows != a.read or money != a.money_read:
        raise Bug(Problem("CT9001", f"{a.source}: {a.read} rows were read and {rows} accounted for; money {a.money_read} and {money}"))
