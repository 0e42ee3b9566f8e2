"""The earned tier becomes the tier; nothing yet keeps a tier that is no longer earned."""

from __future__ import annotations

import narwhals as nw

from custier.frames import Frame


def settle_tiers(customers: Frame) -> Frame:
    """Customers with an earned tier → the same with tier, tier_rank and valid_until (Date, null: no end)."""
    return customers.with_columns(tier=nw.col("earned_tier"), tier_rank=nw.col("earned_rank"), valid_until=nw.lit(None, nw.Date()))
