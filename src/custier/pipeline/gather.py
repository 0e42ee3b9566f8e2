"""The first half of a run: every source read once, validated and counted, before anything is graded."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import narwhals as nw
import polars as pl

from custier.account import Counted, refuse_overflow
from custier.engines.keys import Numbered
from custier.engines.spread import ROOM, Spread
from custier.errors import InputError, Problem
from custier.frames import Frame
from custier.merge import followed_merges
from custier.pipeline.budget import bucket_count
from custier.pipeline.last import Scan, scan_parquet
from custier.pipeline.one_source import Reading, counted_of, open_source, read_once_or_carefully, read_rows, refuse_mixed, rows_to_read
from custier.pipeline.rejected import ORDER, cures_of, mixed_warnings
from custier.pipeline.request import Request, paths_by_source
from custier.pipeline.touched import all_touched, nobody_touched
from custier.read import Inputs, Table, find_files, settled
from custier.rubric.columns import number_columns
from custier.rubric.formula import FormulaError
from custier.rubric.model import Rubric
from custier.rubric.plan import Columns, Plan, plan_metrics
from custier.rubric.wanted import is_of_merges
from custier.values import InputFile


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


def find_inputs(request: Request, rubric: Rubric) -> dict[str, list[Path]]:
    """The files of each source, in order; raises UsageError and InputError before anything is read or made."""
    return {name: find_files(paths) for name, paths in paths_by_source(request, rubric).items()}


def gather(inputs: Mapping[str, Inputs], reading: Reading) -> Gathered:
    """The files of each source → validated rows; raises InputError, and DataError (CT332x) for merges that lead nowhere."""
    merging, merges = _merges(inputs, reading)
    reading = replace(reading, merges=merges)
    tables = {name: open_source(name, paths, reading, carefully=False) for name, paths in inputs.items()}
    columns = {name: table.columns for name, table in tables.items()}
    plan = plan_for(reading.rubric, columns)
    keep = sum(table.read for table in tables.values()) <= reading.most_rows_kept
    spread = None if keep else _spread(tables, plan, reading)
    held, rejects, ids = {}, [], []
    for name, paths in inputs.items():
        read = read_once_or_carefully(tables[name], paths, plan, reading, keep, alone=len(inputs) == 1, spread=spread)
        tables[name], held[name], cells, of = read
        rejects.append(cells)
        ids += [] if is_of_merges(name, reading.rubric) else [of]
    for table in merging:  # read twice: it may have been changed between
        settled(table)
    counted = {name: counted_of(table, held[name]) for name, table in tables.items()}
    for name, counts in counted.items():
        refuse_overflow(counts, number_columns(tables[name].columns))
        refuse_mixed(tables[name], counts)
    rejected = pl.concat(rejects).sort(ORDER)
    graded = {name: h for name, h in held.items() if not is_of_merges(name, reading.rubric)}
    told = {name: (table, rejected, reading.rubric.sources[name]) for name, table in tables.items()}
    return Gathered(
        buckets=[{name: nw.from_native(h.rows[n]) for name, h in graded.items()} for n in range(spread.buckets if spread else 1)],
        spread=spread,
        ids=next(iter(held.values())).ids,
        kept={name: h.rows[0] for name, h in held.items()} if keep else {},
        counted=counted,
        columns=columns,
        plan=plan,
        rejected=rejected,
        files=[file for table in tables.values() for file in table.files],
        formats={name: table.formats for name, table in tables.items()},
        warnings=[w for name, table in tables.items() for w in (*table.warnings, *mixed_warnings(*told[name]))],
        merges=reading.merges,
        cures={name: found for name, of in told.items() if (found := cures_of(*of))},
        touched=all_touched(ids),
    )


def _merges(inputs: Mapping[str, Inputs], reading: Reading) -> tuple[list[Table], Frame | None]:
    """The table of merges, if any, and who is counted under which other id: read before all else, since rows are spread by the id that is
    left.
    """
    merge = reading.rubric.merge
    if merge is None or merge.source not in inputs:
        return [], None
    table = open_source(merge.source, inputs[merge.source], reading, carefully=True)
    held, _ = read_rows(table, plan=Plan(), reading=reading, keep=True, alone=False, spread=None)
    return [table], followed_merges(nw.from_native(held.rows[0]), merge.into, lambda frame: frame.collect().lazy())


def _spread(tables: Mapping[str, Table], plan: Plan, reading: Reading) -> Spread | None:
    """Where rows go that do not fit in memory at once, None where they do."""
    sizes = []
    for table in tables.values():
        rows = rows_to_read(table, plan, reading, keep=False)
        schema = table.frame.collect_schema()
        texts = sum(schema[c] == pl.String() for c in rows.columns)
        sizes.append((table.read, texts, len(rows.columns) - texts))
    buckets = bucket_count(sizes, reading.memory)
    if buckets == 1:
        return None
    room = shutil.disk_usage(reading.scratch).free // ROOM
    return Spread(reading.scratch / "rows", buckets, packed=sum(rows * (8 * n + 24 * t) for rows, t, n in sizes) > room)


def plan_for(rubric: Rubric, columns: Columns) -> Plan:
    """The metrics that these columns allow; raises InputError when one that the rubric names cannot be measured."""
    try:
        return plan_metrics(rubric, columns)
    except FormulaError as error:
        raise InputError(Problem("CT2301", str(error), "transactions", error.help)) from None
