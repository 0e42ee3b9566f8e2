"""Text exports: separated cells, every one read as text, with physical line numbers and no line lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import polars as pl

from custier.errors import InputError, Problem
from custier.read.dialect import Dialect, find_dialect
from custier.read.encoding import Text, as_utf8
from custier.read.export import MALFORMED, WHOLE, Export, Picks, Rows
from custier.read.files import cut_off, sha256_of
from custier.read.records import Line, is_cut_off, read_records
from custier.read.scan import chunks
from custier.read.separators import cells
from custier.read.totals import CODE as TOTAL
from custier.read.totals import Totals, totals_of, without_totals
from custier.read.unpack import unpack
from custier.rubric.layout import WHITESPACE
from custier.rubric.model import Source
from custier.values import InputFile

MOST_RECORDS_A_FRAME = 200_000
MOST_CELL_CHARACTERS = 64 << 10


def open_csv(source: str, path: Path, name: str, scratch: Path, spec: Source) -> Export:
    """A text export, unpacked and in UTF-8; raises InputError (CT2003 … CT2110, CT2201, CT62xx, CT6302)."""
    digest, before = sha256_of(path), path.stat()
    text = as_utf8(unpack(path, scratch, name), scratch, name, source, spec.encoding)
    dialect = find_dialect(text, name, source, spec)
    if text.has_long_line:
        _refuse_long_cells(text, dialect, name)
    file = InputFile(source, str(path), name, digest, before.st_size, "csv", text.encoding, dialect.separator, 0)
    read_rows = partial(_read_rows, name, text, dialect, totals_of(spec.total_lines))
    return Export(file, dialect.header, (pl.String(),) * dialect.width, read_rows, dialect.not_a_header)


def _refuse_long_cells(text: Text, dialect: Dialect, name: str) -> None:
    for number, line in _lines(text):
        if len(line) > MOST_CELL_CHARACTERS and max(map(len, cells(line, dialect.separator) or [line])) > MOST_CELL_CHARACTERS:
            what = f"has a cell of more than {MOST_CELL_CHARACTERS >> 10} KiB"
            cure = "leave that column out of the export, or shorten its cell"
            raise InputError(Problem("CT6215", what, f"{name}:{number}", cure))


def _read_rows(name: str, text: Text, dialect: Dialect, totals: Totals, picks: Picks, carefully: bool) -> Rows:
    if not carefully and _is_regular(text, dialect, totals):
        return Rows(_read_regular(text, dialect, picks), text.lines - dialect.header_line)
    rows = _read_carefully(text, dialect, totals, picks)
    last = rows.malformed.tail(1).filter(pl.col("line") == text.lines, pl.col("code") != TOTAL)["raw"]
    if text.ends_in_line and len(last) and is_cut_off(last[0], dialect):
        raise cut_off(name, text.lines)
    return rows


def _is_regular(text: Text, dialect: Dialect, totals: Totals) -> bool:
    """Whether every line is plainly one record: a reader would fill a short row with nulls, unsaid.

    Without quotes the separators of all lines are counted at once: a short line needs a long one to make up for it, and that one
    stops the reader. Only an empty field too many at the very end of a file does not, so a last line without line end is counted
    alone. With quotes all are counted line by line.
    """
    if dialect.separator == WHITESPACE:
        return False
    separator, wanted = dialect.separator.encode(), dialect.width - 1
    odd, quoted, count, lines = _no_row(dialect, totals), _quoted_cell(separator), 0, b""
    for lines in _whole_lines(text, _first_row_byte(text, dialect)):
        if odd.search(b"\n" + lines):
            return False
        if text.has_quotes and not _is_plain(quoted.sub(b"", lines), separator, wanted):
            return False
        count += lines.count(separator)
    last = lines.rpartition(b"\n")[2] if text.ends_in_line else None
    rows = text.lines - dialect.header_line
    return text.has_quotes or (count == rows * wanted and (last is None or last.count(separator) == wanted))


def _first_row_byte(text: Text, dialect: Dialect) -> int:
    with text.path.open("rb") as file:
        above = sum(len(line) for line in islice(file, dialect.header_line))
    return above or text.mark_bytes


def _is_plain(bare: bytes, separator: bytes, wanted: int) -> bool:
    """Whether lines without their quoted cells have no stray quote, and so many separators each."""
    separate = bare.split(b"\n")
    return b'"' not in bare and set(map(bytes.count, separate, [separator] * len(separate))) == {wanted}


def _quoted_cell(separator: bytes) -> re.Pattern[bytes]:
    """A cell that is quoted as it should be, on one line."""
    edge = re.escape(separator)
    return re.compile(rb'(?<![^\n%b])"[^"\n]*+(?:""[^"\n]*+)*+"(?![^\r\n%b])' % (edge, edge))


def _whole_lines(text: Text, start: int) -> Iterator[bytes]:
    """The text from a byte on, in pieces that end where a line ends, without that line feed."""
    left = b""
    for chunk in chunks(text.path, start):
        lines, feed, open_line = chunk.rpartition(b"\n")
        if feed:
            yield left + lines
            left = open_line
        else:
            left += chunk
    if left:
        yield left


def _no_row(dialect: Dialect, totals: Totals) -> re.Pattern[bytes]:
    """What no row looks like: the header's first two names beside each other at the start of a line, or a total."""
    first, second = (re.escape(header.encode()) for header in dialect.header[:2])
    space, edge = rb"(?:[ \t\r]|\xc2\xa0)*", re.escape(dialect.separator.encode())
    again = rb'%b"?%b%b%b"?%b%b%b"?%b%b' % (space, space, first, space, space, edge, space, space, second)
    return re.compile(rb"\n(?:%b%b)" % (again, b"|" + totals.begins_line(dialect.separator) if totals.words else b""))


