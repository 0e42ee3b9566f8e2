"""The files of one source, read as one table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from custier.beside import beside
from custier.errors import InputError, OutputError, Problem
from custier.read.alike import wants_whole_rows, whole_row
from custier.read.cells import CURRENCY, EXPORT, type_problems
from custier.read.csv_file import open_csv
from custier.read.currency import currency_at, is_looked_at
from custier.read.export import Export, Rows
from custier.read.files import sha256_of, short_names, unpacking_failed
from custier.read.formulas import exported_names
from custier.read.headers import Mapped, map_columns
from custier.read.numbers import NARROW
from custier.read.parquet_file import open_parquet
from custier.read.sums import other_content
from custier.read.table import Table, assemble
from custier.read.workbook import SUFFIXES, open_workbook
from custier.rubric.columns import RAW, TAKEN, ColumnKind, as_exported, frame_name, kind_of
from custier.rubric.model import Source
from custier.values import InputFile

OPEN: dict[str, Callable[[str, Path, str, Path, Source], Export]] = {".parquet": open_parquet, **dict.fromkeys(SUFFIXES, open_workbook)}
"""How a file is opened, by its suffix; any other is a text."""


Inputs = Sequence[Path | Export]
"""Files, or exports that are open already."""


def read_source(
    source: str,
    spec: Source,
    inputs: Inputs,
    *,
    wanted: Mapping[str, bool],
    currency_decimals: int,
    scratch: Path,
    carefully: bool = True,
    counted: Collection[str] = (),
) -> Table:
    """The table of these inputs; wanted: column → whether it must be found.

    Not carefully: the shape of the files and the forms of their dates are taken to be usual; a reading tells whether they were.
    counted: columns whose values are only told apart, so that numbers among them need not become texts.
    Raises InputError (CT2…, CT62xx), OutputError.
    """
    refuse(taken_names(source, spec))
    paths = [given for given in inputs if isinstance(given, Path)]
    stamps = {path: stamp_of(path) for path in paths}
    digests = beside(sha256_of, paths)
    exports = [given for given in inputs if isinstance(given, Export)] + _opened(source, digests, scratch, spec)
    found = find_columns(source, spec, exports, wanted, currency_decimals)
    mapped = found.mapped
    rows = _read_all(mapped, found, is_looked_at(spec, found.kinds), carefully, spec)
    refuse(
        [
            Problem("CT2110", "holds no rows", m.export.file.name, "check that the export has finished")
            for m, r in zip(mapped, rows, strict=True)
            if not r.read
        ]
    )
    refuse(r.lost[raw] for r in rows for c, kind in found.kinds.items() if kind.type == "text" and (raw := frame_name(c) + RAW) in r.lost)
    whole = [c for c in counted if all(c in m.positions and m.export.dtypes[m.positions[c]] in NARROW for m in mapped)]
    table = assemble(source, spec, mapped, rows, found.kinds, found.used, stamps, carefully=carefully, counted=whole)
    return replace(table, digests={str(path): digest for path, digest in digests.items()})


def settled(table: Table) -> Table:
    """A table that was read, with the SHA-256 of its files; InputError (CT2113) when one is not as it was before, CT2003 for its bytes."""
    files = tuple(replace(f, sha256=table.digests[f.path].result()) if f.path in table.digests else f for f in table.files)
    refuse_changed(files, table.stamps)
    return replace(table, files=files)


@dataclass(frozen=True)
class Found:
    """Where the columns of a source are. used: canonical column (or `where`) → the headers that its formula takes."""

    mapped: list[Mapped]
    kinds: dict[str, ColumnKind]
    used: dict[str, set[str]]

    @property
    def exported(self) -> list[str]:
        """Every header that a formula takes."""
        return sorted(set().union(*self.used.values()))


def find_columns(source: str, spec: Source, exports: Sequence[Export], wanted: Mapping[str, bool], currency_decimals: int) -> Found:
    """The columns of these exports; raises InputError (CT2104, CT2201–CT2205)."""
    needed = needed_columns(spec, wanted)
    mapped, problems = map_columns(source, spec, exports, needed)
    names = [c for c in needed if any(c in m.positions for m in mapped)] + sorted(spec.made)
    kinds = {c: as_exported(kind_of(source, c, spec.columns.get(c), currency_decimals), spec, c) for c in names}
    used, formula_problems = exported_names(source, spec, exports, names)
    found = Found(mapped, kinds, used)
    problems += formula_problems + [p for m in mapped for p in type_problems(m.export, m.positions, kinds, found.exported)]
    refuse(problems)
    return found


def refuse_changed(files: Iterable[InputFile], stamps: Mapping[Path, tuple[int, int] | None]) -> None:
    """InputError (CT2113) when a file is not as it was before it was read."""
    refuse([_changed(f) for f in files if (path := Path(f.path)) in stamps and stamp_of(path) != stamps[path]])


def taken_names(source: str, spec: Source) -> list[Problem]:
    """CT2206 for every column whose name custier uses itself."""
    cure = "choose another name for the column"
    return [
        Problem("CT2206", f"`{c}` is a name that custier uses itself", f"sources.{source}", cure)
        for c in spec.columns
        if TAKEN.fullmatch(c)
    ]


def refuse(problems: Iterable[Problem]) -> None:
    """InputError with these problems, each once; nothing where there are none."""
    if problems := list(dict.fromkeys(problems)):
        raise InputError(problems)


def stamp_of(path: Path) -> tuple[int, int] | None:
    """A file's size and time of change; None where it is gone."""
    try:
        return path.stat().st_size, path.stat().st_mtime_ns
    except OSError:
        return None


