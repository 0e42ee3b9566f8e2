"""What a user names as input → the files to read: plain local files, each once, in a fixed order."""

from __future__ import annotations

import errno
import glob
import hashlib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from custier.errors import InputError, OutputError, Problem, listed

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".xlsm", ".xls")
OPEN_IN_EXCEL = "~$"
"""What the name of the file begins with that Excel keeps beside a workbook while it is open."""

PACKED_SUFFIXES = (".gz", ".zst", ".zip")
SUM_SUFFIX = ".sha256"
"""Beside an export, a file of its name and this holds the SHA-256 that it should have."""


def find_files(inputs: Sequence[str]) -> list[Path]:
    """The files that these names, quoted globs and directories stand for, sorted, 9月 before 10月; raises InputError (CT20xx, CT2107)."""
    problems: list[Problem] = []
    found: set[Path] = set()
    for name in inputs:
        files, problem = _expand(name)
        found.update(files)
        problems += [problem] if problem else []
    paths = sorted(found, key=_by_numbers)
    problems = problems or [Problem("CT2001", "no input file is named", help="name a file, a quoted glob or a directory")] * (not paths)
    problems += [] if problems else [_unspeakable(path) for path in paths if not _is_utf8(path)]
    problems += [] if problems else _same_content(paths)
    if problems:
        raise InputError(problems)
    return paths


def _by_numbers(path: Path) -> tuple[list[str | int], str]:
    """A path to sort by, in which numbers count as such; those that differ in leading zeros alone as they are written."""
    return [int(part) if part.isdecimal() else part for part in re.split("([0-9]+)", str(path))], str(path)


def _expand(name: str) -> tuple[list[Path], Problem | None]:
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", name):
        return [], Problem("CT2002", "is an address, and only local files are read", name, "download the file and name its path")
    path = Path(name)
    try:
        if path.is_dir():
            files = [p for p in path.iterdir() if p.is_file() and not p.name.startswith((".", OPEN_IN_EXCEL)) and _readable_suffix(p)]
            looked_for = f"it is searched for {listed(SUFFIXES)} and the same with {listed(PACKED_SUFFIXES)}"
            empty = Problem("CT2004", "the directory holds no file to read", name, looked_for)
            return files, None if files else empty
        if path.exists():
            return (
                ([path], None) if path.is_file() else ([], Problem("CT2003", "is not a regular file", name, "copy its content to a file"))
            )
        files = [Path(p) for p in _matching(name) if Path(p).is_file()] if glob.has_magic(name) else []
    except (OSError, ValueError):
        return [], Problem("CT2003", "cannot be read", name, "check the path and its permissions")
    return files, None if files else Problem("CT2001", "no such file", name, "check the path, and quote a glob so that custier expands it")


def _is_utf8(path: Path) -> bool:
    try:
        return bool(str(path).encode())
    except UnicodeEncodeError:
        return False


def _unspeakable(path: Path) -> Problem:
    """Polars is handed names in UTF-8, and this one has bytes that are none, or that Python was told not to take as such."""
    renamed, told = "rename the file in ASCII or UTF-8", "set PYTHONUTF8=1, or rename the file in ASCII"
    return Problem("CT2009", "the name of the file is not UTF-8", str(path), renamed if sys.getfilesystemencoding() == "utf-8" else told)


def _matching(pattern: str) -> list[str]:
    return [p for p in glob.glob(pattern, recursive=True) if not p.endswith(SUM_SUFFIX)]  # noqa: PTH207 — the pattern may be absolute, and hidden files stay out


def _readable_suffix(path: Path) -> bool:
    name = path.name.lower()
    return name.endswith((*SUFFIXES, *(s + packed for s in SUFFIXES for packed in PACKED_SUFFIXES), ".zip"))


def _same_content(paths: list[Path]) -> Iterator[Problem]:
    """Two files with the same bytes would count every row twice."""
    by_size: dict[int, list[Path]] = {}
    for path in paths:
        by_size.setdefault(path.stat().st_size, []).append(path)
    for alike in by_size.values():
        first_with: dict[str, Path] = {}
        for path in alike if len(alike) > 1 else ():
            twin = first_with.setdefault(sha256_of(path), path)
            if twin is not path:
                yield Problem(
                    "CT2107", f"holds the same bytes as {twin}, so its rows would count twice", str(path), "leave one of the two out"
                )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes; raises InputError (CT2003)."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: OSError) -> InputError:
    return InputError(
        Problem("CT2003", f"cannot be read: {(error.strerror or 'unknown cause').lower()}", str(path), "check its permissions and the disk")
    )


def unpacking_failed(path: Path, scratch: Path, error: OSError) -> InputError | OutputError:
    """A disk that fills while an export is unpacked is no fault of the export."""
    if error.errno not in FULL:
        return unreadable(path, error)
    what = f"the disk is full: {(error.strerror or 'no space left').lower()}"
    return OutputError(Problem("CT5001", what, str(scratch), "free some space there, then run the same command again"))


def cut_off(name: str, line: int) -> InputError:
    cure = "export or copy it again; if nothing is missing, end the last line with a line end, or remove it where it is no row"
    return InputError(Problem("CT2008", "is cut off: its last line is not whole", f"{name}:{line}", cure))


def short_names(paths: Sequence[Path]) -> dict[Path, str]:
    """The shortest name of each file that no other file has: `a.csv`, or `2025/a.csv` and `2026/a.csv`."""
    named: dict[Path, str] = {}
    left = list(paths)
    for parts in range(1, max((len(p.parts) for p in left), default=0) + 1):
        names = ["/".join(p.parts[-parts:]) for p in left]
        named |= {p: n for p, n in zip(left, names, strict=True) if names.count(n) == 1}
        left = [p for p in left if p not in named]
    return {p: named.get(p, str(p)) for p in paths}
