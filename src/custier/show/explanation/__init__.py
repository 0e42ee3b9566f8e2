"""Why one customer has its tier, on one page: the sum that adds up, the rules, what is missing to the next tier."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Group, RenderableType

from custier.show.explanation.account import account
from custier.show.explanation.distance import distances
from custier.show.explanation.evidence import metrics, rows
from custier.show.explanation.head import head
from custier.show.explanation.labels import labels
from custier.show.explanation.matrix import matrix
from custier.show.explanation.next import actions, benefits
from custier.show.explanation.points import points
from custier.show.explanation.rules import rules
from custier.show.explanation.score import score
from custier.show.look import Look, render
from custier.values import Explanation

Section = Callable[[Explanation, Look], RenderableType | None]

SECTIONS: tuple[Section, ...] = (head, score, account, matrix, rules, distances, points, labels, benefits, actions, metrics, rows)


def explanation_text(explanation: Explanation, look: Look) -> str:
    """The page; a section that has nothing to say is left out."""
    return render(Group(*(body for part in SECTIONS if (body := part(explanation, look)) is not None)), look)
