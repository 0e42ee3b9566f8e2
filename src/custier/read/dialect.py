"""The header of a text export and the separator that its cells are split by."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass

from custier.errors import InputError, Problem
from custier.read.encoding import Text

SEPARATORS = (",", ";", "\t", "|")
WHITESPACE = "whitespace"
MOST_COLUMNS = 2000


@dataclass(frozen=True)
class Dialect:
    """How a text export is laid out."""

    separator: str
    header: tuple[str, ...]
    header_line: int

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
    """The dialect of a text; raises InputError (CT2103, CT2105, CT2110, CT6214)."""
    number, line = _first_line(text)
    if not line:
        raise InputError(Problem("CT2110", "holds no rows", name, "check that the export has finished"))
    header = max((_cells(line, s) for s in SEPARATORS), key=len)
    separator = next(s for s in SEPARATORS if len(_cells(line, s)) == len(header))
    if len(header) == 1 and len(line.split()) > 1 and '"' not in line:
        separator, header = WHITESPACE, line.split()
    _check(header, f"{name}:{number}")
    return Dialect(separator, tuple(h.strip() for h in header), number)


def _first_line(text: Text) -> tuple[int, str]:
    with text.path.open(encoding="utf-8", newline="\n") as file:
        file.read(1 if text.mark_bytes else 0)
        for number, line in enumerate(file, 1):
            if line.strip("\r\n "):
                return number, line.rstrip("\r\n")
    return 0, ""


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return []


def _check(header: list[str], where: str) -> None:
    if not header:
        raise InputError(
            Problem(
                "CT2105", "the header cannot be read: a quote in it is not closed", where, "put each header on one line, its quotes closed"
            )
        )
    if len(header) == 1:
        cure = "separate the columns by comma, semicolon, tab or |, and give each a header"
        raise InputError(Problem("CT2103", "the header has one column only", where, cure))
    if len(header) > MOST_COLUMNS:
        raise InputError(Problem("CT6214", f"has more than {MOST_COLUMNS} columns", where, "export only the columns that the rubric needs"))
