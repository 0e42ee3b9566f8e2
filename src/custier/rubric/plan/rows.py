"""The rows that metrics are made from: which columns a source has or could have, and what an aggregation makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import narwhals as nw

from custier.rubric.columns import RECORDS, ColumnKind, is_dated, kind_of, usual_columns
from custier.rubric.formula import (
    Day,
    FormulaError,
    Names,
    Number,
    Text,
    Value,
    compile_condition,
    compile_formula,
    compile_number,
    fits,
    names_in,
)
from custier.rubric.model import MADE_FROM_METRICS, Metric, Rubric
from custier.rubric.plan.kinds import EPOCH, Columns, Kind, day_number
from custier.rubric.window import MEMBERSHIP_YEAR

NEVER_MISSING = ("sum", "count", "count_distinct", "active_months")
COUNTS = ("count", "count_distinct", "active_months")
DAY_BITS = 24
AT_EDGES = ("first", "last")
ORDERED = (*AT_EDGES, "min", "max")
QUOTIENTS = ("mean", "weighted_mean", "time_weighted_mean")


def row_names(source: str, kinds: Mapping[str, ColumnKind], as_of: date = EPOCH) -> dict[str, Value]:
    """The names that a metric's argument and `where` may use: the columns of one source and the as-of date."""
    names: dict[str, Value] = {name: column_value(name, kind) for name, kind in kinds.items()}
    names["customer"] = Text(nw.col("customer_id"))
    names["as_of"] = Day(nw.lit(day_number(as_of), nw.Int64()))
    if "paid" in kinds and "date" in kinds:
        names |= {"payment_delay_days": Number(nw.col("payment_delay_days")), "days_late": Number(nw.col("days_late"))}
    return names


def column_value(name: str, kind: ColumnKind) -> Value:
    """What a formula sees of a column that frames call so."""
    if kind.type == "text":
        return Text(nw.col(name))
    return Day(nw.col(f"{name}_day")) if kind.type == "date" else Number(nw.col(name), kind.scale)


def source_kinds(rubric: Rubric, source: str) -> dict[str, ColumnKind]:
    """The columns a source could have: those its rubric declares and the usual ones."""
    declared = rubric.sources[source].columns
    names = [*usual_columns(source), *declared]
    return {name: kind_of(source, name, declared.get(name), rubric.currency_decimals) for name in names}


def optional_columns(source: str, rubric: Rubric) -> set[str]:
    return {name for name, column in rubric.sources[source].columns.items() if column.optional} if source in rubric.sources else set()


def known_columns(source: str, rubric: Rubric, columns: Columns) -> dict[str, ColumnKind]:
    """The columns found, and the optional ones that could have been."""
    possible, optional = source_kinds(rubric, source) if source in rubric.sources else {}, optional_columns(source, rubric)
    return {name: kind for name, kind in possible.items() if name in optional} | dict(columns.get(source, {}))


def columns_used(metric: Metric, rubric: Rubric) -> set[str]:
    """The columns of its source that a metric over rows reads."""
    if metric.aggregation in MADE_FROM_METRICS or metric.source not in rubric.sources:
        return set()
    known = {*source_kinds(rubric, metric.source), "customer", "as_of", "days_late", "payment_delay_days"}
    named = {name for text in (metric.argument, metric.where, metric.weight) if text is not None for name in names_in(text, known)}
    return named | ({metric.per} & known if metric.per is not None else set())


def aggregated_kind(metric: Metric, rubric: Rubric, columns: Columns | None) -> tuple[Kind, bool]:
    """How an aggregation over rows is held, and whether a customer may have none; raises FormulaError."""
    if metric.source not in rubric.sources:
        raise FormulaError(f"`{metric.source}` is not a source of this rubric", f"declare it under sources: {metric.source}: {{…}}")
    spec = rubric.sources[metric.source]
    given = columns is not None and metric.source in columns
    kinds = known_columns(metric.source, rubric, columns or {}) if given else source_kinds(rubric, metric.source)
    names = row_names(metric.source, kinds)
    if metric.source in RECORDS:
        _refuse_time(metric)
    if metric.where is not None:
        compile_condition(metric.where, names)
    missing = spec.optional or metric.aggregation not in NEVER_MISSING
    if metric.aggregation in COUNTS:
        if isinstance(compile_formula(metric.argument, names), Number):
            plain_number(metric.argument, names)
        return Kind(), missing
    if (held := _as_held(metric, names)) is not None:
        return held, True
    value = plain_number(metric.argument, names)
    if metric.weight is not None:
        fits(value.bits + plain_number(metric.weight, names).bits)
    if metric.per is not None:
        _refuse_untold(metric.per, names)
    if metric.aggregation == "time_weighted_mean":
        if (metric.window or rubric.window).span == MEMBERSHIP_YEAR:
            raise FormulaError(
                "an average over days does not know membership years", "give it a `window` of its own, such as last 12 months"
            )
        fits(value.bits + DAY_BITS)
    money = value.scale == rubric.currency_decimals and value.scale > 0
    return Kind(value.scale, metric.aggregation in QUOTIENTS, money), missing


def _refuse_time(metric: Metric) -> None:
    """FormulaError for what asks for time of a source with one record per customer."""
    if metric.window is not None:
        cure = "leave `window` out; for the age of a date count its days: {max: as_of - joined, source: customers}"
        raise FormulaError(f"`{metric.source}` has one record per customer, which counts in every window", cure)
    if metric.aggregation in ("time_weighted_mean", "active_months") and not is_dated(metric.source):
        raise FormulaError(f"`{metric.source}` has no dates", "use first, last, count or a number of its own")


def _refuse_untold(column: str, names: Names) -> None:
    """FormulaError for what cannot tell the accounts of a customer apart."""
    if column == "customer" or not isinstance(names.get(column), Text):
        cure = "name the column of texts in which the account's number stands: per: account"
        raise FormulaError(f"`{column}` is no column that tells a customer's accounts apart", cure)


def _as_held(metric: Metric, names: Names) -> Kind | None:
    """The kind of a metric that is a text or a date; None where it is to be a number. Raises FormulaError."""
    value = compile_formula(metric.argument, names)
    if isinstance(value, Text):
        if metric.aggregation in AT_EDGES and metric.argument in names:
            return Kind(type="text")
        raise FormulaError(f"`{metric.argument}` is not a number", "of texts there is first, last, count and count_distinct")
    if isinstance(value, Day):
        if metric.aggregation in ORDERED and metric.argument in names and metric.argument != "as_of":
            return Kind(type="date")
        cure = "of dates there is first, last, min, max and count_distinct; for days take a difference: {max: as_of - date}"
        raise FormulaError(f"`{metric.argument}` is not a number", cure)
    return None


def plain_number(text: str, names: Names) -> Number:
    """A number per row that divides nothing; raises FormulaError."""
    value = compile_number(text, names)
    if value.den is not None:
        raise FormulaError(f"`{text}` divides row by row", "round it, round(a / b, 2), or divide the metrics instead")
    return value
