"""The earned tier and the last run → the tier: what is still valid, or still good enough, is kept; what is lost may be lost in steps."""

from __future__ import annotations

from datetime import date

import narwhals as nw

from custier.expressions import first_true, next_tier_name, no_number, no_text, tier_name
from custier.frames import Frame
from custier.rubric.formula import compile_condition
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan
from custier.rubric.retention import Retention
from custier.values import CAPS, IN_FORCE

previous, earned = nw.col("previous_rank"), nw.col("earned_rank")


def settle_tiers(customers: Frame, rubric: Rubric, plan: Plan, as_of: date, last_as_of: date | None) -> Frame:
    """Customers with an earned tier beside the last run → the same with tier, tier_rank, valid_until (Date, the last day on which the
    tier is valid; null: no end) and retained (text: why the tier is better than earned; null where it is not). With a retention also
    in_force (bool: the last tier is still valid), and next_tier is the one above the tier.

    last_as_of: when the tiers of a last run without retention were earned. Who is unrated, now or then, keeps nothing.
    """
    if rubric.retention is None:
        return _settled(customers, earned, nw.lit(None, nw.Date()), no_text(), rubric)
    if last_as_of is None:
        until = _rated(nw.lit(rubric.retention.valid_until(as_of), nw.Date()))
        return _settled(customers.with_columns(**{IN_FORCE: nw.lit(False)}), earned, until, no_text(), rubric)
    return _retained(customers, rubric.retention, rubric, plan, as_of, last_as_of)


def _retained(customers: Frame, retention: Retention, rubric: Rubric, plan: Plan, as_of: date, last_as_of: date) -> Frame:
    customers = customers.with_columns(**_facts(customers, retention, rubric, plan, as_of, last_as_of))
    falls, in_force, enough = (nw.col(name) for name in ("falls ", IN_FORCE, "enough "))
    kept = first_true([(~falls, earned), (in_force | enough, previous)], _step_down(retention))
    customers = customers.with_columns(**{"kept ": first_true([(earned.is_null(), no_number())], kept)})
    customers = customers.with_columns(**{"capped ": _capped(nw.col("kept "), rubric)})
    rank = nw.col("capped ")
    better = nw.coalesce(rank < earned, nw.lit(False))
    until = nw.when(better & in_force).then(nw.col("until ")).otherwise(nw.lit(retention.valid_until(as_of), nw.Date()))
    settled = _settled(customers, rank, _rated(until), nw.when(better).then(_why(retention)).otherwise(no_text()), rubric)
    return settled.drop(["falls ", "enough ", "until ", "kept ", "capped "])


def _facts(customers: Frame, retention: Retention, rubric: Rubric, plan: Plan, as_of: date, last_as_of: date) -> dict[str, nw.Expr]:
    """What decides: whether less is earned than before, until when the tier is valid, whether it is now, and whether enough is left."""
    then = nw.lit(retention.valid_until(last_as_of), nw.Date())
    stored = nw.col("previous_valid_until") if "previous_valid_until" in customers.collect_schema().names() else then
    until = nw.coalesce(stored, then)
    rated_then = previous < len(rubric.tiers)
    kept = [(previous == rubric.tier_names.index(tier)) & compile_condition(test, plan.names) for tier, test in retention.keep.items()]
    enough = nw.any_horizontal(*kept, ignore_nulls=True) if kept else nw.lit(False)
    return {
        "falls ": nw.coalesce((previous < earned) & rated_then, nw.lit(False)),
        "until ": until,
        IN_FORCE: nw.coalesce(nw.lit(as_of) < until, nw.lit(False)),
        "enough ": nw.coalesce(enough, nw.lit(False)),
    }


def _step_down(retention: Retention) -> nw.Expr:
    """The tier of who keeps nothing: the earned one, or a better one where a fall has a limit."""
    if retention.max_steps_down is None:
        return earned
    lowest = previous + retention.max_steps_down
    return first_true([(lowest < earned, lowest)], earned)


def _capped(rank: nw.Expr, rubric: Rubric) -> nw.Expr:
    """No better than the rules that hold now allow."""
    for rule in rubric.rules:
        effect, tier = rule.effect
        if effect in CAPS:
            bound = rubric.tier_names.index(str(tier))
            rank = first_true([(nw.col(f"rule_{rule.name}") & (rank < bound) & (earned >= bound), bound)], rank)
    return rank


def _why(retention: Retention) -> nw.Expr:
    """`valid until 2026-05-31`, `enough to keep it`, `1 step down at most`."""
    valid = nw.concat_str(nw.lit("valid until "), nw.col("until ").cast(nw.String()))
    steps = f"{retention.max_steps_down} step{'' if retention.max_steps_down == 1 else 's'} down at most"
    return first_true([(nw.col(IN_FORCE), valid), (nw.col("enough "), "enough to keep it")], steps)


def _rated(until: nw.Expr) -> nw.Expr:
    return nw.when(~earned.is_null()).then(until)


def _settled(customers: Frame, rank: nw.Expr, until: nw.Expr, retained: nw.Expr, rubric: Rubric) -> Frame:
    names = rubric.tier_names
    tier = nw.col("earned_tier") if rubric.retention is None else tier_name(rank, names)
    settled = customers.with_columns(tier=tier, tier_rank=rank, valid_until=until, retained=retained)
    return settled if rubric.retention is None else settled.with_columns(next_tier=next_tier_name(nw.col("tier_rank"), names))
