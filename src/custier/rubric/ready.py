"""Ready-made metrics: what `spend`, `orders` or `recency_days` mean when a rubric does not say.

Each name has one or more ways to be measured; the first whose columns the transactions have is taken.
"""

from __future__ import annotations

from collections.abc import Collection

from custier.rubric.model import Metric

_LIFETIME = {"window": "lifetime"}

READY: dict[str, list[tuple[set[str], dict[str, object]]]] = {
    "spend": [({"amount"}, {"sum": "amount"})],
    "orders": [({"order"}, {"count_distinct": "order"}), (set(), {"count": "customer"})],
    "categories": [({"category"}, {"count_distinct": "category"})],
    "quantity": [({"quantity"}, {"sum": "quantity"})],
    "profit": [({"profit"}, {"sum": "profit"}), ({"amount", "cost"}, {"sum": "amount - cost"})],
    "average_order": [({"amount"}, {"formula": "spend / orders"})],
    "margin": [({"amount", "profit"}, {"formula": "profit / spend"}), ({"amount", "cost"}, {"formula": "profit / spend"})],
    "active_months": [(set(), {"active_months": "date"})],
    "recency_days": [(set(), {"formula": "recency_days"})],
    "tenure_months": [(set(), {"formula": "tenure_months"})],
}

FROM_DATES = ("recency_days", "tenure_months")
"""Measured from the first and last date of a customer's transactions, and the day of joining, whatever the window."""


def ready_metric(name: str, columns: Collection[str] | None) -> Metric | None:
    """The ready-made metric of this name, as far as these transaction columns allow (None: all columns)."""
    for needs, definition in READY.get(name, []):
        if columns is None or needs <= set(columns):
            return Metric.model_validate(definition)
    return None


def columns_for(name: str) -> list[set[str]]:
    """The sets of transaction columns of which one is needed to measure this ready-made metric."""
    return [needs for needs, _ in READY.get(name, [])]
