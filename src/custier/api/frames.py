"""custier.classify: tables in, labels out, and no store is touched."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from custier.api.asked import Asked, Paths, clock, day, is_paths
from custier.api.graded import Graded
from custier.api.rubric import load_rubric
from custier.given import usage
from custier.pipeline.request import require_sources
from custier.rubric.model import Rubric

if TYPE_CHECKING:
    import polars as pl

Native = TypeVar("Native")


@overload
def classify(
    transactions: Paths | None,
    rubric: Rubric | str | Path,
    *,
    as_of: date | str | None = None,
    sources: Mapping[str, Any] | None = None,
    on_rejected: Callable[[pl.DataFrame], object] | None = None,
) -> pl.DataFrame: ...
@overload
def classify(
    transactions: Native,
    rubric: Rubric | str | Path,
    *,
    as_of: date | str | None = None,
    sources: Mapping[str, Any] | None = None,
    on_rejected: Callable[[Any], object] | None = None,
) -> Native: ...
def classify(
    transactions: Any,
    rubric: Rubric | str | Path,
    *,
    as_of: date | str | None = None,
    sources: Mapping[str, Any] | None = None,
    on_rejected: Callable[[Any], object] | None = None,
) -> Any:
    """Transactions → the labels of every customer, as `custier classify` writes them into labels.parquet without an earlier run.

    transactions: a Polars DataFrame or LazyFrame, a pandas DataFrame, a pyarrow Table, a DuckDB relation, a Spark DataFrame, or the path
    of a file (several paths as a list); None for a rubric without transactions. None of them is changed.
    rubric: as `load_rubric` gives it, or what that takes. as_of: the last day that counts; the newest good row unless given.
    sources: the other tables, by name: `{"invoices": frame}`.
    on_rejected: is called once with the rejected cells (source, file, line, column, code, message, raw), if there are any; without it
    they are only counted, in a warning.

    Gives a frame of the kind that came in (a Polars DataFrame for paths), sorted by customer_id. Raises CustierError: DataError when the
    rows fail the rubric's guardrails, InputError for columns that lack or have the wrong type, RubricError, UsageError.
    """
    asked = Asked(rubric if isinstance(rubric, Rubric) else load_rubric(rubric), _tables(transactions, sources or {}), day(as_of), clock())
    require_sources(asked.tables, asked.rubric)
    graded = _grade(asked, on_rejected)
    for told in graded.warnings:
        warnings.warn(told, stacklevel=2)
    return graded.labels


def _tables(transactions: Any, sources: Mapping[str, Any]) -> dict[str, Any]:
    if transactions is None and not sources:
        raise usage("no table was given", "transactions", "give a frame or a path: classify(sales, 'annual-spend')")
    if transactions is None:
        return dict(sources)
    if "transactions" in sources:
        raise usage("the transactions are given twice", "sources", "give them once, as the first argument")
    return {"transactions": transactions, **sources}


def _grade(asked: Asked, on_rejected: Callable[[Any], object] | None) -> Graded:
    """Where the rows are graded: on the cluster that holds them, else here."""
    if any(_is_spark(table) for table in asked.tables.values()):
        from custier.api.on_spark import grade_on_spark

        return grade_on_spark(asked, on_rejected)
    from custier.api.in_memory import grade_in_memory

    return grade_in_memory(asked, on_rejected)


def _is_spark(table: Any) -> bool:
    return not is_paths(table) and type(table).__module__.split(".")[0] == "pyspark"
