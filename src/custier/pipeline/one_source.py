"""One source: its files opened, every row judged, and read once into those that are good and those that are not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import narwhals as nw
import polars as pl

from custier.account import GOOD, Counted
from custier.engines.polars import Held, Rows, read_once
from custier.engines.spread import Spread
from custier.errors import DataError
from custier.frames import Frame
from custier.merge import MERGED, with_merged
from custier.pipeline.touched import touched_ids
from custier.read import Inputs, Table, read_source, settled
from custier.read.currency import OTHER_CURRENCY
from custier.read.export import WHOLE
from custier.read.ids import with_one_spelling
from custier.read.whole import ROW, with_rows
from custier.rubric.columns import CELL, DIFFERS, RAW, UNREAD, frame_name, number_columns
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan, plan_metrics
from custier.rubric.suspects import DEFAULTS, mark
from custier.rubric.wanted import counted_columns, ids_beside, is_of_merges, measured_columns, wanted_columns
from custier.validate import is_sound, rejected_cells
from custier.validate.records import agree, with_differences
from custier.validate.suspects import nobody_by_number, rejecting, unsuspected, with_suspicions


@dataclass(frozen=True)
class Reading:
    """What reading depends on beside the files."""

    rubric: Rubric
    today: date
    scratch: Path
    memory: int
    most_rows_kept: int
    merges: Frame | None = None


def open_source(name: str, paths: Inputs, reading: Reading, *, carefully: bool) -> Table:
    """The table of these files, each row with `kept`, its marks and `sound` (bool); nothing is read yet but what tells how to read."""
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


def read_once_or_carefully(
    table: Table, paths: Inputs, plan: Plan, reading: Reading, keep: bool, *, alone: bool, spread: Spread | None
) -> tuple[Table, Held, pl.DataFrame, pl.DataFrame]:
    """The table read once, its rejected cells, and whom they touch; an unusual file is opened again and read carefully."""
    read = partial(read_rows, plan=plan, reading=reading, keep=keep, alone=alone, spread=spread)
    try:
        held, suspects = read(table)
        is_usual = not any(suspects[frame_name(c) + UNREAD].any() for c in table.taken)
    except (pl.exceptions.PolarsError, OSError):
        is_usual = False
    if not is_usual:
        table = open_source(table.source, paths, reading, carefully=True)
        held, suspects = read(table)
    table = settled(table)
    suspicions = rejecting(suspects.columns, reading.rubric.sources[table.source])
    rejected = rejected_cells(nw.from_native(suspects), table.source, table.columns, today=reading.today, suspicions=suspicions)
    cells = with_rows(rejected.to_native(), table.whole)
    lines = table.malformed.with_columns(pl.col("raw").alias(ROW))
    return table, held, pl.concat([lines, cells.select(lines.columns)]), touched_ids(suspects)


def read_rows(table: Table, *, plan: Plan, reading: Reading, keep: bool, alone: bool, spread: Spread | None) -> tuple[Held, pl.DataFrame]:
    """The good rows, and those that are not sound; the latter are looked for only when there are any."""
    own = spread and replace(spread, directory=spread.directory / table.source)
    held = read_once(rows_to_read(table, plan, reading, keep), number_customers=alone and not keep, spread=own)
    suspects = table.frame.head(0) if held.all_good else table.frame.filter(pl.col("kept") & ~pl.col("sound"))
    return held, suspects.collect()


def rows_to_read(table: Table, plan: Plan, reading: Reading, keep: bool) -> Rows:
    """What to read of a table: all that explaining shows where its rows are kept, else what measuring needs."""
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


def refuse_mixed(table: Table, counted: Counted) -> None:
    """DataError (CT3401) where good rows are in more than one currency."""
    if table.mixed and counted.days.filter(nw.col("state") == GOOD)[OTHER_CURRENCY].sum():
        raise DataError(table.mixed)


def counted_of(table: Table, held: Held) -> Counted:
    """What became of the rows of a table, in figures."""
    return Counted(table.source, nw.from_native(held.counts, eager_only=True), table.read, len(table.malformed), table.totals)
