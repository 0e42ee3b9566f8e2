"""The first half of a run: every source read once, validated and counted, before anything is graded."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from custier.account import GOOD, Counted, newest_day, refuse_overflow
from custier.engines.keys import Numbered
from custier.engines.polars import Held, Rows, read_once
from custier.engines.spread import ROOM, Spread
from custier.errors import DataError, InputError, Problem, UsageError
from custier.frames import Frame
from custier.merge import MERGED, followed_merges, with_merged
from custier.pipeline.budget import bucket_count
from custier.pipeline.last import Scan, scan_parquet
from custier.pipeline.request import Request, paths_by_source
from custier.pipeline.touched import all_touched, nobody_touched, touched_ids
from custier.read import Inputs, Table, find_files, read_source, settled
from custier.read.cures import mixed_columns, rejected_cures
from custier.read.currency import OTHER_CURRENCY
from custier.read.export import WHOLE
from custier.read.ids import with_one_spelling
from custier.read.whole import ROW, with_rows
from custier.rubric.columns import CELL, DIFFERS, RAW, UNREAD, frame_name, number_columns
from custier.rubric.formula import FormulaError
from custier.rubric.model import Rubric, Source
from custier.rubric.plan import EPOCH, Columns, Plan, plan_metrics
from custier.rubric.suspects import DEFAULTS, mark
from custier.rubric.wanted import counted_columns, ids_beside, is_of_merges, measured_columns, wanted_columns
from custier.validate import is_sound, rejected_cells
from custier.validate.records import agree, with_differences
from custier.validate.suspects import nobody_by_number, rejecting, unsuspected, with_suspicions
from custier.values import REJECTED, TWO_WAYS, Account, InputFile

LOOKED_AT = 500
ORDER = ["source", "file", "line", "column"]


def no_rejects() -> pl.DataFrame:
    """A reject file without rows."""
    return pl.DataFrame(schema=dict.fromkeys((*REJECTED, ROW), pl.String()) | {"line": pl.Int64()})


@dataclass(frozen=True)
class Gathered:
    """All sources of a run; buckets: parts of the customers, with all their good rows; `rejected` is the whole reject file."""

    buckets: list[dict[str, Frame]]
    spread: Spread | None
    ids: Numbered | None
    kept: dict[str, pl.LazyFrame]  # every good row with its file and line, where the run keeps them
    counted: dict[str, Counted]
    columns: Columns
    plan: Plan
    rejected: pl.DataFrame
    files: list[InputFile]
    formats: dict[str, dict[str, str]]  # source → date column → how its dates were read
    warnings: list[str]
    merges: Frame | None = None  # customer_id, up: who is counted under which other id
    cures: Mapping[str, list[str]] = field(default_factory=dict)  # source → what the rubric could say of its rejected cells
    touched: pl.DataFrame = field(default_factory=nobody_touched)  # customer_id, rejected_rows
    scan: Scan = scan_parquet  # how the engine of these frames reads files of earlier runs


@dataclass(frozen=True)
class Reading:
    """What reading depends on beside the files."""

    rubric: Rubric
    today: date
    scratch: Path
    memory: int
    most_rows_kept: int
    merges: Frame | None = None


def find_inputs(request: Request, rubric: Rubric) -> dict[str, list[Path]]:
    """The files of each source, in order; raises UsageError and InputError before anything is read or made."""
    return {name: find_files(paths) for name, paths in paths_by_source(request, rubric).items()}


def gather(inputs: Mapping[str, Inputs], reading: Reading) -> Gathered:
    """The files of each source → validated rows; raises InputError, and DataError (CT332x) for merges that lead nowhere."""
    reading = replace(reading, merges=_merges(inputs, reading))
    tables = {name: _open(name, paths, reading, carefully=False) for name, paths in inputs.items()}
    columns = {name: table.columns for name, table in tables.items()}
    plan = plan_for(reading.rubric, columns)
    keep = sum(table.read for table in tables.values()) <= reading.most_rows_kept
    spread = None if keep else _spread(tables, plan, reading)
    held, rejects, ids = {}, [], []
    for name, paths in inputs.items():
        tables[name], held[name], cells, of = _read(tables[name], paths, plan, reading, keep, alone=len(inputs) == 1, spread=spread)
        rejects.append(cells)
        ids += [] if is_of_merges(name, reading.rubric) else [of]
    counted = {name: _counted(table, held[name]) for name, table in tables.items()}
    for name, counts in counted.items():
        refuse_overflow(counts, number_columns(tables[name].columns))
        _refuse_mixed(tables[name], counts)
    rejected = pl.concat(rejects).sort(ORDER)
    return Gathered(
        [
            {name: nw.from_native(h.rows[n]) for name, h in held.items() if not is_of_merges(name, reading.rubric)}
            for n in range(spread.buckets if spread else 1)
        ],
        spread,
        next(iter(held.values())).ids,
        {name: h.rows[0] for name, h in held.items()} if keep else {},
        counted,
        columns,
        plan,
        rejected,
        [file for table in tables.values() for file in table.files],
        {name: table.formats for name, table in tables.items()},
        [
            warning
            for name, table in tables.items()
            for warning in (*table.warnings, *_mixed(table, rejected, reading.rubric.sources[name]))
        ],
        reading.merges,
        {name: found for name, table in tables.items() if (found := _cures(table, rejected, reading.rubric.sources[name]))},
        all_touched(ids),
    )


def _cures(table: Table, rejected: pl.DataFrame, spec: Source) -> list[str]:
    return rejected_cures(rejected, table.source, spec, table.columns, partial(_readable, table))


def _mixed(table: Table, rejected: pl.DataFrame, spec: Source) -> list[str]:
    """What to say of columns whose numbers are written in two ways."""
    found = mixed_columns(rejected, table.source, spec, table.columns, partial(_readable, table))
    return [_two_ways(table, column, rejected.filter(source=table.source, column=column).row(0, named=True)) for column in found]


def _two_ways(table: Table, column: str, bad: Mapping[str, Any]) -> str:
    good = _good(table, column).select("file", "line").head(1).collect().row(0, named=True)
    at = f"first at {good['file']}:{good['line']} / at {bad['file']}:{bad['line']}"
    return f"{TWO_WAYS} in `{column}`; {at}; correct the export"


def _readable(table: Table, column: str) -> list[str]:
    """Cells of a column that are read as they stand, from texts only: numbers of a workbook are read whatever is said."""
    if any(file.format != "csv" for file in table.files) or column + RAW not in table.frame.collect_schema():
        return []
    return list(_good(table, column).select(column + RAW).head(LOOKED_AT).collect().to_series())


def _good(table: Table, column: str) -> pl.LazyFrame:
    return table.frame.filter(pl.col("sound") & pl.col(column + RAW).is_not_null())


def _merges(inputs: Mapping[str, Inputs], reading: Reading) -> Frame | None:
    """Who is counted under which other id: read before all else, since rows are spread by the id that is left."""
    merge = reading.rubric.merge
    if merge is None or merge.source not in inputs:
        return None
    table = _open(merge.source, inputs[merge.source], reading, carefully=True)
    held, _ = _read_rows(table, plan=Plan(), reading=reading, keep=True, alone=False, spread=None)
    return followed_merges(nw.from_native(held.rows[0]), merge.into, lambda frame: frame.collect().lazy())


def _open(name: str, paths: Inputs, reading: Reading, *, carefully: bool) -> Table:
    rubric = reading.rubric
    table = read_source(
        name,
        rubric.sources[name],
        paths,
        wanted=wanted_columns(rubric, name),
        currency_decimals=rubric.currency_decimals,
        scratch=reading.scratch,
        carefully=carefully,
        counted=counted_columns(rubric, plan_metrics(rubric), name),
    )
    spec = rubric.sources[name]
    into = [rubric.merge.into] if rubric.merge is not None and is_of_merges(name, rubric) else []
    spelt = with_one_spelling(table.frame, spec.ids, ["customer_id", *ids_beside(name, rubric), *into])
    frame: Frame = with_suspicions(nw.from_native(spelt), name, spec, table.columns, reading.today)
    if reading.merges is not None and not is_of_merges(name, rubric):
        frame = with_merged(frame, reading.merges, ids_beside(name, rubric))
    judged = frame.with_columns(sound=_is_sound(table, reading, frame.collect_schema().names()))
    return replace(table, frame=with_differences(judged, name, table.columns).to_native())


def _read(
    table: Table, paths: Inputs, plan: Plan, reading: Reading, keep: bool, *, alone: bool, spread: Spread | None
) -> tuple[Table, Held, pl.DataFrame, pl.DataFrame]:
    """The table read once, its rejected cells, and whom they touch; an unusual file is opened again and read carefully."""
    read = partial(_read_rows, plan=plan, reading=reading, keep=keep, alone=alone, spread=spread)
    try:
        held, suspects = read(table)
        is_usual = not any(suspects[frame_name(c) + UNREAD].any() for c in table.taken)
    except (pl.exceptions.PolarsError, OSError):
        is_usual = False
    if not is_usual:
        table = _open(table.source, paths, reading, carefully=True)
        held, suspects = read(table)
    table = settled(table)
    suspicions = rejecting(suspects.columns, reading.rubric.sources[table.source])
    rejected = rejected_cells(nw.from_native(suspects), table.source, table.columns, today=reading.today, suspicions=suspicions)
    cells = with_rows(rejected.to_native(), table.whole)
    lines = table.malformed.with_columns(pl.col("raw").alias(ROW))
    return table, held, pl.concat([lines, cells.select(lines.columns)]), touched_ids(suspects)


def _read_rows(table: Table, *, plan: Plan, reading: Reading, keep: bool, alone: bool, spread: Spread | None) -> tuple[Held, pl.DataFrame]:
    """The good rows, and those that are not sound; the latter are looked for only when there are any."""
    own = spread and replace(spread, directory=spread.directory / table.source)
    held = read_once(_rows(table, plan, reading, keep), number_customers=alone and not keep, spread=own)
    suspects = table.frame.head(0) if held.all_good else table.frame.filter(pl.col("kept") & ~pl.col("sound"))
    return held, suspects.collect()


def _rows(table: Table, plan: Plan, reading: Reading, keep: bool) -> Rows:
    sound = partial(_sound, table, reading)
    also = _also(table)
    if keep:
        working = {frame_name(c) + end for c in table.columns for end in (RAW, UNREAD, CELL, DIFFERS)}
        columns = [c for c in table.frame.collect_schema().names() if c not in working | {"kept", "sound", *also}]
        return Rows(table.frame, sound, columns, number_columns(table.columns), also=also)
    columns = measured_columns(reading.rubric, plan, table.source, table.columns)
    counted = [c for c in counted_columns(reading.rubric, plan, table.source) if c in columns]
    known = partial(nobody_by_number, reading.rubric.sources[table.source], also)
    return Rows(table.frame, sound, columns, number_columns(table.columns), counted, also=also, known=known)


def _also(table: Table) -> list[str]:
    """What is counted of a table's rows, beside what becomes of them."""
    names = table.frame.collect_schema().names()
    return [WHOLE, *(name for name in (MERGED, OTHER_CURRENCY, *map(mark, DEFAULTS)) if name in names)]


