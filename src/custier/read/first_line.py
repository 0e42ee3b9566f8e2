"""Whether the first line of a text export is no header but a title above it, or a row of data."""

from __future__ import annotations

import re
from collections.abc import Sequence

from custier.errors import Problem, listed
from custier.read.dates import MONTH_NAMES
from custier.read.declared import declare
from custier.read.separators import best_separator, cells
from custier.rubric.numbers import ANY_SIGN

LOOKED_AT_LINES = 50
MONTH = rf"(?:{'|'.join(MONTH_NAMES)})[a-z]*\.?"
DATE = re.compile(
    r"(?:[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4})(?![0-9])"
    r"|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?![0-9])"
    rf"|(?:[a-z]{{3,9}},? )?(?:[0-9]{{1,2}}(?:st|nd|rd|th)?[-/ .]*{MONTH}[-/ .,]*|{MONTH}[-/ .]*[0-9]{{1,2}}(?:st|nd|rd|th)?[-/ ,]+)"
    r"(?:[0-9]{4}|[0-9]{2})(?![0-9])",
    re.IGNORECASE | re.ASCII,
)
NUMBER = re.compile(rf"(?!(?:19|20)[0-9]{{2}}$)[-+(]?\s*(?:{ANY_SIGN})?\s*[-+]?[0-9](?:[0-9,.'’\s]*[0-9])?\)?\s*(?:{ANY_SIGN}|[元%])?")
"""A year alone may well be a header."""

REACHED_AT = re.compile(r"(?!(?:19|20)[0-9]{2}\D)(?=(?:\D*[0-9]){7})[+(]?[0-9][0-9 ()./-]*|\S+@\S+\.\S+")
"""A telephone number, or an address of mail."""


def not_a_header(lines: Sequence[tuple[int, str]], name: str, source: str) -> Problem | None:
    """What to say (CT2201) of a first line in which columns are not found; None where it looks like a header."""
    (number, first), *below = lines
    widest, line = max(((_filled(text, text), n) for n, text in below), key=lambda found: len(found[0]), default=([], 0))
    if len(widest) > 1 and len(_filled(first, dict(below)[line])) <= 1:
        what = "the first line looks like a title above the header"
        cure = f"the header seems to be line {line}: {declare(source, 'header_line', str(line))}"
    elif is_data(_filled(first, first)):
        what = "the first line looks like a row, not like a header"
        names = proposed_names(cells(first, best_separator(first)), source)
        cure = f"name its columns in their order, as far as these are not right: {declare(source, 'header', names)}"
    else:
        return None
    return Problem("CT2201", what, f"{name}:{number}", cure)


def _filled(line: str, separated_as: str) -> list[str]:
    """The cells of a line that are not blank, cut at the separator that suits another line best."""
    return [cell.strip() for cell in cells(line, best_separator(separated_as)) if cell.strip()]


def is_data(filled: Sequence[str]) -> bool:
    """Whether these cells are those of a row: one that can be nothing but a value among them, or numbers as half of them."""
    numbers = [cell for cell in filled if NUMBER.fullmatch(cell)]
    plain = any(DATE.match(cell) or REACHED_AT.fullmatch(cell) for cell in filled) or any(re.search("[.,][0-9]", n) for n in numbers)
    return plain or 0 < len(filled) <= len(numbers) * 2


def shown(header: Sequence[str], at_most: int = 12) -> str:
    """`the headers are a, b and c`, without values: a row that was taken for a header may be anybody's."""
    if is_data([name for name in header if name]):
        return "the line taken for the header looks like a row, and is not shown"
    return f"the headers are {listed([name for name in header if not NUMBER.fullmatch(name)], at_most)}"


def proposed_names(row: Sequence[str], source: str) -> list[str]:
    """Names for the columns of a file without a header, as its first row looks: a proposal for a person to correct."""
    plain = [cell.strip() for cell in row]
    names = [f"column {n}" for n in range(1, len(row) + 1)]
    date = next((n for n, cell in enumerate(plain) if DATE.match(cell)), None)
    numbers = [n for n, cell in enumerate(plain) if n != date and NUMBER.fullmatch(cell)]
    amount = next((n for n in reversed(numbers) if "." in plain[n]), numbers[-1] if numbers else None)
    customer = next((n for n in range(len(row)) if n not in (date, amount)), None)
    found = {"date": date, "customer": customer, **({"amount": amount} if source == "transactions" else {})}
    for name, at in found.items():
        names = [name if n == at else other for n, other in enumerate(names)]
    return names
