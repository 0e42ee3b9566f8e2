"""Points: what each rule gives a customer, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import narwhals as nw

from custier.expressions import no_number
from custier.frames import Frame, with_named
from custier.measure.dated import with_joined, within
from custier.measure.ledger import DAY, GIVEN, USED, balance_days
from custier.rubric.formula import Names, compile_condition, compile_number, rounded_wide, wide
from custier.rubric.model import Rubric
from custier.rubric.plan import Columns, Plan, has_columns, points_metrics, row_names
from custier.rubric.points import EARNED, EXPIRED, OVERDRAWN, REDEEMED, Earning, Redemption
from custier.rubric.window import Window

OF_ALL_RULES = (EARNED, EXPIRED, OVERDRAWN)


@dataclass(frozen=True)
class Flow:
    """A rule over the rows of its source, and the whole points of each; null where a row has nothing to do with it."""

    name: str
    source: str
    once: bool
    points: nw.Expr


def with_points(customers: Frame, rows: Mapping[str, Frame], rubric: Rubric, plan: Plan, columns: Columns, as_of: date) -> Frame:
    """customers → the same with the metrics of the ledger that are planned, Int64 points.

    rows: per source, the rows up to the as-of date. Where a table or an optional column was not given, its rule has no column, and
    what all rules make together is missing.
    """
    wanted = [name for name, planned in plan.metrics.items() if planned.of_points]
    policy = rubric.points
    if policy is None or not wanted:
        return customers
    flows, complete = _flows(rubric, rows, columns, as_of)
    if flows:
        days = _with_totals(_by_rule(flows, rows), flows, policy.window or rubric.window, customers, as_of)
        ledger = balance_days(days, [EARNED, *(flow.name for flow in flows)], policy.expire, as_of)
        measured = {*OF_ALL_RULES, *(flow.name for flow in flows)}
        customers = customers.join(ledger.select("customer_id", *(n for n in wanted if n in measured)), on="customer_id", how="left")
    none = nw.lit(0, nw.Int64())
    return with_named(customers, {n: nw.coalesce(nw.col(n), none) if complete else no_number() for n in OF_ALL_RULES if n in wanted})


def _flows(rubric: Rubric, rows: Mapping[str, Frame], columns: Columns, as_of: date) -> tuple[list[Flow], bool]:
    """The rules whose table and columns were given, and whether those are all."""
    assert rubric.points is not None
    asked, metrics = rubric.points.rules, points_metrics(rubric)
    there = {n: rule for n, rule in asked.items() if rule.source in rows and has_columns(metrics[n], rubric, columns)}
    names = {source: row_names(source, columns[source], as_of) for source in rows}
    return [_flow(n, rule, names[rule.source], rubric.points.round) for n, rule in there.items()], len(there) == len(asked)


def _flow(name: str, rule: Earning | Redemption, names: Names, how: str) -> Flow:
    points = compile_number(rule.formula, names)
    whole = points if points.den is None and points.scale == 0 else rounded_wide(points, 0, how)
    counted = whole.num.cast(nw.Int64())
    if rule.when is not None:
        counted = nw.when(compile_condition(rule.when, names)).then(counted)
    return Flow(name, rule.source, isinstance(rule, Earning) and rule.once, counted)


def _by_rule(flows: Sequence[Flow], rows: Mapping[str, Frame]) -> Frame:
    """Per source, the points of each row by rule, and of a rule that counts once those of its row: `DAY`, <rule> Int64."""
    return nw.concat([*_every_time(flows, rows), *_once(flows, rows)])


def _every_time(flows: Sequence[Flow], rows: Mapping[str, Frame]) -> Iterator[Frame]:
    for source in dict.fromkeys(flow.source for flow in flows if not flow.once):
        here = {f.name: f.points for f in flows if f.source == source and not f.once}
        given = {f.name: nw.coalesce(here[f.name], _nothing()) if f.name in here else _nothing() for f in flows}
        yield rows[source].select(*DAY, **given)


def _nothing() -> nw.Expr:
    return nw.lit(0, nw.Int64())


def _once(flows: Sequence[Flow], rows: Mapping[str, Frame]) -> Iterator[Frame]:
    """A customer's first row that counts; the largest where several share the day."""
    for flow in (flow for flow in flows if flow.once):
        counted = rows[flow.source].select(*DAY, points=flow.points).filter(~nw.col("points").is_null())
        of_day = counted.group_by(*DAY).agg(nw.col("points").max())
        of_day = of_day.with_columns(first_day=nw.col("date_day").min().over("customer_id"))
        yield of_day.filter(nw.col("date_day") == nw.col("first_day")).select(
            *DAY, **{f.name: nw.col("points") if f is flow else _nothing() for f in flows}
        )


def _with_totals(rows: Frame, flows: Sequence[Flow], window: Window, customers: Frame, as_of: date) -> Frame:
    """Points by rule → the same with points_earned, those earned in the window, and what the row gives and uses in all.

    Points taken back are used, and redeemed points that are given back are earned on that day.
    """
    if window.from_joining:
        rows = with_joined(rows, customers)
    signs = {flow.name: -1 if flow.name == REDEEMED else 1 for flow in flows}
    given, used = ([_part(nw.col(n), sign * way) for n, sign in signs.items()] for way in (1, -1))
    earned = [nw.col(n) for n, sign in signs.items() if sign > 0]
    in_window = nw.when(within(window, as_of)).then(_sum(earned)).otherwise(wide(_nothing())) if earned else _nothing()
    return rows.select(*DAY, *signs, **{EARNED: in_window, GIVEN: _sum(given), USED: _sum(used)})


def _part(points: nw.Expr, sign: int) -> nw.Expr:
    """The points where they have this sign, without it."""
    kept = nw.when(points > 0).then(points) if sign > 0 else nw.when(points < 0).then(0 - points)
    return kept.otherwise(_nothing())


def _sum(points: Sequence[nw.Expr]) -> nw.Expr:
    """The sum with room for any row."""
    first, *others = points
    total = wide(first)
    for part in others:
        total = total + wide(part)
    return total
