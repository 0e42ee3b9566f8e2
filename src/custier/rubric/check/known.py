"""What is known of a rubric's conditions before any customer is: their trees, and the values that metrics and segments can have."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from custier.rubric.bands import HIGHEST, Cut, Span
from custier.rubric.check.possible import Allowed, Universe, text_point
from custier.rubric.check.tier_scores import score_span
from custier.rubric.condition import Condition, formulas
from custier.rubric.formula import FormulaError
from custier.rubric.formula.tree import Tree, condition_tree
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan, formula_problems, known_names, label_names, plan_metrics, whole_conditions
from custier.rubric.yaml_file import Place

SCORE = "the score"
"""No metric's name has a space."""

COUNTS = ("count", "count_distinct", "active_months")


class Asked(NamedTuple):
    """A condition, where it stands, and the names that it may use."""

    place: Place
    condition: Condition
    names: set[str]


def usable_conditions(rubric: Rubric) -> list[Asked]:
    """Every condition whose formulas can all be used, of actions too; those with a fault of their own are told of elsewhere."""
    try:
        faulty = {place for place, _ in formula_problems(rubric)}
    except FormulaError:
        return []
    names, of_actions = known_names(rubric), known_names(rubric) | set(label_names(rubric))
    asked = [Asked(place, condition, names) for place, condition in whole_conditions(rubric)]
    asked += [Asked(("actions", i, "when"), a.when, of_actions) for i, a in enumerate(rubric.actions) if a.when is not None]
    return [one for one in asked if not any(leaf in faulty for leaf, _ in formulas(one.condition, one.place))]


def usable_trees(rubric: Rubric) -> dict[Place, Tree]:
    """The tree of every condition that can be used, by its place."""
    return {asked.place: condition_tree(asked.condition, asked.names) for asked in usable_conditions(rubric)}


def universe_of(rubric: Rubric) -> Universe:
    """What a metric, a segment or the score can be: segments have one of their labels, counts are not negative."""
    known: dict[str, Allowed] = {}
    for segment, labels in rubric.segments.items():
        known[segment] = Allowed(tuple(sorted(text_point(label) for label in labels)), missing=False)
    for name, planned in _plan(rubric).metrics.items():
        low = Span(Cut(Decimal(0), 0), HIGHEST) if planned.metric.aggregation in COUNTS else None
        known[name] = Allowed((low,) if low else Allowed().spans, planned.can_be_missing)
    if rubric.score:
        known[SCORE] = Allowed((score_span(list(rubric.score.values())),), missing=False)
    return lambda tree: known.get(tree[1], Allowed()) if isinstance(tree, list) and tree[0] == "metric" else Allowed()


def _plan(rubric: Rubric) -> Plan:
    try:
        return plan_metrics(rubric)
    except FormulaError:
        return Plan()
