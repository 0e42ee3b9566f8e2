"""What must not happen unseen: shares of customers moved, vanished, and of rows rejected, against the rubric's limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import narwhals as nw

from custier.frames import Collected
from custier.rubric.model import Guardrails
from custier.rubric.scalars import ALL, percent
from custier.values import Account, Guard


def check_rejected(accounts: Sequence[Account], guardrails: Guardrails) -> list[Guard]:
    """Rows rejected of rows read, per source."""
    return [_guard("rejected_at_most", guardrails.rejected_at_most, a.rejected, a.read, f" of {a.source}") for a in accounts]


def check_movement(customers: Collected, guardrails: Guardrails) -> list[Guard]:
    """Customers of both runs whose tier changed, and customers of the last run without rows now.

    customers: previous_tier (null when new), steps, has_rows.
    """
    known = customers.filter(~nw.col("previous_tier").is_null())
    if not len(known):
        return []
    moved = len(known.filter(nw.col("steps") != 0))
    gone = len(known.filter(~nw.col("has_rows")))
    return [
        _guard("moved_at_most", guardrails.moved_at_most, moved, len(known)),
        _guard("customers_drop_at_most", guardrails.customers_drop_at_most, gone, len(known)),
    ]


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
