"""The points of a customer as its run measured them; the lines add up."""

from __future__ import annotations

from typing import Any

from custier.explain.policy import PointsPolicy
from custier.values import PointsLine, PointsStatement


def points_statement(shown: dict[str, Any], policy: PointsPolicy | None) -> PointsStatement | None:
    """A customer's metrics → the statement; None where the rubric has no points."""
    if policy is None:
        return None
    earned = [PointsLine(r["name"], r["title"], r["title_zh"], r["words"], shown[f"points_from_{r['name']}"]) for r in policy["earn"]]
    names = ("lifetime", "redeemed", "expired", "balance", "overdrawn")
    return PointsStatement(earned, policy["redeem"], policy["expire"], **{name: shown[f"points_{name}"] for name in names})
