"""Exports that say per row in which currency it is: amounts of several are never added up unseen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from custier.errors import Problem
from custier.read.cells import CURRENCY
from custier.read.headers import Mapped
from custier.read.units import in_rubric
from custier.rubric.columns import ColumnKind, fold
from custier.rubric.model import Source
from custier.rubric.numbers import CURRENCIES

OTHER_CURRENCY = "other currency "
HEADERS = {fold(h) for h in ("currency", "currency code", "curr", "币种", "货币", "币别", "货币代码", "货币单位", "币种代码")}
CODE = re.compile("[A-Za-z]{3}")
SAME = {sign.upper(): signs[0] for signs in CURRENCIES for sign in signs}


def currency_at(header: Sequence[str]) -> int | None:
    """The position of the header under which an export names currencies."""
    return next((at for at, name in enumerate(header) if fold(name) in HEADERS), None)


def is_looked_at(spec: Source, kinds: Mapping[str, ColumnKind]) -> bool:
    """Whether amounts are taken as they stand; those that a formula makes are taken to be converted by it."""
    return any(kind.type == "money" and name not in spec.made for name, kind in kinds.items())


def alike_in_currency(cells: Sequence[pl.LazyFrame]) -> list[pl.LazyFrame]:
    """Frames of files of which some name currencies, so that all do or none."""
    lacking = [CURRENCY not in frame.collect_schema() for frame in cells]
    if all(lacking):
        return list(cells)
    nothing = pl.lit(None, pl.String()).alias(CURRENCY)
    told = [frame.with_columns(nothing) if lacks else frame for frame, lacks in zip(cells, lacking, strict=True)]
    order = told[0].collect_schema().names()
    return [frame.select(order) for frame in told]


def mark_other_currency(frame: pl.LazyFrame) -> tuple[pl.LazyFrame, str]:
    """Rows with `kept` and `currency ` String → instead of the latter `other currency ` (bool): it is not that of the first row kept,
    whose name comes with them as it stands.
    """
    named = pl.col(CURRENCY).str.strip_chars()
    filled = frame.select("kept", named).filter(pl.col("kept") & (pl.col(CURRENCY) != ""))
    first = next(iter(filled.select(CURRENCY).head(1).collect(engine="streaming")[CURRENCY]), "")
    name = named.str.to_uppercase()
    other = (name != "") & (name.replace(SAME) != SAME.get(first.upper(), first.upper()))
    return frame.with_columns(other.fill_null(False).alias(OTHER_CURRENCY)).drop(CURRENCY), first


def are_several(names: Iterable[str | None]) -> bool:
    """Whether these distinct names stand for more than one currency; a blank one says nothing."""
    bare = (name.strip().upper() for name in names if name)
    return len({SAME.get(name, name) for name in bare if name}) > 1


def mixed_currencies(source: str, mapped: Sequence[Mapped], kinds: Mapping[str, ColumnKind], spec: Source, first: str) -> Problem:
    """CT3401 for a source whose rows are in several currencies, of which this is the first."""
    export, at = next((m.export, at) for m in mapped if (at := currency_at(m.export.header)) is not None)
    column = next(name for name, kind in kinds.items() if kind.type == "money" and name not in spec.made)
    amount = next((m.export.header[m.positions[column]] for m in mapped if column in m.positions), column)
    what = f"`{export.header[at]}` names more than one currency, and the amounts of `{column}` are added up"
    one = first if first.upper() in SAME or CODE.fullmatch(first) else "CNY"
    header = export.header[at]
    keep, convert = in_rubric("where", f"\"{header}\" = '{one}'"), in_rubric(column, f'round("{amount}" * rate, 2)')
    keep, convert = (f"sources: {{{source}: {{{said}}}}}" for said in (keep, convert))
    cure = f"keep the rows of one, such as {keep}, or convert them by a column of rates: {convert}"
    return Problem("CT3401", what, export.file.name, cure)
