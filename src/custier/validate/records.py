"""Sources with one record per customer: records of one customer that say different things.

Neither is taken: to choose one would be to guess. A blank cell says nothing, so it contradicts nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import narwhals as nw

from custier.frames import Frame, without
from custier.rubric.columns import DIFFERS, RECORDS, frame_name

LEAST, MOST = " least", " most"


def told_apart_by(source: str) -> list[str]:
    """The columns in which two records are alike that must not differ in any other."""
    return ["customer_id", *RECORDS[source]]


def compared(source: str, columns: Collection[str]) -> Iterator[str]:
    """The columns of a source in which records must agree; none where a customer may have many rows."""
    if source in RECORDS:
        yield from (column for column in columns if column not in ("customer", "date"))


def with_differences(rows: Frame, source: str, columns: Collection[str]) -> Frame:
    """Rows with `kept` and `sound` (bool) → the same, of a source with one record per customer with <name>__differs (bool) per column
    and `sound` only where none does. Rows that are left out or rejected already are not compared.
    """
    names = list(compared(source, columns))
    if not names:
        return rows
    found = _differences(rows.filter(nw.col("kept") & nw.col("sound")), source, names)
    joined = rows.join(found, on=told_apart_by(source), how="left")
    joined = joined.with_columns(nw.col(*(frame_name(name) + DIFFERS for name in names)).fill_null(False))
    return joined.with_columns(sound=nw.col("sound") & agree(source, columns))


def agree(source: str, columns: Collection[str]) -> nw.Expr:
    """Whether no other record of the customer says otherwise, of rows that `with_differences` gave."""
    names = list(compared(source, columns))
    return nw.all_horizontal(*(~nw.col(frame_name(name) + DIFFERS) for name in names), ignore_nulls=False) if names else nw.lit(True)


def agreeing_rows(rows: Frame, source: str, columns: Collection[str]) -> Frame:
    """Sound rows → those without the records of one customer that contradict one another."""
    names = list(compared(source, columns))
    return without(rows, _differences(rows, source, names), told_apart_by(source)) if names else rows


def _differences(rows: Frame, source: str, names: list[str]) -> Frame:
    """The customers (and moments) with records that differ, and in what."""
    edges = {frame_name(n) + LEAST: nw.col(frame_name(n)).min() for n in names}
    edges |= {frame_name(n) + MOST: nw.col(frame_name(n)).max() for n in names}
    spans = rows.group_by(told_apart_by(source)).agg(**edges)
    differs = {frame_name(n) + DIFFERS: nw.col(frame_name(n) + LEAST) != nw.col(frame_name(n) + MOST) for n in names}
    spans = spans.with_columns(**{name: nw.coalesce(differ, nw.lit(False)) for name, differ in differs.items()})
    found = spans.filter(nw.any_horizontal(*map(nw.col, differs), ignore_nulls=False))
    return found.select(*told_apart_by(source), *differs)
