"""The whitelist: which nodes of a syntax tree a formula may have, and what each becomes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

import narwhals as nw
from sqlglot import exp

from custier.errors import nearest
from custier.rubric.formula.compare import COMPARE, compare
from custier.rubric.formula.exact import (
    FormulaError,
    Number,
    absolute,
    add,
    choose,
    compare_numbers,
    divide,
    exact,
    multiply,
    negative,
    rounded,
)
from custier.rubric.formula.slips import formula_sign_cure, slip_cure
from custier.rubric.formula.values import Day, Names, Raw, Text, Truth, Value, number, presence, truth
from custier.rubric.formula.written import as_written

ALLOWED = (
    "+ - * /", "= <> < <= > >=", "and or not", "in", "between", "like", "is null",
    "abs", "round", "coalesce", "least", "greatest", "date '2025-01-31'",
)  # fmt: skip
UNREAD = ("symmetric", "truncate")
"""Parts of a whitelisted node that nothing here looks at."""


def build(node: exp.Expr, names: Names) -> Value:
    """The value of a syntax tree; raises FormulaError for what is not whitelisted, not known or not alike."""
    made = NODES.get(type(node))
    if made is None or any(node.args.get(extra) for extra in UNREAD):
        raise _not_allowed(node, f"use {', '.join(ALLOWED)}")
    return made(node, names)


def _not_allowed(node: exp.Expr, cure: str) -> FormulaError:
    said = as_written(node)
    return FormulaError(f"`{said}` is not allowed in a formula", slip_cure(said) or cure)


def _number(node: exp.Expr, names: Names) -> Number:
    return number(build(node, names), as_written(node))


def _truth(node: exp.Expr, names: Names) -> nw.Expr:
    return truth(build(node, names), as_written(node))


def _column(node: exp.Column, names: Names) -> Value:
    if node.table:
        raise FormulaError(f"`{as_written(node)}` is not a name", "names hold no point; put a name with a point in double quotes")
    if node.name in names:
        return names[node.name]
    near = nearest(node.name, names)
    cure = f"the nearest known name is `{near}`" if near else f"known names: {', '.join(sorted(names)[:30])}"
    raise FormulaError(f"`{node.name}` is not known here", formula_sign_cure(node.name) or cure)


def _literal(node: exp.Literal, names: Names) -> Value:
    if node.is_string:
        return Text(nw.lit(node.this))
    if re.fullmatch("0[0-9]+", node.this):
        raise FormulaError(f"`{node.this}` starts with a zero", "write numbers without separators: 1000 or 1_000")
    try:
        return exact(Decimal(node.this.replace("_", "")))
    except InvalidOperation:
        raise FormulaError(f"{node.this} has too many digits") from None


def _date(node: exp.Cast, names: Names) -> Value:
    if not (isinstance(node.this, exp.Literal) and node.this.is_string and node.to.is_type("date")):
        raise _not_allowed(node, "only dates may be written so: date '2025-01-31'")
    try:
        day = datetime.date.fromisoformat(node.this.this)
    except ValueError:
        raise FormulaError(f"`{node.this.this}` is not a date", "write it as date '2025-01-31'") from None
    return Day(nw.lit((day - datetime.date(1970, 1, 1)).days, nw.Int64()))


def _arithmetic(make: Callable[[Number, Number], Number]) -> Callable[[exp.Binary, Names], Value]:
    return lambda node, names: make(_number(node.left, names), _number(node.right, names))


def _difference(node: exp.Sub, names: Names) -> Value:
    left, right = build(node.left, names), build(node.right, names)
    if isinstance(left, Day) and isinstance(right, Day):
        return Number(left.expr - right.expr)
    return add(number(left, as_written(node.left)), negative(number(right, as_written(node.right))))


def _comparison(node: exp.Binary, names: Names) -> Value:
    return Truth(compare(build(node.left, names), build(node.right, names), COMPARE[type(node)], as_written(node)))


def _between(node: exp.Between, names: Names) -> Value:
    value, low, high = (build(part, names) for part in (node.this, node.args["low"], node.args["high"]))
    return Truth(compare(value, low, COMPARE[exp.GTE], as_written(node)) & compare(value, high, COMPARE[exp.LTE], as_written(node)))


def _in(node: exp.In, names: Names) -> Value:
    if not node.expressions:
        raise _not_allowed(node, "write the values: region in ('East', 'West')")
    value = build(node.this, names)
    found, *others = [compare(value, build(e, names), COMPARE[exp.EQ], as_written(node)) for e in node.expressions]
    for other in others:
        found = found | other
    return Truth(found)


def _is_null(node: exp.Is, names: Names) -> Value:
    if not isinstance(node.expression, exp.Null):
        raise _not_allowed(node, "only `is null` and `is not null` are")
    return Truth(presence(build(node.this, names)).is_null())


def _like(node: exp.Like, names: Names) -> Value:
    value, pattern = build(node.this, names), node.expression
    if isinstance(value, Raw):
        value = Text(value.text)
    if not isinstance(value, Text) or not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise _not_allowed(node, "like compares a text with a 'pattern%'")
    regex = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in pattern.this)
    return Truth(value.expr.str.contains(f"^(?s:{regex})$"))


def _round(node: exp.Round, names: Names) -> Value:
    places = node.args.get("decimals")
    written = "0" if places is None else places.this if isinstance(places, exp.Literal) and not places.is_string else ""
    if not re.fullmatch("[0-6]", str(written)):
        raise FormulaError(f"`{as_written(node)}` needs a number of decimals from 0 to 6", "such as round(x, 2)")
    return rounded(_number(node.this, names), int(written))


def _one_of(keep: Callable[[Number, Number], nw.Expr]) -> Callable[[exp.Func, Names], Value]:
    """A function of several numbers that keeps one of two, again and again."""

    def over(node: exp.Func, names: Names) -> Value:
        kept, *others = [_number(e, names) for e in [node.this, *node.expressions]]
        for other in others:
            kept = choose(keep(kept, other), kept, other)
        return kept

    return over


def _least(a: Number, b: Number) -> nw.Expr:
    return b.present.is_null() | compare_numbers(a, b, COMPARE[exp.LTE])


def _greatest(a: Number, b: Number) -> nw.Expr:
    return b.present.is_null() | compare_numbers(a, b, COMPARE[exp.GTE])


NODES: dict[type[exp.Expr], Callable[..., Value]] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Cast: _date,
    exp.Boolean: lambda node, names: Truth(nw.lit(bool(node.this))),
    exp.Paren: lambda node, names: build(node.this, names),
    exp.Neg: lambda node, names: negative(_number(node.this, names)),
    exp.Add: _arithmetic(add),
    exp.Sub: _difference,
    exp.Mul: _arithmetic(multiply),
    exp.Div: _arithmetic(divide),
    **dict.fromkeys(COMPARE, _comparison),
    exp.And: lambda node, names: Truth(_truth(node.left, names) & _truth(node.right, names)),
    exp.Or: lambda node, names: Truth(_truth(node.left, names) | _truth(node.right, names)),
    exp.Not: lambda node, names: Truth(~_truth(node.this, names)),
    exp.Between: _between,
    exp.In: _in,
    exp.Is: _is_null,
    exp.Like: _like,
    exp.Round: _round,
    exp.Abs: lambda node, names: absolute(_number(node.this, names)),
    exp.Coalesce: _one_of(lambda a, b: ~a.present.is_null()),
    exp.Least: _one_of(_least),
    exp.Greatest: _one_of(_greatest),
}
