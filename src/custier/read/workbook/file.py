"""Whether a file is a workbook that may be opened: what it really is, how large it is unpacked, how far its cells reach."""

from __future__ import annotations

import errno
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from custier.errors import InputError, Problem
from custier.read.scan import CHUNK_BYTES
from custier.read.unpack import MOST_RATIO, RATIO_COUNTS_FROM_BYTES
from custier.read.workbook.container import Unsound, is_too_far

MOST_BYTES = 10**9
MOST_CELLS = 50_000_000
MOST_ROWS = 2**20
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAVE_AS = "open it in Excel and save it as a workbook (.xlsx)"
TEXT = "rename it so that it ends in .csv"
A_ZIP = ("is a zip archive, not a workbook", "unpack it, and name the files in it")
INSIDE = {
    "xl/workbook.bin": ("is a binary workbook (.xlsb)", SAVE_AS),
    "mimetype": ("is a workbook of another office program", "open it there and save it as .xlsx"),
}
FAR = re.compile(rb' r="(?:[A-Za-z]{3}[0-9]|[B-Zb-z][A-Za-z][0-9]|[A-Za-z]{0,2}[0-9]{7})')
ODD_CELL = re.compile(rb"<c[^ a-z]|:sheetData")
REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)([0-9]*)""")
ROW, CELL = re.compile(rb"<(?:\w+:)?row[\s/>]"), re.compile(rb"<(?:\w+:)?c[\s/>]")
STRETCHED = re.compile(rb"\s{40}=|=\s{40}")
"""Spaces that no program writes, and that could hide a reference between two pieces."""
LONGEST_REFERENCE = 256
SINCE_1904 = re.compile(rb"""<(?:\w+:)?workbookPr\b[^>]*\bdate1904\s*=\s*["'](?:1|true)["']""")
SINCE_1904_IN_XLS = b"\x22\x00\x02\x00\x01\x00"
DAY_0_OF_1900, DAY_0_OF_1904 = -25_569, -24_107
"""The day before the first of each calendar of Excel, in days since 1970-01-01."""


def checked_bytes(path: Path, name: str) -> bytes:
    """The bytes of a workbook that is what its name says and within limits; raises InputError (CT2110, CT2120–CT2122, CT622x)."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise InputError(Problem("CT2110", "holds no rows", name, "check that the export has finished"))
    if path.stat().st_size > MOST_BYTES:
        raise _too_large(name)
    if head.startswith(ZIP):
        _check_zip(path, name)
    elif not head.startswith(OLE):
        raise InputError(_no_workbook(head, name))
    content = path.read_bytes()
    if content.startswith(OLE):
        _check_old(content, name)
    return content


def day_0(content: bytes, path: Path) -> int:
    """The day, since 1970-01-01, from which the workbook counts its serial dates."""
    if content.startswith(OLE):
        return DAY_0_OF_1904 if SINCE_1904_IN_XLS in content[: 1 << 16] else DAY_0_OF_1900
    with zipfile.ZipFile(path) as archive:
        return DAY_0_OF_1904 if SINCE_1904.search(archive.read("xl/workbook.xml")) else DAY_0_OF_1900


def protected(name: str) -> Problem:
    return Problem("CT2121", "is protected by a password", name, "open it in Excel, remove the password and save it")


def broken(name: str) -> Problem:
    return Problem("CT2122", "cannot be read as a workbook; it may be cut off or damaged", name, f"copy it again, or {SAVE_AS}")


def _no_workbook(head: bytes, name: str) -> Problem:
    """What a file is that has a workbook's name only: many systems export HTML or a text under the name of Excel."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        return Problem("CT2120", "is an XML spreadsheet of 2003, not a workbook", name, SAVE_AS)
    if start.startswith(b"<"):
        return Problem("CT2120", "is a page of HTML or XML under the name of a workbook", name, SAVE_AS)
    return Problem("CT2120", "is a text under the name of a workbook", name, TEXT)


def _check_old(content: bytes, name: str) -> None:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise InputError(protected(name))
    try:
        if is_too_far(content):
            raise InputError(_too_far(name, "more rows or columns than one can have"))
    except Unsound:
        raise InputError(broken(name)) from None


def _check_zip(path: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            inside = {member.filename for member in members}
            if "xl/workbook.xml" not in inside:
                what, cure = next((INSIDE[i] for i in INSIDE if i in inside), A_ZIP)
                raise InputError(Problem("CT2120", what, name, cure))
            size = sum(member.file_size for member in members)
            if size > MOST_BYTES or (size > RATIO_COUNTS_FROM_BYTES and size > MOST_RATIO * path.stat().st_size):
                raise _too_large(name)
            for member in members:
                _check_member(archive, member, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise InputError(broken(name)) from None
    except OSError as error:
        if error.errno != errno.EINVAL:  # which an archive with a wrong place in it gives
            raise
        raise InputError(broken(name)) from None


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
    """Reads a part to its end, which proves its size and checksum; cells far from the first would be filled up in memory."""
    is_sheet = goes_far = False
    for piece in _pieces(archive, member):
        is_sheet = is_sheet or b"sheetData" in piece
        goes_far = goes_far or _has_odd_cells(piece) or FAR.search(piece) is not None
    if is_sheet and goes_far:
        rows, columns = _reach(archive, member, name)
        if rows > MOST_ROWS or rows * columns > MOST_CELLS:
            raise InputError(_too_far(name, f"{rows:,} rows and {columns:,} columns"))


def _has_odd_cells(piece: bytes) -> bool:
    """Whether a cell does not begin with where it is, as all programs write it that are in use."""
    whole = piece.rpartition(b"<")[0]
    return whole.count(b"<c ") != whole.count(b'<c r="') or ODD_CELL.search(whole) is not None


def _reach(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> tuple[int, int]:
    """The last row and column that a cell says it is in, or comes to be in where it says nothing."""
    rows = columns = counted = in_row = 0
    for piece in _pieces(archive, member):
        if STRETCHED.search(piece):
            raise InputError(broken(name))
        for letters, digits in set(REFERENCE.findall(piece)):
            rows = max(rows, int(digits[:9] or 0))
            columns = max(columns, column_number(letters[:4].decode()))
        before, *cells = (len(CELL.findall(row)) for row in ROW.split(piece))
        columns = max(columns, in_row + before, *cells)
        in_row, counted = cells[-1] if cells else in_row + before, counted + len(cells)
    return max(rows, counted), columns


def _too_far(name: str, how_far: str) -> Problem:
    cure = "delete the cells far below or beside the table, or save the table alone"
    return Problem("CT6222", f"has a sheet that reaches over {how_far}", name, cure)


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part's bytes; each piece begins with the end of the one before, so that no reference is cut in two."""
    with archive.open(member) as part:
        end = b""
        while chunk := part.read(CHUNK_BYTES):
            yield end + chunk
            end = chunk[-LONGEST_REFERENCE:]


def column_number(letters: str) -> int:
    """A → 1, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _too_large(name: str) -> InputError:
    what = f"is or unpacks to more than {MOST_BYTES // 10**9} GB, or {MOST_RATIO} times its size"
    return InputError(Problem("CT6221", what, name, "save the table alone as a workbook of its own, or as CSV"))
