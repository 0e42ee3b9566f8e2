"""How one line is cut into cells."""

from __future__ import annotations

import csv

SEPARATORS = (",", ";", "\t", "|")
WHITESPACE = "whitespace"


def cells(line: str, separator: str) -> list[str]:
    """The cells of a line; none where a quote in it is not closed."""
    if separator == WHITESPACE:
        return line.split()
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return []


def best_separator(line: str) -> str:
    """The separator that cuts a line into most cells; whitespace only where no other does."""
    found = max(SEPARATORS, key=lambda s: len(cells(line, s)))
    return WHITESPACE if len(cells(line, found)) == 1 and len(line.split()) > 1 and '"' not in line else found
