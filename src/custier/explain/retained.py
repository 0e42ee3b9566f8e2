"""The tier that a customer has once what keeps a tier is heeded: one customer, no engine. As `retain` grades, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from custier.explain.earned import Rank, earned_rank, told_values
from custier.explain.exact import Values, holds
from custier.explain.policy import Policy, Retention
from custier.values import IN_FORCE, PREVIOUS_RANK, Cut, Kind

CAPS = ("at_most", "set")


def tier_rank(values: Values, policy: Policy, kinds: Mapping[str, Kind], cuts: Sequence[Cut]) -> Rank:
    """Every metric, beside previous_rank and in_force as the run found them → the rank of the tier, 0 the best; None for no tier."""
    earned, retention = earned_rank(values, policy, kinds, cuts), policy["retention"]
    previous = values.get(PREVIOUS_RANK)
    if retention is None or earned is None or previous is None or earned <= previous or previous >= len(policy["tiers"]):
        return earned
    values = told_values(values, policy, kinds, cuts)
    rank = previous if values.get(IN_FORCE) or _is_enough(previous, values, policy, retention) else _step_down(earned, previous, retention)
    for bound in _bounds(values, policy):
        rank = bound if rank < bound <= earned else rank
    return rank


def _is_enough(previous: int, values: Values, policy: Policy, retention: Retention) -> bool:
    asked = retention["keep"].get(policy["tiers"][previous]["name"])
    return asked is not None and holds(asked["test"], values)


def _step_down(earned: int, previous: int, retention: Retention) -> int:
    steps = retention["max_steps_down"]
    return earned if steps is None else min(earned, previous + steps)


def _bounds(values: Values, policy: Policy) -> Iterator[int]:
    """The best tiers that the rules which hold allow."""
    names = [tier["name"] for tier in policy["tiers"]]
    for rule in policy["rules"]:
        if holds(rule["test"], values):
            if rule["effect"] in CAPS:
                yield names.index(str(rule["value"]))
            if policy["rules_apply"] == "first":
                return
