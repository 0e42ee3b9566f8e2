"""How one line is cut into cells, and which separator cuts the lines of an export alike."""

from __future__ import annotations

import csv
from collections.abc import Sequence

from custier.rubric.layout import NAMED, WHITESPACE

SEPARATORS = (",", ";", "\t", "|")


def cells(line: str, separator: str) -> list[str]:
    """The cells of a line; none where a quote in it is not closed."""
    if separator == WHITESPACE:
        return line.split()
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return []


def best_separator(line: str, below: Sequence[str] = ()) -> str:
    """The separator that cuts a line into several cells, and most of those below into as many; of several the one with most cells.

    Whitespace only where no other cuts the line.
    """
    found = max(SEPARATORS, key=lambda s: (is_confirmed(line, below, s), len(cells(line, s))))
    return WHITESPACE if len(cells(line, found)) == 1 and len(line.split()) > 1 and '"' not in line else found


def is_confirmed(line: str, below: Sequence[str], separator: str) -> bool:
    """Whether a separator cuts a line into several cells, and half of the lines below or more into as many; an open quote tells nothing."""
    width = len(cells(line, separator))
    told = [found for text in below if (found := len(cells(text, separator)))]
    return width > 1 and sum(found == width for found in told) * 2 >= len(told)


def sign(separator: str) -> str:
    """A separator as a message and a rubric write it."""
    return next((name for name, found in NAMED.items() if found == separator and found in ("\t", WHITESPACE)), f'"{separator}"')
