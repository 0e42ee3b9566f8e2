"""How measured numbers are held in frames, and the list of those that will be measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import narwhals as nw

from custier.rubric.columns import ColumnKind
from custier.rubric.formula import Day, Number, Text, Value
from custier.rubric.model import Metric
from custier.values import DAY as DAY
from custier.values import PER as PER
from custier.values import Kind as Kind

EPOCH = date(1970, 1, 1)
METRIC_BITS = 63
POINTS_BITS = 21
Columns = Mapping[str, Mapping[str, ColumnKind]]


@dataclass(frozen=True)
class Planned:
    """A metric that will be measured."""

    name: str
    metric: Metric
    kind: Kind
    can_be_missing: bool
    of_points: bool = False  # the points ledger measures it
    absent: bool = False  # an optional column that it needs is not in the export: missing for everyone


@dataclass(frozen=True)
class Plan:
    """All metrics of a rubric on given columns, each after those it is made from, its segments and its criteria."""

    metrics: dict[str, Planned] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()

    def value(self, name: str) -> Number:
        return number_of(name, self.metrics[name].kind)

    @property
    def names(self) -> dict[str, Value]:
        """What a condition may name, as the columns that hold it."""
        metrics = {name: value_of(name, planned.kind) for name, planned in self.metrics.items()}
        return segment_names(self.segments) | points_names(self.criteria) | metrics


def segment_names(segments: Iterable[str]) -> dict[str, Value]:
    """Each segment's label, as a text."""
    return {name: Text(nw.col(name)) for name in segments}


def points_names(criteria: Iterable[str]) -> dict[str, Value]:
    """The points of each criterion, called as in the labels."""
    return {f"points_{name}": Number(nw.col(f"points_{name}"), bits=POINTS_BITS) for name in criteria}


def number_of(name: str, kind: Kind) -> Number:
    """The exact number that the columns of a metric hold; of one that is a number."""
    return Number(nw.col(name), kind.scale, nw.col(name + PER) if kind.quotient else None, METRIC_BITS, METRIC_BITS)


def value_of(name: str, kind: Kind) -> Value:
    """What a formula sees of a metric."""
    if kind.type == "text":
        return Text(nw.col(name))
    return Day(nw.col(name + DAY)) if kind.type == "date" else number_of(name, kind)


def day_number(day: date) -> int:
    return (day - EPOCH).days
