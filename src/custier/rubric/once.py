"""What is found of a whole rubric, found once: checks ask the same of one a dozen times, and a rubric never changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from custier.rubric.model import Rubric

Found = TypeVar("Found")


def once_per_rubric(find: Callable[[Rubric], Found]) -> Callable[[Rubric], Found]:
    """The same function, which remembers its answer for the rubric that it was asked of last."""
    last: list[tuple[Rubric, Found]] = []

    def found(rubric: Rubric) -> Found:
        known = next((answer for asked, answer in last if asked is rubric), None)
        if known is None:
            known = find(rubric)
            last[:] = [(rubric, known)]
        return known

    return found
