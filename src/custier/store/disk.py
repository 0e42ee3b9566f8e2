"""How anything reaches the disk: whole and flushed under its final name, or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from custier.errors import OutputError, Problem, StoreError

FILE_MODE, DIRECTORY_MODE = 0o600, 0o700
NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_FOLLOW
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def saving(path: Path) -> Iterator[None]:
    """Turn an OSError of the block into an OutputError that names the file and the cure."""
    try:
        yield
    except OSError as error:
        raise OutputError(_cannot_write(error, path)) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn an OSError of the block into a StoreError: a file of the store cannot be read."""
    try:
        yield
    except OSError as error:
        what = f"a file of the store cannot be read: {_reason(error)}"
        raise StoreError(Problem("CT5306", what, str(path), "check the permissions and the disk, then `custier verify RUN`")) from error


@contextmanager
def whole_file(path: Path, *, via: Path | None = None) -> Iterator[BinaryIO]:
    """A file to write that takes the name `path` only when the block ended well and every byte is on the disk.

    Until then it lives in `via` (the folder of `path` by default), which must be on the same filesystem.
    Raises OutputError; whatever goes wrong, `path` is what it was and nothing is left beside it.
    """
    part = (via or path.parent) / f".{path.name}.{os.getpid()}.part"
    with saving(path):
        part.unlink(missing_ok=True)
        try:
            with os.fdopen(os.open(part, _NEW_FILE, FILE_MODE), "wb") as file:
                yield file
                file.flush()
                sync(file.fileno())
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise


@contextmanager
def whole_path(path: Path) -> Iterator[Path]:
    """The same for a writer that wants a path instead of an open file: it is given an empty private file to write over."""
    with whole_file(path) as file:
        yield path.parent / f".{path.name}.{os.getpid()}.part"
        file.seek(0, os.SEEK_END)


def sync(descriptor: int) -> None:
    """Push one open file to the disk itself; on macOS fsync alone stops at the drive's cache."""
    os.fsync(descriptor)
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)


def sync_directory(path: Path) -> None:
    """Make the names in a folder durable: new files, renames, removals."""
    if os.name == "nt":  # has no such call; its renames are journaled
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network filesystems cannot flush a folder and say so
            raise
    finally:
        os.close(descriptor)


def sync_tree(directory: Path) -> None:
    """Flush every file and folder below, and make each private to its owner."""
    for folder, _, names in os.walk(directory, topdown=False):
        for name in names:
            _settle(Path(folder, name), FILE_MODE)
        _settle(Path(folder), DIRECTORY_MODE)


def _settle(path: Path, mode: int) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY | NO_FOLLOW)
    try:
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private_directory(path: Path) -> None:
    """Create a folder only its owner can enter; an existing one is kept, a link or a file is refused."""
    try:
        path.mkdir(DIRECTORY_MODE)
    except FileExistsError:
        if not stat.S_ISDIR(path.lstat().st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from None
    else:
        sync_directory(path.parent)


def read_bytes(path: Path, at_most: int = -1) -> bytes:
    """The content of a regular file; a link is not followed."""
    with os.fdopen(os.open(path, os.O_RDONLY | NO_FOLLOW), "rb") as file:
        return file.read(at_most)


def _reason(error: OSError) -> str:
    return (os.strerror(error.errno) if error.errno else "the disk refused").lower()


def _cannot_write(error: OSError, path: Path) -> Problem:
    where = str(path)
    if error.errno in _FULL:
        return Problem("CT5001", f"the disk is full: {_reason(error)}", where, "free some space, then run the same command again")
    if error.errno in _DENIED:
        cure = "give yourself write permission there or choose another folder, then run the same command again"
        return Problem("CT5002", f"no permission to write: {_reason(error)}", where, cure)
    if error.errno in (errno.ENOTDIR, errno.EISDIR, errno.ELOOP):
        return Problem("CT5004", f"something else is in the way: {_reason(error)}", where, "move it away or choose another folder")
    cure = "check the disk or the network share, then run the same command again"
    return Problem("CT5003", f"writing failed: {_reason(error)}", where, cure)
