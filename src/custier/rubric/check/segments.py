"""Whether segments give every customer one label, and are named by labels that they have."""

from __future__ import annotations

from collections.abc import Iterator

from custier.errors import listed, nearest
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.condition import OTHERWISE
from custier.rubric.formula import FormulaError
from custier.rubric.formula.tree import Tree, formula_tree
from custier.rubric.model import Rubric
from custier.rubric.plan import conditions, known_names
from custier.rubric.segments import circle


def segments_end_with_otherwise(rubric: Rubric) -> Findings:
    for segment, labels in rubric.segments.items():
        rest = [label for label, test in labels.items() if test == OTHERWISE]
        if rest != list(labels)[-1:]:
            yield Finding(
                ("segments", segment),
                "CT1417",
                f"the last label of `{segment}`, and only that, must be `otherwise`",
                "end with `name: otherwise`",
            )


def segments_are_made_in_order(rubric: Rubric) -> Findings:
    told: set[str] = set()
    for segment in rubric.segments:
        way = circle(segment, rubric)
        if way and not told & set(way):
            told |= set(way)
            yield Finding(("segments", segment), "CT1419", f"`{segment}` is made from itself: {' → '.join(way)}", "break the circle")


def labels_exist(rubric: Rubric) -> Findings:
    """A segment is only compared with labels that it can have."""
    for place, text in conditions(rubric):
        try:
            compared = list(_compared(formula_tree(text, known_names(rubric)), rubric))
        except FormulaError:
            continue  # told where formulas are checked
        for segment, label in compared:
            labels = list(rubric.segments[segment])
            if label not in labels:
                near = nearest(label, labels)
                cure = f"the nearest label is `{near}`" if near else f"its labels are {listed(labels)}"
                yield Finding(place, "CT1420", f"the segment `{segment}` has no label `{label}`", cure)


def _compared(tree: Tree, rubric: Rubric) -> Iterator[tuple[str, str]]:
    """Every segment that is compared with a text, and the text."""
    if not isinstance(tree, list):
        return
    sign, *parts = tree
    if sign in ("=", "<>"):
        for one, other in (parts, parts[::-1]):
            if isinstance(one, list) and one[0] == "metric" and one[1] in rubric.segments and isinstance(other, str):
                yield one[1], other
    for part in parts:
        yield from _compared(part, rubric)
