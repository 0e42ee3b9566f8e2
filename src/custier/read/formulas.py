"""Formulas over an export's own headers: columns that are computed, and the rows that a source leaves out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import narwhals as nw
import polars as pl

from custier.errors import Problem
from custier.read.absent import absent_from_formula
from custier.read.cells import AS_NUMBER, EXPORT
from custier.read.export import Export
from custier.read.headers import twice
from custier.read.joined import joined_headers, joined_problems
from custier.read.numbers import at_scale
from custier.rubric.columns import RAW, UNREAD, ColumnKind, frame_name
from custier.rubric.formula import FormulaError, Number, Raw, Value, compile_condition, compile_number, names_in
from custier.rubric.model import Source
from custier.rubric.plan import column_value
from custier.rubric.scalars import MOST_DECIMALS


def formula_texts(spec: Source) -> dict[str, str]:
    """Every formula of a source over its export: canonical column → text, and `where`."""
    texts = {name: column.formula for name, column in spec.columns.items() if column.formula is not None}
    return texts | ({"where": spec.where} if spec.where is not None else {})


def exported_names(source: str, spec: Source, exports: Sequence[Export], found: Sequence[str]) -> tuple[dict[str, set[str]], list[Problem]]:
    """Per formula and joined column, the headers that it uses; problems CT2104, CT2201, CT2205."""
    headers = {h for e in exports for h in e.header}
    used = {column: set(parts) for column, parts in joined_headers(spec).items()}
    problems = joined_problems(source, spec, exports)
    for place, text in formula_texts(spec).items():
        try:
            names = names_in(text, headers | set(found))
        except FormulaError as error:
            problems.append(unusable(place, error))
            continue
        used[place] = {n for n in names if n in headers or n not in found}
        problems += [p for e in exports for n in sorted(used[place]) for p in _unfit(n, place, text, e, exports)]
    return used, problems


def _unfit(name: str, place: str, text: str, export: Export, exports: Sequence[Export]) -> list[Problem]:
    if export.header.count(name) > 1:
        return [twice(name, export)]
    elsewhere = any(name in other.header for other in exports)
    return [] if name in export.header else [absent_from_formula(name, place, text, export, elsewhere=elsewhere)]


def unusable(place: str, error: FormulaError) -> Problem:
    """A formula over an export that cannot be worked out."""
    cure = error.help or "write a formula over the headers, such as round(quantity * price, 2)"
    return Problem("CT2205", f"a formula of `{place}` cannot be used: {error}", help=cure)


def add_formula_columns(frame: pl.LazyFrame, spec: Source, used: Mapping[str, set[str]], kinds: Mapping[str, ColumnKind]) -> pl.LazyFrame:
    """The columns that are formulas: <column> Int64 at its scale, exact, <column>__raw String and <column>__unread (bool).

    Raises FormulaError.
    """
    for column, text in formula_texts(spec).items():
        if column != "where":
            frame = _add_column(frame, column, text, sorted(used[column]), kinds[column])
    return frame


def _add_column(frame: pl.LazyFrame, column: str, text: str, headers: Sequence[str], kind: ColumnKind) -> pl.LazyFrame:
    result = formula_number(column, text, headers, kind)
    name, wide = frame_name(column), "exact result"
    frame = nw.from_native(frame).with_columns(result.num.cast(nw.Int128()).alias(wide)).to_native()
    frame = frame.with_columns(at_scale(pl.col(wide), result.scale, kind.scale, pl.Int128()).alias(name))
    why = _as_decimal(pl.col(wide), result.scale)
    cells = [pl.concat_str(pl.lit(f"{h}="), pl.col(EXPORT + h)) for h in headers]
    operands = pl.concat_str(*cells, separator="; ") if cells else pl.lit(None, pl.String())
    raw = pl.when(pl.col(name).is_null()).then(pl.coalesce(why, operands)).alias(name + RAW)
    unread = (pl.col(name).is_null() & pl.col(name + RAW).is_not_null()).alias(name + UNREAD)
    return frame.with_columns(raw).with_columns(unread).drop(wide)


def formula_number(column: str, text: str, headers: Sequence[str], kind: ColumnKind) -> Number:
    """What a formula gives in every row, over export:<header>:number of its headers; raises FormulaError."""
    if kind.type not in ("money", "number"):
        raise FormulaError(f"it gives a number, and `{column}` is a {kind.type}", "name a header for the column instead")
    result = compile_number(text, {h: _cell(h) for h in headers})
    if result.den is not None:
        raise FormulaError(f"`{text}` divides row by row, and a quotient is not exact", f"round it: round({text}, {kind.scale})")
    return result


def _as_decimal(exact: pl.Expr, scale: int) -> pl.Expr:
    digits = exact.abs().cast(pl.String).str.zfill(scale + 1)
    sign = pl.when(exact < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    whole = digits.str.head(digits.str.len_bytes().cast(pl.Int64) - scale)
    return pl.concat_str(sign, whole, pl.lit("."), digits.str.tail(scale)) if scale else pl.concat_str(sign, whole)


def kept_rows(frame: pl.LazyFrame, where: str, used: set[str], kinds: Mapping[str, ColumnKind]) -> pl.LazyFrame:
    """The same rows with `kept` (bool), whether the source's `where` keeps them; raises FormulaError."""
    return nw.from_native(frame).with_columns(kept=is_kept(where, used, kinds)).to_native()


def is_kept(where: str, used: Collection[str], kinds: Mapping[str, ColumnKind]) -> nw.Expr:
    """Whether a source's `where` keeps a row, over its columns and export:<header> of the headers used; raises FormulaError."""
    names = {c: column_value(frame_name(c), k) for c, k in kinds.items()} | {h: _cell(h) for h in used}
    return compile_condition(where, names)


def _cell(header: str) -> Value:
    return Raw(nw.col(EXPORT + header), Number(nw.col(EXPORT + header + AS_NUMBER), MOST_DECIMALS))
