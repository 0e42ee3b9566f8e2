"""Which benefits the customers of each tier have, their own and those of lower tiers."""

from __future__ import annotations

from custier.rubric.benefits import Entitlement
from custier.rubric.model import Rubric


def entitlements(rubric: Rubric) -> dict[str, list[Entitlement]]:
    """Tier → its entitlements, in the order of the catalogue; without one, its own as written and then the inherited ones.

    A higher tier's quota takes the place of a lower one's.
    """
    found: dict[str, list[Entitlement]] = {}
    below: dict[str, Entitlement] = {}
    for tier in reversed(rubric.tiers):
        own = {granted.name: Entitlement(granted.name, granted.quota, tier.name) for granted in tier.benefits}
        below = own | {name: e for name, e in below.items() if name not in own} if tier.inherit_benefits else own
        found[tier.name] = [below[name] for name in _ordered(below, rubric)]
    return {name: found[name] for name in rubric.tier_names}


def has_benefits(rubric: Rubric) -> bool:
    return any(tier.benefits for tier in rubric.tiers)


def _ordered(names: dict[str, Entitlement], rubric: Rubric) -> list[str]:
    listed = [name for name in rubric.benefits if name in names]
    return listed + [name for name in names if name not in rubric.benefits]
