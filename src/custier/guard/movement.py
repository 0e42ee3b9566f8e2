"""Customers who moved, left the best tier, have no row any more, or are new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from custier.guard.judge import BASE, SMALL_PART, judged, small
from custier.rubric.limits import Limit
from custier.rubric.model import Guardrails
from custier.tally import DID, Alike
from custier.values import Guard

TOP_PART = 20
"""The best tier is small in any population: its share holds from a twentieth of `min_base` on."""


@dataclass(frozen=True)
class Move:
    """So many customers did the same since the last run."""

    was: str | None  # the tier of the last run; None for the new
    now: str
    moved: bool
    left_top: bool
    was_top: bool
    vanished: bool  # had rows in the last run, and none now
    customers: int


def moves_of(alike: Sequence[Alike]) -> list[Move]:
    """What customers who are alike did since the last run."""
    return [
        Move(each["previous_tier"], each["tier"], customers=each["customers"], **{name: bool(each[name]) for name in DID}) for each in alike
    ]


def check_movement(moves: Sequence[Move], guardrails: Guardrails) -> list[Guard]:
    """Who moved, left the best tier, vanished or came, of those whom the last run had; nothing where it had nobody."""
    known = _sum(moves, lambda move: move.was is not None)
    if not known:
        return []
    top = _sum(moves, lambda move: move.was_top)
    left = _sum(moves, lambda move: move.left_top)
    among: dict[str, tuple[Limit, int, int]] = {
        "moved_at_most": (guardrails.moved_at_most, _sum(moves, lambda move: move.moved), SMALL_PART),
        "customers_drop_at_most": (guardrails.customers_drop_at_most, _sum(moves, lambda move: move.vanished), SMALL_PART),
        "new_customers_at_most": (guardrails.new_customers_at_most, _sum(moves, lambda move: move.was is None), SMALL_PART),
    }
    guards = [
        judged(name, limit, count, known, unit="customers", waived=small(limit, count, known, guardrails, part))
        for name, (limit, count, part) in among.items()
    ]
    limit = guardrails.top_tier_leaves_at_most
    best = judged("top_tier_leaves_at_most", limit, left, top, unit="customers", waived=_of_top(limit, left, known, guardrails))
    return [guards[0], best, *guards[1:]] if top else guards


def _of_top(limit: Limit, left: int, known: int, guardrails: Guardrails) -> str:
    few = limit.share != 0 and left * TOP_PART < (guardrails.min_base.count or 0)
    return BASE if few else small(limit, left, known, guardrails)


def _sum(moves: Sequence[Move], counts: Callable[[Move], bool]) -> int:
    return sum(move.customers for move in moves if counts(move))
