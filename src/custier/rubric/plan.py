"""Which metrics a rubric needs, in the order in which they can be measured, and what kind of number each is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import narwhals as nw

from custier.errors import nearest
from custier.rubric.columns import ColumnKind, kind_of, usual_columns
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
    names_in,
)
from custier.rubric.model import Metric, Rubric
from custier.rubric.ready import FROM_DATES, READY, columns_for, ready_metric

EPOCH = date(1970, 1, 1)
ALWAYS = ("spend", "orders", "recency_days")
PER = "__per"
METRIC_BITS = 63
NEVER_MISSING = ("sum", "count", "count_distinct", "active_months")
Place = tuple[str | int, ...]
Columns = Mapping[str, Mapping[str, ColumnKind]]


@dataclass(frozen=True)
class Kind:
    """How a metric is held: an integer of 10^-scale, or the quotient of two integers."""

    scale: int = 0
    quotient: bool = False
    money: bool = False


@dataclass(frozen=True)
class Planned:
    """A metric that will be measured."""

    name: str
    metric: Metric
    kind: Kind
    can_be_missing: bool
    absent: bool = False  # an optional column that it needs is not in the export: missing for everyone


@dataclass(frozen=True)
class Plan:
    """All metrics of a rubric on given columns, each after those it is made from."""

    metrics: dict[str, Planned] = field(default_factory=dict)

    def value(self, name: str) -> Number:
        return number_of(name, self.metrics[name].kind)

    @property
    def names(self) -> dict[str, Value]:
        return {name: self.value(name) for name in self.metrics}


def number_of(name: str, kind: Kind) -> Number:
    """The exact number that a metric's columns hold."""
    return Number(nw.col(name), kind.scale, nw.col(name + PER) if kind.quotient else None, METRIC_BITS, METRIC_BITS)


def day_number(day: date) -> int:
    return (day - EPOCH).days


def row_names(source: str, kinds: Mapping[str, ColumnKind], as_of: date = EPOCH) -> dict[str, Value]:
    """The names that a metric's argument and `where` may use: the columns of one source and the as-of date."""
    names: dict[str, Value] = {name: _column_value(name, kind) for name, kind in kinds.items()}
    names["customer"] = Text(nw.col("customer_id"))
    names["as_of"] = Day(nw.lit(day_number(as_of), nw.Int64()))
    if "paid" in kinds and "date" in kinds:
        names |= {"payment_delay_days": Number(nw.col("payment_delay_days")), "days_late": Number(nw.col("days_late"))}
    return names


def _column_value(name: str, kind: ColumnKind) -> Value:
    if kind.type == "text":
        return Text(nw.col(name))
    return Day(nw.col(f"{name}_day")) if kind.type == "date" else Number(nw.col(name), kind.scale)


def plan_metrics(rubric: Rubric, columns: Columns | None = None) -> Plan:
    """The metrics to measure on these columns (None: on all that the rubric could meet); raises FormulaError."""
    found: dict[str, Planned] = {}
    for name in _wanted(rubric, columns):
        _plan(name, rubric, columns, found, ())
    return Plan(found)


def can_be_missing(rubric: Rubric, name: str) -> bool:
    """Whether a customer may have no value of this metric, so that a criterion on it must say what that earns."""
    try:
        found: dict[str, Planned] = {}
        _plan(name, rubric, None, found, ())
        return found[name].can_be_missing
    except FormulaError:
        return False


def formula_problems(rubric: Rubric) -> list[tuple[Place, FormulaError]]:
    """Every formula of the rubric that cannot be used, with its place in the file."""
    problems: list[tuple[Place, FormulaError]] = []
    plan: dict[str, Planned] = {}
    for name in rubric.metrics:
        try:
            _plan(name, rubric, None, plan, ())
        except FormulaError as error:
            problems.append((("metrics", name), error))
    named = _all_names(rubric, plan)
    for place, text in conditions(rubric):
        try:
            compile_condition(text, named)
        except FormulaError as error:
            problems.append((place, error))
    for place, name in metric_references(rubric):
        if name not in named:
            problems.append((place, _unknown(name, rubric)))
    return problems


