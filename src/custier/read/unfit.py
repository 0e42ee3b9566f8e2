"""What to say of a text that is not in the encoding it should be in: where it stops, and which encodings all of it fits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from custier.errors import InputError, Problem
from custier.read.candidates import candidates
from custier.read.declared import declare
from custier.read.transcode import Decoded

IN_UTF_8 = "save it in UTF-8; in Excel: CSV UTF-8 (comma delimited)"
CALLED = {"utf-8": "UTF-8", "gb18030": "GB18030", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}


def called(encoding: str) -> str:
    return CALLED.get(encoding, encoding)


def unfit(plain: Path, name: str, source: str, tried: Sequence[Decoded], declared: str | None) -> InputError:
    """CT2101 at the byte where the text stops to be in the encoding that came further."""
    first, last = min(tried, key=_byte), max(tried, key=_byte)
    if declared is not None:
        what = f"is no {called(declared)}, as the rubric declares it, from {_words(last)} on"
    elif first is not last:
        what = f"is no {called(last.encoding)} from {_words(last)} on, nor {called(first.encoding)} from byte {_byte(first)} on"
    else:
        what = f"is neither UTF-8 nor GB18030 from {_words(last)} on"
    return InputError(Problem("CT2101", what, f"{name}:{last.lines + 1}", in_which(plain, source, declared)))


def _byte(tried: Decoded) -> int:
    return -1 if tried.stop is None else tried.stop.byte


def _words(tried: Decoded) -> str:
    return "byte 0" if tried.stop is None else tried.stop.words


def in_which(plain: Path, source: str, declared: str | None) -> str:
    """The cure: the encoding that the rubric should name, if the file is whole text in one."""
    fitting = candidates(plain, declared)
    if not fitting:
        return f"it is whole text in no usual encoding; mend that line, or {IN_UTF_8}"
    also = f" (and {', '.join(fitting[1:])})" if fitting[1:] else ""
    return f"every byte fits {fitting[0]}{also}; if names come out right with it: {declare(source, 'encoding', fitting[0])}, or {IN_UTF_8}"


def declared_otherwise(name: str, source: str, real: str, declared: str) -> InputError:
    """CT2101 for a text that shows what it is, and the rubric says something else."""
    what = f"is {called(real)}, and the rubric declares {called(declared)}"
    return InputError(Problem("CT2101", what, f"{name}:1", declare(source, "encoding", real)))


def zeros(plain: Path, name: str, source: str, declared: str | None = None) -> InputError:
    """CT2102 for zero bytes in the header, or none of them, where that contradicts the encoding."""
    fitting = candidates(plain, declared)
    if not fitting:
        return InputError(Problem("CT2102", "is binary, not a text", f"{name}:1", "save it as CSV in UTF-8"))
    is_wide = fitting[0].startswith("utf-16")
    what = "is UTF-16 without the mark that says so" if is_wide else "is no UTF-16, as the rubric declares it"
    return InputError(Problem("CT2102", what, f"{name}:1", declare(source, "encoding", fitting[0])))
