"""Whether the first line of a text export is no header but a title above it, or a row of data."""

from __future__ import annotations

import re
from collections.abc import Sequence

from custier.errors import Problem
from custier.read.separators import best_separator, cells

LOOKED_AT_LINES = 6
DATE = re.compile(r"(?:[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4})(?![0-9])")
NUMBER = re.compile(r"(?!(?:19|20)[0-9]{2}$)[-+]?[0-9][0-9,]*(?:\.[0-9]+)?")
"""A year alone may well be a header."""


def not_a_header(lines: Sequence[tuple[int, str]], name: str) -> Problem | None:
    """What to say (CT2201) of a first line in which columns are not found; None where it looks like a header."""
    (number, first), *below = lines
    widest, line = max(((_filled(text, text), n) for n, text in below), key=lambda found: len(found[0]), default=([], 0))
    if len(widest) > 1 and len(_filled(first, dict(below)[line])) <= 1:
        what, cure = (
            "the first line looks like a title above the header",
            f"remove the lines above the header, which seems to be line {line}",
        )
    elif is_data(_filled(first, first)):
        what, cure = "the first line looks like a row, not like a header", "put a line of headers above it, such as customer,date,amount"
    else:
        return None
    return Problem("CT2201", what, f"{name}:{number}", cure)


def _filled(line: str, separated_as: str) -> list[str]:
    """The cells of a line that are not blank, cut at the separator that suits another line best."""
    return [cell.strip() for cell in cells(line, best_separator(separated_as)) if cell.strip()]


def is_data(filled: Sequence[str]) -> bool:
    """Whether these cells are those of a row: a date among them, or numbers as half of them."""
    numbers = sum(1 for cell in filled if NUMBER.fullmatch(cell))
    return any(DATE.match(cell) for cell in filled) or 0 < len(filled) <= numbers * 2
