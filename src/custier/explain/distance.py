"""What is missing to a better tier, and what would lose this one: each metric moved alone to every edge that matters.

The moved values are graded as the run grades; metrics made from a moved one stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from custier.explain.cuts import EVERYBODY, among_others, own_cuts
from custier.explain.earned import Rank, cut_key, is_eligible, told_values
from custier.explain.edges import BEYOND, Move, least, moves
from custier.explain.exact import Values
from custier.explain.policy import Policy
from custier.explain.retained import tier_rank
from custier.values import UNRATED, Cut, Distance, Kind

SHOWN_DECIMALS = 4
MOST_DECIMALS = 6

Shown = Mapping[str, Any]


def distances(
    values: Values, shown: Shown, rank: Rank, policy: Policy, kinds: Mapping[str, Kind], cuts: Sequence[Cut]
) -> tuple[list[Distance], list[Distance]]:
    """A customer's metrics, exact and as shown, and the rank of its tier → the nearest value of each metric that reaches a better tier, and
    that loses this one. Of a metric that is missing now, the smallest value for each tier that one leads to.
    """
    now = told_values(values, policy, kinds, cuts)
    cuts = list(_cuts_around(cuts, now, rank is not None, policy, kinds))
    found = list(_moved(values, policy, kinds, cuts))
    place = _place(rank, policy)
    better, worse = [m for m in found if m[1] < place], [m for m in found if m[1] > place]
    return _nearest(better, shown, policy), _nearest(worse, shown, policy)


def _cuts_around(cuts: Sequence[Cut], now: Values, is_rated: bool, policy: Policy, kinds: Mapping[str, Kind]) -> Iterator[Cut]:
    """The cuts as they stand for this customer: of its own groups, and of the other labels of a segment, which a move may lead into."""
    for cut in cuts:
        if cut.criterion:
            key = cut_key(now[cut.by], kinds[cut.by])
            yield among_others(cut, key, key is not None and is_eligible(now, policy))
    own = own_cuts(cuts, now)
    for cut in own:
        key = cut_key(now[cut.by], kinds[cut.by])
        yield among_others(cut, key, is_rated and key is not None)
    groups = {(cut.tier, cut.group) for cut in own}
    elsewhere = (cut for cut in cuts if cut.within in policy["segments"] and (cut.tier, cut.group) not in groups)
    yield from (among_others(cut, None, False) for cut in elsewhere)


def _moved(values: Values, policy: Policy, kinds: Mapping[str, Kind], cuts: Sequence[Cut]) -> Iterator[tuple[Move, int]]:
    """Every move, and the place of the tier that it leads to."""
    edges = [cut for cut in cuts if cut.num not in (EVERYBODY, -EVERYBODY)]
    for name, kind in ((name, kind) for name, kind in kinds.items() if kind.type == "number"):
        for needed, side in [*moves(name, kind, policy, edges), *([] if values[name] is not None else least(kind))]:
            value = Fraction(needed + {"above": BEYOND, "below": -BEYOND, "": Decimal(0)}[side])
            yield (name, needed, side), _place(tier_rank({**values, name: value}, policy, kinds, cuts), policy)


def _place(rank: Rank, policy: Policy) -> int:
    return len(policy["tiers"]) if rank is None else rank


def _nearest(moved: list[tuple[Move, int]], shown: Shown, policy: Policy) -> list[Distance]:
    """Per metric, the smallest move; of two to the same edge the one that needs no step beyond it."""
    by_metric: dict[tuple[str, int | None], list[tuple[Move, int]]] = {}
    for move, place in moved:
        by_metric.setdefault((move[0], None if shown[move[0]] is not None else place), []).append((move, place))
    names = [*(tier["name"] for tier in policy["tiers"]), UNRATED]
    found = [min(group, key=lambda m: (abs(m[0][1] - _decimal(shown[m[0][0]])), m[0][2])) for group in by_metric.values()]
    return [Distance(name, shown[name], edge, side, _change(edge, shown[name]), names[place]) for (name, edge, side), place in found]


def _change(needed: Decimal, value: Any) -> Decimal | None:
    """What must be added: exact, but to four decimals where the value is a quotient that has no end."""
    if value is None:
        return None
    change = needed - _decimal(value)
    if not isinstance(value, float):
        return change
    ends = -int(change.as_tuple().exponent) <= MOST_DECIMALS
    return (change if ends else round(change, SHOWN_DECIMALS)).normalize() + 0


def _decimal(value: Any) -> Decimal:
    return Decimal(0) if value is None else Decimal(str(value))
