"""What a rubric may say of points: how they are earned, redeemed and lost. One pydantic model per block."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from custier.rubric.scalars import Amount, Flag, FormulaText, Key, Strict, TitleText
from custier.rubric.window import Length, Window, length

MOST_RULES = 40
EARNED, LIFETIME, REDEEMED = "points_earned", "points_lifetime", "points_redeemed"
EXPIRED, BALANCE, OVERDRAWN = "points_expired", "points_balance", "points_overdrawn"
ENDS_OF_YEARS = {"end of year": 1, "end of next year": 2}
"""In words → on the first day of which later year the points are gone."""


def _as_formula(value: Any) -> Any:
    """`points: 20` is the formula 20."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return f"{value:f}" if isinstance(value, Decimal) else str(value) if is_number else value


def _expiry(value: Any) -> str:
    words = re.sub(r"\s+", " ", value.strip()) if isinstance(value, str) else ""
    try:
        if words == "never" or words in ENDS_OF_YEARS or length(words) != Length():
            return words
    except ValueError:
        pass
    raise ValueError("does not say when points expire; write never, a length such as 24 months, end of year or end of next year")


def _in_words(counted: str, when: str | None, once: bool = False) -> str:
    return ", ".join([counted, *([f"when {when}"] if when else []), *(["once"] if once else [])])


PointsFormula = Annotated[FormulaText, BeforeValidator(_as_formula, json_schema_input_type=float | str)]
Expiry = Annotated[str, BeforeValidator(_expiry, json_schema_input_type=str), PlainSerializer(str)]


class Earning(Strict):
    """A rule by which rows earn points; a negative result takes points back."""

    name: Key = Field(description="what explanations call it; its points are the metric points_from_<name>")
    points: PointsFormula = Field(description="what a row earns: a number, or a formula over its columns")
    of: FormulaText | None = Field(None, description="what the points are counted on, such as amount")
    per: Amount | None = Field(None, description="how much of that earns the points; 1 when left out")
    source: str = Field("transactions", description="the table whose rows earn")
    when: FormulaText | None = Field(None, description="which rows earn")
    once: Flag = Field(False, description="only the first such row of a customer's life earns")
    title: TitleText | None = Field(None, description="what people call it")

    @model_validator(mode="after")
    def _per_something(self) -> Earning:
        if self.per is not None and self.of is None:
            raise ValueError("has `per` and no `of`; say of what, such as of: amount")
        if self.per is not None and self.per <= 0:
            raise ValueError("earns per nothing; write a `per` above 0")
        return self

    @property
    def formula(self) -> str:
        """The points of a row before they are rounded."""
        counted = self.points if self.of is None else self.of if self.points == "1" else f"({self.points}) * ({self.of})"
        return counted if self.per is None or self.per == 1 else f"({counted}) / {self.per:f}"

    @property
    def in_words(self) -> str:
        """`1 per 10 of amount, when amount > 0, once`."""
        per = "" if self.of is None else f" per {self.per:f} of {self.of}" if self.per is not None else f" per 1 of {self.of}"
        return _in_words(f"{self.points}{per}", self.when, self.once)


class Redemption(Strict):
    """The rows that spend points; a negative result gives points back."""

    points: PointsFormula = Field(description="what a row spends: a formula over its columns")
    source: str = Field("events", description="the table whose rows spend")
    when: FormulaText | None = Field(None, description="which rows spend")

    @property
    def formula(self) -> str:
        return self.points

    @property
    def in_words(self) -> str:
        return _in_words(self.points, self.when)


class PointsPolicy(Strict):
    """A ledger of points per customer."""

    earn: list[Earning] = Field(min_length=1, max_length=MOST_RULES, description="the rules; a row earns by each that it meets")
    redeem: Redemption | None = Field(None, description="what spends points, the oldest first")
    expire: Expiry = Field("never", description="never, a length such as 24 months, end of year, or end of next year")
    round: Literal["down", "nearest", "up"] = Field("down", description="how the points of a row become a whole number")
    window: Window | None = Field(None, description="which days points_earned counts; the rubric's window when left out")

    @property
    def rules(self) -> dict[str, Earning | Redemption]:
        """The rules that look at rows, by the metric that each fills."""
        rules: dict[str, Earning | Redemption] = {from_rule(rule.name): rule for rule in self.earn}
        return rules | ({REDEEMED: self.redeem} if self.redeem else {})

    @property
    def metrics(self) -> list[str]:
        """The names of all metrics of the ledger, in the order of a statement."""
        return [*(from_rule(rule.name) for rule in self.earn), EARNED, LIFETIME, REDEEMED, EXPIRED, BALANCE, OVERDRAWN]


def from_rule(name: str) -> str:
    """The metric of one earning rule."""
    return f"points_from_{name}"
