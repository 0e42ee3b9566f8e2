"""Formulas of a rubric: SQL expressions, parsed, whitelisted node by node, turned into exact narwhals expressions."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce

import narwhals as nw
from sqlglot import exp

from custier.rubric.condition import Condition, formulas
from custier.rubric.formula.compare import COMPARE
from custier.rubric.formula.exact import FormulaError, Number, compare_numbers, exact, fits, rounded, rounded_wide, wide
from custier.rubric.formula.nodes import build
from custier.rubric.formula.parse import PLAIN_CURE, names_in, parse_formula
from custier.rubric.formula.values import Day, Names, Raw, Text, Truth, Value, number, truth

__all__ = [
    "COMPARE",
    "PLAIN_CURE",
    "Day",
    "FormulaError",
    "Names",
    "Number",
    "Raw",
    "Text",
    "Truth",
    "Value",
    "compare_numbers",
    "compile_condition",
    "compile_formula",
    "compile_number",
    "exact",
    "fits",
    "is_difference",
    "names_in",
    "names_of",
    "parse_formula",
    "rounded",
    "rounded_wide",
    "wide",
]


def compile_formula(text: str, names: Names) -> Value:
    """The value of a formula over these names; raises FormulaError."""
    return build(parse_formula(text, names), names)


def compile_number(text: str, names: Names) -> Number:
    """A formula that must be a number."""
    return number(compile_formula(text, names), text)


def compile_condition(condition: Condition, names: Names) -> nw.Expr:
    """One formula that must be true or false, or several joined; where a value is missing a formula is false."""
    if isinstance(condition, str):
        return nw.coalesce(truth(compile_formula(condition, names), condition), nw.lit(False))
    parts = [compile_condition(part, names) for part in condition.parts]
    if condition.least == len(parts):
        return reduce(lambda a, b: a & b, parts)
    if condition.least == 1:
        return reduce(lambda a, b: a | b, parts)
    return reduce(lambda a, b: a + b, (nw.when(part).then(nw.lit(1)).otherwise(nw.lit(0)) for part in parts)) >= condition.least


def names_of(condition: Condition, known: Collection[str] = ()) -> set[str]:
    """The names that a condition uses."""
    return {name for _, text in formulas(condition) for name in names_in(text, known)}


def is_difference(text: str, names: Names) -> bool:
    """Whether a formula is the plain sum or difference of two columns of one scale."""
    tree = parse_formula(text, names)
    if not isinstance(tree, exp.Add | exp.Sub):
        return False
    sides = [names.get(side.name) if isinstance(side, exp.Column) else None for side in (tree.this, tree.expression)]
    return len({side.scale for side in sides if isinstance(side, Number)}) == 1 and all(isinstance(side, Number) for side in sides)