def _sound(table: Table, reading: Reading, numbered: Collection[str] = ()) -> nw.Expr:
    return _is_sound(table, reading, table.frame.collect_schema().names(), numbered) & agree(table.source, table.columns)


def _is_sound(table: Table, reading: Reading, names: Collection[str], numbered: Collection[str] = ()) -> nw.Expr:
    """Whether a row passes every check, and no suspicion rejects it."""
    checked = is_sound(table.source, table.columns, reading.today, marked=True, numbered=numbered)
    return checked & unsuspected(names, reading.rubric.sources[table.source])


def _refuse_mixed(table: Table, counted: Counted) -> None:
    """DataError (CT3401) where good rows are in more than one currency."""
    if table.mixed and counted.days.filter(nw.col("state") == GOOD)[OTHER_CURRENCY].sum():
        raise DataError(table.mixed)


def _counted(table: Table, held: Held) -> Counted:
    return Counted(table.source, nw.from_native(held.counts, eager_only=True), table.read, len(table.malformed), table.totals)


def _spread(tables: Mapping[str, Table], plan: Plan, reading: Reading) -> Spread | None:
    """Where rows go that do not fit in memory at once, None where they do."""
    sizes = []
    for table in tables.values():
        rows = _rows(table, plan, reading, keep=False)
        schema = table.frame.collect_schema()
        texts = sum(schema[c] == pl.String() for c in rows.columns)
        sizes.append((table.read, texts, len(rows.columns) - texts))
    buckets = bucket_count(sizes, reading.memory)
    if buckets == 1:
        return None
    room = shutil.disk_usage(reading.scratch).free // ROOM
    return Spread(reading.scratch / "rows", buckets, packed=sum(rows * (8 * n + 24 * t) for rows, t, n in sizes) > room)


