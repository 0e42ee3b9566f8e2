"""Named conditions that move or bound the tier, in the order of the rubric."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import narwhals as nw

from custier.expressions import first_true
from custier.frames import Frame
from custier.rubric.formula import compile_condition
from custier.rubric.model import Rubric, Rule
from custier.rubric.plan import Plan
from custier.tier.inherit import inherited

Moved = Callable[[nw.Expr, Any, int], nw.Expr]


def apply_rules(customers: Frame, rubric: Rubric, plan: Plan) -> Frame:
    """Customers with `rated` and rank_before_rules → the same with, per rule, `rule_<r>` (bool: its condition holds and, where only the
    first applies, none above it did) and `rank_after_<r>`; then earned_rank.
    """
    rank, above = "rank_before_rules", nw.col("rated")
    for rule in rubric.rules:
        customers = customers.with_columns(**{f"rule_{rule.name}": compile_condition(rule.when, plan.names) & above})
        customers = customers.with_columns(**{f"rank_after_{rule.name}": _after(rule, nw.col(rank), rubric.tier_names)})
        rank = f"rank_after_{rule.name}"
        if rubric.rules_apply == "first":
            above = above & ~nw.col(f"rule_{rule.name}")
    return customers.with_columns(earned_rank=nw.col(rank))


def _after(rule: Rule, rank: nw.Expr, names: Sequence[str]) -> nw.Expr:
    """The rank after a rule that fires; otherwise, and for the unrated, as it was."""
    effect, value = rule.effect
    number = names.index(value) if isinstance(value, str) and effect != "inherit" else value
    moved = MOVES[effect](rank, number, len(names) - 1)
    return nw.when(nw.col(f"rule_{rule.name}")).then(moved).otherwise(rank)


MOVES: dict[str, Moved] = {
    "at_most": lambda rank, bound, worst: first_true([(rank < bound, bound)], rank),
    "at_least": lambda rank, bound, worst: first_true([(rank > bound, bound)], rank),
    "up": lambda rank, steps, worst: first_true([(rank - steps < 0, 0)], rank - steps),
    "down": lambda rank, steps, worst: first_true([(rank + steps > worst, worst)], rank + steps),
    "set": lambda rank, bound, worst: nw.lit(bound, nw.Int64()),
    "inherit": lambda rank, whose, worst: inherited(rank),
}
"""What a rule does to a rank (0 the best) with its number: the rank of the tier that it names, or how many steps."""
