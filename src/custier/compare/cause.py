"""The cause of a move in words: which criterion, rule, condition or cut, from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import narwhals as nw

from custier.compare.cuts import cut_columns, tell_cuts
from custier.compare.last import Last
from custier.compare.segments import label_move, metrics_behind, metrics_in, segment_move, segments_in
from custier.compare.told import differs, tell_moves, told
from custier.expressions import first_true, joined, no_text
from custier.frames import Added, Frame, Given
from custier.places import cut_key
from custier.rubric.condition import Condition
from custier.rubric.matrix import Axis
from custier.rubric.model import Rubric, Rule, Tier
from custier.rubric.plan import Plan
from custier.values import ACCOUNT_RANK, UNRATED, Cut, cuts_of_points, cuts_of_tiers


def with_cause(customers: Frame, last: Last, rubric: Rubric, plan: Plan, cuts: Sequence[Cut], given: Given, added: Added) -> Frame:
    """Customers with their change and the last run's columns → the same with `cause` (text): why the tier moved; null where it did not
    and the customer is not back. given: how the engine takes in a small table; added: how it adds what few customers have.
    """
    moved = (nw.col("steps") != 0) | (nw.col("change") == "returned")
    return added(customers, moved, "cause", lambda some: _told_why(some, moved, last, rubric, plan, cuts, given))


def _told_why(customers: Frame, moved: nw.Expr, last: Last, rubric: Rubric, plan: Plan, cuts: Sequence[Cut], given: Given) -> Frame:
    kinds = {name: kind for name, kind in last.kinds.items() if name in plan.metrics and plan.metrics[name].kind.type == kind.type}
    last, named = replace(last, kinds=kinds), set(_told_metrics(rubric, plan))
    names = [name for name in plan.metrics if name in named and name in last.kinds]
    customers = tell_moves(customers, names, last, plan)
    customers, moved_cuts = tell_cuts(customers, last, cuts_of_tiers(cuts), given)
    cause = nw.when(moved).then(joined(_said(last, rubric, plan, cuts, moved_cuts))).otherwise(no_text())
    return customers.with_columns(cause=cause).drop([*(column(name) for name in names for column in (told, differs)), *cut_columns(cuts)])


def _said(last: Last, rubric: Rubric, plan: Plan, cuts: Sequence[Cut], moved_cuts: Mapping[str, nw.Expr]) -> list[nw.Expr]:
    said = [] if last.same_rubric else [nw.lit("the rubric changed")]
    said += [_returned(), _renamed(rubric), _rated(last, rubric, plan), _no_longer_kept(last)]
    for name, c in rubric.score.items():
        if f"points_{name}" in last.columns:
            said.append(_criterion(name, c.metric or name, last, _moved_quantile(name, c.metric or name, cuts, last, plan)))
    said += [_metric(name, last, rubric, plan) for name in _asked_metrics(rubric, plan) if name in last.kinds]
    said += [_segment(name, last, rubric, plan) for name in rubric.segments if _tiers_asking_for(name, rubric)]
    said += [_axis(side, last, rubric, plan) for side in ("row", "column") if rubric.matrix is not None]
    said += [nw.when(_touches([tier])).then(words).otherwise(no_text()) for tier, words in moved_cuts.items()]
    said += [_inherited(r, last, rubric) for r in rubric.rules if r.inherit]
    return said + [_rule(r, last, rubric, plan) for r in rubric.rules]


def _told_metrics(rubric: Rubric, plan: Plan) -> Iterator[str]:
    """The metrics whose values a cause can name: of criteria, tiers, rules and of who is rated, and those behind their segments."""
    yield from (c.metric or name for name, c in rubric.score.items())
    yield from _asked_metrics(rubric, plan)
    if rubric.matrix is not None:
        yield from (name for axis in (rubric.matrix.rows, rubric.matrix.columns) for name in _metrics_of_axis(axis, rubric, plan))
    for condition in (rubric.eligible, *(r.when for r in rubric.rules), *(t.when for t in rubric.tiers)):
        yield from metrics_in(condition, rubric, plan)
        yield from metrics_behind(segments_in(condition, rubric), rubric, plan)
    yield from metrics_behind([within for _, within in rubric.rankings.values() if within in rubric.segments], rubric, plan)


def _touches(tiers: Sequence[str]) -> nw.Expr:
    """Whether one of these tiers was entered or left."""
    return nw.col("tier").is_in(list(tiers)) | nw.coalesce(nw.col("previous_tier").is_in(list(tiers)), nw.lit(False))


def _returned() -> nw.Expr:
    back = nw.concat_str(nw.lit("back: rows in the window again, "), nw.col("rows_in_window").cast(nw.String()))
    return nw.when(nw.col("change") == "returned").then(back).otherwise(no_text())


def _renamed(rubric: Rubric) -> nw.Expr:
    gone = ~nw.col("previous_tier").is_in([*rubric.tier_names, UNRATED])
    words = nw.concat_str(nw.lit("the tier "), nw.col("previous_tier"), nw.lit(" is gone from the rubric"))
    return nw.when(gone).then(words).otherwise(no_text())


def _rated(last: Last, rubric: Rubric, plan: Plan) -> nw.Expr:
    if "rated" not in last.columns:
        return no_text()
    was, now = nw.col("previous_rated"), nw.col("rated")
    words = first_true([(~was & now, "now rated"), (was & ~now, "no longer rated")], no_text())
    why = _why(rubric.eligible, last, rubric, plan)
    return nw.when(~words.is_null()).then(nw.concat_str(words, nw.lit(": "), why)).otherwise(no_text()) if rubric.eligible else words


def _no_longer_kept(last: Last) -> nw.Expr:
    """`kept before: valid until 2025-12-31` where a tier that was kept is lost."""
    if "retained" not in last.columns:
        return no_text()
    kept = nw.concat_str(nw.lit("kept before: "), nw.col("previous_retained"))
    return nw.when((nw.col("steps") < 0) & ~nw.col("previous_retained").is_null()).then(kept).otherwise(no_text())


def _why(condition: Condition | None, last: Last, rubric: Rubric, plan: Plan) -> nw.Expr:
    """The old and new values of all metrics of a condition, and what moved its segments."""
    moves = [segment_move(name, rubric, last, plan) for name in segments_in(condition, rubric)]
    return joined([*moves, *(nw.col(told(name)) for name in metrics_in(condition, rubric, plan) if name in last.kinds)], ", ")


def _criterion(name: str, metric: str, last: Last, moved: nw.Expr) -> nw.Expr:
    """`spend 48200.00 → 52300.00 (40 → 60 points)` where the points changed, and the quantile between the two where that is why."""
    was, now = nw.col(f"previous_points_{name}").cast(nw.String()), nw.col(f"points_{name}").cast(nw.String())
    was, now = nw.coalesce(was, nw.lit("none")), nw.coalesce(now, nw.lit("none"))
    value = nw.col(told(metric)) if metric in last.kinds else nw.lit(name)
    words = nw.concat_str(value, nw.lit(" ("), was, nw.lit(" → "), now, nw.lit(" points"), moved, nw.lit(")"))
    return nw.when(_points_changed(name)).then(words).otherwise(no_text())


def _moved_quantile(name: str, metric: str, cuts: Sequence[Cut], last: Last, plan: Plan) -> nw.Expr:
    """`, best 40% at least 5000.00 → 5200.00` where a customer would else be in the better part still, or out of it; otherwise empty."""
    pairs = zip(cuts_of_points(cuts, name), cuts_of_points(last.cuts, name), strict=False)
    was, now, key = nw.col(f"previous_band_{name}"), nw.col(f"band_{name}"), cut_key(plan, metric).num
    cases: list[tuple[nw.Expr, str]] = []
    for i, (cut, before) in enumerate(pairs):
        if (cut.asked, cut.best, cut.den) == (before.asked, before.best, before.den) and cut.num != before.num and before.num is not None:
            held = key <= before.num if cut.best == "low" else key >= before.num
            words = f", {cut.asked} {before.edge.replace('_', ' ')} → {cut.edge.partition(' ')[2] or 'nobody'}"
            cases.append((((was == i) & (now > i) & held) | ((now == i) & (was > i) & ~held), words))
    return first_true(cases, "")


def _metric(name: str, last: Last, rubric: Rubric, plan: Plan) -> nw.Expr:
    """`spend 48200.00 → 52300.00` where it changed and no criterion has said so."""
    unsaid = nw.col(differs(name))
    for criterion, c in rubric.score.items():
        if (c.metric or criterion) == name and f"points_{criterion}" in last.columns:
            unsaid = unsaid & ~_points_changed(criterion)
    unsaid = unsaid & _touches([t.name for t in rubric.tiers if name in _asked_of(t, rubric, plan)])
    return nw.when(unsaid).then(nw.col(told(name))).otherwise(no_text())


def _segment(name: str, last: Last, rubric: Rubric, plan: Plan) -> nw.Expr:
    """`value low → high (spend 48200.00 → 52300.00)` where a tier that asks for the segment was entered or left."""
    return nw.when(_touches(_tiers_asking_for(name, rubric))).then(segment_move(name, rubric, last, plan)).otherwise(no_text())


def _axis(side: str, last: Last, rubric: Rubric, plan: Plan) -> nw.Expr:
    """`value low → high (spend 48200.00 → 52300.00)` where the matrix has a new row or column for the customer."""
    if rubric.matrix is None or f"matrix_{side}" not in last.columns:
        return no_text()
    axis = rubric.matrix.rows if side == "row" else rubric.matrix.columns
    return label_move(axis.name, f"matrix_{side}", _metrics_of_axis(axis, rubric, plan), last)


def _metrics_of_axis(axis: Axis, rubric: Rubric, plan: Plan) -> list[str]:
    return metrics_behind([axis.segment], rubric, plan) if axis.segment is not None else [str(axis.metric)]


def _tiers_asking_for(segment: str, rubric: Rubric) -> list[str]:
    rankings = rubric.rankings
    return [t.name for t in rubric.tiers if segment in segments_in(t.when, rubric) or segment in rankings.get(t.name, ())[1:]]


def _points_changed(name: str) -> nw.Expr:
    was, now = nw.col(f"previous_points_{name}"), nw.col(f"points_{name}")
    return nw.coalesce(was != now, was.is_null() != now.is_null())


def _asked_metrics(rubric: Rubric, plan: Plan) -> list[str]:
    """The metrics that tiers, not criteria, ask about: those of their conditions and cuts."""
    named = {name for tier in rubric.tiers for name in _asked_of(tier, rubric, plan)}
    return [name for name in plan.metrics if name in named]


def _asked_of(tier: Tier, rubric: Rubric, plan: Plan) -> set[str]:
    return set(metrics_in(tier.when, rubric, plan)) | set(rubric.rankings.get(tier.name, ())[:1])


def _inherited(rule: Rule, last: Last, rubric: Rubric) -> nw.Expr:
    """`rule family (inherit best): the others' best tier C → V` where that changed."""
    if not last.same_rubric or ACCOUNT_RANK not in last.columns:
        return no_text()
    was, now = nw.col(f"previous_{ACCOUNT_RANK}"), nw.col(ACCOUNT_RANK)
    tiers = [first_true([(rank == i, name) for i, name in enumerate(rubric.tier_names)], "none") for rank in (was, now)]
    whose = "the others' best tier" if rule.inherit == "best" else "the parent's tier"
    words = nw.concat_str(nw.lit(f"rule {rule.name} (inherit {rule.inherit}): {whose} "), tiers[0], nw.lit(" → "), tiers[1])
    differs = nw.coalesce(was, nw.lit(-1, nw.Int64())) != nw.coalesce(now, nw.lit(-1, nw.Int64()))
    return nw.when(differs).then(words).otherwise(no_text())


def _rule(rule: Rule, last: Last, rubric: Rubric, plan: Plan) -> nw.Expr:
    """`rule arrears (at most B) now holds: overdue_max 31 → 62` where a rule began or ceased to hold, or to be the first that does."""
    why = _why(rule.when, last, rubric, plan)
    name, verb = f"rule {rule.name} ({rule.said})", "holds" if rubric.rules_apply == "all" else "applies"
    now = nw.col(f"rule_{rule.name}")
    was = nw.coalesce(nw.col(f"previous_rule_{rule.name}"), nw.lit(False)) if f"rule_{rule.name}" in last.columns else nw.lit(False)
    began, ceased = (nw.concat_str(nw.lit(f"{name} {said}: "), why) for said in (f"now {verb}", f"no longer {verb}"))
    return first_true([(now & ~was, began), (was & ~now, ceased)], no_text())
