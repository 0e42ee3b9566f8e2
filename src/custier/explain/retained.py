"""The tier that a customer has once what keeps a tier is heeded: one customer, no engine. As `retain` grades, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from custier.explain.earned import Rank, earned_rank, fired_rules, told_values
from custier.explain.exact import Values, holds
from custier.explain.policy import Policy, Retention
from custier.values import CAPS, IN_FORCE, PREVIOUS_RANK, Cut, Kind


def tier_rank(values: Values, policy: Policy, kinds: Mapping[str, Kind], cuts: Sequence[Cut]) -> Rank:
    """Every metric, beside previous_rank and in_force as the run found them → the rank of the tier, 0 the best; None for no tier."""
    earned, retention = earned_rank(values, policy, kinds, cuts), policy["retention"]
    previous = values.get(PREVIOUS_RANK)
    if retention is None or earned is None or previous is None or earned <= previous or previous >= len(policy["tiers"]):
        return earned
    values = told_values(values, policy, kinds, cuts)
    rank = previous if values.get(IN_FORCE) or _is_enough(previous, values, policy, retention) else _step_down(earned, previous, retention)
    names = [tier["name"] for tier in policy["tiers"]]
    for bound in (names.index(str(rule["value"])) for rule in fired_rules(values, policy) if rule["effect"] in CAPS):
        rank = bound if rank < bound <= earned else rank
    return rank


def _is_enough(previous: int, values: Values, policy: Policy, retention: Retention) -> bool:
    asked = retention["keep"].get(policy["tiers"][previous]["name"])
    return asked is not None and holds(asked["test"], values)


def _step_down(earned: int, previous: int, retention: Retention) -> int:
    steps = retention["max_steps_down"]
    return earned if steps is None else min(earned, previous + steps)
