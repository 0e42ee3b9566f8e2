"""A typed table → the rows that a run measures, with the verdicts that reading a file would give the same cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import narwhals as nw

from custier.characters import BLANK
from custier.engines.typed_cells import as_text, number, text
from custier.errors import InputError, Problem, in_number
from custier.frames import Frame, with_named
from custier.rubric.columns import RAW, ColumnKind, frame_name
from custier.rubric.plan import day_number
from custier.rubric.source import Source
from custier.rubric.suspects import action_of
from custier.validate import is_sound
from custier.validate.suspects import unsuspected, with_suspicions

MOMENT = {"": nw.Date(), "_day": nw.Int64(), "_us": nw.Int64()}
"""The three columns of a date: the Date, its days and its microseconds since 1970-01-01."""

ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-5][0-9](?:\.[0-9]{1,6})?)?)?$"
FIRST_DAY, LAST_DAY = day_number(date(1000, 1, 1)), day_number(date(9999, 12, 31))
NEVER = "^0000|[ T]24:"
"""The year 0 and the hour 24, which only some engines know."""

CURE = "store the column as a date, or read the export with the polars engine"

OWN_FORMS = (nw.String, nw.Categorical, nw.Enum, nw.Date, nw.Datetime)
"""Types whose cells a rubric may say how to read."""

OWN_FORM_CURE = "store it as numbers, dates and nulls, without `numbers`, `missing` and `timezone`, or read it with the polars engine"


@dataclass(frozen=True)
class Typed:
    """What is known of a table before its rows are looked at: which columns it has, and today's date."""

    source: str
    positions: Mapping[str, str]  # canonical column → header; a column without one is missing everywhere
    kinds: Mapping[str, ColumnKind]
    today: date
    where: str = ""  # what messages call the table
    also: tuple[str, ...] = ()  # columns that are handed on as they are

    @property
    def dates(self) -> list[str]:
        """The headers of dates."""
        return [header for name, header in self.positions.items() if name in self.kinds and self.kinds[name].type == "date"]


def typed_rows(frame: Frame, typed: Typed, with_moments: Callable[[Frame, list[str]], Frame]) -> Frame:
    """A typed table → customer_id String and, under its canonical name, every column of `kinds`: text String, money and number Int64
    at the column's scale, date Date with <name>_day Int64; date_us Int64; <name>__raw String, the cell as text; sound (bool), whether
    the row passes every check; and `also`.

    with_moments: the engine's way to add the three columns `moment(header, …)` for headers of dates, times and `iso_text`s.
    Raises InputError: CT2204 for a type that cannot hold the column, CT2403 for dates that only the polars engine reads.
    """
    schema = dict(frame.collect_schema())
    problems = list(_problems(frame, schema, typed))
    if problems:
        raise InputError(problems)
    texts = {iso_text(h): _iso(nw.col(h)) for h in typed.dates if isinstance(schema[h], nw.String)}
    dated = with_moments(with_named(frame, texts), typed.dates)
    columns: dict[str, nw.Expr] = {}
    for name, kind in typed.kinds.items():
        header = typed.positions.get(name)
        columns |= _absent(name, kind) if header is None else _columns(name, kind, header, schema[header])
    return dated.select(*typed.also, **columns).with_columns(sound=is_sound(typed.source, typed.kinds, typed.today))


def judged(rows: Frame, source: str, spec: Source, kinds: Mapping[str, ColumnKind], today: date) -> Frame:
    """Such rows with `kept` → the same with their suspicions marked, `kept` and `sound` as the source says of those."""
    marked: Frame = with_suspicions(rows, source, spec, kinds, today)
    return marked.with_columns(sound=nw.col("sound") & unsuspected(marked.collect_schema().names(), spec))


def only_in_files(source: str, spec: Source) -> Iterator[Problem]:
    """CT2403 for keys that compare rows as they stand in files, or spell ids anew, which only the polars engine does."""
    asked = [key for key in ("duplicates", "same_order", "overlaps") if action_of(spec, key) != "keep"]
    asked += ["ids"] if spec.ids is not None and not spec.ids.is_exact else []
    for key in asked:
        yield Problem("CT2403", f"`{key}` is not for tables on Spark", source, f"leave `{key}` out, or leave --engine out")


