"""Customers that belong together: the account of each, and what all its members have, as metrics of every member."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from custier.chains import JUMPS, refuse
from custier.expressions import no_number, no_text
from custier.frames import Frame, with_named, without
from custier.rubric.accounts import MEMBERS, Accounts
from custier.rubric.formula import wide
from custier.rubric.plan import PER, Planned
from custier.values import ACCOUNT

PARENT, OTHER_PARENT = "account_parent", "account_other_parent"
WORKING = (PARENT, OTHER_PARENT)
NONE = ""


def with_parents(customers: Frame, rows: Frame | None, accounts: Accounts) -> Frame:
    """customers → the same with account_parent and account_other_parent (texts): the parent or group that the newest row names, the
    last and the first of them by name where the newest rows name several; null for none.

    rows: customer_id, the column that the rubric names, and date_us where the table has dates. Who is listed there and is no customer is
    added, because a customer's parent may be one and have a parent, too: has_rows and all else is null until `without_listed`.
    """
    if rows is None:
        return customers.with_columns(**dict.fromkeys(WORKING, no_text()))
    said = rows.with_columns(parent=nw.coalesce(nw.col(accounts.link.column), nw.lit(NONE)))
    if "date_us" in rows.collect_schema().names():
        newest = said.group_by("customer_id").agg(nw.col("date_us").max().alias("newest_us"))
        said = said.join(newest, on="customer_id", how="inner").filter(nw.col("date_us") == nw.col("newest_us"))
    named = said.group_by("customer_id").agg(nw.col("parent").max().alias(PARENT), nw.col("parent").min().alias(OTHER_PARENT))
    belonging = customers.join(named, on="customer_id", how="left")
    return belonging if accounts.group is not None else _with_listed(belonging, named)


def _with_listed(customers: Frame, named: Frame) -> Frame:
    schema = customers.collect_schema()
    others = without(named, customers, ["customer_id"])
    nothing = {name: nw.lit(None, dtype) for name, dtype in schema.items() if name not in ("customer_id", *WORKING)}
    return nw.concat([customers, others.with_columns(**nothing).select(schema.names())])


def with_heads(customers: Frame) -> Frame:
    """The same without those who only stand in the table of members and are nobody's parent: what is wrong with them stops nothing."""
    only_listed = nw.col("has_rows").is_null()
    parents = customers.filter(~nw.col(PARENT).is_null()).select(customer_id=nw.col(PARENT))
    return nw.concat([customers.filter(~only_listed), customers.filter(only_listed).join(parents, on="customer_id", how="semi")])


def without_listed(customers: Frame) -> Frame:
    """The customers alone, without those who only stand in the table of members."""
    return customers.filter(~nw.col("has_rows").is_null())


def links_of(customers: Frame, accounts: Accounts) -> Frame:
    """Measured customers → customer_id, up (text): those that have a parent beside themselves, and that parent."""
    up = nw.col(PARENT)
    belongs = up != NONE if accounts.group is not None else (up != NONE) & (up != nw.col("customer_id"))
    return customers.filter(belongs).select("customer_id", up=up)


def jumps_of(accounts: Accounts) -> int:
    """How many jumps reach the topmost parent."""
    return 0 if accounts.group is not None or accounts.levels == "one" else JUMPS


def with_accounts(customers: Frame, tops: Frame, accounts: Accounts) -> Frame:
    """customers → the same with account (text): the topmost parent's id, or the group's name; alone, the customer's own id, or null.

    Those who were added by `with_parents` are gone.
    """
    found = without_listed(customers).join(tops.select("customer_id", nw.col("up").alias(ACCOUNT)), on="customer_id", how="left")
    alone = no_text() if accounts.group is not None else nw.col("customer_id")
    return found.with_columns(**{ACCOUNT: nw.coalesce(nw.col(ACCOUNT), alone)}).drop(list(WORKING))


def with_pooled(customers: Frame, pooled: Sequence[Planned]) -> Frame:
    """Customers with account and the metrics to pool → the same with members (Int64) and the columns of each pooled metric.

    A member without a value adds nothing, and is counted; where no member has one the pooled value is missing.
    """
    sources = dict.fromkeys(source_of(p) for p in pooled)
    totals = {f"total of {s}": wide(nw.col(s)).sum() for s in sources} | {f"values of {s}": nw.col(s).count() for s in sources}
    named = customers.filter(~nw.col(ACCOUNT).is_null())
    together = named.group_by(ACCOUNT).agg(nw.len().alias(MEMBERS), **totals)
    joined = customers.join(together, on=ACCOUNT, how="left")
    joined = joined.with_columns(**{MEMBERS: nw.coalesce(nw.col(MEMBERS).cast(nw.Int64()), nw.lit(1, nw.Int64()))})
    columns = {name: expr for p in pooled for name, expr in _pooled(p).items()}
    return with_named(joined, columns).drop(list(totals))


def source_of(planned: Planned) -> str:
    """The metric that a pooled one is made from."""
    return str(planned.metric.sum_of_members or planned.metric.mean_of_members)


def _pooled(planned: Planned) -> dict[str, nw.Expr]:
    source = source_of(planned)
    alone, values = nw.col(source), nw.col(f"values of {source}")
    total = nw.when(values > 0).then(nw.col(f"total of {source}").cast(nw.Int64())).otherwise(no_number())
    total = nw.when(nw.col(ACCOUNT).is_null()).then(alone).otherwise(total)
    if planned.metric.mean_of_members is None:
        return {planned.name: total}
    return {planned.name: total, planned.name + PER: nw.when(~total.is_null()).then(nw.col(MEMBERS))}


# --- what cannot be rolled up ----------------------------------------------------------------------------------------


def refuse_two_parents(customers: Frame) -> None:
    """DataError (CT3311) for customers whose newest rows name several parents."""
    said = nw.concat_str(nw.col("customer_id"), nw.lit(" ("), nw.col(OTHER_PARENT), nw.lit(" / "), nw.col(PARENT), nw.lit(")"))
    found = customers.filter(nw.col(PARENT) != nw.col(OTHER_PARENT)).select("customer_id", said=said)
    help = "keep one row of each in the table of members, or give the rows dates: the newest counts"
    refuse(found, "CT3311", "belongs to two accounts at once", "belong to two accounts at once", help)


def refuse_unknown_parents(customers: Frame, links: Frame) -> None:
    """DataError (CT3312) for parents that are neither customers nor listed in the table of members."""
    known = customers.select(up=nw.col("customer_id"))
    said = nw.concat_str(nw.col("customer_id"), nw.lit(" → "), nw.col("up"))
    found = links.join(known, on="up", how="anti").select("customer_id", said=said)
    help = "correct the parent's id, or list the parent in the table of members, too"
    refuse(found, "CT3312", "has a parent who is listed nowhere", "have a parent who is listed nowhere", help)


def refuse_second_level(links: Frame) -> None:
    """DataError (CT3313) where a parent has a parent and the rubric asks for one level."""
    said = nw.concat_str(nw.col("customer_id"), nw.lit(" → "), nw.col("up"))
    found = links.join(links.select(up=nw.col("customer_id")), on="up", how="semi").select("customer_id", said=said)
    refuse(
        found, "CT3313", "has a parent with a parent", "have a parent with a parent", "write `levels: all`, or correct the table of members"
    )
