"""Numbers and values in words: thousands separated, shares with one decimal, nothing rounded that decides."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from custier.show.safe import safe


def counted(number: int, noun: str) -> str:
    """`1 row`, `1,204 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def share(fraction: float | None, absent: str = "") -> str:
    """A fraction of 1 as a percentage with one decimal; what is not quite none or all says so."""
    if fraction is None:
        return absent
    if 0 < fraction < 0.0005:
        return "<0.1%"
    return ">99.9%" if 0.9995 <= fraction < 1 else f"{fraction:.1%}"


def worded(value: Any, absent: str = "missing") -> str:
    """A metric's value as a person reads it; exact but for floats, which are for showing only."""
    match value:
        case None:
            return absent
        case bool():
            return "yes" if value else "no"
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


def both(english: str | None, chinese: str | None) -> str:
    """A text in both languages, as far as it is written."""
    return " ".join(text for text in (english, chinese) if text)


def size(number: int) -> str:
    """Bytes as kB, MB or GB."""
    for unit, limit in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= limit:
            return f"{number / limit:,.1f} {unit}"
    return counted(number, "byte")


def edges_in_words(text: str) -> str:
    """`at_least 500000` → `at least 500,000`, `spend > 500_000` → `spend > 500,000`."""
    words = re.sub(r"\bat_(least|most)\b", r"at \1", re.sub(r"(?<=\d)_(?=\d)", "", text))
    return separated(words)


def separated(text: str) -> str:
    """`spend 342038.12 → -661569.40` → `spend 342,038.12 → -661,569.40`; dates and ids stay."""
    return re.sub(r"(?<![\w.'])(?<![\w'.]-)(?:\d{5,}|\d{4}(?=[.]\d))(?![\w'-])", lambda found: f"{int(found[0]):,}", text)
