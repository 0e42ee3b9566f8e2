"""Columns that are the texts of several headers joined, as a customer who is known by segment and country."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import polars as pl

from custier.errors import Problem
from custier.read.absent import OR_CORRECT, most_alike
from custier.read.cells import EXPORT
from custier.read.export import Export
from custier.read.headers import twice
from custier.rubric.columns import CELL, RAW, UNREAD, frame_name
from custier.rubric.model import Source

BETWEEN = " | "


def joined_headers(spec: Source) -> dict[str, list[str]]:
    """Canonical column → the headers whose texts it joins."""
    return {name: column.columns for name, column in spec.columns.items() if column.columns}


def joined_problems(source: str, spec: Source, exports: Sequence[Export]) -> list[Problem]:
    """CT2201 and CT2104 for headers that are not there, or twice."""
    return [
        problem
        for export in exports
        for column, headers in joined_headers(spec).items()
        for header in headers
        if (problem := _unfit(header, column, source, headers, export))
    ]


def _unfit(header: str, column: str, source: str, headers: Sequence[str], export: Export) -> Problem | None:
    if header in export.header:
        return twice(header, export) if export.header.count(header) > 1 else None
    if export.not_a_header:
        return export.not_a_header
    near = most_alike([header], export.header)
    others = ", ".join(near if h == header and near else h for h in headers)
    what = f"no header `{header}` for the column `{column}`"
    cure = f"name it as it stands in the file: sources: {{{source}: {{{column}: {{columns: [{others}]}}}}}}, {OR_CORRECT}"
    return Problem("CT2201", what, export.file.name, f"the nearest header is `{near}`; {cure}" if near else cure)


def joined(headers: Sequence[str]) -> nw.Expr:
    """The texts of these headers, over export:<header>, as one; null where one of them is blank.

    A bar within a text has a backslash before it, and so has a backslash: two different rows of texts never give the same one.
    """
    parts = [nw.col(EXPORT + h).str.replace_all("\\", "\\\\", literal=True).str.replace_all("|", "\\|", literal=True) for h in headers]
    return nw.concat_str(*parts, separator=BETWEEN)


def add_joined_columns(frame: pl.LazyFrame, spec: Source) -> pl.LazyFrame:
    """Columns that are joined: <column> String, <column>__raw and <column>__cell the same, <column>__unread (bool)."""
    for column, headers in joined_headers(spec).items():
        name = frame_name(column)
        frame = nw.from_native(frame).with_columns(joined(headers).alias(name)).to_native()
        frame = frame.with_columns(pl.col(name).alias(name + RAW), pl.col(name).alias(name + CELL), pl.lit(False).alias(name + UNREAD))
    return frame
