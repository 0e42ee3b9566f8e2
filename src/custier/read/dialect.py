"""The header of a text export and the separator that its cells are split by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from custier.errors import InputError, Problem
from custier.read.declared import declare
from custier.read.encoding import Text
from custier.read.first_line import LOOKED_AT_LINES, not_a_header
from custier.read.separators import best_separator, cells, is_confirmed, sign
from custier.rubric.layout import WHITESPACE
from custier.rubric.model import Source

MOST_COLUMNS = 2000


@dataclass(frozen=True)
class Dialect:
    """How a text export is laid out."""

    separator: str
    header: tuple[str, ...]
    header_line: int  # the last line above the rows; 0 where the rubric names the columns of a file without a header
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


def find_dialect(text: Text, name: str, source: str, spec: Source) -> Dialect:
    """The dialect of a text, found or as the rubric declares it; raises InputError (CT2103, CT2105, CT2109, CT2110, CT2201, CT6214)."""
    lines = _first_lines(text, spec.header_line or 1)
    if not lines:
        raise InputError(Problem("CT2110", "holds no rows", name, "check that the export has finished"))
    number, line = lines[0]
    below = [text for _, text in lines[1:]]
    found = best_separator(line, below)
    separator = spec.separator or found
    where = f"{name}:{number}"
    if not is_confirmed(line, below, separator) and separator != found and is_confirmed(line, below, found):
        raise _separated_otherwise(where, source, separator, found)
    first = [cell.strip() for cell in cells(line, separator)]
    if spec.header:
        _check_width(first, spec.header, where, source)
        return Dialect(separator, tuple(spec.header), (spec.header_line or 1) - 1)
    odd = None if spec.header_line else not_a_header(lines, name, source)
    _check(first, odd, where)
    return Dialect(separator, tuple(_as_wide_as(first, [cells(text, separator) for text in below])), number, odd)


def _first_lines(text: Text, start: int) -> list[tuple[int, str]]:
    """The first lines from one on that are not blank, with their numbers."""
    with text.path.open(encoding="utf-8", newline="\n") as file:
        file.read(1 if text.mark_bytes else 0)
        filled = ((number, line.rstrip("\r\n")) for number, line in enumerate(file, 1) if number >= start and line.strip("\r\n "))
        return list(islice(filled, LOOKED_AT_LINES))


def _separated_otherwise(where: str, source: str, declared: str, found: str) -> InputError:
    what = f"the rubric declares {sign(declared)} between the cells, and the lines are cut alike by {sign(found)}"
    return InputError(Problem("CT2103", what, where, declare(source, "separator", sign(found))))


def _as_wide_as(header: list[str], rows: list[list[str]]) -> list[str]:
    """The header with one blank name more, or less, where most rows looked at end in a separator and it does not, or vice versa."""
    longer = sum(len(row) == len(header) + 1 and not row[-1].strip() for row in rows)
    shorter = sum(len(row) == len(header) - 1 for row in rows)
    if longer * 2 > len(rows):
        return [*header, ""]
    return header[:-1] if not header[-1] and shorter * 2 > len(rows) else header


def _check_width(first: list[str], header: list[str], where: str, source: str) -> None:
    if len(first) != len(header):
        what = f"the rubric names {len(header)} columns, and the first line has {len(first)} cells"
        names = [*header, *(f"column {n}" for n in range(len(header) + 1, len(first) + 1))][: len(first)]
        raise InputError(Problem("CT2109", what, where, f"name as many: {declare(source, 'header', names)}"))


def _check(header: list[str], odd: Problem | None, where: str) -> None:
    if not header:
        cure = "put each header on one line, its quotes closed"
        raise InputError(Problem("CT2105", "the header cannot be read: a quote in it is not closed", where, cure))
    if len(header) == 1:
        cure = "separate the columns by comma, semicolon, tab or |, and give each a header"
        raise InputError(odd or Problem("CT2103", "the header has one column only", where, cure))
    if len(header) > MOST_COLUMNS:
        raise InputError(Problem("CT6214", f"has more than {MOST_COLUMNS} columns", where, "export only the columns that the rubric needs"))
