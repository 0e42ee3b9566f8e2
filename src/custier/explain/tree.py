"""Edges as plain data: the tree of a condition that a number lies between them."""

from __future__ import annotations

from custier.explain.policy import Tree
from custier.rubric.formula.tree import number_tree
from custier.rubric.model import EDGES, Edges

SIGNS = dict(zip(EDGES, (">=", ">", "<=", "<"), strict=True))


def edges_tree(edges: Edges, name: str) -> Tree:
    """The condition that what is called so lies between these edges."""
    return ["and", *([SIGNS[e], ["metric", name], number_tree(getattr(edges, e))] for e in EDGES if getattr(edges, e) is not None)]