def conditions(rubric: Rubric) -> Iterator[tuple[Place, str]]:
    """Every condition over metrics, with its place."""
    if rubric.eligible:
        yield ("eligible",), rubric.eligible
    for i, tier in enumerate(rubric.tiers):
        if tier.when:
            yield ("tiers", i, "when"), tier.when
    for i, rule in enumerate(rubric.rules):
        yield ("rules", i, "when"), rule.when
    for name, text in rubric.flags.items():
        yield ("flags", name), text
    for segment, labels in rubric.segments.items():
        yield from ((("segments", segment, label), text) for label, text in labels.items() if text != "otherwise")


def metric_references(rubric: Rubric) -> Iterator[tuple[Place, str]]:
    """Every place that names a metric outright."""
    for name, criterion in rubric.score.items():
        yield ("score", name, *(("metric",) if criterion.metric else ())), criterion.metric or name
    for i, tier in enumerate(rubric.tiers):
        if tier.by:
            yield ("tiers", i, "by"), tier.by


def _all_names(rubric: Rubric, plan: dict[str, Planned]) -> dict[str, Value]:
    for name in sorted(_known(rubric) - set(rubric.metrics)):
        if name not in plan:
            _plan(name, rubric, None, plan, ())
    names: dict[str, Value] = {name: number_of(name, planned.kind) for name, planned in plan.items()}
    return names | {name: number_of(name, Kind()) for name in rubric.metrics if name not in names}


def _known(rubric: Rubric) -> set[str]:
    """The metrics a rubric may name; of a rubric without transactions only those ready-made ones that need no rows."""
    return set(rubric.metrics) | set(READY if "transactions" in rubric.sources else FROM_DATES)


def _wanted(rubric: Rubric, columns: Columns | None) -> Iterator[str]:
    available = None if columns is None else columns.get("transactions", {})
    if "transactions" in rubric.sources:
        yield from (name for name in ALWAYS if name in rubric.metrics or ready_metric(name, available) is not None)
    yield from rubric.metrics
    yield from (name for _, name in metric_references(rubric))
    for _, text in conditions(rubric):
        yield from sorted(names_in(text, _known(rubric)))


def _plan(name: str, rubric: Rubric, columns: Columns | None, found: dict[str, Planned], within: tuple[str, ...]) -> None:
    if name in found:
        return
    if name in within:
        raise FormulaError(f"`{name}` is made from itself: {' → '.join([*within, name])}", "break the circle")
    metric = _definition(name, rubric, columns)
    if name in FROM_DATES and name not in rubric.metrics:
        found[name] = Planned(name, metric, Kind(), can_be_missing=True)
        return
    for needed in sorted(_made_from(metric, rubric)):
        _plan(needed, rubric, columns, found, (*within, name))
    kind, missing = _kind(metric, rubric, columns, found)
    absent = _columns_used(metric, rubric) & _optional_columns(metric.source, rubric)
    gone = absent if columns is None else absent - set(columns.get(metric.source, absent))
    found[name] = Planned(name, metric, kind, missing or bool(absent), absent=columns is not None and bool(gone))


def _definition(name: str, rubric: Rubric, columns: Columns | None) -> Metric:
    if name not in _known(rubric):
        raise _unknown(name, rubric)
    metric = rubric.metrics.get(name) or ready_metric(name, None if columns is None else _known_columns("transactions", rubric, columns))
    if metric is None:
        needs = " or ".join(" and ".join(sorted(n)) for n in columns_for(name))
        raise FormulaError(f"`{name}` needs the column {needs} in the transactions", "map it under sources.transactions")
    return metric


def _unknown(name: str, rubric: Rubric) -> FormulaError:
    near = nearest(name, _known(rubric))
    return FormulaError(
        f"`{name}` is not a metric",
        f"the nearest known metric is `{near}`" if near else f"declare it under metrics, or use {', '.join(sorted(_known(rubric)))}",
    )


def _made_from(metric: Metric, rubric: Rubric) -> set[str]:
    if metric.formula is not None:
        return names_in(metric.formula, _known(rubric))
    return {metric.share_of_total} if metric.share_of_total is not None else set()


