"""Typed tables that say per row in which currency it is: amounts of several are never added up unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals as nw

from custier.engines.typed_cells import as_text
from custier.errors import DataError
from custier.frames import Frame
from custier.read.cells import CURRENCY
from custier.read.currency import are_several, currency_at, is_looked_at, mixed_currencies
from custier.read.headers import Mapped
from custier.rubric.columns import ColumnKind
from custier.rubric.model import Source


def with_currency(frame: Frame, mapped: Sequence[Mapped], spec: Source, kinds: Mapping[str, ColumnKind]) -> tuple[Frame, tuple[str, ...]]:
    """A typed table with `currency ` String and that name, where it names currencies and its amounts are taken as they stand."""
    schema = frame.collect_schema()
    headers = [m.export.header[at] for m in mapped if (at := currency_at(m.export.header)) is not None]
    there = [header for header in headers if header in schema]
    if not there or not is_looked_at(spec, kinds):
        return frame, ()
    return frame.with_columns(**{CURRENCY: as_text(nw.col(there[0]), schema[there[0]])}), (CURRENCY,)


def in_one_currency(rows: Frame, source: str, mapped: Sequence[Mapped], spec: Source, kinds: Mapping[str, ColumnKind]) -> Frame:
    """Rows with `kept` and `sound`, without `currency `; raises DataError (CT3401) where good ones name more than one."""
    if CURRENCY not in rows.collect_schema().names():
        return rows
    good = rows.filter(nw.col("kept") & nw.col("sound")).select(CURRENCY).unique([CURRENCY]).collect(backend="polars")
    names = sorted(name.strip() for name in good[CURRENCY].to_list() if name and name.strip())
    if are_several(names):
        raise DataError(mixed_currencies(source, mapped, kinds, spec, names[0]))
    return rows.drop(CURRENCY)
