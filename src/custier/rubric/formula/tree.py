"""A formula as plain data: what its syntax tree says, for those who have no parser."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

from sqlglot import exp

from custier.rubric.condition import Condition
from custier.rubric.edges import EDGES, Edges
from custier.rubric.formula.parse import parse_formula

SIGNS = dict(zip(EDGES, (">=", ">", "<=", "<"), strict=True))

Tree = Any
"""`["and", [">=", ["metric", "spend"], ["number", "500000"]], …]`; texts, true and false stand for themselves."""


def formula_tree(text: str, names: Collection[str]) -> Tree:
    """The tree of a formula over metrics that the rubric's checks let pass; `between` and `in` become what they mean."""
    return _tree(parse_formula(text, names))


def condition_tree(condition: Condition, names: Collection[str]) -> Tree:
    """The tree of one formula, or of several joined."""
    if isinstance(condition, str):
        return formula_tree(condition, names)
    parts = [condition_tree(part, names) for part in condition.parts]
    return ["n of", condition.n_of, *parts] if condition.n_of is not None else ["and" if condition.all else "or", *parts]


def edges_tree(edges: Edges, name: str) -> Tree:
    """The condition that what is called so lies between these edges."""
    return ["and", *([SIGNS[e], ["metric", name], number_tree(getattr(edges, e))] for e in EDGES if getattr(edges, e) is not None)]


def number_tree(number: Decimal) -> Tree:
    return ["number", f"{number:f}"]


def _tree(node: exp.Expr) -> Tree:
    return TREES[type(node)](node)


def _literal(node: exp.Literal) -> Tree:
    return node.this if node.is_string else number_tree(Decimal(node.this.replace("_", "")))


def _date(node: exp.Cast) -> Tree:
    day = datetime.date.fromisoformat(node.this.this)
    return number_tree(Decimal((day - datetime.date(1970, 1, 1)).days))


def _negative(node: exp.Neg) -> Tree:
    inner = _tree(node.this)
    return number_tree(-Decimal(inner[1])) if inner[0] == "number" else ["negative", inner]


def _between(node: exp.Between) -> Tree:
    value = _tree(node.this)
    return ["and", [">=", value, _tree(node.args["low"])], ["<=", value, _tree(node.args["high"])]]


def _in(node: exp.In) -> Tree:
    value = _tree(node.this)
    return ["or", *(["=", value, _tree(other)] for other in node.expressions)]


def _round(node: exp.Round) -> Tree:
    places = node.args.get("decimals")
    return ["round", _tree(node.this), 0 if places is None else int(places.this)]


def _binary(sign: str) -> Callable[[exp.Binary], Tree]:
    return lambda node: [sign, _tree(node.left), _tree(node.right)]


def _of_all(name: str) -> Callable[[exp.Func], Tree]:
    return lambda node: [name, *(_tree(part) for part in (node.this, *node.expressions))]


TREES: dict[type[exp.Expr], Callable[[Any], Tree]] = {
    exp.Column: lambda node: ["metric", node.name],
    exp.Literal: _literal,
    exp.Cast: _date,
    exp.Boolean: lambda node: bool(node.this),
    exp.Paren: lambda node: _tree(node.this),
    exp.Neg: _negative,
    exp.Add: _binary("+"),
    exp.Sub: _binary("-"),
    exp.Mul: _binary("*"),
    exp.Div: _binary("/"),
    exp.EQ: _binary("="),
    exp.NEQ: _binary("<>"),
    exp.GT: _binary(">"),
    exp.GTE: _binary(">="),
    exp.LT: _binary("<"),
    exp.LTE: _binary("<="),
    exp.And: _binary("and"),
    exp.Or: _binary("or"),
    exp.Not: lambda node: ["not", _tree(node.this)],
    exp.Between: _between,
    exp.In: _in,
    exp.Is: lambda node: ["is null", _tree(node.this)],
    exp.Like: lambda node: ["like", _tree(node.this), node.expression.this],
    exp.Round: _round,
    exp.Abs: lambda node: ["abs", _tree(node.this)],
    exp.Coalesce: _of_all("coalesce"),
    exp.Least: _of_all("least"),
    exp.Greatest: _of_all("greatest"),
}
"""One for each node that a formula may have."""
