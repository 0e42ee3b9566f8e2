"""Where a rubric names metrics, and which names it may use."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from custier.errors import listed, nearest
from custier.rubric.condition import OTHERWISE, Condition, formulas
from custier.rubric.formula import FormulaError, Text, Truth, Value, names_in
from custier.rubric.matrix import SIDES
from custier.rubric.model import Rubric
from custier.rubric.plan.attributes import attributes, ready_names
from custier.rubric.plan.kinds import points_names

Place = tuple[str | int, ...]


def conditions(rubric: Rubric) -> Iterator[tuple[Place, str]]:
    """Every formula in a condition over metrics and segments, with its place."""
    for place, condition in whole_conditions(rubric):
        yield from formulas(condition, place)


def whole_conditions(rubric: Rubric) -> Iterator[tuple[Place, Condition]]:
    """Every condition over metrics and segments, with its place."""
    if rubric.eligible:
        yield ("eligible",), rubric.eligible
    for i, tier in enumerate(rubric.tiers):
        if tier.when:
            yield ("tiers", i, "when"), tier.when
    for i, rule in enumerate(rubric.rules):
        yield ("rules", i, "when"), rule.when
    if rubric.retention is not None:
        yield from ((("retention", "keep", tier), condition) for tier, condition in rubric.retention.keep.items())
    for name, condition in rubric.flags.items():
        yield ("flags", name), condition
    for segment, labels in rubric.segments.items():
        yield from ((("segments", segment, label), test) for label, test in labels.items() if test != OTHERWISE)


def action_conditions(rubric: Rubric) -> Iterator[tuple[Place, str]]:
    """Every formula in a condition over metrics and labels, with its place."""
    for i, action in enumerate(rubric.actions):
        if action.when is not None:
            yield from formulas(action.when, ("actions", i, "when"))


def label_names(rubric: Rubric) -> dict[str, Value]:
    """What actions may name beside metrics: the tier and its change, segments as texts, points, flags as conditions."""
    texts: dict[str, Value] = {name: Text(nw.col(name)) for name in ("tier", "previous_tier", "change", *rubric.segments)}
    return texts | points_names(rubric.score) | {name: Truth(nw.col(f"flag_{name}")) for name in rubric.flags}


def metrics_of_actions(rubric: Rubric) -> set[str]:
    """The metrics that actions name; a flag of the same name is not meant."""
    labels, metrics = label_names(rubric), known_metrics(rubric)
    named = {name for _, text in action_conditions(rubric) for name in names_in(text, {*labels, *metrics})}
    return {name for name in named if name in metrics or name not in labels}


def metric_references(rubric: Rubric) -> Iterator[tuple[Place, str]]:
    """Every place that names a metric outright."""
    for name, criterion in rubric.score.items():
        yield ("score", name, *(("metric",) if criterion.metric else ())), criterion.metric or name
    for i, tier in enumerate(rubric.tiers):
        if tier.by:
            yield ("tiers", i, "by"), tier.by
    for side in SIDES if rubric.matrix is not None else ():
        axis = getattr(rubric.matrix, side)
        if axis.metric:
            yield ("matrix", side, "metric"), axis.metric


def texts_that_divide(rubric: Rubric) -> list[str]:
    """The texts, other than segments, within whose groups slices are cut."""
    return [tier.within for tier in rubric.tiers if tier.within is not None and tier.within not in rubric.segments]


def known_metrics(rubric: Rubric) -> set[str]:
    """The metrics a rubric may name, attributes among them."""
    return {*rubric.metrics, *ready_names(rubric), *attributes(rubric)}


def known_names(rubric: Rubric) -> set[str]:
    """All that a condition may name."""
    return known_metrics(rubric) | set(rubric.segments) | set(points_names(rubric.score))


def unknown_metric(name: str, rubric: Rubric) -> FormulaError:
    near = nearest(name, known_metrics(rubric))
    return FormulaError(
        f"`{name}` is not a metric",
        f"the nearest known metric is `{near}`"
        if near
        else f"declare it under metrics, or use {listed(sorted(known_metrics(rubric)), 24)}",
    )
