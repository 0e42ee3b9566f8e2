"""Measured customers → the same with their account and what its members have together."""

from __future__ import annotations

from datetime import date

from custier.chains import MOST_STEPS, Hold, ends_of
from custier.frames import Frame
from custier.measure import Before, Tables, derive_metrics, measure_rows
from custier.measure.accounts import (
    jumps_of,
    links_of,
    refuse_second_level,
    refuse_two_parents,
    refuse_unknown_parents,
    source_of,
    with_accounts,
    with_heads,
    with_pooled,
)
from custier.rubric.accounts import MEMBERS, Accounts
from custier.rubric.formula import names_in
from custier.rubric.model import Rubric
from custier.rubric.plan import PER, Columns, Plan


def measure_customers(tables: Tables, rubric: Rubric, plan: Plan, columns: Columns, as_of: date, before: Before) -> Frame:
    """Rows of every source → all that `measure_rows`, `pool_accounts` and `derive_metrics` give, for customers who may be a part."""
    measured = measure_rows(tables, rubric, plan, columns, as_of, before)
    if rubric.accounts is not None:
        belonging = with_accounts(measured, links_of(measured, rubric.accounts), rubric.accounts)
        measured = pooled_customers(belonging, rubric, plan, as_of, before)
    return derive_metrics(measured, measured, rubric, plan, as_of, before)


def pool_accounts(measured: Frame, rubric: Rubric, plan: Plan, as_of: date, before: Before, hold: Hold = lambda f: f) -> Frame:
    """All customers with the metrics over rows → the same with account (text), members (Int64) and the metrics over an account's members.

    Raises DataError (CT3311–CT3314) for parents that cannot be followed. Without accounts in the rubric nothing is done.
    """
    accounts = rubric.accounts
    if accounts is None:
        return measured
    measured = measured if accounts.group is not None else with_heads(measured)
    refuse_two_parents(measured)
    links = hold(links_of(measured, accounts))
    return pooled_customers(with_accounts(measured, _tops(measured, links, accounts, hold), accounts), rubric, plan, as_of, before)


def pooled_customers(customers: Frame, rubric: Rubric, plan: Plan, as_of: date, before: Before) -> Frame:
    """Customers with their account → the same with members and the pooled metrics, nothing else."""
    pooled = [p for p in plan.metrics.values() if p.metric.of_members]
    needed = _made_from({source_of(p) for p in pooled}, plan)
    derived = derive_metrics(customers, customers, rubric, needed, as_of, before)
    columns = [name for p in pooled for name in ([p.name, p.name + PER] if p.kind.quotient else [p.name])]
    return with_pooled(derived, pooled).select(*customers.collect_schema().names(), MEMBERS, *columns)


def _tops(measured: Frame, links: Frame, accounts: Accounts, hold: Hold) -> Frame:
    """customer_id, up: the account of every customer that has a parent or a group."""
    if accounts.parent is not None:
        refuse_unknown_parents(measured, links)
    if accounts.levels == "one":
        refuse_second_level(links)
    if not jumps_of(accounts):
        return links
    what = f"parents go round in a circle, or up more than {MOST_STEPS} levels"
    return ends_of(links, hold, "CT3314", what, "correct the parents in the table of members")


def _made_from(names: set[str], plan: Plan) -> Plan:
    """The plan of these metrics and of all that they are made from."""
    waiting, needed = list(names), set(names)
    while waiting:
        metric = plan.metrics[waiting.pop()].metric
        text = metric.formula or metric.share_of_total
        more = names_in(text, set(plan.metrics)) - needed if text else set()
        needed |= more
        waiting += more
    return Plan({name: planned for name, planned in plan.metrics.items() if name in needed})
