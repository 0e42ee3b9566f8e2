"""What customers are ranked by, and the value at a place of the population, or of each group in it: shared by the steps that cut it.

A value is found by counting in ever finer ranges: group-bys with short answers, on any engine, and no window over the population. A
range of the key is divided into many, each is counted, and the one that holds the place is divided again, until it is a single value.
All places of all groups are looked for in the same counts. Sums are taken in two halves of 32 bits, so that 64 bits hold them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import narwhals as nw

from custier.expressions import first_true, group_of
from custier.frames import Frame, Given, as_it_is, in_memory
from custier.rubric.formula import Number, rounded
from custier.rubric.plan import Plan

QUOTIENT_DECIMALS = 6
RANGES = 1 << 15
"""So many ranges are counted at once, over all groups; FEWEST of each group at least."""
FEWEST = 16
HALF = 1 << 32
GROUP = "in_group"
"""The column of a customer's group (text), where the population is divided."""

Group = str | None
"""A group of the population; None stands for all where it is not divided."""

Numbers = Mapping[Group, Mapping[str, int | None]]
"""Group → its numbers by name, the same names for every group."""


@dataclass(frozen=True)
class Keys:
    """What customers are ranked by. frame: key (Int64, no nulls) and, where the population is divided, GROUP (text, no nulls)."""

    frame: Frame
    divided: bool = False
    given: Given = as_it_is


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


Values = Mapping[Place, int | None]


