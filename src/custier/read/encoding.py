"""Bytes of a text export → UTF-8 with line feeds; the encoding is decided over the whole file, never guessed."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from custier.errors import InputError, Problem
from custier.read.files import cut_off
from custier.read.scan import Scan, chunks, line_of, scan

LONGEST_LINE_BYTES = 2 << 20
SAVE_AS_CSV = "save it as CSV in UTF-8"
OTHER_KINDS = {
    b"PK\x03\x04": "a workbook or zip archive",
    b"\xd0\xcf\x11\xe0": "an old workbook",
    b"\x1f\x8b": "a gzip file without .gz in its name",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
}
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SAMPLE_CHARACTERS = 20_000


@dataclass(frozen=True)
class Text:
    """An export as UTF-8 with lines ended by line feeds; its first `mark_bytes` are no text."""

    path: Path
    encoding: str  # utf-8 | utf-8-sig | gb18030: how the export itself is written
    mark_bytes: int
    lines: int
    has_quotes: bool
    ends_in_line: bool = False  # the last line has no line end


def as_utf8(plain: Path, scratch: Path, name: str) -> Text:
    """The text of a file; raises InputError (CT2005, CT2008, CT2101, CT2102, CT6213)."""
    marked, seen = _starts_with_mark(plain, name), scan(plain)
    if seen.longest_line > LONGEST_LINE_BYTES:
        raise InputError(
            Problem("CT6213", f"has a line of more than {LONGEST_LINE_BYTES >> 20} MiB", name, "check that the file has line ends")
        )
    if seen.ends_in_character:
        raise cut_off(name, seen.lines)
    encoding = "gb18030" if seen.bad_byte is not None else "utf-8-sig" if marked else "utf-8"
    if encoding == "gb18030" or seen.returns_only:
        plain = _rewrite(plain, scratch, name, encoding, seen)
        seen, marked = scan(plain), False
    return Text(plain, encoding, len(codecs.BOM_UTF8) if marked else 0, seen.lines, seen.quotes > 0, seen.ends_in_line)


def _starts_with_mark(plain: Path, name: str) -> bool:
    """Whether the file starts with the UTF-8 mark; refuses what is no text."""
    with plain.open("rb") as file:
        head = file.read(4096)
    for magic, kind in OTHER_KINDS.items():
        if head.startswith(magic):
            raise InputError(Problem("CT2005", f"is {kind}, not a text", name, SAVE_AS_CSV))
    header = re.split(rb"[\r\n]", head, maxsplit=1)[0]
    if head.startswith(UTF_16) or b"\0" in header:
        kind = "UTF-16" if head.startswith(UTF_16) or header.count(b"\0") * 3 > len(header) else "binary"
        raise InputError(Problem("CT2102", f"is {kind}, not UTF-8 or GB18030", f"{name}:1", SAVE_AS_CSV))
    return head.startswith(codecs.BOM_UTF8)


def _rewrite(plain: Path, scratch: Path, name: str, encoding: str, seen: Scan) -> Path:
    """The text in the scratch directory as UTF-8, with carriage returns as line feeds where it has no other line ends."""
    target = scratch / f"{len(list(scratch.iterdir()))}.txt"
    decoder = codecs.getincrementaldecoder(encoding)()
    foreign, at, pending = "", 0, 0
    try:
        with target.open("wb") as out:
            for chunk in chunks(plain):
                pending = len(decoder.getstate()[0])
                text = decoder.decode(chunk)
                at += len(chunk)
                out.write((text.replace("\r", "\n") if seen.returns_only else text).encode())
                foreign += "" if len(foreign) > SAMPLE_CHARACTERS else "".join(re.findall(r"[^\x00-\x7f]+", text))
            pending = len(decoder.getstate()[0])
            out.write(decoder.decode(b"", final=True).encode())
    except UnicodeDecodeError as error:
        is_cut_off = error.reason.startswith("incomplete") and foreign and not _is_western(foreign)
        before = foreign + "".join(re.findall(r"[^\x00-\x7f]+", error.object[: error.start].decode(encoding)))
        stopped = None if _is_western(before) else at - pending + error.start
        raise (cut_off(name, seen.lines) if is_cut_off else _not_text(plain, name, seen, stopped)) from None
    if encoding == "gb18030" and _is_western(foreign):
        raise _not_text(plain, name, seen)
    return target


def _is_western(characters: str) -> bool:
    """Latin-1 text often decodes as GB18030: an accented letter and the ASCII letter after it become one rare character."""
    rare = sum(1 for c in characters if len(b := c.encode("gb18030")) == 2 and b[1] < 0x80)
    return rare * 2 > len(characters)


def _not_text(plain: Path, name: str, seen: Scan, stopped: int | None = None) -> InputError:
    """CT2101 at the byte where the text stops to be of the encoding that came further; `stopped`: where it stops to be GB18030."""
    byte = max(seen.bad_byte or 0, stopped or 0)
    line = line_of(plain, byte, b"\r" if seen.returns_only else b"\n")
    first = f", nor UTF-8 from byte {seen.bad_byte} on" if seen.bad_byte != byte else ""
    what = f"is no GB18030 from byte {byte} on{first}" if first else f"is neither UTF-8 nor GB18030 from byte {byte} on"
    return InputError(Problem("CT2101", what, f"{name}:{line}", "save it in UTF-8; in Excel: CSV UTF-8 (comma delimited)"))
