"""How the cuts have moved since the last run, in words: of one population as literals, of groups as columns of each customer."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import narwhals as nw

from custier.compare.last import Last
from custier.compare.told import SHORT
from custier.expressions import group_of, no_text
from custier.frames import Frame, Given, in_memory
from custier.places import GROUP, beside_group
from custier.values import Cut


def tell_cuts(customers: Frame, last: Last, cuts: Sequence[Cut], given: Given) -> tuple[Frame, dict[str, nw.Expr]]:
    """Customers, and by tier the words `cut for key by profit in North 5000.00 → 5200.00` (text), null for customers of groups whose cut
    did not move, or who are in another group than before.
    """
    old = {(cut.tier, cut.group): cut.exactly for cut in last.cuts}
    moved = [cut for cut in cuts if (cut.tier, cut.group) in old and old[cut.tier, cut.group] != cut.exactly]
    words = {(cut.tier, cut.group): _words(cut, old[cut.tier, cut.group]) for cut in moved}
    said: dict[str, nw.Expr] = {cut.tier: nw.lit(words[cut.tier, None]) for cut in moved if cut.within is None}
    for within, tiers in _tiers_within(cuts).items():
        groups = list(dict.fromkeys(group for tier, group in words if tier in tiers))
        columns = {_column(tier): [words.get((tier, group)) for group in groups] for tier in tiers}
        table = given(in_memory({GROUP: groups, **columns}, dict.fromkeys([GROUP, *columns], nw.String())))
        customers = beside_group(customers, within, table)
        stayed = group_of(within) == group_of(f"previous_{within}") if within in last.columns else nw.lit(True)
        said |= {tier: nw.when(stayed).then(nw.col(_column(tier))).otherwise(no_text()) for tier in tiers}
    return customers, said


def cut_columns(cuts: Sequence[Cut]) -> list[str]:
    """The columns that telling leaves behind."""
    return [_column(tier) for tiers in _tiers_within(cuts).values() for tier in tiers]


def _tiers_within(cuts: Sequence[Cut]) -> dict[str, list[str]]:
    """What divides the population → the tiers that are cut in each of its groups."""
    found: dict[str, list[str]] = {}
    for tier, within in dict.fromkeys((cut.tier, cut.within) for cut in cuts):
        if within is not None:
            found.setdefault(within, []).append(tier)
    return found


def _column(tier: str) -> str:
    return f"cut of {tier} told"


def _words(cut: Cut, was: Decimal | None) -> str:
    where = "" if cut.group is None else f" in {cut.group}"
    return f"cut for {cut.tier} by {cut.by}{where} {_value(was)} → {_value(cut.exactly)}"


def _value(exactly: Decimal | None) -> str:
    return "nobody" if exactly is None else f"{exactly:.{SHORT}f}"
