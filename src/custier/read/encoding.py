"""Bytes of a text export → UTF-8 with line feeds; the encoding is declared, or decided over the whole file, never guessed."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from custier.errors import InputError, Problem
from custier.read.candidates import is_common, is_surely, is_usual
from custier.read.files import cut_off
from custier.read.scan import Scan, line_longer_than, scan
from custier.read.transcode import decode, rewrite
from custier.read.unfit import declared_otherwise, unfit, zeros

LONGEST_LINE_BYTES = 2 << 20
SAVE_AS_CSV = "save it as CSV in UTF-8"
OTHER_KINDS = {
    b"PK\x03\x04": "a workbook or zip archive",
    b"\xd0\xcf\x11\xe0": "an old workbook",
    b"\x1f\x8b": "a gzip file without .gz in its name",
    b"\x28\xb5\x2f\xfd": "a zstd file without .zst in its name",
    b"PAR1": "a Parquet file without .parquet in its name",
}
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
SURER = {"utf-16-le": (), "utf-16-be": (), **dict.fromkeys(("cp1252", "iso8859-1", "iso8859-15", "mac-roman"), ("utf-8", "gb18030"))}
"""Whatever is whole text in one of these is that, though it decodes as it was declared; UTF-8 where nothing is said here."""


@dataclass(frozen=True)
class Text:
    """An export as UTF-8 with lines ended by line feeds; its first `mark_bytes` are no text."""

    path: Path
    encoding: str  # how the export itself is written: utf-8, utf-8-sig, gb18030, utf-16-le, cp1252, …
    mark_bytes: int
    lines: int
    has_quotes: bool
    ends_in_line: bool = False  # the last line has no line end
    longest_line: int = 0  # in bytes
    has_long_line: bool = False  # so long that a cell of it may be too long


def as_utf8(plain: Path, scratch: Path, name: str, source: str, declared: str | None = None) -> Text:
    """The text of a file; raises InputError (CT2005, CT2008, CT2101, CT2102, CT6213)."""
    mark, has_zeros = _mark(plain, name), _has_zeros(plain)
    encoding = MARKS.get(mark) or declared
    if mark and declared not in (None, encoding, "utf-16"):
        raise declared_otherwise(name, source, MARKS[mark], declared)
    if encoding == "utf-16" or has_zeros is not (encoding or "").startswith("utf-16"):
        raise zeros(plain, name, source, declared)
    text = _read(plain, scratch, encoding, name, source)
    if text.longest_line > LONGEST_LINE_BYTES:
        where = f"{name}:{line_longer_than(text.path, LONGEST_LINE_BYTES)}"
        raise InputError(
            Problem("CT6213", f"has a line of more than {LONGEST_LINE_BYTES >> 20} MiB", where, "check that the file has line ends")
        )
    if _has_zeros(text.path):
        raise zeros(plain, name, source, encoding)
    return text


def _mark(plain: Path, name: str) -> bytes:
    """The mark of an encoding that the file starts with; refuses what is no text."""
    with plain.open("rb") as file:
        head = file.read(4)
    for magic, kind in OTHER_KINDS.items():
        if head.startswith(magic):
            raise InputError(Problem("CT2005", f"is {kind}, not a text", name, SAVE_AS_CSV))
    return next((mark for mark in MARKS if head.startswith(mark)), b"")


def _has_zeros(plain: Path) -> bool:
    """Whether there is a zero byte in the header, as in binary files and in UTF-16 without a mark."""
    with plain.open("rb") as file:
        return b"\0" in re.split(rb"[\r\n]", file.read(4096), maxsplit=1)[0]


def _read(plain: Path, scratch: Path, encoding: str | None, name: str, source: str) -> Text:
    if encoding not in (None, "utf-8"):
        return _rewritten(plain, scratch, encoding, name, source)
    seen = scan(plain)
    if seen.bad_byte is not None:
        if encoding is None and not seen.ends_in_character:
            return _as_chinese(plain, scratch, name, source)
        stopped = decode(plain, "utf-8")
        raise cut_off(name, stopped.lines + 1) if seen.ends_in_character else unfit(plain, name, source, [stopped], encoding)
    marked = _mark(plain, name) != b""
    if seen.has_bare_returns:
        plain, _ = rewrite(plain, scratch, "utf-8")
        return _text(plain, "utf-8-sig" if marked else "utf-8", scan(plain))
    return _text(plain, "utf-8-sig" if marked else "utf-8", seen, len(codecs.BOM_UTF8) if marked else 0)


def _text(path: Path, encoding: str, seen: Scan, mark_bytes: int = 0) -> Text:
    return Text(path, encoding, mark_bytes, seen.lines, seen.has_quotes, seen.ends_in_line, seen.longest_line, seen.has_long_line)


def _as_chinese(plain: Path, scratch: Path, name: str, source: str) -> Text:
    """Text that is not UTF-8 and was not declared."""
    path, found = rewrite(plain, scratch, "gb18030")
    if found.stop is None and is_usual(found) and is_common(found):
        return _text(path, "gb18030", scan(path))
    if found.stop is not None and found.stop.ends_early and found.foreign and is_usual(found) and is_common(found):
        raise cut_off(name, found.lines + 1)
    tried = [decode(plain, "utf-8"), *([found] if found.stop is not None and is_usual(found) else [])]
    raise unfit(plain, name, source, tried, None)


def _rewritten(plain: Path, scratch: Path, encoding: str, name: str, source: str) -> Text:
    """Text in a declared or marked encoding; what is UTF-8 to its last byte is no other, whatever else it decodes as."""
    path, found = rewrite(plain, scratch, encoding)
    if found.stop is not None:
        early = found.stop.ends_early and is_usual(found)
        raise cut_off(name, found.lines + 1) if early else unfit(plain, name, source, [found], encoding)
    for other in (other for other in SURER.get(encoding, ("utf-8",)) if found.foreign):
        if is_surely(decode(plain, other)):
            raise declared_otherwise(name, source, other, encoding)
    return _text(path, encoding, scan(path))
