"""The cuts that decide for one customer: those of the population, and of the groups that the customer is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from custier.explain.exact import Values
from custier.values import NO_GROUP, Cut, cuts_of_tiers

EVERYBODY = -(2**62)


def own_cuts(cuts: Sequence[Cut], values: Values) -> list[Cut]:
    """One cut for each tier that is a slice; for a group that has nobody who can be ranked, one that lets nobody in."""
    by_tier: dict[str, list[Cut]] = {}
    for cut in cuts_of_tiers(cuts):
        by_tier.setdefault(cut.tier, []).append(cut)
    return [_own(found, values) for found in by_tier.values()]


def _own(cuts: Sequence[Cut], values: Values) -> Cut:
    within = cuts[0].within
    if within is None:
        return cuts[0]
    group = values[within] or NO_GROUP
    nobody = replace(cuts[0], group=group, customers=0, ranked=0, num=None, value=None, last_rank=None, last_in=None, first_out=None)
    return next((cut for cut in cuts if cut.group == group), nobody)


def among_others(cut: Cut, key: int | None, is_ranked: bool) -> Cut:
    """The cut as it stands for one customer who moves while nobody else does.

    Who is in already makes room by falling: the next one's value is the one to stay above. Who comes from elsewhere must reach the last
    that fits. A share of the total, and a cut of an earlier run, are left as they are.
    """
    if not cut.last_rank:
        return cut
    up = -1 if cut.best == "low" else 1
    if cut.last_rank >= cut.ranked + (not is_ranked):
        return replace(cut, num=EVERYBODY * up)
    inside = is_ranked and key is not None and cut.last_in is not None and key * up >= cut.last_in * up
    edge = cut.first_out if inside else cut.last_in
    return replace(cut, num=EVERYBODY * up if edge is None else edge + (cut.ties == "strict") * up)
