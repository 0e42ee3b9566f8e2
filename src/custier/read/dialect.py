"""The header of a text export and the separator that its cells are split by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from custier.errors import InputError, Problem
from custier.read.encoding import Text
from custier.read.first_line import LOOKED_AT_LINES, not_a_header
from custier.read.separators import WHITESPACE, best_separator, cells

MOST_COLUMNS = 2000


@dataclass(frozen=True)
class Dialect:
    """How a text export is laid out."""

    separator: str
    header: tuple[str, ...]
    header_line: int
    not_a_header: Problem | None = None  # what to say of the first line where columns are not found in it

    @property
    def width(self) -> int:
        return len(self.header)

    @property
    def has_quotes(self) -> bool:
        """Whether a quote may hold separators and line ends; between whitespace it is a character like any other."""
        return self.separator != WHITESPACE

    @property
    def split(self) -> Callable[[str], list[str]]:
        """A line without quotes → its cells."""
        if self.separator == WHITESPACE:
            return str.split
        separator = self.separator
        return lambda line: line.split(separator)


def find_dialect(text: Text, name: str) -> Dialect:
    """The dialect of a text; raises InputError (CT2103, CT2105, CT2110, CT2201, CT6214)."""
    lines = _first_lines(text)
    if not lines:
        raise InputError(Problem("CT2110", "holds no rows", name, "check that the export has finished"))
    number, line = lines[0]
    separator = best_separator(line)
    header, odd = cells(line, separator), not_a_header(lines, name)
    _check(header, odd, f"{name}:{number}")
    return Dialect(separator, tuple(h.strip() for h in header), number, odd)


def _first_lines(text: Text) -> list[tuple[int, str]]:
    """The first lines that are not blank, with their numbers."""
    with text.path.open(encoding="utf-8", newline="\n") as file:
        file.read(1 if text.mark_bytes else 0)
        filled = ((number, line.rstrip("\r\n")) for number, line in enumerate(file, 1) if line.strip("\r\n "))
        return list(islice(filled, LOOKED_AT_LINES))


def _check(header: list[str], odd: Problem | None, where: str) -> None:
    if not header:
        cure = "put each header on one line, its quotes closed"
        raise InputError(Problem("CT2105", "the header cannot be read: a quote in it is not closed", where, cure))
    if len(header) == 1:
        cure = "separate the columns by comma, semicolon, tab or |, and give each a header"
        raise InputError(odd or Problem("CT2103", "the header has one column only", where, cure))
    if len(header) > MOST_COLUMNS:
        raise InputError(Problem("CT6214", f"has more than {MOST_COLUMNS} columns", where, "export only the columns that the rubric needs"))
