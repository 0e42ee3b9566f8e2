"""Whether segments give every customer one label, and are named by labels that they have."""

from __future__ import annotations

from collections.abc import Iterator

from custier.errors import listed, nearest
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.check.known import usable_conditions
from custier.rubric.condition import OTHERWISE, formulas
from custier.rubric.formula.tree import Tree, formula_tree
from custier.rubric.model import Rubric
from custier.rubric.segments import circle
from custier.values import UNRATED

CHANGES = ("new", "up", "down", "same", "returned")


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
    """A segment, and in actions the tier and its change, is only compared with what it can be."""
    for asked in usable_conditions(rubric):
        labels = {segment: list(known) for segment, known in rubric.segments.items()}
        labels |= {"tier": [*rubric.tier_names, UNRATED], "change": [*CHANGES]} if asked.place[0] == "actions" else {}
        for place, text in formulas(asked.condition, asked.place):
            for name, label in _compared(formula_tree(text, asked.names)):
                if name in labels and label not in labels[name]:
                    near = nearest(label, labels[name])
                    cure = f"the nearest is `{near}`" if near else f"it is one of {listed(labels[name])}"
                    yield Finding(place, "CT1420", f"`{name}` is never `{label}`", cure)


def former_tiers_are_known(rubric: Rubric) -> Findings:
    """A warning: `previous_tier` is compared with what no tier is called now; a tier of an earlier version may be meant."""
    known = [*rubric.tier_names, UNRATED]
    for asked in usable_conditions(rubric):
        for place, text in formulas(asked.condition, asked.place) if asked.place[0] == "actions" else ():
            for name, label in dict.fromkeys(_compared(formula_tree(text, asked.names))):
                if name == "previous_tier" and label not in known:
                    near = nearest(label, known)
                    cure = f"the nearest tier is `{near}`" if near else f"the tiers are {listed(known)}"
                    what = f"`previous_tier` is compared with `{label}`, which is no tier of this rubric"
                    yield Finding(place, "CT1494", what, f"{cure}; leave it if a tier of an earlier version is meant")


def _compared(tree: Tree) -> Iterator[tuple[str, str]]:
    """Every name that is compared with a text, and the text."""
    if not isinstance(tree, list):
        return
    sign, *parts = tree
    if sign in ("=", "<>"):
        for one, other in (parts, parts[::-1]):
            if isinstance(one, list) and one[0] == "metric" and isinstance(other, str):
                yield one[1], other
    for part in parts:
        yield from _compared(part)
