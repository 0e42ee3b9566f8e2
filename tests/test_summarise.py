"""The figures of a graded population."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from custier.summarise import count_tiers, group_rejected

TIERS = "tiers: [{name: V, when: spend >= 80000000000}, {name: C}]\n"


def test_the_spend_of_a_tier_may_be_more_than_64_bits_hold(graded: Any, spent: Any) -> None:
    """A spend that the rubric makes itself is bounded per customer only."""
    rubric = TIERS + "metrics: {spend: {sum: 'round(amount * 100000, 2)'}, profit: {formula: spend / 2}}"
    run = graded(rubric, spent(a="800000000000", b="800000000000", c="400000000000"))
    best, rest = count_tiers(run.alike, run.rubric, run.plan)
    assert (best.customers, best.spend, best.spend_share, rest.spend) == (3, Decimal("200000000000000000.00"), 1.0, 0)
    assert best.profit_share is None


def test_rejected_cells_are_counted_by_table_so_that_the_first_place_is_its_own() -> None:
    cells = [("customers", "c.csv", 9), ("transactions", "s.csv", 7), ("transactions", "s.csv", 3)]
    rows = [{"source": s, "file": f, "line": n, "column": "customer", "code": "CT3002", "message": "m", "raw": ""} for s, f, n in cells]
    found = [(r.source, r.rows, r.first_file, r.first_line) for r in group_rejected(pl.DataFrame(rows))]
    assert found == [("transactions", 2, "s.csv", 3), ("customers", 1, "c.csv", 9)]
