"""Which metrics a rubric needs, in the order in which they can be measured, and what kind of number each is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from custier.errors import nearest
from custier.rubric.accounts import MEMBERS
from custier.rubric.formula import FormulaError, Number, Value, compile_condition, compile_number, names_in
from custier.rubric.model import Metric, Rubric
from custier.rubric.once import once_per_rubric
from custier.rubric.plan.attributes import attribute_metric, attributes
from custier.rubric.plan.kinds import (
    DAY,
    EPOCH,
    PER,
    Columns,
    Kind,
    Plan,
    Planned,
    day_number,
    number_of,
    points_names,
    segment_names,
    value_of,
)
from custier.rubric.plan.points import has_columns, planned_points, points_metrics, points_problems
from custier.rubric.plan.references import (
    Place,
    action_conditions,
    conditions,
    known_metrics,
    known_names,
    label_names,
    metric_references,
    metrics_of_actions,
    texts_that_divide,
    unknown_metric,
    whole_conditions,
)
from custier.rubric.plan.rows import (
    NEVER_MISSING,
    aggregated_kind,
    column_value,
    columns_used,
    known_columns,
    optional_columns,
    row_names,
    source_kinds,
)
from custier.rubric.ready import FROM_DATES, columns_for, ready_metric
from custier.rubric.segments import segments_by_points

__all__ = [
    "DAY",
    "EPOCH",
    "NEVER_MISSING",
    "PER",
    "Columns",
    "Kind",
    "Plan",
    "Planned",
    "attributes",
    "can_be_missing",
    "column_value",
    "columns_used",
    "conditions",
    "day_number",
    "formula_problems",
    "has_columns",
    "is_text",
    "known_metrics",
    "known_names",
    "label_names",
    "metric_references",
    "metrics_of_actions",
    "number_of",
    "plan_metrics",
    "points_metrics",
    "row_names",
    "source_kinds",
    "texts_that_divide",
    "value_of",
    "whole_conditions",
]

ALWAYS = ("spend", "orders", "recency_days")


def plan_metrics(rubric: Rubric, columns: Columns | None = None) -> Plan:
    """The metrics to measure on these columns (None: on all that the rubric could meet); raises FormulaError."""
    return _possible_plan(rubric) if columns is None else _planned(rubric, columns)


def _planned(rubric: Rubric, columns: Columns | None = None) -> Plan:
    found: dict[str, Planned] = {}
    for name in _wanted(rubric, columns):
        _plan(name, rubric, columns, found, ())
    return Plan(found, tuple(rubric.segments), tuple(rubric.score))


_possible_plan = once_per_rubric(_planned)


def is_text(rubric: Rubric, name: str) -> bool:
    """Whether a metric is a text, so that it makes groups."""
    try:
        found: dict[str, Planned] = {}
        _plan(name, rubric, None, found, ())
        return found[name].kind.type == "text"
    except FormulaError:
        return False


def can_be_missing(rubric: Rubric, name: str) -> bool:
    """Whether a customer may have no value of this metric, so that a criterion on it must say what that earns."""
    try:
        found: dict[str, Planned] = {}
        _plan(name, rubric, None, found, ())
        return found[name].can_be_missing
    except FormulaError:
        return False


@once_per_rubric
def formula_problems(rubric: Rubric) -> list[tuple[Place, FormulaError]]:
    """Every formula of the rubric that cannot be used, with its place in the file."""
    plan: dict[str, Planned] = {}
    problems = [*_metric_problems(rubric, plan), *points_problems(rubric)]
    metrics = _all_names(rubric, plan)
    labels = segment_names(rubric.segments) | points_names(rubric.score)
    asked = [(place, text, labels | metrics) for place, text in conditions(rubric)]
    asked += [(place, text, label_names(rubric) | metrics) for place, text in action_conditions(rubric)]
    for place, text, names in asked:
        try:
            compile_condition(text, names)
            if place[0] == "eligible":
                _refuse_points(text, rubric)
        except FormulaError as error:
            problems.append((place, error))
    for place, name in metric_references(rubric):
        if name not in metrics:
            problems.append((place, unknown_metric(name, rubric)))
        elif not isinstance(metrics[name], Number):
            problems.append((place, _no_number(name, plan[name].kind)))
    return problems


def _refuse_points(text: str, rubric: Rubric) -> None:
    """Who is eligible decides where quantiles lie, so it cannot hang on points."""
    by_points = segments_by_points(rubric) | set(points_names(rubric.score))
    for name in sorted(names_in(text, known_names(rubric)) & by_points):
        raise FormulaError(f"`{name}` hangs on points, and `eligible` is asked before anybody has any", "write `eligible` over metrics")


def _no_number(name: str, kind: Kind) -> FormulaError:
    cure = "count its days in a metric of its own" if kind.type == "date" else "ask for it in a condition: when: " + f"{name} = '…'"
    return FormulaError(f"`{name}` is a {kind.type}, and only numbers can be graded, ranked and added up", cure)


def _metric_problems(rubric: Rubric, plan: dict[str, Planned]) -> list[tuple[Place, FormulaError]]:
    """Plans what can be planned; a metric is no problem whose only fault is that of a metric it is made from."""
    failed: dict[str, FormulaError] = {}
    for name in rubric.metrics:
        try:
            _plan(name, rubric, None, plan, ())
        except FormulaError as error:
            failed[name] = error
    return [(("metrics", name), error) for name, error in failed.items() if not _is_of_another(name, rubric, failed)]


def _is_of_another(name: str, rubric: Rubric, failed: dict[str, FormulaError]) -> bool:
    try:
        needed = _made_from(rubric.metrics[name], rubric) - {name}
    except FormulaError:
        return False
    return any(str(failed[other]) == str(failed[name]) for other in needed & set(failed))


def _all_names(rubric: Rubric, plan: dict[str, Planned]) -> dict[str, Value]:
    for name in sorted(known_metrics(rubric) - set(rubric.metrics)):
        if name not in plan:
            _plan(name, rubric, None, plan, ())
    names: dict[str, Value] = {name: value_of(name, planned.kind) for name, planned in plan.items()}
    return names | {name: number_of(name, Kind()) for name in rubric.metrics if name not in names}


def _wanted(rubric: Rubric, columns: Columns | None) -> Iterator[str]:
    available = None if columns is None else columns.get("transactions", {})
    if "transactions" in rubric.sources:
        yield from (name for name in ALWAYS if name in rubric.metrics or ready_metric(name, available) is not None)
    yield from points_metrics(rubric)
    yield from rubric.metrics
    yield from (MEMBERS,) if rubric.accounts is not None else ()
    yield from _of_estimates(rubric, columns)
    yield from (name for _, name in metric_references(rubric))
    yield from texts_that_divide(rubric)
    for _, text in conditions(rubric):
        yield from sorted(names_in(text, known_names(rubric)) - {*rubric.segments, *points_names(rubric.score)})
    yield from sorted(metrics_of_actions(rubric))


def _of_estimates(rubric: Rubric, columns: Columns | None) -> Iterator[str]:
    """All that is known of an estimate: who made it, when and why stands beside it."""
    told = {name: column for name, (source, column) in attributes(rubric).items() if source == "estimates"}
    yield from (name for name, column in told.items() if columns is None or column in columns.get("estimates", {}))


def _plan(name: str, rubric: Rubric, columns: Columns | None, found: dict[str, Planned], within: tuple[str, ...]) -> None:
    if name in found:
        return
    if name in within:
        raise FormulaError(f"`{name}` is made from itself: {' → '.join([*within, name])}", "break the circle")
    metric = _definition(name, rubric, columns)
    if name in FROM_DATES and name not in rubric.metrics:
        found[name] = Planned(name, metric, Kind(), can_be_missing=True)
        return
    if metric.formula == name == MEMBERS:
        found[name] = Planned(name, metric, Kind(), can_be_missing=False)
        return
    points = planned_points(name, metric, rubric, columns) if name in points_metrics(rubric) else None
    if points is not None:
        found[name] = points
        return
    for needed in sorted(_made_from(metric, rubric)):
        _plan(needed, rubric, columns, found, (*within, name))
    kind, missing = _kind(metric, rubric, columns, found)
    absent = columns_used(metric, rubric) & optional_columns(metric.source, rubric)
    gone = absent if columns is None else absent - set(columns.get(metric.source, absent))
    found[name] = Planned(name, metric, kind, missing or bool(absent), absent=columns is not None and bool(gone))


def _definition(name: str, rubric: Rubric, columns: Columns | None) -> Metric:
    if name not in known_metrics(rubric):
        raise unknown_metric(name, rubric)
    members = Metric.model_validate({"formula": MEMBERS}) if name == MEMBERS and rubric.accounts else None
    said = attribute_metric(attributes(rubric)[name]) if name in attributes(rubric) else None
    known = None if columns is None or "transactions" not in columns else known_columns("transactions", rubric, columns)
    metric = rubric.metrics.get(name) or members or said or points_metrics(rubric).get(name) or ready_metric(name, known)
    if metric is None:
        needs = " or ".join(" and ".join(sorted(n)) for n in columns_for(name))
        raise FormulaError(f"`{name}` needs the column {needs} in the transactions", "map it under sources.transactions")
    return metric


def _made_from(metric: Metric, rubric: Rubric) -> set[str]:
    if metric.formula is not None:
        return names_in(metric.formula, known_metrics(rubric))
    named = metric.share_of_total or metric.of_members
    return {named} if named is not None else set()


def _kind(metric: Metric, rubric: Rubric, columns: Columns | None, found: dict[str, Planned]) -> tuple[Kind, bool]:
    made_from = [found[n] for n in _made_from(metric, rubric)]
    if metric.share_of_total is not None:
        if made_from[0].kind.type != "number":
            raise _no_number(metric.share_of_total, made_from[0].kind)
        if made_from[0].kind.quotient:
            raise FormulaError(f"`{metric.share_of_total}` is a quotient, which has no total", "take the share of a sum or a count")
        return Kind(quotient=True), True
    if metric.of_members is not None:
        return _pooled_kind(metric, rubric, found)
    if metric.years_at_tier is not None:
        return _years_kind(metric.years_at_tier, rubric)
    if metric.formula is not None:
        value = compile_number(metric.formula, {p.name: value_of(p.name, p.kind) for p in made_from})
        money = value.scale == rubric.currency_decimals and any(p.kind.money for p in made_from) and value.scale > 0
        return Kind(value.scale, value.den is not None, money), value.den is not None or any(p.can_be_missing for p in made_from)
    return aggregated_kind(metric, rubric, columns)


def _pooled_kind(metric: Metric, rubric: Rubric, found: dict[str, Planned]) -> tuple[Kind, bool]:
    """How a metric over the members of an account is held: a sum, or one over the number of members."""
    source = found[str(metric.of_members)]
    if rubric.accounts is None:
        raise FormulaError(f"{metric.aggregation} needs `accounts`", "say under accounts which customers belong together")
    if source.kind.type != "number":
        raise _no_number(source.name, source.kind)
    if source.kind.quotient:
        cure = f"round it in a metric of its own first: {{formula: round({source.name}, {rubric.currency_decimals})}}"
        raise FormulaError(f"`{source.name}` is a quotient, and quotients are not added up", cure)
    if _is_of_account(source, found):
        raise FormulaError(f"`{source.name}` is already a number of the whole account", "take a metric of the customer alone")
    return replace(source.kind, quotient=metric.mean_of_members is not None), source.can_be_missing


def _is_of_account(planned: Planned, found: dict[str, Planned]) -> bool:
    """Whether a metric, or one that it is made from, is known only when accounts are."""
    metric = planned.metric
    if metric.of_members is not None or metric.formula == planned.name == MEMBERS:
        return True
    text = metric.formula or metric.share_of_total
    names = names_in(text, set(found)) - {planned.name} if text else set()
    return any(_is_of_account(found[name], found) for name in names)


def _years_kind(tier: str, rubric: Rubric) -> tuple[Kind, bool]:
    if tier not in rubric.tier_names:
        near = nearest(tier, rubric.tier_names)
        raise FormulaError(
            f"`{tier}` is not a tier of this rubric",
            f"the nearest tier is `{near}`" if near else f"the tiers are {', '.join(rubric.tier_names)}",
        )
    return Kind(), False
