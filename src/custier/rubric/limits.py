"""Limits as people write them: a share or a number with its unit, both, or `off`; a bare number is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from custier.rubric.scalars import ALL, percent

OFF = "off"
MOST_COUNT = 10**12
MOST_SHARE = 1_000 * ALL
_SHARE = re.compile(r"(\d{1,7}(?:\.\d{1,2})?)\s*[%％]")
_COUNT = re.compile(r"(\d[\d_,]*)\s+([a-z]+)")
_PSI = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)\s*PSI", re.IGNORECASE)


@dataclass(frozen=True)
class Limit:
    """What is allowed at most: `share` in basis points of the whole, `count` of what the noun says; either is enough to be above it."""

    share: int | None = None
    count: int | None = None
    noun: str = "customers"

    @property
    def is_off(self) -> bool:
        return self.share is None and self.count is None

    def exceeded_by(self, count: int, of: int) -> bool:
        """Whether so many of so many are more than it allows; exactly as many are not."""
        return self.share_exceeded_by(count, of) or (self.count is not None and count > self.count)

    def share_exceeded_by(self, count: int, of: int) -> bool:
        return self.share is not None and count * ALL > self.share * of

    @property
    def parts(self) -> list[str]:
        """Each as it is written: 20%, 500 customers."""
        shares = [] if self.share is None else [percent(self.share)]
        return [*shares, *([] if self.count is None else [f"{self.count} {_in_number(self.noun, self.count)}"])]

    def __str__(self) -> str:
        return " or ".join(self.parts) or OFF


@dataclass(frozen=True)
class Drift:
    """The population stability index that is allowed at most, None where it is not looked at."""

    psi: Decimal | None = None

    def __str__(self) -> str:
        return OFF if self.psi is None else f"{self.psi:f} PSI"


def limit(value: Any, noun: str, most_share: int, counts: bool, shares: bool) -> Limit:
    """`20%`, `500 customers`, both in a list, or `off` → Limit."""
    if isinstance(value, Limit):
        return value
    if value == OFF:
        return Limit(noun=noun)
    parts = value if isinstance(value, list) else [value]
    read = [_part(part, noun, most_share) for part in parts]
    kinds = [kind for kind, _ in read]
    usable = {"share": shares, "count": counts, "": False}
    if not read or len(set(kinds)) < len(kinds) or not all(usable[kind] for kind in kinds):
        raise ValueError(_not_a_limit(noun, counts, shares))
    return Limit(**dict(read), noun=noun)


def _part(value: Any, noun: str, most_share: int) -> tuple[str, int]:
    text = value.strip() if isinstance(value, str) else ""
    if (found := _SHARE.fullmatch(text)) and Decimal(found[1]) * 100 <= most_share:
        return "share", int(Decimal(found[1]) * 100)
    if (found := _COUNT.fullmatch(text)) and found[2].removesuffix("s") == noun.removesuffix("s"):
        count = int(found[1].replace("_", "").replace(",", ""))
        return ("count", count) if count <= MOST_COUNT else ("", 0)
    return "", 0


def _not_a_limit(noun: str, counts: bool, shares: bool) -> str:
    said = [*(["a share such as 20%"] if shares else []), *([f"a number such as 10 {noun}"] if counts else [])]
    both = [f"both as [20%, 10 {noun}]"] if shares and counts else []
    return f"is not a limit; write {', '.join([*said, *both])}, or off: a number needs its unit"


def _in_number(noun: str, count: int) -> str:
    return noun.removesuffix("s") if count == 1 else noun


def drift(value: Any) -> Drift:
    """`0.25 PSI` or `off` → Drift."""
    if isinstance(value, Drift):
        return value
    found = _PSI.fullmatch(value.strip()) if isinstance(value, str) and value != OFF else None
    if value != OFF and not found:
        raise ValueError("is not a limit; write a population stability index such as 0.25 PSI, or off: a number needs its unit")
    return Drift(Decimal(found[1])) if found else Drift()


def _written(found: Limit) -> str | list[str]:
    return found.parts if len(found.parts) > 1 else str(found)


def _limit(noun: str, *, most_share: int = ALL, counts: bool = True, shares: bool = True) -> Any:
    read = partial(limit, noun=noun, most_share=most_share, counts=counts, shares=shares)
    typed: Any = str | list[str] if counts and shares else str
    return (BeforeValidator(read, json_schema_input_type=typed), PlainSerializer(_written))


Customers = Annotated[Limit, *_limit("customers")]
CustomerCount = Annotated[Limit, *_limit("customers", shares=False)]
Rows = Annotated[Limit, *_limit("rows")]
Amounts = Annotated[Limit, *_limit("amounts", counts=False)]
PartOf = Annotated[Limit, *_limit("customers", counts=False)]
Growth = Annotated[Limit, *_limit("rows", most_share=MOST_SHARE, counts=False)]
Months = Annotated[Limit, *_limit("months", shares=False)]
Days = Annotated[Limit, *_limit("days", shares=False)]
DriftText = Annotated[Drift, BeforeValidator(drift, json_schema_input_type=str), PlainSerializer(str)]
