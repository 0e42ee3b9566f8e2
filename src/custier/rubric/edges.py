"""Spans of values whose edges are said in words."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field, model_validator

from custier.rubric.scalars import Amount, Strict

EDGES = ("at_least", "above", "at_most", "below")


class Edges(Strict):
    """A span of values whose edges are said in words."""

    at_least: Amount | None = Field(None, description="this much or more")
    above: Amount | None = Field(None, description="more than this")
    at_most: Amount | None = Field(None, description="this much or less")
    below: Amount | None = Field(None, description="less than this")

    @model_validator(mode="after")
    def _two_edges_at_most(self) -> Edges:
        if self.at_least is not None and self.above is not None:
            raise ValueError("has two lower edges; keep at_least or above")
        if self.at_most is not None and self.below is not None:
            raise ValueError("has two upper edges; keep at_most or below")
        return self

    @property
    def lower(self) -> Decimal | None:
        return self.at_least if self.at_least is not None else self.above

    @property
    def upper(self) -> Decimal | None:
        return self.at_most if self.at_most is not None else self.below

    @property
    def in_words(self) -> str:
        """`at_least 50000 and below 200000`; `otherwise` for a span with no edges."""
        said = [f"{e} {plain(getattr(self, e))}" for e in EDGES if getattr(self, e) is not None]
        return " and ".join(said) or "otherwise"


def plain(number: Decimal) -> str:
    """A decimal without exponent or trailing zeros: 5E+5 → 500000."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
