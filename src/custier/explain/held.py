"""A stored row's metrics: exact to reckon with, and as a person reads them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from custier.values import PER, Kind


def exact_value(row: dict[str, Any], name: str, kind: Kind) -> Fraction | None:
    """The metric exactly; None where it is missing."""
    num, den = row[name], row[name + PER] if kind.quotient else 1
    return None if num is None or den is None else Fraction(num, den * 10**kind.scale)


def shown_value(row: dict[str, Any], name: str, kind: Kind) -> int | Decimal | float | None:
    """The metric as the labels show it: an amount with its decimals, a whole number, or one division of whole numbers."""
    num, den = row[name], row[name + PER] if kind.quotient else 1
    if num is None or den is None:
        return None
    if kind.money and not kind.quotient:
        return Decimal(num).scaleb(-kind.scale)
    return int(num) if not kind.quotient and kind.scale == 0 else float(num) / float(den * 10**kind.scale)
