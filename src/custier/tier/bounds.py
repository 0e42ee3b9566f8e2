"""The same cuts as columns, found inside one statement: running sums over the different values, for engines that are handed a query.

Every customer gets the lowest value that is in, per slice. The running sums need all different values in one place, which a
warehouse is made for; a run of custier itself finds its cuts with `find_cuts`.
"""

from __future__ import annotations

import narwhals as nw

from custier.frames import Frame
from custier.places import cut_key
from custier.rubric.formula import wide
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan
from custier.rubric.scalars import ALL
from custier.tier.slices import Slice, slices


def with_bounds(customers: Frame, rubric: Rubric, plan: Plan) -> Frame:
    """Customers with `rated` (bool) → the same with `cut_<n>` (Int64) for the n-th slice: the lowest value that is in, null for none."""
    asked, bounded = list(enumerate(slices(rubric))), customers
    for by in dict.fromkeys(s.by for _, s in asked):
        lowest = {bound_name(n): nw.when(_is_in(s)).then(nw.col("key")).min() for n, s in asked if s.by == by}
        bounded = bounded.join(_counted(customers, by, plan).select(**lowest), how="cross")
    return bounded


def bounds(rubric: Rubric) -> dict[str, nw.Expr]:
    """Tier → the column of its cut."""
    return {s.tier.name: nw.col(bound_name(n)) for n, s in enumerate(slices(rubric))}


def bound_name(n: int) -> str:
    return f"cut_{n}"


def _counted(customers: Frame, by: str, plan: Plan) -> Frame:
    """The different values with how many have each and what they hold, both also running from the best and in all."""
    key = nw.col("key")
    keys = customers.filter(nw.col("rated")).select(key=cut_key(plan, by).num.cast(nw.Int64())).filter(~key.is_null())
    counted = keys.group_by("key").agg(customers=nw.len()).with_columns(customers=nw.col("customers").cast(nw.Int64()))
    held = nw.when(key > 0).then(wide(key) * wide(nw.col("customers"))).otherwise(wide(nw.lit(0)))
    counted = counted.with_columns(held=held, from_best=nw.lit(0, nw.Int64()) - key)
    running = {f"reached_{name}": nw.col(name).cum_sum().over(order_by="from_best") for name in ("customers", "held")}
    return counted.with_columns(**running, everyone=nw.col("customers").sum(), total=nw.col("held").sum())


def _is_in(asked: Slice) -> nw.Expr:
    """Whether a value is in: its first rank or, with strict ties, its last, times 10 000 against customers times share."""
    if asked.of_total is not None:
        reached, most = nw.col("reached_held"), nw.col("total") * asked.of_total
        held = reached * ALL <= most if asked.strict else (reached - nw.col("held")) * ALL < most
        return (nw.col("key") > 0) & held
    reached = nw.col("reached_customers")
    rank = reached if asked.strict else reached - nw.col("customers") + 1
    return (rank - asked.customers) * ALL <= nw.col("everyone") * asked.share
