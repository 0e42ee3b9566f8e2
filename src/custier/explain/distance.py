"""What is missing to a better tier, and what would lose this one: each metric moved alone to every edge that matters.

The moved rows go through the same score and tier steps as the run; metrics made from a moved one stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import narwhals as nw
import polars as pl
from sqlglot import exp

from custier.grade import regrade
from custier.rubric.formula import parse_formula
from custier.rubric.model import Rubric
from custier.rubric.plan import PER, Kind, Plan, conditions
from custier.tier.cuts import cut_key
from custier.values import UNRATED, Cut, Distance

SHOWN_DECIMALS = 4
MOST_DECIMALS = 6
BEYOND = Decimal(1).scaleb(-6)
"""How far past an edge a quotient is moved to be beyond it; told as `above` or `below` the edge."""

Move = tuple[str, Decimal, str]


def distances(
    found: pl.DataFrame, values: dict[str, Any], rubric: Rubric, plan: Plan, cuts: list[Cut]
) -> tuple[list[Distance], list[Distance]]:
    """A customer's stored row → the nearest value of each metric that reaches a better tier, and that loses this one."""
    cuts = [_among_others(cut, found, plan) for cut in cuts]
    moves = [(name, edge, side) for name in plan.metrics for edge, side in _needed_values(name, rubric, plan, cuts)]
    if not moves:
        return [], []
    ranks = _ranks(found, moves, rubric, plan, cuts)
    now = _rank(found.row(0, named=True)["earned_rank"], rubric)
    better = [(move, rank) for move, rank in zip(moves, ranks, strict=True) if rank < now]
    worse = [(move, rank) for move, rank in zip(moves, ranks, strict=True) if rank > now]
    return _nearest(better, values, rubric), _nearest(worse, values, rubric)


def _among_others(cut: Cut, found: pl.DataFrame, plan: Plan) -> Cut:
    """The cut as it stands for one customer who moves while nobody else does.

    Who is in already makes room by falling: the next one's value is the one to stay above. A share of the total is left as it is.
    """
    if cut.last_in is None:
        return cut
    key = nw.from_native(found.lazy()).select(key=cut_key(plan, cut.by).num).collect()["key"].item()
    edge = cut.first_out if key is not None and key >= cut.last_in else cut.last_in
    if edge is None:
        return replace(cut, num=-(2**62))
    return replace(cut, num=edge + (cut.ties == "strict"))


def _rank(rank: int | None, rubric: Rubric) -> int:
    return len(rubric.tiers) if rank is None else rank


def _nearest(moves: list[tuple[Move, int]], values: dict[str, Any], rubric: Rubric) -> list[Distance]:
    """Per metric, the smallest move; of two to the same edge the one that needs no step beyond it."""
    by_metric: dict[str, list[tuple[Move, int]]] = {}
    for move, rank in moves:
        by_metric.setdefault(move[0], []).append((move, rank))
    names = [*rubric.tier_names, UNRATED]
    found = [min(group, key=lambda m: (abs(m[0][1] - _decimal(values[m[0][0]])), m[0][2])) for group in by_metric.values()]
    return [Distance(name, values[name], edge, side, _change(edge, values[name]), names[rank]) for (name, edge, side), rank in found]


def _change(needed: Decimal, value: Any) -> Decimal | None:
    """What must be added: exact, but to four decimals where the value is a quotient that has no end."""
    if value is None:
        return None
    change = needed - _decimal(value)
    if not isinstance(value, float):
        return change
    ends = -int(change.as_tuple().exponent) <= MOST_DECIMALS
    return (change if ends else round(change, SHOWN_DECIMALS)).normalize() + 0


def _decimal(value: Any) -> Decimal:
    return Decimal(0) if value is None else Decimal(str(value))


def _needed_values(name: str, rubric: Rubric, plan: Plan, cuts: list[Cut]) -> Iterator[tuple[Decimal, str]]:
    """Every edge of this metric, and what lies next to it: the next values of a count or an amount, beyond it for a quotient."""
    kind = plan.metrics[name].kind
    for edge in sorted(set(_edges(name, rubric, cuts))):
        if kind.quotient:
            beside = [(edge, ""), (edge, "above"), (edge, "below")]
        else:
            beside = [(value, "") for value in _grid_around(edge, Decimal(1).scaleb(-kind.scale))]
        yield from ((value, side) for value, side in beside if value >= 0 or edge < 0)


def _grid_around(edge: Decimal, unit: Decimal) -> list[Decimal]:
    """The values on both sides of an edge that a count or an amount can have, and the edge where it is one."""
    below = (edge / unit).to_integral_value(ROUND_FLOOR) * unit
    return [below - unit, below, below + unit] if below == edge else [below, below + unit]


def _edges(name: str, rubric: Rubric, cuts: list[Cut]) -> Iterator[Decimal]:
    for criterion_name, criterion in rubric.score.items():
        if (criterion.metric or criterion_name) == name:
            yield from (edge for band in criterion.bands for edge in (band.lower, band.upper) if edge is not None)
    yield from (cut.exactly for cut in cuts if cut.by == name and cut.exactly is not None)
    for place, text in conditions(rubric):
        if place[0] in ("tiers", "rules", "eligible"):
            yield from _literals(name, text)


def _literals(name: str, text: str) -> Iterator[Decimal]:
    """The constants that a condition compares this metric with."""
    for test in parse_formula(text, {name}).find_all(exp.Predicate):
        sides = [test.this, *(test.args.get(part) for part in ("expression", "low", "high")), *test.expressions]
        if any(isinstance(side, exp.Column) and side.name == name for side in sides):
            yield from (constant for side in sides if (constant := _constant(side)) is not None)


def _constant(node: exp.Expr | None) -> Decimal | None:
    match node:
        case exp.Neg() | exp.Paren():
            inner = _constant(node.this)
            return -inner if isinstance(node, exp.Neg) and inner is not None else inner
        case exp.Literal(is_string=False):
            return Decimal(node.this.replace("_", ""))
    return None


def _ranks(found: pl.DataFrame, moves: list[Move], rubric: Rubric, plan: Plan, cuts: list[Cut]) -> list[int]:
    metrics = [c for name, p in plan.metrics.items() for c in ([name, name + PER] if p.kind.quotient else [name])]
    row = found.select("customer_id", *metrics).row(0, named=True)
    moved = [row | {"customer_id": str(i)} | _stored(move, plan.metrics[move[0]].kind) for i, move in enumerate(moves)]
    schema = {"customer_id": pl.String()} | dict.fromkeys(metrics, pl.Int64())
    frame = nw.from_native(pl.DataFrame(moved, schema=schema).lazy())
    graded = regrade(frame, rubric, plan, cuts).select("customer_id", "earned_rank").collect()
    ranks = dict(zip(graded["customer_id"].to_list(), graded["earned_rank"].to_list(), strict=True))
    return [_rank(ranks[str(i)], rubric) for i in range(len(moves))]


def _stored(move: Move, kind: Kind) -> dict[str, int]:
    name, edge, side = move
    if not kind.quotient:
        return {name: int(edge.scaleb(kind.scale))}
    value = edge + {"above": BEYOND, "below": -BEYOND, "": Decimal(0)}[side]
    return {name: int(value.scaleb(6 + kind.scale)), name + PER: 10**6}
