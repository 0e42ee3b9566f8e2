"""A count against its limit."""

from __future__ import annotations

from custier.rubric.limits import Limit
from custier.values import Guard


def judged(name: str, limit: Limit, count: int, of: int) -> Guard:
    """So many of so many, held above the limit and not at it."""
    observed = f"{100 * count / of:.2f}%" if of else "0%"
    return Guard(name, str(limit), observed, count, of, held=limit.exceeded_by(count, of))
