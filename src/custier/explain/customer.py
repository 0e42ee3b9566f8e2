"""One customer's row of a run, found without reading the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from custier.errors import NotFoundError, Problem, StoreError, listed
from custier.explain.kept import Kept
from custier.explain.near import near_ids


def find_row(kept: Kept, customer_id: str) -> dict[str, Any]:
    """The stored row; of the sorted file only the row group that can hold it is read.

    Raises NotFoundError with near ids, or StoreError where the file is damaged.
    """
    with readable(kept.directory):
        evidence = pl.scan_parquet(kept.evidence, glob=False)
        found = evidence.filter(pl.col("customer_id") == customer_id).collect()
        if not len(found):
            raise _no_such_customer(kept.directory.name, near_ids(customer_id, evidence))
    return found.row(0, named=True)


@contextmanager
def readable(directory: Path) -> Iterator[None]:
    """Raises StoreError where the evidence turns out to be damaged."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as error:
        cure = "restore the run from a backup, or `custier rollback` to another"
        raise StoreError(Problem("CT5306", "a file of the run cannot be read", str(directory / "evidence.parquet"), cure)) from error


def _no_such_customer(run: str, near: list[str]) -> NotFoundError:
    cure = f"near ids: {listed(near)}" if near else "ids are compared exactly, as they stand in the export"
    return NotFoundError(Problem("CT5506", f"the run {run} has no such customer", help=cure))
