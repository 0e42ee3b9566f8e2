"""What a call asks for, checked as the command line checks its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from custier.given import day_of
from custier.pipeline.log import Log
from custier.pipeline.request import Job, Request
from custier.rubric.model import Rubric

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]
"""One file, quoted glob or directory, or several."""


@dataclass(frozen=True)
class Asked:
    """One grading without a store. tables: source → a frame, or paths; now: when it was asked for."""

    rubric: Rubric
    tables: Mapping[str, Any]
    as_of: date | None
    now: datetime

    @property
    def job(self) -> Job:
        """The same as a run knows it; nothing of it reaches a disk."""
        request = Request(
            inputs=(), rubric=None, sources=(), store=Path(), today=self.now.date(), now=self.now, as_of=self.as_of, most_rows_kept=0
        )
        return Job(request, self.rubric, text="", sha256="", store=None, base=None, inputs={}, on_stage=lambda _: None, log=Log(self.now))


def clock() -> datetime:
    """Now, where this machine is."""
    return datetime.now(UTC).astimezone()


def day(given: date | str | None) -> date | None:
    """A date, a moment or a text such as 2025-12-31 as a date; raises UsageError (CT1900)."""
    if given is None or isinstance(given, date):
        return given.date() if isinstance(given, datetime) else given
    return day_of(given, "as_of")


def is_paths(given: Any) -> bool:
    """Whether a table was given as files."""
    alone = isinstance(given, str | PathLike)
    return alone or (isinstance(given, list | tuple) and all(isinstance(path, str | PathLike) for path in given))


def listed_paths(given: Paths) -> list[str]:
    """The paths as texts."""
    return [fspath(given)] if isinstance(given, str | PathLike) else [fspath(path) for path in given]
