"""What is left of a crash: where it was, and no value of any customer."""

from __future__ import annotations

import os
import platform
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

from custier import __version__
from custier.errors import Bug, Problem

PACKAGE = Path(__file__).parents[1]
STATE = "What is published is whole: it is the last run or this one, never a part."


def crash(error: BaseException) -> Bug:
    """A bug with the path of a report: exception types, files, lines and functions, but no message, value or argument."""
    lines = [f"custier {__version__}, Python {platform.python_version()}, {platform.system()}", *_chain(error)]
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(PACKAGE)]
    where = f"{Path(ours[-1].filename).relative_to(PACKAGE.parent)}:{ours[-1].lineno}" if ours else ""
    report = _write("\n".join(lines) + "\n")
    cure = f"please report it with {report}, which holds no data" if report else "please report it with the command you ran"
    return Bug(Problem("CT9900", f"this is a bug in custier ({type(error).__name__})", where, cure), state=STATE)


def _chain(error: BaseException) -> Iterator[str]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield f"{type(current).__module__}.{type(current).__qualname__}"
        for frame in traceback.extract_tb(current.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        current = current.__cause__ or current.__context__


def _write(text: str) -> str | None:
    try:
        handle, path = tempfile.mkstemp(prefix="custier-crash-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        return None
    return path
