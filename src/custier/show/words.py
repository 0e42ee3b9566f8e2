"""Numbers and values in words: thousands separated, shares with one decimal, nothing rounded that decides."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from custier.show.look import Look
from custier.show.safe import safe

EDGES = re.compile(r"^(?:at (?:least|most)|above|below|otherwise)\b|\b(?:and )?(?:at (?:least|most)|above|below)\b(?= -?\d)")
"""The words of a band's edges; what a formula says stays as it is written."""


def share(fraction: float | None, absent: str = "") -> str:
    """A fraction of 1 as a percentage with one decimal; what is not quite none or all says so."""
    if fraction is None:
        return absent
    if 0 < fraction < 0.0005:
        return "<0.1%"
    return ">99.9%" if 0.9995 <= fraction < 1 else f"{fraction:.1%}"


def worded(value: Any, look: Look, absent: str = "missing") -> str:
    """A metric's value as a person reads it; exact but for floats, which are for showing only."""
    match value:
        case None:
            return look.told(absent)
        case bool():
            return look.told("yes" if value else "no")
        case int():
            return f"{value:,}"
        case Decimal():
            return f"{value:,f}"
        case float():
            return f"{value:,.4f}".rstrip("0").rstrip(".")
        case datetime():
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
    return safe(str(value))


def size(number: int, look: Look) -> str:
    """Bytes as kB, MB or GB."""
    for unit, limit in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= limit:
            return f"{number / limit:,.1f} {unit}"
    return look.counted(number, "byte")


def edges_in_words(text: str, look: Look) -> str:
    """`at_least 500000` → `at least 500,000`, `spend > 500_000` → `spend > 500,000`."""
    words = re.sub(r"\bat_(least|most)\b", r"at \1", re.sub(r"(?<=\d)_(?=\d)", "", text))
    return separated(look.sentence(EDGES.sub(lambda edge: look.told(edge[0]), words)))


def separated(text: str) -> str:
    """`spend 342038.12 → -661569.40` → `spend 342,038.12 → -661,569.40`; dates and ids stay."""
    return re.sub(r"(?<![\w.'])(?<![\w'.]-)(?:\d{5,}|\d{4}(?=[.]\d))(?![\w'-])", lambda found: f"{int(found[0]):,}", text)
