"""What customers are ranked by, and the value at a place of the population: shared by the steps that cut it.

A value is found by counting in ever finer ranges: group-bys with short answers, on any engine, and no window over the population. A
range of the key is divided into many, each is counted, and the one that holds the place is divided again, until it is a single value.
Sums are taken in two halves of 32 bits, so that 64 bits hold them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import narwhals as nw

from custier.expressions import first_true
from custier.frames import Frame
from custier.rubric.formula import Number, rounded
from custier.rubric.plan import Plan

QUOTIENT_DECIMALS = 6
RANGES = 1 << 14
HALF = 1 << 32


@dataclass(frozen=True)
class Place:
    """A place counted from the best: a rank, or (`held`) where the best together first hold so much of the total; 1 is the first."""

    at: int
    held: bool = False


@dataclass(frozen=True)
class Population:
    """How many there are, how many of them not below zero, what those above zero hold together, and the least and greatest value."""

    everyone: int
    not_negative: int
    total: int
    least: int
    greatest: int


@dataclass(frozen=True)
class _Range:
    """Where a place lies: first to last value, so many customers in it, and what is above it (customers or what they hold)."""

    first: int
    last: int
    customers: int
    above: int

    @property
    def step(self) -> int:
        """How wide the ranges are that it is divided into."""
        return 1 if self.customers <= RANGES else -((self.first - self.last - 1) // RANGES)


def cut_key(plan: Plan, by: str) -> Number:
    """The whole number that customers are ranked by: the metric itself, a quotient rounded to the sixth decimal."""
    value = plan.value(by)
    return value if value.den is None else rounded(value, QUOTIENT_DECIMALS)


def population(keys: Frame, held: bool) -> Population | None:
    """key (Int64, no nulls), one row per customer → its population (its total only where asked for); None where there is nobody."""
    not_negative = nw.when(nw.col("key") >= 0).then(nw.col("key"))
    columns = {"everyone": nw.len(), "not_negative": not_negative.count(), "least": nw.col("key").min(), "greatest": nw.col("key").max()}
    everyone, above, least, greatest, *total = (
        keys.select(**columns, **(halves("total", nw.col("key") > 0) if held else {})).collect().row(0)
    )
    return Population(everyone, above, whole(total), least, greatest) if everyone else None


def halves(name: str, counts: nw.Expr) -> dict[str, nw.Expr]:
    """The sum of the keys (all above zero) of the rows that count, as two columns that 64 bits hold."""
    low = nw.col("key") % HALF
    return {
        f"{name}_high": nw.when(counts).then((nw.col("key") - low) // HALF).cast(nw.Int64()).sum(),
        f"{name}_low": nw.when(counts).then(low).cast(nw.Int64()).sum(),
    }


def whole(parts: Sequence[int | None]) -> int:
    """The sum that such columns hold; 0 where there are none."""
    high, low = parts or (0, 0)
    return int(high or 0) * HALF + int(low or 0)


def values_at(keys: Frame, places: Sequence[Place], among: Population) -> dict[Place, int | None]:
    """The value at each place; None where there is no such place."""
    found: dict[Place, int | None] = dict.fromkeys(places)
    ranges = {p: _all(p, among) for p in found if 1 <= p.at <= (among.total if p.held else among.everyone)}
    while wide := {p: r for p, r in ranges.items() if r.first < r.last}:
        counted = _count(keys, list(dict.fromkeys(wide.values())), any(p.held for p in wide))
        ranges |= {p: _narrowed(p, r, counted) for p, r in wide.items()}
    return found | {p: r.first for p, r in ranges.items()}


def _all(place: Place, among: Population) -> _Range:
    """All values on the place's side of zero, so that no difference of two outgrows 64 bits."""
    if place.held or place.at <= among.not_negative:
        return _Range(max(0, among.least), among.greatest, among.not_negative, 0)
    return _Range(among.least, min(-1, among.greatest), among.everyone - among.not_negative, among.not_negative)


def _count(keys: Frame, ranges: Sequence[_Range], held: bool) -> list[tuple[int, ...]]:
    """First value of each part of the ranges, customers and what they hold, best first; parts without anyone are left out."""
    within = [(nw.col("key") >= r.first) & (nw.col("key") <= r.last) for r in ranges]
    firsts = [nw.col("key") - (nw.col("key") - r.first) % r.step for r in ranges]
    parts = keys.filter(reduce(lambda a, b: a | b, within))
    parts = parts.select("key", first=first_true(list(zip(within[1:], firsts[1:], strict=True)), firsts[0]))
    counted = parts.group_by("first").agg(customers=nw.len(), **(halves("held", nw.col("key") > 0) if held else {})).collect()
    return sorted(counted.iter_rows(), reverse=True)


def _narrowed(place: Place, within: _Range, counted: Sequence[tuple[int, ...]]) -> _Range:
    above = within.above
    for first, customers, *held in counted:
        if within.first <= first <= within.last:
            here = whole(held) if place.held else customers
            if above + here >= place.at:
                return _Range(first, min(first + within.step - 1, within.last), customers, above)
            above += here
    raise AssertionError("the keys have changed between two looks at them")