def choose_as_of(given: date | None, today: date, counted: Mapping[str, Counted], columns: Columns) -> tuple[date, str]:
    """The as-of date and where it comes from: given, or the newest good row of the transactions
    (of any source without them), never later than today.

    Where nothing is dated it must be given (UsageError); where no good row is left there is nothing to grade, and today's date only
    names the run that says so.
    """
    if given is not None:
        return given, "given"
    if not any("date" in columns[name] for name in counted):
        what = "no table has dates, so nothing says up to which day to grade"
        raise UsageError(Problem("CT1900", what, "as of", "name the last day that counts: --as-of 2025-12-31"))
    days = [day for day in map(newest_day, register(counted)) if day is not None]
    return (min(EPOCH + timedelta(max(days)), today), "data") if days else (today, "today")


def register(counted: Mapping[str, Counted]) -> list[Counted]:
    """The tables whose customers are graded: the transactions, or every table of a rubric without them."""
    return [counted["transactions"]] if "transactions" in counted else list(counted.values())


def is_usable(accounts: Sequence[Account]) -> bool:
    """Whether the windows cover any row of those that are graded: a month without rows must not empty the tiers."""
    graded = [a for a in accounts if a.source == "transactions"] or list(accounts)
    return any(a.used for a in graded)


def plan_for(rubric: Rubric, columns: Columns) -> Plan:
    """The metrics that these columns allow; raises InputError when one that the rubric names cannot be measured."""
    try:
        return plan_metrics(rubric, columns)
    except FormulaError as error:
        raise InputError(Problem("CT2301", str(error), "transactions", error.help)) from None
