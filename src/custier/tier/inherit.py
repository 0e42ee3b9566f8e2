"""What the other members of an account have earned, for the rule by which a customer takes over their tier."""

from __future__ import annotations

import narwhals as nw

from custier.expressions import first_true, no_number
from custier.frames import Frame
from custier.rubric.model import Rubric, Rule
from custier.values import ACCOUNT, ACCOUNT_RANK


def before_inheriting(rubric: Rubric, rule: Rule) -> Rubric:
    """The rubric as far as tiers are known when the rule asks what others have."""
    return rubric.model_copy(update={"rules": rubric.rules[: rubric.rules.index(rule)]})


def account_ranks(tiered: Frame, rule: Rule) -> Frame:
    """Customers with account and earned_rank → customer_id, account_rank (Int64, 0 the best): of the account's best other member, or of
    its parent, for those who have one with a tier.
    """
    rank = nw.col("earned_rank")
    members = tiered.filter(~nw.col(ACCOUNT).is_null() & (nw.col("members") > 1)).select("customer_id", ACCOUNT, "earned_rank")
    if rule.inherit == "parent":
        parents = members.filter(nw.col("customer_id") == nw.col(ACCOUNT)).select(ACCOUNT, rank.alias(ACCOUNT_RANK))
        others = members.filter(nw.col("customer_id") != nw.col(ACCOUNT)).join(parents, on=ACCOUNT, how="inner")
        return others.select("customer_id", ACCOUNT_RANK)
    best = members.group_by(ACCOUNT).agg(rank.min().alias("best"))
    ranked = members.join(best, on=ACCOUNT, how="inner").with_columns(at_best=nw.coalesce(rank == nw.col("best"), nw.lit(False)))
    below = nw.when(~nw.col("at_best")).then(rank)
    ranked = ranked.with_columns(one=first_true([(nw.col("at_best"), 1)], 0), below=below)
    second = ranked.group_by(ACCOUNT).agg(nw.col("one").sum().alias("bests"), nw.col("below").min().alias("second"))
    ranked = ranked.join(second, on=ACCOUNT, how="inner")
    alone_at_best = nw.col("at_best") & (nw.col("bests") == 1)
    others_best = nw.when(alone_at_best).then(nw.col("second")).otherwise(nw.col("best"))
    return ranked.select("customer_id", others_best.alias(ACCOUNT_RANK))


def with_account_rank(customers: Frame, ranks: Frame | None) -> Frame:
    """customers → the same with account_rank, where a rule asks for it."""
    if ranks is None:
        return customers.with_columns(**{ACCOUNT_RANK: no_number()})
    return customers.join(ranks, on="customer_id", how="left")


def inherited(rank: nw.Expr) -> nw.Expr:
    """The account's rank where that is better."""
    other = nw.col(ACCOUNT_RANK)
    return nw.when(nw.coalesce(other < rank, nw.lit(False))).then(other).otherwise(rank)
