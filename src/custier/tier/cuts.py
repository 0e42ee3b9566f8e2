"""Where a slice of the population is cut, or of each group in it: ties together, decided on whole numbers only.

A cut is the lowest value that is in. Ranks count from the best; a rank fits up to `customers × share // 10 000`, asked of the first
rank of a group of equals (`ties: generous`) or of its last (`strict`). So with generous ties the value at the last rank that fits is
in, and with strict ones the value at the rank after it is out; a share of the total is held against what the best hold together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import narwhals as nw

from custier.expressions import group_of
from custier.frames import Frame, Given, as_it_is
from custier.places import (
    GROUP,
    Group,
    Keys,
    Place,
    Population,
    Values,
    counts,
    cut_key,
    halves,
    populations,
    values_within,
    whole,
    with_numbers,
)
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan
from custier.rubric.scalars import ALL
from custier.tier.slices import Slice, slices
from custier.values import Cut

NOBODY = Population(0, 0, 0, 0, 0)
Ranking = tuple[str, str | None]
"""The metric that slices are cut by, and the text that divides the population."""


@dataclass(frozen=True)
class _Inside:
    """Who is in: how many, what they hold together, and the lowest of their values."""

    customers: int = 0
    held: int = 0
    lowest: int | None = None


def find_cuts(
    rated: Frame, rubric: Rubric, plan: Plan, hold: Callable[[Frame], Frame] = as_it_is, given: Given = as_it_is, kept: Sequence[Cut] = ()
) -> list[Cut]:
    """Rated customers with their metrics → the cut of every slice, group by group; only counts are collected, never the customers.

    The keys are looked at several times: `hold` is the engine's way to work a frame out once, `given` its way to take in a small table.
    kept: cuts of an earlier run that hold instead of new ones; a group that has none there is cut anew.
    """
    asked = list(slices(rubric))
    found: dict[str, list[Cut]] = {}
    for by, within in dict.fromkeys((s.by, s.within) for s in asked):
        key = cut_key(plan, by)
        columns = {"key": key.num.cast(nw.Int64())} | ({GROUP: group_of(within)} if within else {})
        keys = Keys(hold(rated.select(**columns).filter(~nw.col("key").is_null())), within is not None, given)
        found |= _cuts_by(keys, [s for s in asked if (s.by, s.within) == (by, within)], key.scale, _by_place(kept))
    return [cut for s in asked for cut in found[s.tier.name]]


def _by_place(cuts: Sequence[Cut]) -> dict[tuple[str, Group], Cut]:
    return {(cut.tier, cut.group): cut for cut in cuts}


def _cuts_by(keys: Keys, asked: Sequence[Slice], scale: int, kept: Mapping[tuple[str, Group], Cut]) -> dict[str, list[Cut]]:
    """The cuts of all slices of one ranking, the groups in the order of their names."""
    held = any(s.of_total is not None for s in asked)
    among = populations(keys, held)
    if not among:
        nobody = {} if keys.divided else {None: NOBODY}
        return {s.tier.name: [_cut(s, g, p, _Inside(), {}, scale, kept.get((s.tier.name, g))) for g, p in nobody.items()] for s in asked}
    places = {group: [place for s in asked for place in (*_last_and_next(s, p), _edge(s, p))] for group, p in among.items()}
    values = values_within(keys, places, among)
    lowest = {
        g: {f"lowest_{i}": _lowest(s, p, values[g], kept.get((s.tier.name, g))) for i, s in enumerate(asked)} for g, p in among.items()
    }
    inside = _inside(keys, lowest, len(asked), held)
    return {
        s.tier.name: [_cut(s, g, among[g], inside[g][i], values[g], scale, kept.get((s.tier.name, g))) for g in sorted(among, key=str)]
        for i, s in enumerate(asked)
    }


def _last_and_next(asked: Slice, among: Population) -> tuple[Place, ...]:
    """The last rank that fits and the one after it; none for a share of the total."""
    if asked.of_total is not None:
        return ()
    last = asked.ranks(among.everyone)
    return Place(last), Place(last + 1)


def _edge(asked: Slice, among: Population) -> Place:
    """The place whose value is the lowest that is in, or with strict ties the highest that is out."""
    if asked.of_total is None:
        last = asked.ranks(among.everyone)
        return Place(last + 1) if asked.strict else Place(min(last, among.everyone))
    share = among.total * asked.of_total
    return Place(share // ALL + 1 if asked.strict else -(-share // ALL), held=True)


def _lowest(asked: Slice, among: Population, values: Values, kept: Cut | None) -> int | None:
    """From which number on a key is in, None where nobody is. With strict ties and no edge everyone is, as far as they hold anything."""
    if kept is not None:
        return kept.num
    edge = values[_edge(asked, among)]
    if not asked.strict:
        return edge
    first = among.least if edge is None else edge + 1
    first = max(first, 1) if asked.of_total is not None else first
    return first if first <= among.greatest else None


def _inside(keys: Keys, lowest: Mapping[Group, Mapping[str, int | None]], slices: int, held: bool) -> dict[Group, list[_Inside]]:
    """Who is in, group by group and slice by slice; what they hold together only where asked for."""
    frame, number = with_numbers(keys, lowest)
    columns: dict[str, nw.Expr] = {}
    for i in range(slices):
        test = nw.col("key") >= number[f"lowest_{i}"]
        key = nw.when(test).then(nw.col("key"))
        columns |= {f"customers_{i}": key.count(), f"least_{i}": key.min()}
        columns |= halves(f"held_{i}", test & (nw.col("key") > 0)) if held else {}
    width = len(columns) // slices
    rows = {group: row for group, [row] in counts(keys, frame, columns).items()}
    return {group: [_read(row[i : i + width]) for i in range(0, len(row), width)] for group, row in rows.items()}


def _read(cells: Sequence[int | None]) -> _Inside:
    customers, lowest, *sums = cells
    return _Inside(customers or 0, whole(sums), lowest)


def _cut(asked: Slice, group: Group, among: Population, inside: _Inside, values: Values, scale: int, kept: Cut | None) -> Cut:
    last, following = (values.get(place) for place in (_last_and_next(asked, among) or (Place(0), Place(0))))
    num = inside.lowest if kept is None else kept.num
    return Cut(
        tier=asked.tier.name,
        by=asked.by,
        asked=asked.asked,
        ties=asked.tier.ties,
        asked_share=_asked_share(asked, among.everyone),
        realised_share=_realised_share(asked, inside, among),
        customers=inside.customers,
        value=None if num is None else Decimal(num).scaleb(-scale),
        num=num,
        den=10**scale,
        last_rank=asked.ranks(among.everyone) if kept is None and asked.of_total is None else None,
        last_in=last if kept is None else None,
        first_out=following if kept is None else None,
        ranked=among.everyone,
        within=asked.within,
        group=group,
        cut_by=None if kept is None else kept.cut_by,
    )


def _asked_share(asked: Slice, everyone: int) -> float | None:
    if asked.of_total is not None:
        return asked.of_total / ALL
    return asked.share / ALL + (asked.customers / everyone if everyone else 0)


def _realised_share(asked: Slice, inside: _Inside, among: Population) -> float:
    if asked.of_total is not None:
        return inside.held / among.total if among.total else 0.0
    return inside.customers / among.everyone if among.everyone else 0.0
