"""What a formula's parts can be, beside exact numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw

from custier.rubric.formula.exact import FormulaError, Number


@dataclass(frozen=True)
class Text:
    expr: nw.Expr


@dataclass(frozen=True)
class Truth:
    expr: nw.Expr


@dataclass(frozen=True)
class Day:
    """A date as its number of days since 1970-01-01."""

    expr: nw.Expr


@dataclass(frozen=True)
class Raw:
    """A column of the export whose type its use decides."""

    text: nw.Expr
    number: Number


Value = Number | Text | Truth | Day | Raw
Names = Mapping[str, Value]


def number(value: Value, said: object) -> Number:
    """The value as a number; raises FormulaError."""
    if isinstance(value, Raw):
        return value.number
    if not isinstance(value, Number):
        raise FormulaError(f"`{said}` is not a number")
    return value


def truth(value: Value, said: object) -> nw.Expr:
    """The value as a condition; raises FormulaError."""
    if not isinstance(value, Truth):
        raise FormulaError(f"`{said}` is not a condition", "compare it with something, such as `spend >= 500000`")
    return value.expr


def presence(value: Value) -> nw.Expr:
    """An expression that is null where the value is missing."""
    if isinstance(value, Number):
        return value.present
    return value.text if isinstance(value, Raw) else value.expr
