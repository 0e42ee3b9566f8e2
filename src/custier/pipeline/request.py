"""What one `classify` was asked to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from custier.errors import Problem, UsageError, listed, nearest
from custier.lang import Lang
from custier.pipeline.log import Log
from custier.pseudonyms import Key
from custier.rubric.model import Rubric
from custier.store import Store

FORMATS = ("csv", "parquet", "xlsx")
USUAL_FORMATS = FORMATS[:2]
MOST_ROWS_KEPT = 2_000_000
"""A run of more rows keeps no copy of them: they would take longer to store than to grade."""
ALL_ROWS = 2**63


@dataclass(frozen=True)
class Request:
    """The command line of `classify`, as values; `today` and `now` come from outside so that no step reads the clock."""

    inputs: tuple[str, ...]
    rubric: str | None
    sources: tuple[tuple[str, str], ...]
    store: Path
    today: date
    now: datetime
    as_of: date | None = None
    previous: str | None = None
    cuts: str | None = None
    formats: tuple[str, ...] = USUAL_FORMATS
    out: Path | None = None
    pseudonyms: Key | None = None  # for the copies in `out`
    publish: bool = True
    dry_run: bool = False
    strict: bool = False
    memory: str | None = None
    engine: str = "polars"
    spark_master: str | None = None
    most_rows_kept: int = MOST_ROWS_KEPT
    lang: Lang = "en"
    command: str = ""
    lock_wait_seconds: float = 0


@dataclass(frozen=True)
class Job:
    """A request with its rubric and store found; `base` is the run that was current when it began."""

    request: Request
    rubric: Rubric
    text: str
    sha256: str
    store: Store | None
    base: str | None
    inputs: Mapping[str, Any]  # of each source, as its engine finds them
    on_stage: Callable[[str], None]
    log: Log


def paths_by_source(request: Request, rubric: Rubric) -> dict[str, list[str]]:
    """Source → the paths given for it; raises UsageError for unknown sources and for tables that are needed and not given."""
    given: dict[str, list[str]] = {"transactions": list(request.inputs)} if request.inputs else {}
    for name, path in request.sources:
        given.setdefault(name, []).append(path)
    require_sources(given, rubric)
    return given


def require_sources(given: Collection[str], rubric: Rubric) -> None:
    """UsageError for tables that the rubric does not know (CT1902), and that it needs and are not given (CT1903)."""
    problems = [_unknown(name, rubric) for name in given if name not in rubric.sources]
    problems += [_not_given(name) for name, source in rubric.sources.items() if name not in given and not source.optional]
    if problems:
        raise UsageError(problems)


def _unknown(name: str, rubric: Rubric) -> Problem:
    near = nearest(name, rubric.sources)
    cure = f"the nearest source is `{near}`" if near else f"its sources are {listed(list(rubric.sources))}"
    return Problem("CT1902", f"the rubric `{rubric.rubric}` has no source `{name}`", "--source", cure)


def _not_given(name: str) -> Problem:
    cure = (
        "name the files: custier classify sales.csv" if name == "transactions" else f"add --source {name}=FILE, or mark it `optional: true`"
    )
    return Problem("CT1903", f"the rubric needs the table `{name}`", help=cure)
