"""One pass over the bytes of a text: where it stops being UTF-8, how many line ends and quotes it has, its longest line."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

CHUNK_BYTES = 1 << 20


@dataclass
class Scan:
    """What the pass counts; a line end is a line feed or a carriage return."""

    bad_byte: int | None = None  # offset of the first byte that is not UTF-8
    line_feeds: int = 0
    returns: int = 0
    quotes: int = 0
    longest_line: int = 0
    ends_in_line: bool = False
    ends_in_character: bool = False  # all is UTF-8 but the last character, which lacks bytes

    @property
    def lines(self) -> int:
        return self.line_feeds + self.ends_in_line

    @property
    def returns_only(self) -> bool:
        return self.returns > 0 and self.line_feeds == 0


def scan(path: Path) -> Scan:
    """Counts of a file's bytes."""
    seen, decoder, at, open_bytes = Scan(), codecs.getincrementaldecoder("utf-8")(), 0, 0
    for chunk in chain(chunks(path), [b""]):
        if seen.bad_byte is None:
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                seen.bad_byte, seen.ends_in_character = at - pending + error.start, not chunk
        at += len(chunk)
        open_bytes = _count(chunk, seen, open_bytes) if chunk else open_bytes
    return seen


def _count(chunk: bytes, seen: Scan, open_bytes: int) -> int:
    """Adds a chunk's counts; returns the bytes of the line that it leaves open."""
    seen.line_feeds += chunk.count(b"\n")
    seen.returns += chunk.count(b"\r")
    seen.quotes += chunk.count(b'"')
    seen.ends_in_line = not chunk.endswith(b"\n")
    ends = [i for i in (chunk.find(b"\n"), chunk.find(b"\r")) if i >= 0]
    seen.longest_line = max(seen.longest_line, open_bytes + (min(ends) if ends else len(chunk)))
    return len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) if ends else open_bytes + len(chunk)


def chunks(path: Path) -> Iterator[bytes]:
    """A file's bytes, a MiB at a time."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def line_of(path: Path, byte: int, line_end: bytes) -> int:
    """The physical line that a byte offset is on."""
    line, at = 1, 0
    for chunk in chunks(path):
        if at + len(chunk) >= byte:
            return line + chunk.count(line_end, 0, byte - at)
        line, at = line + chunk.count(line_end), at + len(chunk)
    return line
