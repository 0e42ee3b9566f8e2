"""Where a slice of the population is cut: ties together, decided on whole numbers only.

A cut is the lowest value that is in. Ranks count from the best; a rank fits up to `customers × share // 10 000`, asked of the first
rank of a group of equals (`ties: generous`) or of its last (`strict`). So with generous ties the value at the last rank that fits is
in, and with strict ones the value at the rank after it is out; a share of the total is held against what the best hold together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import narwhals as nw

from custier.frames import Frame
from custier.places import Place, Population, cut_key, halves, population, values_at, whole
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan
from custier.rubric.scalars import ALL
from custier.tier.slices import Slice, slices
from custier.values import Cut

NOBODY = Population(0, 0, 0, 0, 0)
Values = Mapping[Place, int | None]


@dataclass(frozen=True)
class _Inside:
    """Who is in: how many, what they hold together, and the lowest of their values."""

    customers: int = 0
    held: int = 0
    lowest: int | None = None


def find_cuts(rated: Frame, rubric: Rubric, plan: Plan, hold: Callable[[Frame], Frame] = lambda frame: frame) -> list[Cut]:
    """Rated customers with their metrics → the cut of every slice; a few thousand counts are collected at most, never the customers.

    The keys are looked at several times: `hold` is the engine's way to work a frame out once.
    """
    asked = list(slices(rubric))
    found: dict[str, dict[str, Cut]] = {}
    for by in dict.fromkeys(s.by for s in asked):
        key = cut_key(plan, by)
        keys = hold(rated.select(key=key.num.cast(nw.Int64())).filter(~nw.col("key").is_null()))
        found[by] = _cuts_by(keys, [s for s in asked if s.by == by], key.scale)
    return [found[s.by][s.tier.name] for s in asked]


def _cuts_by(keys: Frame, asked: Sequence[Slice], scale: int) -> dict[str, Cut]:
    """The cuts of all slices that are ranked by one metric."""
    held = any(s.of_total is not None for s in asked)
    among = population(keys, held)
    if among is None:
        return {s.tier.name: _cut(s, NOBODY, _Inside(), {}, scale) for s in asked}
    values = values_at(keys, [place for s in asked for place in (*_last_and_next(s, among), _edge(s, among))], among)
    inside = _inside(keys, [_is_in(s, among, values) for s in asked], held)
    return {s.tier.name: _cut(s, among, i, values, scale) for s, i in zip(asked, inside, strict=True)}


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


def _is_in(asked: Slice, among: Population, values: Values) -> nw.Expr:
    """Whether a customer's key is in. With strict ties and no edge everyone is, as far as they can be ranked."""
    edge = values[_edge(asked, among)]
    if asked.strict:
        test = nw.lit(True) if edge is None else nw.col("key") > nw.lit(edge, nw.Int64())
        return test & (nw.col("key") > 0) if asked.of_total is not None else test
    return nw.lit(False) if edge is None else nw.col("key") >= nw.lit(edge, nw.Int64())


def _inside(keys: Frame, tests: Sequence[nw.Expr], held: bool) -> list[_Inside]:
    """Who is in, slice by slice; what they hold together only where asked for."""
    columns: dict[str, nw.Expr] = {}
    for i, test in enumerate(tests):
        key = nw.when(test).then(nw.col("key"))
        columns |= {f"customers_{i}": key.count(), f"lowest_{i}": key.min()}
        columns |= halves(f"held_{i}", test & (nw.col("key") > 0)) if held else {}
    row = keys.select(**columns).collect().row(0)
    width = len(row) // len(tests)
    found = [row[i : i + width] for i in range(0, len(row), width)]
    return [_Inside(customers, whole(sums), lowest) for customers, lowest, *sums in found]


def _cut(asked: Slice, among: Population, inside: _Inside, values: Values, scale: int) -> Cut:
    last, following = (values.get(place) for place in (_last_and_next(asked, among) or (Place(0), Place(0))))
    return Cut(
        tier=asked.tier.name,
        by=asked.by,
        asked=asked.asked,
        ties=asked.tier.ties,
        asked_share=_asked_share(asked, among.everyone),
        realised_share=_realised_share(asked, inside, among),
        customers=inside.customers,
        value=None if inside.lowest is None else Decimal(inside.lowest).scaleb(-scale),
        num=inside.lowest,
        den=10**scale,
        last_in=last,
        first_out=following,
    )


def _asked_share(asked: Slice, everyone: int) -> float | None:
    if asked.of_total is not None:
        return asked.of_total / ALL
    return asked.share / ALL + (asked.customers / everyone if everyone else 0)


def _realised_share(asked: Slice, inside: _Inside, among: Population) -> float:
    if asked.of_total is not None:
        return inside.held / among.total if among.total else 0.0
    return inside.customers / among.everyone if among.everyone else 0.0
