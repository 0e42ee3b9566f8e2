"""A condition: one formula, or several joined by all, any, or at least so many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Discriminator, Field, Tag, model_validator

from custier.rubric.scalars import FormulaText, Strict, Whole
from custier.rubric.yaml_file import Place

OTHERWISE = "otherwise"
"""What stands for the condition of a segment's last label."""


class Conditions(Strict):
    """Several conditions as one. One that is missing a value does not hold."""

    all: list[Condition] | None = Field(None, min_length=1, description="conditions that must all hold")
    any: list[Condition] | None = Field(None, min_length=1, description="conditions of which one must hold")
    n_of: Whole | None = Field(None, ge=1, description="how many of `conditions` must hold")
    conditions: list[Condition] | None = Field(None, min_length=1, description="the conditions that `n_of` counts")

    @model_validator(mode="after")
    def _joined_one_way(self) -> Conditions:
        if (self.n_of is None) != (self.conditions is None):
            raise ValueError("has one of n_of and conditions; write both: {n_of: 2, conditions: [a, b, c]}")
        if sum(part is not None for part in (self.all, self.any, self.n_of)) != 1:
            raise ValueError("does not join its conditions one way; write all, any, or n_of with conditions")
        if self.n_of is not None and self.n_of > len(self.parts):
            raise ValueError(f"asks for {self.n_of} of {len(self.parts)} conditions; lower n_of, or add conditions")
        return self

    @property
    def key(self) -> str:
        """The key that holds the parts."""
        return next(key for key in ("all", "any", "conditions") if getattr(self, key) is not None)

    @property
    def parts(self) -> list[Condition]:
        return self.all or self.any or self.conditions or []

    @property
    def least(self) -> int:
        """How many parts must hold."""
        return self.n_of if self.n_of is not None else len(self.parts) if self.all else 1

    @property
    def joined_by(self) -> str:
        """`all of`, `any of` or `2 of`."""
        return f"{self.n_of} of" if self.n_of is not None else f"{self.key} of"


Condition = Annotated[
    Annotated[FormulaText, Tag("formula")] | Annotated[Conditions, Tag("block")],
    Discriminator(lambda value: "block" if isinstance(value, dict | Conditions) else "formula"),
]
Conditions.model_rebuild()


def formulas(condition: Condition, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every formula of a condition, with its place."""
    if isinstance(condition, str):
        yield place, condition
        return
    for n, part in enumerate(condition.parts):
        yield from formulas(part, (*place, condition.key, n))


def condition_words(condition: Condition) -> str:
    """`spend >= 100 and (orders > 3 or margin > 0.2)`, `2 of (…; …; …)`."""
    if isinstance(condition, str):
        return condition
    if condition.n_of is not None:
        return f"{condition.joined_by} ({'; '.join(condition_words(part) for part in condition.parts)})"
    return (" and " if condition.all else " or ").join(_bracketed(part) for part in condition.parts)


def _bracketed(part: Condition) -> str:
    words = condition_words(part)
    is_one = isinstance(part, Conditions) and part.n_of is not None
    return words if is_one or not any(f" {word} " in words.casefold() for word in ("and", "or")) else f"({words})"
