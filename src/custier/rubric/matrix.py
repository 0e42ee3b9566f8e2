"""Two axes that make the tier: value by potential, recency by frequency."""

from __future__ import annotations

from typing import Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from custier.rubric.condition import OTHERWISE
from custier.rubric.edges import EDGES, Edges
from custier.rubric.scalars import Name, Strict

SIDES = ("rows", "columns")


class AxisBand(Edges):
    """The values of a metric that have one label: `{at_least: 100_000}` or, last, `otherwise`."""

    @model_validator(mode="before")
    @classmethod
    def _otherwise(cls, value: Any) -> Any:
        if value == OTHERWISE:
            return {}
        if isinstance(value, dict) and not value:
            raise ValueError("has no edge; write at_least, above, at_most or below, or otherwise")
        return value

    @model_serializer(mode="wrap")
    def _as_written(self, dump: SerializerFunctionWrapHandler) -> Any:
        return dump(self) if any(getattr(self, edge) is not None for edge in EDGES) else OTHERWISE


class Axis(Strict):
    """One side of a matrix: a segment, whose name alone is enough, or bands of a metric with a label each."""

    segment: str | None = Field(None, description="the segment whose labels it has")
    metric: str | None = Field(None, description="instead of a segment: the metric that `bands` divide")
    bands: dict[Name, AxisBand] | None = Field(None, min_length=1, description="label and edges; the first band that holds the value")
    missing: str | None = Field(None, description="the label where the metric is missing, or unrated")

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"segment": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_origin(self) -> Axis:
        if (self.segment is None) == (self.metric is None):
            raise ValueError("needs one thing to go by; write the name of a segment, or a metric and its bands")
        if (self.metric is None) != (self.bands is None):
            raise ValueError("has one of metric and bands; write both: {metric: spend, bands: {high: {at_least: 100}, low: otherwise}}")
        if self.segment is not None and self.missing is not None:
            raise ValueError("has a segment and `missing`; leave `missing` out, a segment always has a label")
        return self

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.segment or self.metric)


class Matrix(Strict):
    """A tier for each pair of labels."""

    rows: Axis = Field(description="what each row of `tiers` stands for")
    columns: Axis = Field(description="what each column stands for")
    tiers: dict[Name, dict[Name, str]] = Field(min_length=1, description="row label, column label: the tier")
