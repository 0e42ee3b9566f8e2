"""The comment above the statement: the policy it holds, and the tables and columns that it expects."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from custier import __version__
from custier.export.expected import Asked, Expected
from custier.export.operands import CellType
from custier.rubric.load import resolved_text
from custier.rubric.model import Rubric

TYPES: dict[CellType, str] = {
    "text": "text, or a whole number",
    "number": "an exact number (decimal or integer, no float)",
    "date": "date, or timestamp without a time zone",
}


def head(rubric: Rubric, asked: Asked, tables: Sequence[Expected]) -> str:
    """Lines of a comment, each with its end."""
    return "".join(f"-- {line}".rstrip() + "\n" for line in _lines(rubric, asked, tables))


def _lines(rubric: Rubric, asked: Asked, tables: Sequence[Expected]) -> Iterator[str]:
    yield f"custier {__version__}, for {asked.dialect}: labels by the rubric {rubric.rubric}, version {rubric.version}, as of {asked.as_of}"
    yield f"sha256 of the rubric as resolved: {hashlib.sha256(resolved_text(rubric).encode()).hexdigest()}"
    yield f"Rows count {rubric.window.in_words(asked.as_of)}. There is no previous run: previous_tier is null, change is 'new'."
    yield "It reads"
    for expected in tables:
        yield f"  {_one_line(expected.table)}"
        width = max(len(name) for name in expected.types)
        yield from (f"    {_one_line(name):{width}}  {TYPES[type_]}" for name, type_ in expected.types.items())
    yield "A row that custier's checks of rows would reject is left out by the same conditions: no customer, amount or date,"
    yield "a date later than the as-of date, an id with unseen characters or in scientific notation, more decimals than the column holds,"
    yield "too large an amount."
    yield "Nothing tells how many those are: custier classify counts them, lists them, and stops when they are many."


def _one_line(text: str) -> str:
    return " ".join(text.split())
