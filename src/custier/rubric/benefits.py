"""What a tier is entitled to: a catalogue of benefits, and per tier which of them, how often."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from custier.rubric.scalars import BENEFIT_NAME, Strict, TitleText

TIMES_A_YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}
UNLIMITED = "unlimited"
_CHINESE = {"日": "day", "天": "day", "周": "week", "月": "month", "季度": "quarter", "年": "year"}
_QUOTA = re.compile(r"(at least )?([1-9]\d{0,5}) (?:a|an|per|each|every) (day|week|month|quarter|year)")
_QUOTA_ZH = re.compile(r"每(日|天|周|月|季度|年)\s*(至少|不少于)?\s*([1-9]\d{0,5})\s*次")


def quota(value: Any) -> str:
    """`5 a year`, `at least 6 a year` or `unlimited`, in these words however it is written (`每年5次`, `不限`)."""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    if words in (UNLIMITED, "不限", "无限", "不限次数"):
        return UNLIMITED
    if found := _QUOTA.fullmatch(words):
        return f"{found[1] or ''}{found[2]} a {found[3]}"
    if found := _QUOTA_ZH.fullmatch(words):
        return f"{'at least ' if found[2] else ''}{found[3]} a {_CHINESE[found[1]]}"
    raise ValueError("is not a quota; write how often, such as 5 a year, at least 6 a year, 2 a month (每月2次) or unlimited (不限)")


def times_a_year(quota_text: str | None) -> float:
    """What a quota comes to, to compare it with another; a benefit without a quota is as good as unlimited."""
    found = _QUOTA.fullmatch(quota_text or UNLIMITED)
    return int(found[2]) * TIMES_A_YEAR[found[3]] if found else float("inf")


QuotaText = Annotated[str, BeforeValidator(quota, json_schema_input_type=str)]
BenefitName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=BENEFIT_NAME)]


class Benefit(Strict):
    """A benefit of the catalogue; a title alone is short for `{title: …}`."""

    title: TitleText | None = Field(None, description="what people call it")
    note: TitleText | None = Field(None, description="what more there is to say, such as `within 24 hours`")

    @model_validator(mode="before")
    @classmethod
    def _from_title(cls, value: Any) -> Any:
        is_title = isinstance(value, str) or (isinstance(value, dict) and set(value) & {"en", "zh"} and not set(value) & {"title", "note"})
        return {"title": value} if is_title else value


class Granted(Strict):
    """A benefit that a tier grants: `own manager`, `airport lounge: 5 a year`, or `{name: airport lounge, quota: 5 a year}`."""

    name: BenefitName = Field(description="the benefit")
    quota: QuotaText | None = Field(None, description="how often: `5 a year`, `at least 6 a year`, `unlimited`; not counted when left out")

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        if isinstance(value, str):
            name, colon, often = value.rpartition(": ")
            return {"name": name, "quota": often} if colon else {"name": value}
        if isinstance(value, dict) and value and not set(value) & {"name", "quota"}:
            (name, often), *others = value.items()
            return {"name": name, "quota": often, **dict(others)}
        return value


@dataclass(frozen=True)
class Entitlement:
    """A benefit that the customers of a tier have, and the tier that grants it: theirs, or one below."""

    name: str
    quota: str | None
    granted_by: str

    @property
    def in_words(self) -> str:
        """`airport lounge ×5 a year`; the name alone where nothing is counted."""
        return self.name if self.quota is None else f"{self.name} ×{self.quota}"
