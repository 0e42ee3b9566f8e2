"""The quick way to read a text export: where every line is plainly one record, Polars reads them all."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import islice

import polars as pl

from custier.read.dialect import Dialect
from custier.read.encoding import Text
from custier.read.export import WHOLE, Picks
from custier.read.records import Line
from custier.read.scan import chunks
from custier.read.totals import Totals
from custier.rubric.layout import WHITESPACE


def odd_lines(text: Text, dialect: Dialect, totals: Totals) -> list[Line] | None:
    """Lines that may be totals or the header once more, where every other line is plainly one record; None where that is not so.

    A reader would fill a short row with nulls, unsaid. Without quotes the separators of all lines are counted at once: a short line
    needs a long one to make up for it, and that one stops the reader. Only an empty field too many at the very end of a file does not, so
    a last line without line end is counted alone. With quotes every line is matched.
    """
    if dialect.separator == WHITESPACE:
        return None
    separator, wanted = dialect.separator.encode(), dialect.width - 1
    looks_odd, plain, count = _no_row(dialect, totals), _plain_lines(dialect), 0
    odd: dict[int, list[tuple[int, bytes]]] = {}
    last = b""
    for piece, lines in enumerate(_whole_lines(text, dialect)):
        if not piece and lines.startswith(b"\n" + codecs.BOM_UTF8):  # which Polars passes over
            return None
        if looks_odd.search(lines):
            lines, odd[piece] = _apart(lines, looks_odd)
        if text.has_quotes and not pl.Series([lines], dtype=pl.Binary()).cast(pl.String()).str.contains(plain).all():
            return None
        count, last = count + lines.count(separator), lines
    told = _numbered(odd, text, dialect)
    rows = text.lines - dialect.header_line - len(told)
    ends_whole = not text.ends_in_line or last.rpartition(b"\n")[2].count(separator) == wanted or (bool(told) and told[-1][0] == text.lines)
    return told if text.has_quotes or (count == rows * wanted and ends_whole) else None


def _apart(lines: bytes, looks_odd: re.Pattern[bytes]) -> tuple[bytes, list[tuple[int, bytes]]]:
    """Lines without the odd ones, and these with their places among them."""
    placed = [(at, b"\n" + line) for at, line in enumerate(lines.split(b"\n")[1:])]
    odd = [(at, line[1:]) for at, line in placed if looks_odd.match(line)]
    out = {at for at, _ in odd}
    return b"".join(line for at, line in placed if at not in out), odd


def _numbered(odd: Mapping[int, list[tuple[int, bytes]]], text: Text, dialect: Dialect) -> list[Line]:
    """Odd lines of pieces, by their places there, with their numbers; line ends are counted only where there are such."""
    told: list[Line] = []
    first = dialect.header_line + 1
    for piece, lines in enumerate(_whole_lines(text, dialect) if odd else ()):
        told += [(first + at, line.decode().removesuffix("\r")) for at, line in odd.get(piece, ())]
        first += lines.count(b"\n")
    return told


def _first_row_byte(text: Text, dialect: Dialect) -> int:
    with text.path.open("rb") as file:
        above = sum(len(line) for line in islice(file, dialect.header_line))
    return above or text.mark_bytes


def _plain_lines(dialect: Dialect) -> str:
    """A pattern, for Polars, of lines of as many cells as the header, each quoted as it should be, on one line, or without a quote.

    Polars looks at a text several times as fast as `re` unless it has a thousand cells, and all lines of a piece are one text.
    """
    edge = rf"\x{{{ord(dialect.separator):x}}}"
    cell = rf'(?:"[^"\n]*(?:""[^"\n]*)*"|[^"\n{edge}]*)'
    return rf"^(?:\n{cell}(?:{edge}{cell}){{{dialect.width - 1}}}\r?)*$"


def _whole_lines(text: Text, dialect: Dialect) -> Iterator[bytes]:
    """The lines below the header in pieces, each line with the line feed before it."""
    left = b"\n"
    for chunk in chunks(text.path, _first_row_byte(text, dialect)):
        end = chunk.rfind(b"\n")
        if end < 0:
            left += chunk
        else:
            yield b"".join((left, memoryview(chunk)[:end]))
            left = chunk[end:]
    if len(left) > 1:
        yield left


def _no_row(dialect: Dialect, totals: Totals) -> re.Pattern[bytes]:
    """What no row looks like: the header's first two names beside each other at the start of a line, or a total.

    Most lines are told by their first byte, or the one after a quote, which is quicker than anything else.
    """
    first, second = (re.escape(header.encode()) for header in dialect.header[:2])
    space, edge = rb"(?:[ \t\r]|\xc2\xa0|\xef\xbb\xbf)*", re.escape(dialect.separator.encode())
    again = rb'%b"?%b%b%b"?%b%b%b"?%b%b' % (space, space, first, space, space, edge, space, space, second)
    begin = {*b' \t\r\xc2\xef"', (dialect.header[0].lstrip('"') or dialect.separator).encode()[0], *totals.first_bytes(dialect.separator)}
    total = b"|" + totals.begins_line(dialect.separator) if totals.words else b""
    return re.compile(rb'\n(?="?+[%b])(?:%b%b)' % (re.escape(bytes(begin)), again, total))


def read_regular(text: Text, dialect: Dialect, picks: Picks, left_out: Collection[int]) -> pl.LazyFrame:
    """The rows but these lines as Polars reads them, which stops at a line of too many fields only where all columns are looked at."""
    scanned = pl.scan_csv(
        text.path,
        separator=dialect.separator,
        has_header=False,
        skip_lines=dialect.header_line,
        schema={str(i): pl.String() for i in range(dialect.width)},
        quote_char='"' if text.has_quotes else None,
        row_index_name="line",
        row_index_offset=dialect.header_line + 1,
        glob=False,
    )
    if left_out:
        scanned = scanned.filter(~pl.col("line").is_in(list(left_out)))
    every = pl.all_horizontal(pl.col(str(i)).is_null() for i in range(dialect.width)).alias(WHOLE)
    return scanned.select(pl.col("line").cast(pl.Int64), every, **{name: pl.col(str(i)) for name, i in picks.items()})
