"""A metric's old and new value in words: `margin 0.25 → 0.31`.

The words are made column by column, because an engine that is told in SQL repeats an expression wherever it is used: the words of a
quotient within the words of its move within the cause would be written out hundreds of times.
"""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
from sqlglot import exp

from custier.compare.last import Last
from custier.frames import Frame, with_named
from custier.rubric.formula import COMPARE, Number, compare_numbers, rounded, rounded_wide
from custier.rubric.plan import Plan, number_of

SHORT, LONG = 2, 6
"""Decimals that are shown, and that are shown where fewer would not tell two values apart."""


def told(name: str) -> str:
    """The column of a metric's move in words; no metric's name has a space."""
    return f"{name} told"


def differs(name: str) -> str:
    return f"{name} differs"


def _shown(name: str, when: str, most: int) -> str:
    return f"{name} {when} {most}"


def tell_moves(customers: Frame, names: Sequence[str], last: Last, plan: Plan) -> Frame:
    """Customers with the last run's columns → the same with, per metric, `differs(m)` (bool) and `told(m)` (text, never null)."""
    others = [name for name in names if last.kinds[name].type != "number"]
    customers = with_named(customers, {column: said for name in others for column, said in _move_in_words(name).items()})
    names = [name for name in names if name not in others]
    values = {name: (number_of(f"previous_{name}", last.kinds[name]), plan.value(name)) for name in names}
    shown = {column: number for name, pair in values.items() for column, number in _rounded_pair(name, *pair).items()}
    numbers = {column: number.num for column, number in shown.items()}
    customers = with_named(customers, numbers | {differs(name): _differs(*pair) for name, pair in values.items()})
    customers = with_named(customers, {column: digits(nw.col(column), number.scale) for column, number in shown.items()})
    return with_named(customers, {told(name): _told(name) for name in names}).drop(list(shown))


def _rounded_pair(name: str, was: Number, now: Number) -> dict[str, Number]:
    return {_shown(name, when, most): _rounded(value, most) for when, value in (("was", was), ("now", now)) for most in (SHORT, LONG)}


def _move_in_words(name: str) -> dict[str, nw.Expr]:
    """Whether a text or a date differs, and its move."""
    was, now = nw.col(f"previous_{name}"), nw.col(name)
    shown = [nw.coalesce(value.cast(nw.String()), nw.lit("missing")) for value in (was, now)]
    said = nw.concat_str(nw.lit(f"{name} "), shown[0], nw.lit(" → "), shown[1])
    return {differs(name): nw.coalesce(was != now, was.is_null() != now.is_null()), told(name): said}


def _told(name: str) -> nw.Expr:
    alike = nw.coalesce(nw.col(_shown(name, "was", SHORT)) == nw.col(_shown(name, "now", SHORT)), nw.lit(False))
    return nw.when(nw.col(differs(name)) & alike).then(_from_to(name, LONG)).otherwise(_from_to(name, SHORT))


def _rounded(value: Number, most: int) -> Number:
    return rounded(value, min(value.scale, most)) if value.den is None else rounded_wide(value, most)


def _differs(was: Number, now: Number) -> nw.Expr:
    return nw.coalesce(compare_numbers(was, now, COMPARE[exp.NEQ]), was.present.is_null() != now.present.is_null())


def _from_to(name: str, most: int) -> nw.Expr:
    was, now = (nw.coalesce(nw.col(_shown(name, when, most)), nw.lit("missing")) for when in ("was", "now"))
    return nw.concat_str(nw.lit(f"{name} "), was, nw.lit(" → "), now, ignore_nulls=True)


def digits(held: nw.Expr, decimals: int) -> nw.Expr:
    """A whole number of 10^-decimals as text with that many decimals: 1234.50; null where it is missing."""
    unit = nw.lit(10**decimals, nw.Int64())
    amount = held.abs()
    parts = [nw.when(held < 0).then(nw.lit("-")).otherwise(nw.lit("")), (amount // unit).cast(nw.String())]
    if decimals:
        parts += [nw.lit("."), (amount % unit + unit).cast(nw.String()).str.slice(1)]
    return nw.when(~held.is_null()).then(nw.concat_str(*parts, ignore_nulls=True))
