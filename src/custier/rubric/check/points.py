"""Whether the metrics of the points ledger have names of their own."""

from __future__ import annotations

from custier.rubric.check.finding import Finding, Findings
from custier.rubric.model import Rubric


def earning_rules_differ(rubric: Rubric) -> Findings:
    names = [rule.name for rule in rubric.points.earn] if rubric.points else []
    for i, name in enumerate(names):
        if name in names[:i]:
            what = f"the earning rule `{name}` stands twice"
            yield Finding(("points", "earn", i, "name"), "CT1414", what, "give each earning rule its own name")


def points_have_columns_of_their_own(rubric: Rubric) -> Findings:
    """The points of a criterion stand in a column points_<criterion>, beside the metrics of the ledger."""
    for name in rubric.score if rubric.points else ():
        if rubric.points and f"points_{name}" in rubric.points.metrics:
            what = f"the points of the criterion `{name}` and the metric `points_{name}` of the ledger would be one column"
            yield Finding(("score", name), "CT1410", what, f"rename the criterion, and name its metric: `metric: {name}`")