def _read_regular(text: Text, dialect: Dialect, picks: Picks) -> pl.LazyFrame:
    """The rows as Polars reads them, which stops at a line of too many fields only where all columns are looked at."""
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
    every = pl.all_horizontal(pl.col(str(i)).is_null() for i in range(dialect.width)).alias(WHOLE)
    return scanned.select(pl.col("line").cast(pl.Int64), every, **{name: pl.col(str(i)) for name, i in picks.items()})


def _read_carefully(text: Text, dialect: Dialect, totals: Totals, picks: Picks) -> Rows:
    frames, malformed, left_out = [], [], 0
    lines: list[int] = []
    records: list[list[str]] = []
    for batch in read_records((n_line for n_line in _lines(text) if n_line[0] > dialect.header_line), dialect):
        batch, found = without_totals(batch, dialect, totals)
        left_out += len(found) if totals.is_declared else 0
        lines += batch.lines
        records += batch.records
        malformed += [(m.line, m.code, m.text) for m in (*batch.malformed, *([] if totals.is_declared else found))]
        if len(records) >= MOST_RECORDS_A_FRAME:
            frames.append(_frame(lines, records, picks))
            lines, records = [], []
    frames.append(_frame(lines, records, picks))
    frame, none = pl.concat(frames), pl.DataFrame(malformed, schema=MALFORMED, orient="row").sort("line")
    repeats = pl.all_horizontal(pl.col(name) == dialect.header[at] for name, at in picks.items()).fill_null(False)
    repeated = frame.filter(repeats).select("line", code=pl.lit("CT3007"), raw=pl.lit(",".join(dialect.header)))
    frame = frame.filter(~repeats).with_columns(pl.lit(True).alias(WHOLE))
    return Rows(frame.lazy(), len(frame), pl.concat([none, repeated]), totals=left_out)


def _lines(text: Text) -> Iterator[Line]:
    """Every line with its number, without what ends it."""
    with text.path.open(encoding="utf-8", newline="\n") as file:
        file.read(1 if text.mark_bytes else 0)
        for number, line in enumerate(file, 1):
            yield number, line.removesuffix("\n").removesuffix("\r")


def _frame(lines: list[int], records: list[list[str]], picks: Picks) -> pl.DataFrame:
    columns = {name: pl.Series(name, [r[i] for r in records], dtype=pl.String()) for name, i in picks.items()}
    return pl.DataFrame({"line": pl.Series("line", lines, dtype=pl.Int64()), **columns})
