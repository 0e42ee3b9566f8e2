"""Exact numbers as expressions: integers of 10^-scale over a denominator, with the bits they may need.

No float is ever made. A column holds at most 62 bits, because larger totals are refused when rows are read; every operation
counts the bits of its result, and a formula that could outgrow 128 is refused before it meets any data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import narwhals as nw

COLUMN_BITS = 62
NARROW, WIDE = 63, 127
MOST_SCALE = 12
MOST_DIGITS = 21

Compare = Callable[[nw.Expr, nw.Expr], nw.Expr]


class FormulaError(ValueError):
    """A formula that cannot be used: what is wrong, and the cure."""

    def __init__(self, what: str, help: str = "") -> None:
        super().__init__(what)
        self.help = help


@dataclass(frozen=True)
class Number:
    """`num / den / 10^scale`, exact; a missing `den` is 1, and `den` is never negative or zero."""

    num: nw.Expr
    scale: int = 0
    den: nw.Expr | None = None
    bits: int = COLUMN_BITS
    den_bits: int = COLUMN_BITS

    @property
    def present(self) -> nw.Expr:
        """The numerator where the number is not missing."""
        return self.num if self.den is None else nw.when(~self.den.is_null()).then(self.num)


def wide(expr: nw.Expr) -> nw.Expr:
    """The same integers in 128 bits, where neither the product of two columns nor the sum of a column can wrap."""
    return expr.cast(nw.Int128())


def exact(value: Decimal) -> Number:
    """A constant as an exact number."""
    exponent = value.adjusted() if value else 0
    if abs(exponent) > MOST_DIGITS:  # before any sum with it, which decimals themselves could not hold
        raise FormulaError(f"{value} has too many digits")
    value = value.normalize() if value else Decimal(0)
    scale = max(0, -int(value.as_tuple().exponent))
    if scale > MOST_SCALE or abs(value) >= Decimal(10) ** min(18, MOST_DIGITS - scale):
        raise FormulaError(f"{value} has too many digits")
    return _constant(int(value.scaleb(scale)), scale)


def _constant(held: int, scale: int = 0) -> Number:
    bits = abs(held).bit_length()
    return Number(nw.lit(held, nw.Int64() if bits <= NARROW else nw.Int128()), scale, bits=bits)


def fits(bits: int) -> int:
    """The bits, when exact numbers can have so many; raises FormulaError."""
    if bits > WIDE:
        raise FormulaError("could grow beyond exact numbers", "round a factor first: round(x, 2)")
    return bits


def _product(a: nw.Expr, a_bits: int, b: nw.Expr, b_bits: int) -> tuple[nw.Expr, int]:
    return wide(a) * wide(b), fits(a_bits + b_bits)


def _times_ten(expr: nw.Expr, bits: int, power: int) -> tuple[nw.Expr, int]:
    if power == 0:
        return expr, bits
    ten = _constant(10**power)
    return _product(expr, bits, ten.num, ten.bits)


def _sum(a: nw.Expr, a_bits: int, b: nw.Expr, b_bits: int) -> tuple[nw.Expr, int]:
    bits = fits(max(a_bits, b_bits) + 1)
    return (a + b, bits) if bits <= NARROW else (wide(a) + wide(b), bits)


@dataclass(frozen=True)
class _Pair:
    """Two numerators over one denominator and scale."""

    left: nw.Expr
    left_bits: int
    right: nw.Expr
    right_bits: int
    scale: int
    den: nw.Expr | None
    den_bits: int


def _same_terms(a: Number, b: Number) -> _Pair:
    scale = max(a.scale, b.scale)
    left, left_bits = _times_ten(a.num, a.bits, scale - a.scale)
    right, right_bits = _times_ten(b.num, b.bits, scale - b.scale)
    den, den_bits = (a.den, a.den_bits) if a.den is not None else (b.den, b.den_bits)
    if b.den is not None:
        left, left_bits = _product(left, left_bits, b.den, b.den_bits)
    if a.den is not None:
        right, right_bits = _product(right, right_bits, a.den, a.den_bits)
    if a.den is not None and b.den is not None:
        den, den_bits = _product(a.den, a.den_bits, b.den, b.den_bits)
    return _Pair(left, left_bits, right, right_bits, scale, den, den_bits)


def add(a: Number, b: Number) -> Number:
    pair = _same_terms(a, b)
    total, bits = _sum(pair.left, pair.left_bits, pair.right, pair.right_bits)
    return Number(total, pair.scale, pair.den, bits, pair.den_bits)


def negative(a: Number) -> Number:
    return Number(nw.lit(0, nw.Int64()) - a.num, a.scale, a.den, a.bits, a.den_bits)


def absolute(a: Number) -> Number:
    return Number(a.num.abs(), a.scale, a.den, a.bits, a.den_bits)


def multiply(a: Number, b: Number) -> Number:
    if a.scale + b.scale > MOST_SCALE:
        raise FormulaError("multiplies too many decimals", "round a factor first: round(x, 2)")
    num, bits = _product(a.num, a.bits, b.num, b.bits)
    den, den_bits = (a.den, a.den_bits) if a.den is not None else (b.den, b.den_bits)
    if a.den is not None and b.den is not None:
        den, den_bits = _product(a.den, a.den_bits, b.den, b.den_bits)
    return Number(num, a.scale + b.scale, den, bits, den_bits)


def divide(a: Number, b: Number) -> Number:
    """a / b, missing where b is zero; the denominator is kept positive."""
    shared = min(a.scale, b.scale)
    top, bits = (a.num, a.bits) if b.den is None else _product(a.num, a.bits, b.den, b.den_bits)
    bottom, den_bits = (b.num, b.bits) if a.den is None else _product(b.num, b.bits, a.den, a.den_bits)
    top, bits = _times_ten(top, bits, b.scale - shared)
    sign = nw.when(bottom > 0).then(nw.lit(1)).when(bottom < 0).then(nw.lit(-1))
    return Number(wide(top) * wide(sign), a.scale - shared, wide(bottom) * wide(sign), bits, den_bits)


def rounded(a: Number, decimals: int) -> Number:
    """Rounded half away from zero to this many decimals; a result that 64 bits cannot hold stops the run."""
    if a.den is None and a.scale <= decimals:
        return a
    held = rounded_wide(a, decimals)
    return Number(held.num.cast(nw.Int64()), decimals, bits=min(held.bits, NARROW))


ROUND: dict[str, Compare] = {
    "down": lambda size, by: size // by,
    "nearest": lambda size, by: (size * wide(nw.lit(2)) + by) // (by * wide(nw.lit(2))),
    "up": lambda size, by: (size + by - wide(nw.lit(1))) // by,
}
"""The whole number of times that one goes into the other, both in 128 bits; a half is up."""


def rounded_wide(a: Number, decimals: int, how: str = "nearest") -> Number:
    """The same with room for any result, in 128 bits; `how`: down is toward zero, up away from it."""
    top, bits = _times_ten(a.num, a.bits, max(0, decimals - a.scale))
    bottom, den_bits = (_constant(1).num, 1) if a.den is None else (a.den, a.den_bits)
    bottom, den_bits = _times_ten(bottom, den_bits, max(0, a.scale - decimals))
    fits(max(bits, den_bits) + 2)
    size = ROUND[how](wide(top).abs(), wide(bottom))
    return Number(nw.when(top < 0).then(nw.lit(0) - size).otherwise(size), decimals, bits=bits)


def compare_numbers(a: Number, b: Number, how: Compare) -> nw.Expr:
    """An exact comparison of two numbers, by cross-multiplication where that fits; null where one is missing."""
    if a.den is not None and b.den is not None:
        return _compare_by_parts(a, b, how)
    try:
        pair = _same_terms(a, b)
    except FormulaError:
        return _compare_by_parts(a, b, how)
    return how(pair.left, pair.right)


def _compare_by_parts(a: Number, b: Number, how: Compare) -> nw.Expr:
    """Whole parts first, then what remains, which is smaller than its denominator: no product outgrows the two denominators."""
    (a_whole, a_rest, a_den), (b_whole, b_rest, b_den) = _whole_and_rest(a, b.scale), _whole_and_rest(b, a.scale)
    fits(sum(1 if n.den is None else n.den_bits for n in (a, b)))
    return nw.when(a_whole != b_whole).then(how(a_whole, b_whole)).otherwise(how(a_rest * b_den, b_rest * a_den))


def _whole_and_rest(a: Number, scale: int) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    num, _ = _times_ten(a.num, a.bits, max(0, scale - a.scale))
    den = wide(_constant(1).num if a.den is None else a.den)
    whole = wide(num) // den
    return whole, wide(num) - whole * den, den


def choose(keep: nw.Expr, a: Number, b: Number) -> Number:
    """The first number where `keep` holds, else the second."""
    scale = max(a.scale, b.scale)
    left, left_bits = _times_ten(a.num, a.bits, scale - a.scale)
    right, right_bits = _times_ten(b.num, b.bits, scale - b.scale)
    num, bits = nw.when(keep).then(left).otherwise(right), max(left_bits, right_bits)
    if a.den is None and b.den is None:
        return Number(num, scale, bits=bits)
    one = wide(_constant(1).num)
    den = nw.when(keep).then(one if a.den is None else wide(a.den)).otherwise(one if b.den is None else wide(b.den))
    return Number(num, scale, den, bits, max(a.den_bits, b.den_bits))
