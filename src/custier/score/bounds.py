"""The same cuts as columns, found inside one statement: running sums over the different values, for engines that are handed a query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals as nw

from custier.frames import Frame
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan
from custier.score.quantiles import Edge, best_first, edges, eligible

Bounds = Mapping[str, Sequence[nw.Expr]]
"""Criterion → for each of its edges, from the best, the furthest value that is in; null where that is nobody's."""


def with_quantiles(customers: Frame, rubric: Rubric, plan: Plan) -> Frame:
    """Customers with their metrics → the same with `quantile_<criterion>_<n>` (Int64), the furthest value in the best n parts."""
    asked, bounded = list(edges(rubric)), customers
    for criterion in dict.fromkeys(edge.criterion for edge in asked):
        of = [edge for edge in asked if edge.criterion == criterion]
        furthest = {_name(edge): nw.when(_is_in(edge)).then(nw.col("key") * edge.sign).min() for edge in of if edge.sign > 0}
        furthest |= {_name(edge): nw.when(_is_in(edge)).then(nw.col("key") * edge.sign).max() for edge in of if edge.sign < 0}
        bounded = bounded.join(_counted(customers, of[0], rubric, plan).select(**furthest), how="cross")
    return bounded


def quantile_bounds(rubric: Rubric) -> Bounds:
    """The columns of the edges."""
    found: dict[str, list[nw.Expr]] = {}
    for edge in edges(rubric):
        found.setdefault(edge.criterion, []).append(nw.col(_name(edge)))
    return found


def _name(edge: Edge) -> str:
    return f"quantile_{edge.criterion}_{edge.part}"


def _counted(customers: Frame, edge: Edge, rubric: Rubric, plan: Plan) -> Frame:
    """The different keys with how many customers have each, also running from the best and in all."""
    keys = eligible(customers, rubric, plan).select(key=best_first(edge, plan).num).filter(~nw.col("key").is_null())
    counted = keys.group_by("key").agg(customers=nw.len()).with_columns(customers=nw.col("customers").cast(nw.Int64()))
    counted = counted.with_columns(from_best=nw.lit(0, nw.Int64()) - nw.col("key"))
    return counted.with_columns(reached=nw.col("customers").cum_sum().over(order_by="from_best"), everyone=nw.col("customers").sum())


def _is_in(edge: Edge) -> nw.Expr:
    parts, part = edge.quantiles.parts, edge.part
    rank = nw.col("reached") if edge.strict else nw.col("reached") - nw.col("customers") + 1
    if not edge.interpolated:
        return rank * parts <= nw.col("everyone") * part
    steps, most = (rank - 1) * parts, (nw.col("everyone") - 1) * part
    return steps < most if edge.strict else steps <= most
