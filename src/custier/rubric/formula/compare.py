"""Comparisons: like with like, numbers by cross-multiplication."""

from __future__ import annotations

import narwhals as nw
from sqlglot import exp

from custier.rubric.formula.exact import Compare, FormulaError, Number, compare_numbers
from custier.rubric.formula.values import Day, Raw, Text, Value, number

COMPARE: dict[type[exp.Expr], Compare] = {
    exp.EQ: lambda a, b: a == b,
    exp.NEQ: lambda a, b: a != b,
    exp.GT: lambda a, b: a > b,
    exp.GTE: lambda a, b: a >= b,
    exp.LT: lambda a, b: a < b,
    exp.LTE: lambda a, b: a <= b,
}


def compare(left: Value, right: Value, how: Compare, said: str) -> nw.Expr:
    """One comparison; a column of the export is what the other side is. Raises FormulaError for unlike things."""
    if isinstance(left, Text) or isinstance(right, Text):
        left, right = (Text(v.text) if isinstance(v, Raw) else v for v in (left, right))
    if isinstance(left, Raw | Number) and isinstance(right, Raw | Number):
        return compare_numbers(number(left, said), number(right, said), how)
    if {type(left), type(right)} == {Text, Day}:
        raise FormulaError("compares a date with a text", "write the word date before it: date '2025-01-31'")
    if type(left) is not type(right) or isinstance(left, Raw | Number) or isinstance(right, Raw | Number):
        raise FormulaError(f"`{said}` compares unlike things", "compare numbers with numbers and texts with 'texts' in single quotes")
    return how(left.expr, right.expr)
