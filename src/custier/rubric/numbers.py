"""How an export writes its numbers: marks, signs of currency, ways to say less than zero, the unit it counts in."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from custier.rubric.scalars import Flag, Strict

SHIFTS = {
    "元": 0,
    "千元": 3,
    "thousands": 3,
    "万元": 4,
    "百万元": 6,
    "millions": 6,
    "千万元": 7,
    "亿元": 8,
}
"""Unit → the zeros that it stands for."""

CURRENCIES = (
    ("¥", "￥", "元", "圆", "CNY", "RMB", "CN¥", "人民币"),
    ("$", "＄", "US$", "USD", "美元"),
    ("€", "EUR", "欧元"),
    ("£", "￡", "GBP", "英镑"),
    ("₹", "INR", "Rs", "Rs."),
    ("HK$", "HKD", "港元", "港币"),
    ("JPY", "円", "日元"),
    ("₩", "KRW", "韩元"),
    ("CHF",),
)
"""Signs that stand for one currency each; a sign that is in none of these is a currency of its own."""

ANY_SIGN = "|".join(sorted((re.escape(sign) for signs in CURRENCIES for sign in signs), key=len, reverse=True))
"""A pattern for any of them, the longest first."""

ALIKE = ({"¥", "￥"}, {"$", "＄"}, {"£", "￡"})
"""Signs that differ in width only."""

NOT_A_SIGN = re.compile(r"[0-9０-９\s,'’()+\-−%％‰千万亿百]|(?i:^(?:k|m|b|mn|mm|bn|e|thousands?|millions?)$)|^\.+$")


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Sign = Annotated[str, StringConstraints(min_length=1, max_length=8)]
Signs = Annotated[tuple[Sign, ...], BeforeValidator(_listed, json_schema_input_type=str | list[str])]
Blank = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Missing = Annotated[tuple[Blank, ...], BeforeValidator(_listed, json_schema_input_type=str | list[str])]


class Numbers(Strict):
    """How numbers are written in a source, or in one of its columns."""

    decimal: Literal[".", ","] = Field(".", description="the decimal mark")
    thousands: Literal[",", ".", " ", "'", "indian"] | None = Field(None, description="what parts thousands; indian: 5,29,550")
    currency: Signs = Field((), description="the signs of the currency that may stand beside a number")
    negative: Literal["minus", "parentheses", "trailing"] = Field("minus", description="how a number below zero may be written beside -1")
    dash: Literal["zero"] | None = Field(None, description="zero: a dash alone stands for 0")
    digits: Literal["ascii", "full-width"] = Field("ascii", description="full-width: also １２３")
    unit: Literal["元", "千元", "万元", "百万元", "千万元", "亿元", "thousands", "millions"] = Field(
        "元", description="what the money is counted in"
    )

    doubles: Flag = Field(False, description="true: doubles as a program printed them, 73.19999999999999 for 73.2")

    @model_validator(mode="after")
    def _marks_differ(self) -> Numbers:
        groups = "," if self.thousands == "indian" else self.thousands
        if groups == self.decimal:
            other = "," if self.decimal == "." else "."
            raise ValueError(f'has `{groups}` as the decimal mark and between thousands; if thousands have it, write decimal: "{other}"')
        return self

    @model_validator(mode="after")
    def _one_currency(self) -> Numbers:
        if odd := next((s for s in self.currency if NOT_A_SIGN.search(s)), None):
            raise ValueError(f"has `{odd}` as a sign of currency; such a sign holds no digits, spaces, signs of numbers or units")
        if len(found := {currency_of(sign) for sign in self.currency}) > 1:
            raise ValueError(f"has signs of {len(found)} currencies; keep those of one, since amounts are added up")
        return self

    @property
    def is_plain(self) -> bool:
        """Whether numbers are written as everywhere in this rubric: digits, at most one point, a minus."""
        return self.in_ones == Numbers()

    @property
    def in_ones(self) -> Numbers:
        """The same form without its unit."""
        return self.model_copy(update={"unit": "元"})

    @property
    def shift(self) -> int:
        """How many zeros the unit stands for."""
        return SHIFTS[self.unit]

    def within(self, wider: Numbers | None) -> Numbers:
        """These numbers with what is said of the whole source where they say nothing."""
        said = {name: getattr(self, name) for name in self.model_fields_set}
        return self if wider is None else Numbers.model_validate({name: getattr(wider, name) for name in wider.model_fields_set} | said)


def currency_of(sign: str) -> str:
    """The same text for all signs of one currency."""
    return next((signs[0] for signs in CURRENCIES if sign in signs), sign)


def same_signs(sign: str) -> set[str]:
    """A sign and those that differ from it in width only."""
    return {sign}.union(*(alike for alike in ALIKE if sign in alike))
