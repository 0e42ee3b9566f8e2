"""The values of a metric at which something may change: the constants it is compared with, the cuts, and what lies next to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_FLOOR, Decimal

from custier.explain.policy import Policy, Tree
from custier.values import Cut, Kind

BEYOND = Decimal(1).scaleb(-6)
"""How far past an edge a quotient is moved to be beyond it; told as `above` or `below` the edge."""

COMPARISONS = ("=", "<>", ">", ">=", "<", "<=")

Move = tuple[str, Decimal, str]
"""A metric, the value it is moved to, and on which side of that: above, below or on it ("")."""


def moves(name: str, kind: Kind, policy: Policy, cuts: Sequence[Cut]) -> Iterator[tuple[Decimal, str]]:
    """Every edge of this metric, and what lies next to it: the next values of a count or an amount, beyond it for a quotient."""
    for edge in sorted({*_edges(name, policy), *(c.exactly for c in cuts if c.by == name and c.exactly is not None)}):
        if kind.quotient:
            beside = [(edge, ""), (edge, "above"), (edge, "below")]
        else:
            beside = [(value, "") for value in _grid_around(edge, Decimal(1).scaleb(-kind.scale))]
        yield from ((value, side) for value, side in beside if value >= 0 or edge < 0)


def least(kind: Kind) -> list[tuple[Decimal, str]]:
    """The smallest values that a metric can have which is none yet."""
    return [(Decimal(0), ""), (Decimal(0), "above")] if kind.quotient else [(Decimal(0), ""), (Decimal(1).scaleb(-kind.scale), "")]


def _grid_around(edge: Decimal, unit: Decimal) -> list[Decimal]:
    """The values on both sides of an edge that a count or an amount can have, and the edge where it is one."""
    below = (edge / unit).to_integral_value(ROUND_FLOOR) * unit
    return [below - unit, below, below + unit] if below == edge else [below, below + unit]


def _edges(name: str, policy: Policy) -> Iterator[Decimal]:
    for test in _tests(policy):
        yield from _constants(name, test)


def _tests(policy: Policy) -> Iterator[Tree]:
    """Every condition over metrics that the tier hangs on."""
    for criterion in policy["criteria"].values():
        yield from (band["test"] for band in criterion["bands"])
    asked = [policy["eligible"], *(tier["when"] for tier in policy["tiers"]), *policy["rules"]]
    asked += policy["retention"]["keep"].values() if policy["retention"] is not None else []
    axes = [] if policy["matrix"] is None else [policy["matrix"]["rows"], policy["matrix"]["columns"]]
    asked += [label["asked"] for axis in axes for label in axis["labels"]]
    asked += [label["asked"] for labels in policy["segments"].values() for label in labels]
    yield from (condition["test"] for condition in asked if condition is not None)


def _constants(name: str, tree: Tree) -> Iterator[Decimal]:
    """The constants that a condition compares this metric with."""
    if not isinstance(tree, list):
        return
    sign, *parts = tree
    if sign in COMPARISONS and ["metric", name] in parts:
        yield from (Decimal(part[1]) for part in parts if isinstance(part, list) and part[0] == "number")
    for part in parts:
        yield from _constants(name, part)
