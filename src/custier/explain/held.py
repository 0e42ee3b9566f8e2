"""A stored row's metrics: exact to reckon with, and as a person reads them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from custier.values import DAY, PER, Kind


def exact_value(row: dict[str, Any], name: str, kind: Kind) -> Fraction | str | None:
    """The metric exactly, a date as its days since 1970-01-01; None where it is missing."""
    if kind.type == "text":
        return row[name]  # type: ignore[no-any-return]
    if kind.type == "date":
        return None if row[name + DAY] is None else Fraction(row[name + DAY])
    num, den = row[name], row[name + PER] if kind.quotient else 1
    return None if num is None or den is None else Fraction(num, den * 10**kind.scale)


def shown_value(row: dict[str, Any], name: str, kind: Kind) -> int | Decimal | float | str | date | None:
    """The metric as the labels show it: an amount with its decimals, a whole number, one division of whole numbers, a text or a date."""
    if kind.type != "number":
        return row[name]  # type: ignore[no-any-return]
    num, den = row[name], row[name + PER] if kind.quotient else 1
    if num is None or den is None:
        return None
    if kind.money and not kind.quotient:
        return Decimal(num).scaleb(-kind.scale)
    return int(num) if not kind.quotient and kind.scale == 0 else float(num) / float(den * 10**kind.scale)


def with_all_digits(number: Decimal | None, kind: Kind) -> Decimal | None:
    """The same number, an amount of money with the decimals of its currency: 600885.4 → 600885.40."""
    return number if number is None or not kind.money or kind.quotient else number + Decimal(0).scaleb(-kind.scale)
