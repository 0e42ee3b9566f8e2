"""Expressions that many steps share: the first case that holds, and numbers as words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from custier.rubric.formula import Number, rounded


def first_true(cases: Sequence[tuple[nw.Expr, Any]], otherwise: Any) -> nw.Expr:
    """The value of the first condition that holds."""
    chosen = _expr(otherwise)
    for condition, value in reversed(cases):
        chosen = nw.when(condition).then(_expr(value)).otherwise(chosen)
    return chosen


def _expr(value: Any) -> nw.Expr:
    if isinstance(value, nw.Expr):
        return value
    return nw.lit(value, nw.Int64()) if isinstance(value, int) and not isinstance(value, bool) else nw.lit(value)


def no_number() -> nw.Expr:
    return nw.lit(None, nw.Int64())


def no_text() -> nw.Expr:
    return nw.lit(None, nw.String())


def in_words(value: Number, decimals: int) -> nw.Expr:
    """A number as text with at most this many decimals: 1234.50; null where it is missing."""
    short = rounded(value, min(value.scale, decimals) if value.den is None else decimals)
    amount = short.num.cast(nw.Int64()).abs()
    unit = nw.lit(10**short.scale, nw.Int64())
    text = (amount // unit).cast(nw.String())
    if short.scale:
        text = nw.concat_str(text, nw.lit("."), (amount % unit).cast(nw.String()).str.zfill(short.scale))
    return nw.when(short.num < 0).then(nw.concat_str(nw.lit("-"), text)).otherwise(text)


def joined(parts: Sequence[nw.Expr], separator: str = "; ") -> nw.Expr:
    """Texts after one another, those that are null left out; empty when all are."""
    if not parts:
        return nw.lit("")
    return nw.concat_str(*parts, separator=separator, ignore_nulls=True)
