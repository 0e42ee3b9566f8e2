"""The lowest value that is in, slice by slice, as columns of customers: from cuts that were found, or found inside one statement.

A statement is for engines that are handed a query: running sums over the different values need them all in one place, which a
warehouse is made for. A run of custier itself finds its cuts with `find_cuts`.
"""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from custier.expressions import group_of
from custier.frames import Frame, Given, in_memory
from custier.places import GROUP, beside_group, cut_key
from custier.rubric.formula import wide
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan
from custier.rubric.scalars import ALL
from custier.tier.slices import Slice, slices
from custier.values import Cut


def with_cuts(customers: Frame, rubric: Rubric, cuts: Sequence[Cut], given: Given) -> Frame:
    """Customers and cuts → the same with `cut_<n>` (Int64) for every slice within groups: the lowest value that is in, null for none."""
    asked = [(n, s) for n, s in enumerate(slices(rubric)) if s.within is not None]
    for within in dict.fromkeys(s.within for _, s in asked if s.within is not None):
        table = _table({s.tier.name: bound_name(n) for n, s in asked if s.within == within}, cuts)
        customers = beside_group(customers, within, given(table))
    return customers


def _table(named: dict[str, str], cuts: Sequence[Cut]) -> Frame:
    """A row per group, with the lowest value of each of these tiers."""
    values = {(cut.tier, cut.group): cut.num for cut in cuts if cut.tier in named}
    groups = list(dict.fromkeys(group for _, group in values))
    columns = {name: [values.get((tier, group)) for group in groups] for tier, name in named.items()}
    return in_memory({GROUP: groups, **columns}, {GROUP: nw.String(), **dict.fromkeys(columns, nw.Int64())})


def with_bounds(customers: Frame, rubric: Rubric, plan: Plan) -> Frame:
    """Customers with `rated` (bool) → the same with `cut_<n>` (Int64) for the n-th slice: the lowest value that is in, null for none."""
    asked, bounded = list(enumerate(slices(rubric))), customers
    for by, within in dict.fromkeys((s.by, s.within) for _, s in asked):
        lowest = {bound_name(n): nw.when(_is_in(s)).then(nw.col("key")).min() for n, s in asked if (s.by, s.within) == (by, within)}
        if within is None:
            bounded = bounded.join(_counted(customers, by, plan, []).select(**lowest), how="cross")
        else:
            counted = _counted(customers.with_columns(**{GROUP: group_of(within)}), by, plan, [GROUP]).group_by(GROUP).agg(**lowest)
            bounded = beside_group(bounded, within, counted)
    return bounded


def bounds(rubric: Rubric) -> dict[str, nw.Expr]:
    """Tier → the column of its cut."""
    return {s.tier.name: nw.col(bound_name(n)) for n, s in enumerate(slices(rubric))}


def columns_within(rubric: Rubric) -> list[str]:
    """The columns that `with_cuts` adds."""
    return [bound_name(n) for n, s in enumerate(slices(rubric)) if s.within is not None]


def bound_name(n: int) -> str:
    return f"cut_{n}"


def _counted(customers: Frame, by: str, plan: Plan, groups: Sequence[str]) -> Frame:
    """The different values with how many have each and what they hold, both also running from the best and in all, group by group."""
    key = nw.col("key")
    keys = customers.filter(nw.col("rated")).select(*groups, key=cut_key(plan, by).num.cast(nw.Int64())).filter(~key.is_null())
    counted = keys.group_by(*groups, "key").agg(customers=nw.len()).with_columns(customers=nw.col("customers").cast(nw.Int64()))
    held = nw.when(key > 0).then(wide(key) * wide(nw.col("customers"))).otherwise(wide(nw.lit(0)))
    counted = counted.with_columns(held=held, from_best=nw.lit(0, nw.Int64()) - key)
    running = {f"reached_{name}": nw.col(name).cum_sum().over(*groups, order_by="from_best") for name in ("customers", "held")}
    everyone, total = nw.col("customers").sum(), nw.col("held").sum()
    sums = {"everyone": everyone.over(*groups), "total": total.over(*groups)} if groups else {"everyone": everyone, "total": total}
    return counted.with_columns(**running, **sums)


def _is_in(asked: Slice) -> nw.Expr:
    """Whether a value is in: its first rank or, with strict ties, its last, times 10 000 against customers times share."""
    if asked.of_total is not None:
        reached, most = nw.col("reached_held"), nw.col("total") * asked.of_total
        held = reached * ALL <= most if asked.strict else (reached - nw.col("held")) * ALL < most
        return (nw.col("key") > 0) & held
    reached = nw.col("reached_customers")
    rank = reached if asked.strict else reached - nw.col("customers") + 1
    return (rank - asked.customers) * ALL <= nw.col("everyone") * asked.share
