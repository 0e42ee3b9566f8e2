"""Conditions that say the same of every customer."""

from __future__ import annotations

from collections.abc import Iterator

from custier.rubric.check.finding import Finding, Findings
from custier.rubric.check.known import usable_conditions
from custier.rubric.check.possible import FLIPPED, JOINS
from custier.rubric.condition import OTHERWISE, formulas
from custier.rubric.formula.tree import Tree, formula_tree
from custier.rubric.formula.written import shortened
from custier.rubric.model import Rubric


def conditions_ask_of_the_customer(rubric: Rubric) -> Findings:
    """A warning: a comparison without any metric, such as `1 = 1`, or a bare `true`."""
    for asked in usable_conditions(rubric):
        for place, text in formulas(asked.condition, asked.place):
            if text != OTHERWISE and any(map(_is_constant, _asked(formula_tree(text, asked.names)))):
                what = f"a part of `{shortened(text)}` is the same for every customer"
                yield Finding(place, "CT1467", what, "compare a metric, a flag or a segment, or leave that part out")


def _asked(tree: Tree) -> Iterator[Tree]:
    """The comparisons that a condition joins."""
    if isinstance(tree, list) and tree[0] in JOINS:
        for part in tree[1:]:
            yield from _asked(part)
    else:
        yield tree


def _is_constant(tree: Tree) -> bool:
    return isinstance(tree, bool) or (isinstance(tree, list) and tree[0] in (*FLIPPED, "is null") and not _names_something(tree))


def _names_something(tree: Tree) -> bool:
    return isinstance(tree, list) and (tree[0] == "metric" or any(_names_something(part) for part in tree[1:]))
