"""Slices that equal customers made far larger than was asked, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from custier.errors import in_number
from custier.values import Cut, cuts_of_tiers

LEAST_TIMES, LEAST_CUSTOMERS = 2, 10
"""A slice is told of when it let in so many times as many as asked, and so many customers."""
MOST_GROUPS = 3


def tie_warnings(cuts: Sequence[Cut]) -> Iterator[str]:
    """A warning per tier with such slices; a slice that ends with the same equals as one above it is not told of again."""
    told: set[tuple[str, str | None, int | None]] = set()
    by_tier: dict[str, list[Cut]] = {}
    for cut in filter(_is_swollen, cuts_of_tiers(cuts)):
        if (cut.by, cut.group, cut.num) not in told:
            told.add((cut.by, cut.group, cut.num))
            by_tier.setdefault(cut.tier, []).append(cut)
    for swollen in by_tier.values():
        yield _one(swollen[0]) if len(swollen) == 1 else _several(swollen)


def _is_swollen(cut: Cut) -> bool:
    asked = cut.last_rank
    return bool(asked) and cut.customers >= max(LEAST_TIMES * (asked or 0), LEAST_CUSTOMERS)


def _one(cut: Cut) -> str:
    where = "" if cut.group is None else f" in {cut.group}"
    asked = in_number(cut.last_rank or 0, "customer", "customers")
    return f"{cut.asked}{where} asked for {asked} and let {cut.customers:,} in, since so many are equal at {_edge(cut)}; {_CURE}"


def _several(cuts: Sequence[Cut]) -> str:
    worst = sorted(cuts, key=lambda cut: (-cut.customers, str(cut.group)))[:MOST_GROUPS]
    named = ", ".join(f"{cut.group} ({cut.customers:,} for {cut.last_rank:,}, {_edge(cut)})" for cut in worst)
    more = f" and {len(cuts) - len(worst):,} more" if len(cuts) > len(worst) else ""
    groups = f"{len(cuts):,} groups of {cuts[0].within}"
    return f"{cuts[0].asked} let in at least twice as many as asked in {groups}, since so many are equal: {named}{more}; {_CURE}"


_CURE = "`ties: strict` leaves such out"


def _edge(cut: Cut) -> str:
    return f"{cut.by} {cut.value:,f}" if cut.value is not None else cut.by
