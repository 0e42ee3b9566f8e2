"""One pass over the bytes of a text: where it stops being UTF-8, how many line ends and quotes it has, its longest line."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

CHUNK_BYTES = 1 << 18
"""So few that memory is taken once for all chunks and stays in the cache."""

BLOCK_BYTES = 1 << 15


@dataclass
class Scan:
    """What the pass counts; a line end is a line feed or a carriage return."""

    bad_byte: int | None = None  # offset of the first byte that is not UTF-8
    line_feeds: int = 0
    returns: int = 0
    pairs: int = 0  # carriage returns that a line feed follows
    has_quotes: bool = False
    longest_line: int = 0  # exact where it is longer than a chunk
    has_long_line: bool = False  # some line may be longer than BLOCK_BYTES; none is longer than twice that otherwise
    ends_in_line: bool = False
    ends_in_character: bool = False  # all is UTF-8 but the last character, which lacks bytes

    @property
    def lines(self) -> int:
        return self.line_feeds + self.ends_in_line

    @property
    def has_bare_returns(self) -> bool:
        """Whether some line ends by a carriage return alone."""
        return self.returns > self.pairs


def scan(path: Path) -> Scan:
    """Counts of a file's bytes."""
    seen, decoder, at, open_bytes, after_return = Scan(), codecs.getincrementaldecoder("utf-8")(), 0, 0, False
    for chunk in chain(chunks(path), [b""]):
        if seen.bad_byte is None:
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                seen.bad_byte, seen.ends_in_character = at - pending + error.start, not chunk
        at += len(chunk)
        open_bytes = _count(chunk, seen, open_bytes, after_return) if chunk else open_bytes
        after_return = chunk.endswith(b"\r")
    return seen


def _count(chunk: bytes, seen: Scan, open_bytes: int, after_return: bool) -> int:
    """Adds a chunk's counts; returns the bytes of the line that it leaves open."""
    seen.line_feeds += chunk.count(b"\n")
    if b"\r" in chunk:  # which is told at once where there is none
        seen.returns += chunk.count(b"\r")
        seen.pairs += chunk.count(b"\r\n")
    seen.pairs += after_return and chunk.startswith(b"\n")
    seen.has_quotes = seen.has_quotes or b'"' in chunk
    seen.ends_in_line = not chunk.endswith(b"\n")
    ends = [i for i in (chunk.find(b"\n"), chunk.find(b"\r")) if i >= 0]
    seen.longest_line = max(seen.longest_line, open_bytes + (min(ends) if ends else len(chunk)))
    whole_blocks = range(0, len(chunk) - BLOCK_BYTES + 1, BLOCK_BYTES)
    seen.has_long_line = seen.has_long_line or any(chunk.find(b"\n", at, at + BLOCK_BYTES) < 0 for at in whole_blocks)
    return len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) if ends else open_bytes + len(chunk)


def chunks(path: Path, start: int = 0) -> Iterator[bytes]:
    """A file's bytes from one on, chunk by chunk."""
    with path.open("rb") as file:
        file.seek(start)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def line_longer_than(path: Path, most_bytes: int) -> int:
    """The first line of more bytes than that, or the last line."""
    number, open_bytes = 1, 0
    for chunk in chunks(path):
        for at, part in enumerate(chunk.split(b"\n")):
            number, open_bytes = (number + 1, len(part)) if at else (number, open_bytes + len(part))
            if open_bytes > most_bytes:
                return number
    return number