def moment(header: str, part: str = "") -> str:
    """The column in which an engine leaves the Date of a header, or its `_day` or `_us`; it may read it from `iso_text(header)`."""
    return f"{header} date{part}"


def iso_text(header: str) -> str:
    """The column with the texts of a header that are dates in ISO form, where it has texts."""
    return f"{header} iso"


def _iso(cell: nw.Expr) -> nw.Expr:
    bare = cell.str.strip_chars(BLANK)
    return nw.when(bare.str.contains(ISO) & ~bare.str.contains(NEVER)).then(bare)


def _columns(name: str, kind: ColumnKind, header: str, dtype: nw.dtypes.DType) -> dict[str, nw.Expr]:
    cell, held = nw.col(header), frame_name(name)
    said = as_text(cell, dtype)
    if kind.type == "text" and dtype.is_float():
        said = nw.when(~cell.is_nan()).then(said)
    raw = {held + RAW: nw.when(said.str.strip_chars(BLANK) != "").then(said)}
    if kind.type == "date":
        return _date_columns(name, lambda part: _known(header, part)) | raw
    value = text(cell, dtype) if kind.type == "text" else number(cell, dtype, kind.decimals)
    return {held: value} | raw


def _absent(name: str, kind: ColumnKind) -> dict[str, nw.Expr]:
    held = frame_name(name)
    if kind.type == "date":
        nothing = _date_columns(name, lambda part: nw.lit(None, MOMENT[part]))
    else:
        nothing = {held: nw.lit(None, nw.String() if kind.type == "text" else nw.Int64())}
    return nothing | {held + RAW: nw.lit(None, nw.String())}


def _date_columns(name: str, made: Callable[[str], nw.Expr]) -> dict[str, nw.Expr]:
    return {name + part: made(part) for part in MOMENT if part != "_us" or name == "date"}


def _known(header: str, part: str) -> nw.Expr:
    """A date as the engine left it, within the years that reading a file would take."""
    day, held = nw.col(moment(header, "_day")), nw.col(moment(header, part))
    return nw.when((day >= FIRST_DAY) & (day <= LAST_DAY)).then(held)


def _problems(frame: Frame, schema: Mapping[str, nw.dtypes.DType], typed: Typed) -> Iterator[Problem]:
    where = typed.where or typed.source
    for name, header in typed.positions.items():
        kind = typed.kinds.get(name)
        if kind is not None and not _can_hold(schema[header], kind):
            what = f"the column `{header}` is {str(schema[header]).lower()}, which cannot be read as {kind.type}"
            yield Problem("CT2204", what, where, "store it with the right type or as text, or name another header")
        elif kind is not None and kind.has_own_form and isinstance(schema[header], OWN_FORMS):
            yield Problem("CT2403", f"the column `{header}` has cells in a form that the rubric declares", where, OWN_FORM_CURE)
        elif kind is not None and kind.type == "date" and (what := _unread(frame, header, schema[header])):
            yield Problem("CT2403", f"the column `{header}` {what}", where, CURE)


def _can_hold(dtype: nw.dtypes.DType, kind: ColumnKind) -> bool:
    if isinstance(dtype, nw.String | nw.Categorical | nw.Enum | nw.Unknown):
        return True
    dated = isinstance(dtype, nw.Date | nw.Datetime)
    if kind.type == "date":
        return dtype.is_integer() or dated
    return dtype.is_numeric() or (kind.type == "text" and (dated or isinstance(dtype, nw.Boolean)))


def _unread(frame: Frame, header: str, dtype: nw.dtypes.DType) -> str:
    """What keeps a column of dates from being read, if anything; texts are looked at once. A cell without a digit is no date anywhere."""
    if dtype.is_integer():
        return "has whole numbers where its dates should be"
    if not isinstance(dtype, nw.String):
        return ""
    bare = nw.col(header).str.strip_chars(BLANK)
    others = frame.filter(~bare.str.contains(ISO) & bare.str.contains("[0-9]")).select(n=nw.len()).collect(backend="polars").item()
    found = in_number(others, "cell that is a date", "cells that are dates")
    return f"has {found} in another form than 2025-01-31 or 2025-01-31 10:00:00, or none" if others else ""
