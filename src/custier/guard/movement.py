"""Customers who moved, and who have no row any more."""

from __future__ import annotations

import narwhals as nw

from custier.frames import Frame
from custier.guard.judge import judged
from custier.rubric.model import Guardrails
from custier.values import Guard


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
        judged("moved_at_most", guardrails.moved_at_most, int(moves), int(of)),
        judged("customers_drop_at_most", guardrails.customers_drop_at_most, int(drops), int(of)),
    ]


def _ones(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1, nw.Int64())).otherwise(nw.lit(0, nw.Int64()))
