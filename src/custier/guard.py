"""What must not happen unseen: shares of customers moved, vanished, and of rows rejected, against the rubric's limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import narwhals as nw

from custier.frames import Frame
from custier.rubric.model import Guardrails
from custier.rubric.scalars import ALL, percent
from custier.values import Account, Guard


def check_rejected(accounts: Sequence[Account], guardrails: Guardrails) -> list[Guard]:
    """Rows rejected of rows read, per source."""
    return [_guard("rejected_at_most", guardrails.rejected_at_most, a.rejected, a.read, f" of {a.source}") for a in accounts]


def check_movement(customers: Frame, guardrails: Guardrails) -> list[Guard]:
    """Customers of both runs whose tier changed, and customers of the last run without rows now.

    customers: previous_tier (null when new), steps, has_rows.
    """
    known = customers.filter(~nw.col("previous_tier").is_null())
    moved, gone = _ones(nw.col("steps") != 0).sum(), _ones(~nw.col("has_rows")).sum()
    of, moves, drops = known.select(of=nw.len(), moved=moved, gone=gone).collect(backend="polars").row(0)
    if not of:
        return []
    return [
        _guard("moved_at_most", guardrails.moved_at_most, int(moves), int(of)),
        _guard("customers_drop_at_most", guardrails.customers_drop_at_most, int(drops), int(of)),
    ]


def _ones(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1, nw.Int64())).otherwise(nw.lit(0, nw.Int64()))


def _guard(name: str, limit: int, count: int, of: int, about: str = "") -> Guard:
    observed = f"{100 * count / of:.2f}%" if of else "0%"
    return Guard(name + about, percent(limit), observed, count, of, held=count * ALL > limit * of)


def check_usable(usable: bool) -> list[Guard]:
    """At least one good row up to the as-of date; without one there is nobody to grade."""
    return [] if usable else [Guard("usable_rows", "at least 1", "0", 0, 0, held=True)]


def check_newer(as_of: date, current: str | None) -> list[Guard]:
    """A run older than the current one must not replace it."""
    if current is None or as_of.isoformat() >= current:
        return []
    return [Guard("not_older_than_current", current, as_of.isoformat(), 1, 1, held=True)]
