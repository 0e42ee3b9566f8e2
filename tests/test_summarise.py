"""The figures of a graded population."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from custier.summarise import count_tiers

TIERS = "tiers: [{name: V, when: spend >= 80000000000}, {name: C}]\n"


def test_the_spend_of_a_tier_may_be_more_than_64_bits_hold(graded: Any, spent: Any) -> None:
    """A spend that the rubric makes itself is bounded per customer only."""
    rubric = TIERS + "metrics: {spend: {sum: 'round(amount * 100000, 2)'}, profit: {formula: spend / 2}}"
    run = graded(rubric, spent(a="800000000000", b="800000000000", c="400000000000"))
    best, rest = count_tiers(run.graded.customers, run.rubric, run.plan)
    assert (best.customers, best.spend, best.spend_share, rest.spend) == (3, Decimal("200000000000000000.00"), 1.0, 0)
    assert best.profit_share is None
