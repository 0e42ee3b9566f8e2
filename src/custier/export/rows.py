"""Cells → the rows that count: formulas worked out, the source's `where`, and the conditions of the checks of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import narwhals as nw

from custier.errors import Problem, RubricError
from custier.export.expected import Expected
from custier.export.operands import TYPED_CURE
from custier.frames import Frame
from custier.read.numbers import most_digits
from custier.rubric.columns import ColumnKind, frame_name
from custier.rubric.formula import FormulaError, Number, Raw, Text, Value, compile_condition, compile_number, names_in, wide
from custier.rubric.plan import column_value, day_number
from custier.rubric.scalars import MOST_DECIMALS
from custier.rubric.suspects import action_of
from custier.validate.suspects import NEVER_IN_FUTURE


def good_rows(cells: Frame, expected: Expected, as_of: date) -> Frame:
    """Cells → customer_id, and of each column what the middle reads; rows that a run would leave out or reject are left out."""
    try:
        for column, text in expected.formulas.items():
            if column != "where":
                cells = _with_formula(cells, column, text, expected)
        if "where" in expected.formulas:
            cells = cells.filter(compile_condition(expected.formulas["where"], _names(expected, list(expected.kinds))))
    except FormulaError as error:
        raise RubricError(Problem("CT1910", str(error), f"sources.{expected.source}", error.help or TYPED_CURE)) from None
    sound = [test for column, kind in expected.kinds.items() for test in _tests(column, kind, expected, as_of)]
    return cells.filter(*sound).select([name for column, kind in expected.kinds.items() for name in _held(column, kind)])


def _held(column: str, kind: ColumnKind) -> list[str]:
    """What frames hold of a column."""
    return [frame_name(column), *([f"{column}_day"] if kind.type == "date" else []), *(["date_us"] if column == "date" else [])]


def _names(expected: Expected, columns: Iterable[str]) -> dict[str, Value]:
    """What formulas may name: these canonical columns, and the headers that formulas read."""
    canonical = {c: column_value(frame_name(c), expected.kinds[c]) for c in columns}
    return canonical | {header: _operand(header, expected.types[header]) for header in expected.operands}


def _operand(header: str, type_: str) -> Value:
    text = nw.col(f"{header}:text")
    return Raw(text, Number(nw.col(f"{header}:number"), MOST_DECIMALS)) if type_ == "number" else Text(text)


def _with_formula(cells: Frame, column: str, text: str, expected: Expected) -> Frame:
    """The column that a formula gives, exact; null, though filled, where it has more decimals than the column or is too large."""
    kind = expected.kinds[column]
    if kind.type not in ("money", "number"):
        raise FormulaError(f"`{text}` gives a number, and `{column}` is a {kind.type}", "name a header for the column instead")
    result = compile_number(text, _names(expected, expected.headers))
    if result.den is not None:
        raise FormulaError(f"`{text}` divides row by row, and a quotient is not exact", f"round it: round({text}, {kind.scale})")
    cells = cells.with_columns(**{f"{column}:exact": wide(result.num)})
    operands = names_in(text, {*expected.kinds, *expected.types}) & set(expected.operands)
    present = [~nw.col(f"{header}:text").is_null() for header in sorted(operands)]
    filled = nw.all_horizontal(*present, ignore_nulls=False) if present else nw.lit(False)
    exact = nw.col(f"{column}:exact")
    return _at_scale(cells.with_columns(**{f"{column}:filled": filled | ~exact.is_null()}), column, result.scale, kind.scale)


def _at_scale(cells: Frame, column: str, has: int, scale: int) -> Frame:
    """<column>:exact, at one scale → <column> at another; null where that would lose a decimal or not fit."""
    exact, moved = nw.col(f"{column}:exact"), nw.col(f"{column}:moved")
    power = wide(nw.lit(10 ** abs(scale - has), nw.Int64()))
    cells = cells.with_columns(**{f"{column}:moved": exact * power if has <= scale else nw.when(exact % power == 0).then(exact // power)})
    most = 10 ** (most_digits(scale) + scale)
    return cells.with_columns(**{column: nw.when((moved < most) & (moved > -most)).then(moved).cast(nw.Int64())})


def _tests(column: str, kind: ColumnKind, expected: Expected, as_of: date) -> Iterator[nw.Expr]:
    """What must hold of a row for this column: what a check of rows would reject is not counted.

    The statement does not know today, and needs not: a row dated after the as-of date never counts.
    """
    value = nw.col(frame_name(column))
    if kind.required:
        yield ~value.is_null()
    elif kind.type in ("money", "number"):
        yield ~nw.col(f"{column}:filled") | ~value.is_null()
    if column == "customer":
        yield nw.col("customer:visible")
        yield nw.col("customer:somebody")
    if column == "amount" and expected.source == "transactions":
        wanted = {"refunds": value >= 0, "zero_amounts": value != 0}
        yield from (test for key, test in wanted.items() if action_of(expected.spec, key) != "keep")
    if column == "date" and expected.source in NEVER_IN_FUTURE:
        yield value.is_null() | (nw.col("date_day") <= day_number(as_of))
