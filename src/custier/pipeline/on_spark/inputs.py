"""What a user names as input of Spark: Parquet files and directories that driver and workers see, or a table of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from custier.errors import InputError, Problem, UsageError
from custier.pipeline.request import Request, paths_by_source
from custier.read import find_files
from custier.rubric.model import Rubric

TABLE = "table:"


@dataclass(frozen=True)
class Named:
    """The input of one source: its files, or a table."""

    files: tuple[Path, ...] = ()
    table: str = ""


def find_inputs(request: Request, rubric: Rubric) -> dict[str, Named]:
    """The input of each source; raises UsageError (CT190x) and InputError (CT20xx, CT2404) before anything is read or made."""
    return {name: _named(name, paths) for name, paths in paths_by_source(request, rubric).items()}


def _named(source: str, names: Sequence[str]) -> Named:
    tables = [name for name in names if name.startswith(TABLE)]
    if not tables:
        return Named(files=tuple(_files(names)))
    if len(names) > 1:
        raise UsageError(Problem("CT1900", "a table of Spark is a source alone", source, "make a view of all that belongs to it"))
    return Named(table=tables[0].removeprefix(TABLE))


def _files(names: Sequence[str]) -> list[Path]:
    found = find_files([below for name in names for below in _below(name)])
    others = [path for path in found if path.suffix.lower() != ".parquet"]
    if others:
        cure = "convert it to Parquet first, or leave --engine out"
        raise InputError([Problem("CT2404", "is no Parquet, and the engine spark reads nothing else", str(path), cure) for path in others])
    return [path.resolve() for path in found]


def _below(name: str) -> list[str]:
    """Every Parquet file of a directory, however deep, but those that Spark hides; anything else as it is."""
    directory = Path(name)
    if not directory.is_dir():
        return [name]
    files = [path for path in directory.rglob("*.parquet") if path.is_file()]
    hidden = [any(part.startswith(("_", ".")) for part in path.relative_to(directory).parts) for path in files]
    return [str(path) for path, is_hidden in zip(files, hidden, strict=True) if not is_hidden] or [name]