@dataclass(frozen=True)
class _Range:
    """Where a place lies: first to last value, so many customers in it, and what is above it (customers or what they hold)."""

    first: int
    last: int
    customers: int
    above: int

    def step(self, parts: int) -> int:
        """How wide the ranges are when it is divided into so many."""
        return 1 if self.customers <= parts else -((self.first - self.last - 1) // parts)


def cut_key(plan: Plan, by: str) -> Number:
    """The whole number that customers are ranked by: the metric itself, a quotient rounded to the sixth decimal."""
    value = plan.value(by)
    return value if value.den is None else rounded(value, QUOTIENT_DECIMALS)


def population(keys: Frame, held: bool) -> Population | None:
    """key (Int64, no nulls), one row per customer → its population (its total only where asked for); None where there is nobody."""
    return populations(Keys(keys), held).get(None)


def values_at(keys: Frame, places: Sequence[Place], among: Population) -> Values:
    """The value at each place; None where there is no such place."""
    return values_within(Keys(keys), {None: places}, {None: among})[None]


def populations(keys: Keys, held: bool) -> dict[Group, Population]:
    """The keys, one row per customer → the population of each group that has anybody (its total only where asked for)."""
    not_negative = nw.when(nw.col("key") >= 0).then(nw.col("key"))
    columns = {"everyone": nw.len(), "not_negative": not_negative.count(), "least": nw.col("key").min(), "greatest": nw.col("key").max()}
    counted = counts(keys, keys.frame, columns | (halves("total", nw.col("key") > 0) if held else {}))
    rows = ((group, row) for group, [row] in counted.items() if row[0])
    return {g: Population(everyone, up, whole(total), least, greatest) for g, (everyone, up, least, greatest, *total) in rows}


def values_within(keys: Keys, places: Mapping[Group, Sequence[Place]], among: Mapping[Group, Population]) -> dict[Group, Values]:
    """The value at each place of each group; None where there is no such place."""
    ranges = {(g, p): _all(p, among[g]) for g, asked in places.items() for p in asked if _is_there(p, among[g])}
    while wide := {at: r for at, r in ranges.items() if r.first < r.last}:
        asked: dict[Group, dict[_Range, None]] = {}
        for (group, _), r in wide.items():
            asked.setdefault(group, {})[r] = None
        parts = max(FEWEST, RANGES // sum(map(len, asked.values())))
        counted = _count(keys, {g: list(r) for g, r in asked.items()}, parts, any(p.held for _, p in wide))
        ranges |= {(g, p): _narrowed(p, r, r.step(parts), counted[g]) for (g, p), r in wide.items()}
    return {g: {p: ranges[g, p].first if (g, p) in ranges else None for p in asked} for g, asked in places.items()}


def with_numbers(keys: Keys, numbers: Numbers) -> tuple[Frame, dict[str, nw.Expr]]:
    """The keys of these groups, and by name the number of a row's group: a literal where there is one group, a joined column else."""
    if not keys.divided:
        return keys.frame, {name: nw.lit(number, nw.Int64()) for name, number in numbers[None].items()}
    names = list(next(iter(numbers.values()), {}))
    columns: dict[str, list[Any]] = {GROUP: list(numbers), **{name: [of[name] for of in numbers.values()] for name in names}}
    table = in_memory(columns, {GROUP: nw.String(), **dict.fromkeys(names, nw.Int64())})
    return keys.frame.join(keys.given(table), on=GROUP, how="inner"), {name: nw.col(name) for name in names}


def beside_group(customers: Frame, within: str, table: Frame) -> Frame:
    """Customers → the same with the columns of a table (GROUP, …) in the row of each customer's group."""
    return customers.with_columns(**{GROUP: group_of(within)}).join(table, on=GROUP, how="left").drop(GROUP)


def counts(keys: Keys, frame: Frame, columns: Mapping[str, nw.Expr], by: Sequence[str] = ()) -> dict[Group, list[tuple[Any, ...]]]:
    """Aggregates of a frame that is made from the keys → the rows of each group."""
    by = [*([GROUP] if keys.divided else []), *by]
    rows = (frame.group_by(*by).agg(**columns) if by else frame.select(**columns)).collect(backend="polars").rows()
    if not keys.divided:
        return {None: rows}
    counted: dict[Group, list[tuple[Any, ...]]] = {}
    for group, *row in rows:
        counted.setdefault(group, []).append(tuple(row))
    return counted


def halves(name: str, where: nw.Expr) -> dict[str, nw.Expr]:
    """The sum of the keys (all above zero) of the rows that count, as two columns that 64 bits hold."""
    low = nw.col("key") % HALF
    return {
        f"{name}_high": nw.when(where).then((nw.col("key") - low) // HALF).cast(nw.Int64()).sum(),
        f"{name}_low": nw.when(where).then(low).cast(nw.Int64()).sum(),
    }


def whole(parts: Sequence[int | None]) -> int:
    """The sum that such columns hold; 0 where there are none."""
    high, low = parts or (0, 0)
    return int(high or 0) * HALF + int(low or 0)


def _is_there(place: Place, among: Population) -> bool:
    return 1 <= place.at <= (among.total if place.held else among.everyone)


def _all(place: Place, among: Population) -> _Range:
    """All values on the place's side of zero, so that no difference of two outgrows 64 bits."""
    if place.held or place.at <= among.not_negative:
        return _Range(max(0, among.least), among.greatest, among.not_negative, 0)
    return _Range(among.least, min(-1, among.greatest), among.everyone - among.not_negative, among.not_negative)


def _count(keys: Keys, ranges: Mapping[Group, Sequence[_Range]], parts: int, held: bool) -> dict[Group, list[tuple[Any, ...]]]:
    """First value of each part of the ranges, customers and what they hold, best first; parts without anyone are left out."""
    most = max(map(len, ranges.values()))
    frame, number = with_numbers(keys, {group: _edges(of, most, parts) for group, of in ranges.items()})
    key, numbered = nw.col("key"), range(most)
    within = [(key >= number[f"first_{i}"]) & (key <= number[f"last_{i}"]) for i in numbered]
    firsts = [key - (key - number[f"first_{i}"]) % number[f"step_{i}"] for i in numbered]
    counted = frame.filter(reduce(lambda a, b: a | b, within))
    counted = counted.with_columns(first=first_true(list(zip(within[1:], firsts[1:], strict=True)), firsts[0]))
    columns = {"customers": nw.len(), **(halves("held", key > 0) if held else {})}
    return {group: sorted(rows, reverse=True) for group, rows in counts(keys, counted, columns, ["first"]).items()}


def _edges(ranges: Sequence[_Range], most: int, parts: int) -> dict[str, int | None]:
    """The numbers of up to `most` ranges of a group; none stands where there are fewer."""
    found: dict[str, int | None] = {f"{edge}_{i}": None for i in range(most) for edge in ("first", "last", "step")}
    for i, r in enumerate(ranges):
        found |= {f"first_{i}": r.first, f"last_{i}": r.last, f"step_{i}": r.step(parts)}
    return found


def _narrowed(place: Place, within: _Range, step: int, counted: Sequence[tuple[Any, ...]]) -> _Range:
    above = within.above
    for first, customers, *held in counted:
        if within.first <= first <= within.last:
            here = whole(held) if place.held else customers
            if above + here >= place.at:
                return _Range(first, min(first + step - 1, within.last), customers, above)
            above += here
    raise AssertionError("the keys have changed between two looks at them")
