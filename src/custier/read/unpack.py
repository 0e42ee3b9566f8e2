"""A .gz export → its plain bytes in the scratch directory, within limits."""

from __future__ import annotations

import zlib
from pathlib import Path

from custier.errors import InputError, Problem
from custier.read.scan import CHUNK_BYTES

MOST_BYTES = 20 * 10**9
MOST_RATIO = 200
RATIO_COUNTS_FROM_BYTES = 10 * 10**6
GZIP = 16 + zlib.MAX_WBITS


def unpack(path: Path, scratch: Path, name: str) -> Path:
    """The plain file of a .gz; any other file is its own. Raises InputError (CT2006, CT6211, CT6212)."""
    if not path.name.lower().endswith(".gz"):
        return path
    plain = scratch / f"{len(list(scratch.iterdir()))}-{path.name[:-3][-80:]}"
    try:
        _inflate(path, plain, name)
    except zlib.error:
        raise InputError(
            Problem("CT2006", "is not a whole gzip file", name, "export or copy it again, or name the file without .gz")
        ) from None
    return plain


def _inflate(path: Path, plain: Path, name: str) -> None:
    taken = made = 0
    member = zlib.decompressobj(GZIP)
    with path.open("rb") as source, plain.open("wb") as target:
        while chunk := source.read(CHUNK_BYTES):
            taken += len(chunk)
            while chunk:
                member = zlib.decompressobj(GZIP) if member.eof else member
                data = member.decompress(chunk, CHUNK_BYTES)
                made += target.write(data)
                _keep_limits(taken, made, name)
                chunk = member.unused_data if member.eof else member.unconsumed_tail
        if not member.eof:
            raise zlib.error("ends early")


def _keep_limits(taken: int, made: int, name: str) -> None:
    if made > MOST_BYTES:
        raise InputError(Problem("CT6211", f"unpacks to more than {MOST_BYTES // 10**9} GB", name, "split the export into several files"))
    if made > RATIO_COUNTS_FROM_BYTES and made > MOST_RATIO * taken:
        cure = "if it is genuine, unpack it yourself and name the plain file"
        raise InputError(Problem("CT6212", f"unpacks to more than {MOST_RATIO} times its size", name, cure))
