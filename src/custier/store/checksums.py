"""`SHA256SUMS` of a run, in the form that `sha256sum -c` checks."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from custier.errors import Problem
from custier.store.disk import NO_FOLLOW, read_bytes, whole_file

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_CURE = "restore the run from a backup, or `custier rollback` to another"


def write_checksums(directory: Path, known: Mapping[str, str]) -> None:
    """List the SHA-256 of every file below, sorted by name; known: those taken already. Raises OSError or OutputError."""
    lines = [f"{known.get(name) or sha256_of(directory / name)}  {name}\n" for name in files_below(directory)]
    with whole_file(directory / SUMS) as file:
        file.write("".join(lines).encode())


def files_below(directory: Path) -> list[str]:
    """Every file below but the list itself, with forward slashes, sorted; links count as files."""
    found = []
    for folder, folders, names in os.walk(directory):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        found += [Path(folder, name).relative_to(directory).as_posix() for name in names + links]
    return sorted(name for name in found if name != SUMS)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a regular file, in hex. Raises OSError, also for links and pipes."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    with os.fdopen(os.open(path, os.O_RDONLY | NO_FOLLOW), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_files(directory: Path) -> list[Problem]:
    """What differs between a run's files and its list; empty when nothing does."""
    try:
        wanted = listed_sums(directory)
    except (OSError, ValueError):
        return [Problem("CT5306", "the list of checksums is missing or unreadable", str(directory / SUMS), _CURE)]
    there = set(files_below(directory))
    return (
        [Problem("CT5302", "a file of the run is missing", str(directory / name), _CURE) for name in wanted if name not in there]
        + [problem for name in wanted if name in there for problem in _check_file(directory / name, wanted[name])]
        + [
            Problem("CT5303", "a file is not part of the run", str(directory / name), "move it out: runs do not change once made")
            for name in sorted(there - wanted.keys())
        ]
    )


def check_named(directory: Path, names: Sequence[str], at_most: int | None = None) -> list[Problem]:
    """The same for these files alone; those larger than `at_most` bytes need only be there."""
    try:
        wanted = listed_sums(directory)
    except (OSError, ValueError):
        return [Problem("CT5306", "the list of checksums is missing or unreadable", str(directory / SUMS), _CURE)]
    there = {name for name in names if (directory / name).is_file()}
    small = [name for name in names if name in there and (at_most is None or (directory / name).stat().st_size <= at_most)]
    missing = [Problem("CT5302", "a file of the run is missing", str(directory / name), _CURE) for name in names if name not in there]
    return missing + [problem for name in small for problem in _check_file(directory / name, wanted.get(name, ""))]


def _check_file(path: Path, wanted: str) -> list[Problem]:
    try:
        found = sha256_of(path)
    except OSError:
        return [Problem("CT5306", "a file of the run cannot be read", str(path), _CURE)]
    return [] if found == wanted else [Problem("CT5301", "a file of the run does not match its checksum", str(path), _CURE)]


def listed_sums(directory: Path) -> dict[str, str]:
    """The files of a run's list and their checksums. Raises OSError, or ValueError for what is no such list."""
    lines = [_LINE.fullmatch(line) for line in read_bytes(directory / SUMS).decode().removesuffix("\n").split("\n")]
    if not all(lines):
        raise ValueError("a line is not a checksum and a name")
    return {line[2]: line[1] for line in lines if line}
