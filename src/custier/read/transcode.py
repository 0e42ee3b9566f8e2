"""A text in any encoding → UTF-8 with line feeds, decoded strictly from its first byte to its last."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from custier.read.scan import chunks

SAMPLE_CHARACTERS = 20_000
SHOWN_BYTES = 2
FOREIGN = re.compile(r"[^\x00-\x7f]+")
EARLY = ("incomplete", "truncated", "unexpected end")
"""How decoders say that only the end of the last character is lacking."""


@dataclass(frozen=True)
class Stop:
    """The first byte that is no text in an encoding: its offset, what stands there, whether the file merely ends too early."""

    byte: int
    bad: bytes
    ends_early: bool

    @property
    def words(self) -> str:
        """`byte 2949 (0xE7 0x61)`"""
        return f"byte {self.byte} ({' '.join(f'0x{byte:02X}' for byte in self.bad)})"


@dataclass(frozen=True)
class Decoded:
    """How far a file is text in an encoding. lines: how many were ended; foreign: the first characters that are not ASCII."""

    encoding: str
    lines: int
    foreign: str
    runs: int  # in how many stretches these stand
    stop: Stop | None  # None where all of it is


def decode(plain: Path, encoding: str, write: Callable[[bytes], object] = len) -> Decoded:
    """How far a file is text in this encoding; written is its UTF-8, every line ended by a line feed, without a mark."""
    lines, foreign, runs, stop = 0, "", 0, None
    for piece in _lined(_texts(plain, encoding)):
        if isinstance(piece, Stop):
            stop = piece
            continue
        lines += piece.count("\n")
        if len(foreign) < SAMPLE_CHARACTERS and not piece.isascii():
            found = FOREIGN.findall(piece)
            foreign, runs = foreign + "".join(found), runs + len(found)
        write(piece.encode())
    return Decoded(encoding, lines, foreign, runs, stop)


def rewrite(plain: Path, scratch: Path, encoding: str) -> tuple[Path, Decoded]:
    """The text in a file of its own, as far as it can be decoded."""
    target = scratch / f"{len(list(scratch.iterdir()))}.txt"
    with target.open("wb") as file:
        return target, decode(plain, encoding, file.write)


def _lined(texts: Iterable[str | Stop]) -> Iterator[str | Stop]:
    """The same text with line feeds as its only line ends; one that begins in a piece may end in the next."""
    held, is_first = "", True
    for text in texts:
        if isinstance(text, Stop):
            yield text
            continue
        text = held + (text.removeprefix("\ufeff") if is_first else text)
        held, is_first = ("\r" if text.endswith("\r") else ""), is_first and not text
        text = text.removesuffix("\r")
        yield text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    yield "\n" if held else ""


def _texts(plain: Path, encoding: str) -> Iterator[str | Stop]:
    """The text piece by piece, and last where it stops to be one."""
    decoder, at, pending = codecs.getincrementaldecoder(encoding)(), 0, 0
    try:
        for chunk in chain(chunks(plain), [b""]):
            pending = len(decoder.getstate()[0])
            yield decoder.decode(chunk, final=not chunk)
            at += len(chunk)
    except UnicodeDecodeError as error:
        before, after = error.object[: error.start], error.object[error.start :]
        yield before.decode(encoding, "replace")  # a stateful encoding may have begun earlier
        yield Stop(at - pending + error.start, after[:SHOWN_BYTES], error.reason.startswith(EARLY))
