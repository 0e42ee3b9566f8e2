"""The first half of a run: every source read, validated and counted, before anything is graded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import narwhals as nw
import polars as pl

from custier.account import Sorted, refuse_overflow
from custier.errors import InputError, Problem
from custier.pipeline.request import Request, paths_by_source
from custier.read import Table, find_files, read_source
from custier.rubric.formula import FormulaError
from custier.rubric.model import Rubric
from custier.rubric.plan import Columns, Plan, plan_metrics
from custier.rubric.wanted import wanted_columns
from custier.validate import validate_rows
from custier.values import Account, InputFile

ORDER = ["source", "file", "line", "column"]


@dataclass(frozen=True)
class Gathered:
    """All sources of a run; `rejected` is the whole reject file."""

    tables: dict[str, Sorted]
    columns: Columns
    rejected: pl.DataFrame
    files: list[InputFile]
    formats: dict[str, dict[str, str]]  # source → date column → how its dates were read
    warnings: list[str]


def find_inputs(request: Request, rubric: Rubric) -> dict[str, list[Path]]:
    """The files of each source, in order; raises UsageError and InputError before anything is read or made."""
    return {name: find_files(paths) for name, paths in paths_by_source(request, rubric).items()}


def gather(inputs: Mapping[str, list[Path]], rubric: Rubric, today: date, scratch: Path) -> Gathered:
    """The files of each source → validated tables; raises InputError."""
    tables = {name: _read(name, paths, rubric, scratch) for name, paths in inputs.items()}
    validated = {name: _validate(table, today) for name, table in tables.items()}
    rejected = pl.concat([frame for name, table in tables.items() for frame in (table.malformed, validated[name][1])])
    return Gathered(
        {name: done for name, (done, _) in validated.items()},
        {name: table.columns for name, table in tables.items()},
        rejected.sort(ORDER),
        [file for table in tables.values() for file in table.files],
        {name: table.formats for name, table in tables.items()},
        [warning for table in tables.values() for warning in table.warnings],
    )


def _read(name: str, paths: list[Path], rubric: Rubric, scratch: Path) -> Table:
    return read_source(
        name,
        rubric.sources[name],
        paths,
        wanted=wanted_columns(rubric, name),
        currency_decimals=rubric.currency_decimals,
        scratch=scratch,
    )


def _validate(table: Table, today: date) -> tuple[Sorted, pl.DataFrame]:
    rows = nw.from_native(table.frame, eager_only=True)
    good, rejected = validate_rows(rows, table.source, table.columns, today=today)
    numbers = [name for name, kind in table.columns.items() if kind.type in ("number", "money")]
    refuse_overflow(good, table.source, numbers)
    done = Sorted(table.source, rows, good, rejected, table.read, len(table.malformed), table.excluded, table.money_excluded)
    return done, rejected.to_native()


def choose_as_of(given: date | None, today: date, tables: Mapping[str, Sorted]) -> tuple[date, str]:
    """The as-of date and where it comes from: given, or the newest good row of the transactions
    (of any source without them), never later than today.

    Where no good row is left there is nothing to grade, and today's date only names the run that says so.
    """
    if given is not None:
        return given, "given"
    dates = [d for d in (table.good["date"].max() for table in register(tables)) if d is not None]
    return (min(max(dates), today), "data") if dates else (today, "today")


def register(tables: Mapping[str, Sorted]) -> list[Sorted]:
    """The tables whose customers are graded: the transactions, or every table of a rubric without them."""
    return [tables["transactions"]] if "transactions" in tables else list(tables.values())


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
