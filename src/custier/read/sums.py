"""The SHA-256 that an export should have, where a file beside it says so: a copy that lost its end is seen no other way."""

from __future__ import annotations

import re
from concurrent.futures import Future
from pathlib import Path

from custier.errors import Problem
from custier.read.files import SUM_SUFFIX, unreadable

SUM = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{64}(?![0-9A-Fa-f])")
MOST_SUM_BYTES = 1 << 20


def other_content(path: Path, name: str, digest: Future[str]) -> Problem | None:
    """CT2112 where a file beside the export says that it should have other bytes; raises InputError (CT2003)."""
    beside = path.with_name(path.name + SUM_SUFFIX)
    if not beside.is_file():
        return None
    try:
        told = beside.read_bytes()[:MOST_SUM_BYTES].decode("utf-8-sig", "replace").splitlines()
    except OSError as error:
        raise unreadable(beside, error) from None
    sums = [(found[0].lower(), line) for line in told if (found := SUM.search(line))]
    own = [found for found, line in sums if path.name in line] or [found for found, _ in sums if len(sums) == 1]
    if own == [digest.result()]:
        return None
    what = "has other bytes than its .sha256 file says" if own else "has a .sha256 file without its sum"
    return Problem("CT2112", what, name, f"copy both again; if the export was corrected since, remove {beside.name}")
