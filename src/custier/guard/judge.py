"""A count against its limit, and what stands in the way of holding a run for it."""

from __future__ import annotations

from fractions import Fraction

from custier.rubric.guardrails import Change
from custier.rubric.limits import Limit
from custier.rubric.model import Guardrails
from custier.rubric.scalars import ALL
from custier.values import Guard

SMALL_PART = 4
"""Of a small base, a share holds from the `min_base`th part on: of 40 customers 15 move easily, 50 of 199 do not."""
BASE, FIRST, BEFORE = "small base", "first run", "as before"


def judged(name: str, limit: Limit, count: int, of: int, *, unit: str = "", waived: str = "", cause: str = "") -> Guard:
    """So many of so many, held above the limit and not at it; waived: why a share above its limit does not hold."""
    over, over_count = limit.exceeded_by(count, of), limit.count is not None and count > limit.count
    return Guard(
        name,
        str(limit),
        share_of(count, of),
        count,
        of,
        held=over and (over_count or not waived),
        unit=unit,
        near=not over and _is_near(limit, count, of),
        waived=waived if over and not over_count else "",
        cause=cause,
    )


def share_of(count: int, of: int) -> str:
    return f"{100 * count / of:.2f}%" if of else "0%"


def small(limit: Limit, count: int, base: int, guardrails: Guardrails, part: int = SMALL_PART) -> str:
    """`small base` where so few customers or rows make shares meaningless; a limit of 0% is no share but none at all."""
    least = guardrails.min_base.count or 0
    return BASE if limit.share != 0 and base < least and count * part < least else ""


def _is_near(limit: Limit, count: int, of: int) -> bool:
    return limit.share is not None and count > 0 and 4 * count * ALL > 3 * limit.share * of


def passed(limit: Change, change: Fraction) -> bool:
    """Whether a figure fell or rose farther than it may; 1/2 is half as much again."""
    side = limit.down if change < 0 else limit.up
    return side.share is not None and abs(change) * ALL > side.share


def is_close(limit: Change, change: Fraction) -> bool:
    """Whether it fell or rose by more than three quarters of what it may."""
    side = limit.down if change < 0 else limit.up
    return side.share is not None and change != 0 and 4 * abs(change) * ALL > 3 * side.share


def signed(change: Fraction) -> str:
    return f"{float(100 * change):+.2f}%"
