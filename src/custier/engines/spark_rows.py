"""The rows of a typed Spark table, its dates told in Spark's own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from custier.engines.exact_spark import exact_frame, quoted
from custier.engines.typed_rows import Typed, iso_text, moment, typed_rows
from custier.frames import Frame

DAY_US = 86_400_000_000


def rows(frame: Frame, typed: Typed) -> Frame:
    """A typed table → rows as `typed_rows` gives them."""
    return typed_rows(frame, typed, _with_moments)


def _with_moments(frame: Frame, headers: Sequence[str]) -> Frame:
    native = frame.to_native()
    made = [sql for header in headers for sql in _moments(header, native.schema[header].dataType.typeName())]
    return exact_frame(native.selectExpr("*", *made))


def _moments(header: str, held: str) -> Iterator[str]:
    """The Date, the day and the microseconds of a header. A time with a zone is taken in UTC, as Parquet keeps it, not in the session's."""
    us = _micros(header, held)
    day = f"(({us} - pmod({us}, {DAY_US}L)) div {DAY_US}L)"
    made = {"": f"date_from_unix_date(CAST({day} AS INT))", "_day": day, "_us": us}
    return (f"{sql} AS {quoted(moment(header, part))}" for part, sql in made.items())


def _micros(header: str, held: str) -> str:
    if held == "date":
        return f"(unix_date({quoted(header)}) * {DAY_US}L)"
    if held == "timestamp":
        return f"unix_micros({quoted(header)})"
    zoneless = f"try_cast({quoted(iso_text(header))} AS timestamp_ntz)" if held == "string" else quoted(header)
    return f"timestampdiff(MICROSECOND, timestamp_ntz'1970-01-01 00:00:00', {zoneless})"
