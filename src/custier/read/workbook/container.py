"""Whether an old workbook (.xls) can be opened without harm: its chains of sectors end, and no cell is beyond what a sheet holds.

The library that reads it follows a chain that goes in a circle, and fills up a sheet to its last cell, until the memory is full.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

HEADER_BYTES, SECTORS_IN_HEADER = 512, 109
LAST_SECTOR = 0xFFFF_FFFA
ENTRY_BYTES = 128
STREAMS = ("Workbook", "Book")
CELLS = {0x0006, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x00BD, 0x00BE}
"""Records of a cell, or of several beside each other; all begin with a row and a column."""
SEVERAL = {0x00BD, 0x00BE}
DIMENSIONS = 0x0200
MOST_COLUMNS, MOST_ROWS = 256, 65_536


class Unsound(Exception):
    """A container that is no whole one."""


def is_too_far(content: bytes) -> bool:
    """Whether cells, or what a sheet says of its size, are beyond a sheet; raises Unsound."""
    return any(rows > MOST_ROWS or columns > MOST_COLUMNS for rows, columns in _reaches(_workbook(content)))


def _workbook(content: bytes) -> bytes:
    """The stream of the workbook, found by its name in the directory."""
    try:
        (power,), (first_directory,) = struct.unpack_from("<H", content, 30), struct.unpack_from("<I", content, 48)
        small, first_small = struct.unpack_from("<II", content, 56)
    except struct.error:
        raise Unsound from None
    if power not in (9, 12):
        raise Unsound
    size = 1 << power
    table = _table(content, size)
    _refuse_circles(table)
    _refuse_circles(_words(b"".join(_sectors(content, table, first_small, size))))
    directory = b"".join(_sectors(content, table, first_directory, size))
    found = []
    for at in range(0, len(directory) - ENTRY_BYTES + 1, ENTRY_BYTES):
        name = directory[at : at + 64].decode("utf-16-le", "replace").partition("\0")[0]
        start, length = struct.unpack_from("<II", directory, at + 116)
        if name in STREAMS and length < small:  # such a stream would lie elsewhere, and Excel makes none
            raise Unsound
        found += [b"".join(_sectors(content, table, start, size))[:length]] if name in STREAMS else []
    if not found:
        raise Unsound
    return b"".join(found)


def _table(content: bytes, size: int) -> Sequence[int]:
    """For each sector the one that follows it."""
    places = list(struct.unpack_from(f"<{SECTORS_IN_HEADER}I", content.ljust(HEADER_BYTES, b"\0"), 76))
    (further,) = struct.unpack_from("<I", content, 68)
    for _ in range(len(content) // size + 1):
        if further >= LAST_SECTOR:
            break
        *more, further = _words(_sector(content, further, size))
        places += more
    else:
        raise Unsound
    return [word for place in places if place < LAST_SECTOR for word in _words(_sector(content, place, size))]


def _refuse_circles(table: Sequence[int]) -> None:
    walked = [0] * len(table)
    for start in range(len(table)):
        at = start
        while at < len(table) and not walked[at]:
            walked[at] = start + 1
            at = table[at]
        if at < len(table) and walked[at] == start + 1:
            raise Unsound


def _sectors(content: bytes, table: Sequence[int], start: int, size: int) -> Iterator[bytes]:
    while start < LAST_SECTOR:
        if start >= len(table):
            raise Unsound
        yield _sector(content, start, size)
        start = table[start]


def _sector(content: bytes, place: int, size: int) -> bytes:
    at = (place + 1) * size
    if at >= len(content):
        raise Unsound
    return content[at : at + size].ljust(size, b"\0")


def _words(sector: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])


def _reaches(stream: bytes) -> Iterator[tuple[int, int]]:
    """Rows and columns up to each cell, and those that sheets say they have."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        at += 4
        if kind in CELLS and length >= 6 and at + length <= len(stream):
            row, column = struct.unpack_from("<HH", stream, at)
            last = struct.unpack_from("<H", stream, at + length - 2)[0] if kind in SEVERAL else column
            yield row + 1, max(column, last) + 1
        elif kind == DIMENSIONS and length >= 10 and at + length <= len(stream):
            rows, columns = struct.unpack_from("<I2xH", stream, at + 4) if length >= 14 else struct.unpack_from("<H2xH", stream, at + 2)
            yield rows, columns
        at += length
