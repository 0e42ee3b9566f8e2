"""The typed columns of a warehouse's table → texts without blanks, whole numbers of 10^-scale, days: what reading files gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from custier.export.expected import Expected
from custier.read.numbers import most_digits
from custier.rubric.columns import frame_name
from custier.rubric.scalars import MOST_DECIMALS
from custier.rubric.suspects import NoCustomer

EXACT = "DECIMAL(38, 12)"
"""What a number is taken as: room for every amount that is summed exactly, and for more decimals than any column holds."""

TABLE = "table of "
Typed = tuple[str, str, str]
"""A column's name, its type in DuckDB, and the expression that gives it; functions named custier_… are written per dialect."""


def cells_sql(expected: Expected) -> str:
    """The query that reads the table of a source, in DuckDB's SQL; the table's own name takes the place of TABLE later."""
    columns = ", ".join(f"{sql} AS {quoted(name)}" for name, _, sql in cells(expected))
    return f"SELECT {columns} FROM {quoted(TABLE + expected.source)}"


def cells(expected: Expected) -> Iterator[Typed]:
    """Canonical columns under their names, `<column>:filled` where a cell may be blank, date_us to sort by, and operands of formulas."""
    for column, header in expected.headers.items():
        kind, cell = expected.kinds[column], quoted(header)
        if kind.type == "text":
            text = f"custier_trimmed(CAST({cell} AS VARCHAR))"
            yield frame_name(column), "VARCHAR", text
            if column == "customer":
                yield "customer:visible", "BOOLEAN", f"custier_visible({text})"
                yield "customer:somebody", "BOOLEAN", f"LOWER({text}) NOT IN ({_texts((expected.spec.no_customer or NoCustomer()).forms)})"
        elif kind.type == "date":
            yield column, "DATE", f"CAST({cell} AS DATE)"
            yield f"{column}_day", "BIGINT", f"custier_day(CAST({cell} AS DATE))"
        else:
            yield column, "BIGINT", _whole(cell, kind.scale)
            yield f"{column}:filled", "BOOLEAN", f"{cell} IS NOT NULL"
        if column == "date":
            yield "date_us", "TIMESTAMP", f"CAST({cell} AS TIMESTAMP)"
    for header in expected.operands:
        yield from _operand(header, expected.types[header])


def _operand(header: str, type_: str) -> Iterator[Typed]:
    cell = quoted(header)
    if type_ == "number":
        yield f"{header}:number", "BIGINT", _whole(cell, MOST_DECIMALS)
    yield f"{header}:text", "VARCHAR", f"custier_trimmed(CAST({cell} AS VARCHAR))"


def _whole(cell: str, scale: int) -> str:
    """A number as an integer of 10^-scale; null where it has more decimals or is too large to be summed exactly."""
    exact = f"CAST({cell} AS {EXACT})"
    scaled = f"{exact} * {10**scale}" if scale else exact
    most = 10 ** most_digits(scale)
    fits = f"ABS({exact}) < {most}"
    return f"CASE WHEN {fits} THEN CASE WHEN {scaled} = CAST({scaled} AS BIGINT) THEN CAST({scaled} AS BIGINT) END END"


def _texts(texts: Sequence[str]) -> str:
    return ", ".join(exp.Literal.string(text).sql("duckdb") for text in texts)


def quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("duckdb")
