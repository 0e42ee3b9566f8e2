"""This run against the last: new, up, down, same or returned, by how many steps, since when, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import narwhals as nw

from custier.compare.cause import with_cause
from custier.compare.last import Last
from custier.expressions import first_true, no_number, no_text
from custier.frames import Added, Frame, Given, added_to_all, as_it_is
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan
from custier.values import Cut

__all__ = ["Last", "beside_last", "compare_runs"]


def beside_last(customers: Frame, last: Last | None, rubric: Rubric) -> Frame:
    """Customers → the same with the last run's columns as `previous_<name>`, among them previous_tier, previous_rank (Int64, 0 the best,
    among today's tiers) and previous_valid_until and previous_tier_since (Date); null where there was none.
    """
    if last is None:
        return customers.with_columns(previous_tier=no_text(), previous_rank=no_number())
    return customers.join(last.customers, on="customer_id", how="left").with_columns(previous_rank=_previous_rank(last, rubric))


def compare_runs(
    customers: Frame,
    last: Last | None,
    rubric: Rubric,
    plan: Plan,
    cuts: Sequence[Cut],
    as_of: date,
    given: Given = as_it_is,
    added: Added = added_to_all,
) -> Frame:
    """Customers with a tier beside the last run → the same with change (new|up|down|same|returned), steps (Int64, up is positive),
    tier_since (Date) and cause (text, null when nothing moved); of the last run previous_tier, previous_rank and previous_has_rows stay.

    Unrated counts as one step below the lowest tier. A customer has returned who had no row in the window at the last run, though one
    before it, and has one now.
    """
    if last is None:
        return customers.with_columns(
            change=nw.lit("new"), steps=no_number(), tier_since=nw.lit(as_of), cause=_first_seen(nw.col("first_date"))
        )
    known = ~nw.col("previous_tier").is_null()
    both = customers.with_columns(steps=nw.when(known).then(nw.col("previous_rank") - _rank(nw.col("tier"), rubric)))
    both = both.with_columns(change=_change(known))
    since = nw.when(nw.col("tier") == nw.col("previous_tier")).then(nw.col("previous_tier_since"))
    both = both.with_columns(tier_since=nw.coalesce(since, nw.lit(as_of)))
    both = with_cause(both, last, rubric, plan, cuts, given, added)
    is_new = nw.col("change") == "new"
    seen = _first_seen(nw.when(is_new).then(nw.col("first_date")))  # a date is dear to tell
    both = both.with_columns(cause=first_true([(is_new, seen)], nw.col("cause")))
    kept = {"previous_tier", "previous_rank", "previous_has_rows"}
    return both.drop([name for name in both.collect_schema().names() if name.startswith("previous_") and name not in kept])


def _rank(tier: nw.Expr, rubric: Rubric) -> nw.Expr:
    """A tier's place, 0 the best; unrated stands below the lowest."""
    return first_true([(tier == name, i) for i, name in enumerate(rubric.tier_names)], len(rubric.tiers))


def _previous_rank(last: Last, rubric: Rubric) -> nw.Expr:
    """The last tier's place among today's tiers; a name that is gone keeps the place it had, as far down as there are places."""
    name, lowest = nw.col("previous_tier"), len(rubric.tiers) - 1
    if "tier_rank" not in last.columns:
        return _rank(name, rubric)
    place = nw.col("previous_tier_rank")
    place = first_true([(place.is_null(), len(rubric.tiers)), (place > lowest, lowest)], place)
    return first_true([(name == known, i) for i, known in enumerate(rubric.tier_names)], place)


def _change(known: nw.Expr) -> nw.Expr:
    back = (nw.col("previous_rows_in_window") == 0) & (nw.col("rows_in_window") > 0) & ~nw.col("previous_last_day").is_null()
    steps = nw.col("steps")
    return first_true([(~known, "new"), (back, "returned"), (steps > 0, "up"), (steps < 0, "down")], "same")


def _first_seen(day: nw.Expr) -> nw.Expr:
    first = nw.concat_str(nw.lit("first row on "), day.cast(nw.String()))
    return nw.coalesce(first, nw.lit("listed in customers"))
