"""Formulas over the headers of a typed table, on any engine: columns that are worked out, and the rows that a source leaves out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import narwhals as nw

from custier.characters import BLANK
from custier.engines.typed_cells import as_text, number
from custier.frames import Frame, with_named
from custier.read.cells import AS_NUMBER, EXPORT
from custier.read.formulas import formula_number, formula_texts, is_kept
from custier.read.joined import joined, joined_headers
from custier.read.numbers import most_digits
from custier.rubric.columns import RAW, ColumnKind, frame_name
from custier.rubric.model import Source
from custier.rubric.scalars import MOST_DECIMALS
from custier.validate import is_sound

EXACT = "exact result "


def with_exported(frame: Frame, headers: Collection[str]) -> tuple[Frame, tuple[str, ...]]:
    """A typed table with export:<header> String and export:<header>:number Int64 of 10^-6, and the names of these."""
    schema = frame.collect_schema()
    made: dict[str, nw.Expr] = {}
    for header in headers:
        bare = as_text(nw.col(header), schema[header]).str.strip_chars(BLANK)
        made[EXPORT + header] = nw.when(bare != "").then(bare)
        made[EXPORT + header + AS_NUMBER] = number(nw.col(header), schema[header], MOST_DECIMALS)
    return with_named(frame, made), tuple(made)


def with_formulas(
    rows: Frame, source: str, spec: Source, used: Mapping[str, set[str]], kinds: Mapping[str, ColumnKind], today: date
) -> Frame:
    """Typed rows with exported headers → the same with the columns that are formulas, `kept` (bool), and `sound` of all columns.

    Raises FormulaError.
    """
    made = {name: text for name, text in formula_texts(spec).items() if name != "where"}
    for name, text in made.items():
        rows = _with_column(rows, name, text, sorted(used[name]), kinds[name])
    together = {frame_name(name): joined(headers) for name, headers in joined_headers(spec).items()}
    rows = with_named(rows, together | {name + RAW: text for name, text in together.items()})
    if spec.made:
        rows = rows.with_columns(sound=nw.col("sound") & is_sound(source, {name: kinds[name] for name in spec.made}, today))
    return rows.with_columns(kept=nw.lit(True) if spec.where is None else is_kept(spec.where, used["where"], kinds))


def _with_column(rows: Frame, column: str, text: str, headers: list[str], kind: ColumnKind) -> Frame:
    result, name = formula_number(column, text, headers, kind), frame_name(column)
    rows = rows.with_columns(**{EXACT: result.num.cast(nw.Int128())})
    rows = rows.with_columns(**{name: _at_scale(nw.col(EXACT), result.scale, kind.scale)})
    cells = [nw.concat_str(nw.lit(f"{h}="), nw.col(EXPORT + h)) for h in headers]
    operands = nw.concat_str(cells, separator="; ") if cells else nw.lit(None, nw.String())
    raw = nw.when(nw.col(name).is_null()).then(nw.coalesce(_as_decimal(nw.col(EXACT), result.scale), operands))
    return rows.with_columns(**{name + RAW: raw}).drop(EXACT)


def _at_scale(held: nw.Expr, has: int, scale: int) -> nw.Expr:
    """An integer of 10^-has at another scale; null where that would lose a decimal or not fit."""
    most, power = nw.lit(10 ** (most_digits(scale) + has), nw.Int128()), nw.lit(10 ** abs(scale - has), nw.Int128())
    fits = (held < most) & (held > nw.lit(0, nw.Int128()) - most)
    if has <= scale:
        return (nw.when(fits).then(held) * power).cast(nw.Int64())
    return (nw.when(fits & (held % power == 0)).then(held) // power).cast(nw.Int64())


def _as_decimal(exact: nw.Expr, scale: int) -> nw.Expr:
    size, power = exact.abs(), nw.lit(10**scale, nw.Int128())
    sign = nw.when(exact < 0).then(nw.lit("-")).otherwise(nw.lit(""))
    whole = (size // power).cast(nw.String())
    digits = (size % power + power).cast(nw.String()).str.slice(1)
    return nw.concat_str(sign, whole, nw.lit("."), digits) if scale else nw.concat_str(sign, whole)