def source_kinds(rubric: Rubric, source: str) -> dict[str, ColumnKind]:
    """The columns a source could have: those its rubric declares and the usual ones."""
    declared = rubric.sources[source].columns
    names = [*usual_columns(source), *declared]
    return {name: kind_of(source, name, declared.get(name), rubric.currency_decimals) for name in names}


def _optional_columns(source: str, rubric: Rubric) -> set[str]:
    return {name for name, column in rubric.sources[source].columns.items() if column.optional} if source in rubric.sources else set()


def _known_columns(source: str, rubric: Rubric, columns: Columns) -> dict[str, ColumnKind]:
    """The columns found, and the optional ones that could have been."""
    possible, optional = source_kinds(rubric, source) if source in rubric.sources else {}, _optional_columns(source, rubric)
    return {name: kind for name, kind in possible.items() if name in optional} | dict(columns.get(source, {}))


def _columns_used(metric: Metric, rubric: Rubric) -> set[str]:
    """The columns of its source that a metric over rows reads."""
    if metric.aggregation in ("formula", "share_of_total", "years_at_tier") or metric.source not in rubric.sources:
        return set()
    known = {*source_kinds(rubric, metric.source), "customer", "as_of", "days_late", "payment_delay_days"}
    return {name for text in (metric.argument, metric.where, metric.weight) if text is not None for name in names_in(text, known)}


def _kind(metric: Metric, rubric: Rubric, columns: Columns | None, found: dict[str, Planned]) -> tuple[Kind, bool]:
    made_from = [found[n] for n in _made_from(metric, rubric)]
    if metric.share_of_total is not None:
        if made_from[0].kind.quotient:
            raise FormulaError(f"`{metric.share_of_total}` is a quotient, which has no total", "take the share of a sum or a count")
        return Kind(quotient=True), True
    if metric.years_at_tier is not None:
        return _years_kind(metric.years_at_tier, rubric)
    if metric.formula is not None:
        value = compile_number(metric.formula, {p.name: number_of(p.name, p.kind) for p in made_from})
        money = value.scale == rubric.currency_decimals and any(p.kind.money for p in made_from) and value.scale > 0
        return Kind(value.scale, value.den is not None, money), value.den is not None or any(p.can_be_missing for p in made_from)
    return _aggregated_kind(metric, rubric, columns)


def _years_kind(tier: str, rubric: Rubric) -> tuple[Kind, bool]:
    if tier not in rubric.tier_names:
        near = nearest(tier, rubric.tier_names)
        raise FormulaError(
            f"`{tier}` is not a tier of this rubric",
            f"the nearest tier is `{near}`" if near else f"the tiers are {', '.join(rubric.tier_names)}",
        )
    return Kind(), False


def _aggregated_kind(metric: Metric, rubric: Rubric, columns: Columns | None) -> tuple[Kind, bool]:
    if metric.source not in rubric.sources:
        raise FormulaError(f"`{metric.source}` is not a source of this rubric", f"declare it under sources: {metric.source}: {{…}}")
    spec = rubric.sources[metric.source]
    kinds = (
        source_kinds(rubric, metric.source)
        if columns is None or metric.source not in columns
        else _known_columns(metric.source, rubric, columns)
    )
    names = row_names(metric.source, kinds)
    if metric.where is not None:
        compile_condition(metric.where, names)
    missing = spec.optional or metric.aggregation not in NEVER_MISSING
    if metric.aggregation in ("count", "count_distinct", "active_months"):
        if isinstance(compile_formula(metric.argument, names), Number):
            plain_number(metric.argument, names)
        return Kind(), missing
    value = plain_number(metric.argument, names)
    if metric.weight is not None:
        plain_number(metric.weight, names)
    quotient = metric.aggregation in ("mean", "weighted_mean", "time_weighted_mean")
    money = value.scale == rubric.currency_decimals and value.scale > 0
    return Kind(value.scale, quotient, money), missing


def plain_number(text: str, names: Names) -> Number:
    """A number per row that divides nothing; raises FormulaError."""
    value = compile_number(text, names)
    if value.den is not None:
        raise FormulaError(f"`{text}` divides row by row", "round it, round(a / b, 2), or divide the metrics instead")
    return value
