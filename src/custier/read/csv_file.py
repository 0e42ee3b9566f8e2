"""Text exports: separated cells, every one read as text, with physical line numbers and no line lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import polars as pl

from custier.errors import InputError, Problem
from custier.read.dialect import Dialect, find_dialect
from custier.read.encoding import Text, as_utf8
from custier.read.export import MALFORMED, WHOLE, Export, Picks, Rows
from custier.read.files import cut_off
from custier.read.records import Line, is_cut_off, read_records
from custier.read.regular import odd_lines, read_regular
from custier.read.separators import cells
from custier.read.totals import CODE as TOTAL
from custier.read.totals import Totals, totals_of, without_totals
from custier.read.unpack import unpack
from custier.rubric.model import Source
from custier.values import InputFile

HEADER_AGAIN = "CT3007"
MOST_RECORDS_A_FRAME = 200_000
MOST_CELL_CHARACTERS = 64 << 10


def open_csv(source: str, path: Path, name: str, scratch: Path, spec: Source) -> Export:
    """A text export, unpacked and in UTF-8; raises InputError (CT2003 … CT2110, CT2201, CT62xx, CT6302)."""
    before = path.stat()
    text = as_utf8(unpack(path, scratch, name), scratch, name, source, spec.encoding)
    dialect = find_dialect(text, name, source, spec)
    if text.has_long_line:
        _refuse_long_cells(text, dialect, name)
    file = InputFile(source, str(path), name, "", before.st_size, "csv", text.encoding, dialect.separator, 0)
    read_rows = partial(_read_rows, name, text, dialect, totals_of(spec.total_lines))
    return Export(file, dialect.header, (pl.String(),) * dialect.width, read_rows, dialect.not_a_header)


def _refuse_long_cells(text: Text, dialect: Dialect, name: str) -> None:
    for number, line in _lines(text):
        if len(line) > MOST_CELL_CHARACTERS and max(map(len, cells(line, dialect.separator) or [line])) > MOST_CELL_CHARACTERS:
            what = f"has a cell of more than {MOST_CELL_CHARACTERS >> 10} KiB"
            cure = "leave that column out of the export, or shorten its cell"
            raise InputError(Problem("CT6215", what, f"{name}:{number}", cure))


def _read_rows(name: str, text: Text, dialect: Dialect, totals: Totals, picks: Picks, carefully: bool) -> Rows:
    if not carefully and (rows := _read_quickly(text, dialect, totals, picks)) is not None:
        return rows
    below = (line for line in _lines(text) if line[0] > dialect.header_line)
    rows = _read_carefully(below, dialect, totals, picks)
    last = rows.malformed.tail(1).filter(pl.col("line") == text.lines, pl.col("code") != TOTAL)["raw"]
    if text.ends_in_line and len(last) and is_cut_off(last[0], dialect):
        raise cut_off(name, text.lines)
    return rows


def _read_quickly(text: Text, dialect: Dialect, totals: Totals, picks: Picks) -> Rows | None:
    """The rows, where all but totals and repeated headers are plainly such; None where a line needs a closer look."""
    odd = odd_lines(text, dialect, totals)
    if odd is None or any(_stops_a_reader(number, line, dialect) for number, line in odd):
        return None
    aside = _read_carefully(odd, dialect, totals, picks)
    if not set(aside.malformed["code"]) <= {TOTAL, HEADER_AGAIN}:
        return None
    left_out = {number for number, _ in odd} - set(aside.frame.select("line").collect()["line"])
    count = text.lines - dialect.header_line - len(left_out)
    return Rows(read_regular(text, dialect, picks, left_out), count, aside.malformed, totals=aside.totals)


def _stops_a_reader(number: int, line: str, dialect: Dialect) -> bool:
    """Polars stops at a line of too many cells, and at a first line of too few."""
    width = len(cells(line, dialect.separator))
    return width > dialect.width or (number == dialect.header_line + 1 and width < dialect.width)


def _read_carefully(below: Iterable[Line], dialect: Dialect, totals: Totals, picks: Picks) -> Rows:
    frames, malformed, left_out = [], [], 0
    lines: list[int] = []
    records: list[list[str]] = []
    for batch in read_records(below, dialect):
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
    repeats = pl.all_horizontal(
        pl.col(name).str.strip_prefix("\ufeff").str.strip_chars() == dialect.header[at] for name, at in picks.items()
    ).fill_null(False)
    repeated = frame.filter(repeats).select("line", code=pl.lit(HEADER_AGAIN), raw=pl.lit(",".join(dialect.header)))
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