def _changed(file: InputFile) -> Problem:
    return Problem("CT2113", "was changed while it was read", file.name, "run again when the export has finished")


def open_files(source: str, paths: Sequence[Path], scratch: Path, spec: Source) -> list[Export]:
    """The files opened, each under the shortest name that no other has; raises InputError (CT20xx, CT21xx), OutputError."""
    digests = beside(sha256_of, paths)
    exports = _opened(source, digests, scratch, spec)
    return [replace(e, file=replace(e.file, sha256=digests[Path(e.file.path)].result())) for e in exports]


def _opened(source: str, digests: Mapping[Path, Future[str]], scratch: Path, spec: Source) -> list[Export]:
    """The files opened; their hashes are waited for only where a file beside one says what it should be."""
    exports: list[Export] = []
    problems: list[Problem] = []
    for path, name in short_names(list(digests)).items():
        try:
            export = OPEN.get(path.suffix.lower(), open_csv)(source, path, name, scratch, spec)
            exports.append(export)
            problems += [other] if (other := other_content(path, name, digests[path])) else []
        except InputError as error:
            problems += error.problems
        except OSError as error:
            failure = unpacking_failed(path, scratch, error)
            if isinstance(failure, OutputError):
                raise failure from error
            problems += failure.problems
    refuse(problems)
    return exports


def needed_columns(spec: Source, wanted: Mapping[str, bool]) -> dict[str, bool]:
    """Every column to look for, and whether it must be there: what is wanted, what the rubric declares, and the customer."""
    names = {"customer": True, **wanted, **dict.fromkeys(spec.columns, True)}
    optional = {name for name, c in spec.columns.items() if c.optional}
    return {n: must and n not in optional for n, must in names.items() if n not in spec.made}


def _read_all(mapped: Sequence[Mapped], found: Found, with_currency: bool, carefully: bool, spec: Source) -> list[Rows]:
    rows: list[Rows] = []
    problems: list[Problem] = []
    for each in mapped:
        try:
            rows.append(_read(each, found.exported, with_currency, carefully, wants_whole_rows(spec, each.export)))
        except InputError as error:
            problems += error.problems
    refuse(problems)
    return rows


def _read(mapped: Mapped, exported: Sequence[str], with_currency: bool, carefully: bool, whole: bool) -> Rows:
    export = mapped.export
    picks = {frame_name(c) + RAW: at for c, at in mapped.positions.items()} | {EXPORT + h: export.header.index(h) for h in exported}
    at = currency_at(export.header) if with_currency else None
    picks |= {CURRENCY: at} if at is not None else {}
    return export.read_rows(picks | (whole_row(export.header) if whole else {}), carefully)
