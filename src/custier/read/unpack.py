"""A packed export (.gz, .zst, .zip) → its plain bytes in the scratch directory, within limits."""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from custier.errors import InputError, Problem
from custier.read.scan import CHUNK_BYTES

MOST_BYTES = 20 * 10**9
MOST_RATIO = 200
RATIO_COUNTS_FROM_BYTES = 10 * 10**6
LOCKED = 1
GZIP = 16 + zlib.MAX_WBITS
ZSTD_STEP_BYTES = 4 << 10
"""So much at once, since it may unpack to thirty thousand times as much."""


class _NotWhole(Exception):
    """A packed file that ends early, or holds something else as well."""


def unpack(path: Path, scratch: Path, name: str) -> Path:
    """The plain file of a packed one; any other file is its own. Raises InputError (CT2006, CT6211, CT6212, CT6302)."""
    suffix = path.suffix.lower()
    if suffix not in PACKED:
        return path
    kind, pieces = PACKED[suffix]
    plain = scratch / f"{len(list(scratch.iterdir()))}-{path.stem[-80:]}"
    try:
        _inflate(path, plain, name, pieces)
    except (_NotWhole, zlib.error):
        cure = f"export or copy it again, or name the file without {suffix}"
        raise InputError(Problem("CT2006", f"is not a whole {kind} file", name, cure)) from None
    return plain


def _inflate(path: Path, plain: Path, name: str, pieces: Pieces) -> None:
    made = 0
    with path.open("rb") as packed, plain.open("wb") as target:
        for data in pieces(packed, name):
            made += target.write(data)
            _keep_limits(packed.tell(), made, name)


def _gzip(packed: BinaryIO, name: str) -> Iterator[bytes]:
    member = zlib.decompressobj(GZIP)
    while chunk := packed.read(CHUNK_BYTES):
        while chunk:
            member = zlib.decompressobj(GZIP) if member.eof else member
            yield member.decompress(chunk, CHUNK_BYTES)
            chunk = member.unused_data if member.eof else member.unconsumed_tail
    if not member.eof:
        raise _NotWhole


def _zstd(packed: BinaryIO, name: str) -> Iterator[bytes]:
    start, error = _zstd_library()
    frame = start()
    while chunk := packed.read(ZSTD_STEP_BYTES):
        while chunk:
            frame = start() if frame.eof else frame
            try:
                yield frame.decompress(chunk)
            except error:
                raise _NotWhole from None
            chunk = frame.unused_data if frame.eof else b""
    if not frame.eof:
        raise _NotWhole


def _zstd_library() -> tuple[Callable[[], Any], type[Exception]]:
    """What makes a decompressor of one frame, and how that fails; Python has its own from 3.14 on."""
    if sys.version_info >= (3, 14):
        from compression import zstd

        return zstd.ZstdDecompressor, zstd.ZstdError
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj, zstandard.ZstdError


def _zip(packed: BinaryIO, name: str) -> Iterator[bytes]:
    from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

    try:
        with ZipFile(packed) as archive:
            members = archive.infolist()
            if len(members) != 1:
                raise _refused(f"holds {len(members)} members, not one export alone", name)
            if set("/\\") & set(members[0].filename):
                raise _refused("holds its export under a path", name)
            if members[0].filename.lower().endswith(tuple(PACKED)):
                raise _refused("holds another archive", name)
            if members[0].flag_bits & LOCKED or members[0].compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise _refused("is locked by a password, or packed in an unusual way", name)
            with archive.open(members[0]) as member:
                while data := member.read(CHUNK_BYTES):
                    yield data
    except (BadZipFile, EOFError, ValueError, NotImplementedError, OverflowError, struct.error):
        raise _NotWhole from None


def _refused(what: str, name: str) -> InputError:
    return InputError(Problem("CT6302", what, name, "unpack it yourself and name the files that it holds"))


Pieces = Callable[[BinaryIO, str], Iterator[bytes]]
PACKED: dict[str, tuple[str, Pieces]] = {".gz": ("gzip", _gzip), ".zst": ("zstd", _zstd), ".zip": ("zip", _zip)}
"""Suffix → what such a file is called, and how its plain bytes are read piece by piece."""


def _keep_limits(taken: int, made: int, name: str) -> None:
    if made > MOST_BYTES:
        raise InputError(Problem("CT6211", f"unpacks to more than {MOST_BYTES // 10**9} GB", name, "split the export into several files"))
    if made > RATIO_COUNTS_FROM_BYTES and made > MOST_RATIO * taken:
        cure = "if it is genuine, unpack it yourself and name the plain file"
        raise InputError(Problem("CT6212", f"unpacks to more than {MOST_RATIO} times its size", name, cure))
