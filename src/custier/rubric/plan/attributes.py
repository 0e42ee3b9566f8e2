"""What tables with one record per customer say of a customer, under names of its own: metrics without an entry."""

from __future__ import annotations

import re
from collections.abc import Iterator

from custier.rubric.accounts import MEMBERS
from custier.rubric.columns import RECORDS, usual_columns
from custier.rubric.model import Metric, Rubric
from custier.rubric.ready import FROM_DATES, READY

CALLED = {("estimates", "date"): "estimated_on", ("estimates", "reason"): "estimate_reason"}
"""Columns whose names alone would not say of what they are."""

NAME = r"[^\W\d]\w*"
"""A name that formulas take without quotes."""

Attribute = tuple[str, str]
"""A source and its column."""


def ready_names(rubric: Rubric) -> set[str]:
    """The ready-made metrics that a rubric may name; without transactions only those that need no rows."""
    ready = READY if "transactions" in rubric.sources else FROM_DATES
    return {*ready, *((MEMBERS,) if rubric.accounts else ()), *(rubric.points.metrics if rubric.points else ())}


def attributes(rubric: Rubric) -> dict[str, Attribute]:
    """Every attribute by its name; other names come first, and of two with one name that of the customers."""
    taken = {*rubric.metrics, *rubric.segments, *ready_names(rubric)}
    found: dict[str, Attribute] = {}
    for source in RECORDS:
        for column in _columns(rubric, source):
            if (name := CALLED.get((source, column), column)) not in taken:
                found.setdefault(name, (source, column))
    return found


def declared_attributes(rubric: Rubric) -> Iterator[tuple[str, str, str]]:
    """The source, column and name of every attribute that a rubric declares, also of those whose name is taken."""
    for source in RECORDS:
        columns = rubric.sources[source].columns if source in rubric.sources else {}
        yield from ((source, column, CALLED.get((source, column), column)) for column in columns if column != "customer")


def attribute_metric(attribute: Attribute) -> Metric:
    """The metric that an attribute is."""
    source, column = attribute
    return Metric(source=source, last=column)


def _columns(rubric: Rubric, source: str) -> Iterator[str]:
    if source in rubric.sources:
        names = dict.fromkeys([*usual_columns(source), *rubric.sources[source].columns])
        yield from (name for name in names if name != "customer" and re.fullmatch(NAME, name))
