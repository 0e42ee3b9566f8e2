"""The points of a customer as a statement: what each rule gave, what was redeemed and expired, and what is left."""

from __future__ import annotations

from rich.console import RenderableType

from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.show.words import worded
from custier.values import Explanation


def points(explanation: Explanation, look: Look) -> RenderableType | None:
    """One line per rule and what they make; less what is gone; the balance."""
    p = explanation.points
    if p is None:
        return None

    def line(name: str, words: str, count: int | None, style: str = "") -> Row:
        return [styled(name, style), styled(words, "dim"), styled(worded(count, look), style)]

    rows = [line(look.titled(rule.title, rule.title_zh) or rule.name, rule.words, rule.points) for rule in p.earned]
    rows += [
        line(look.told("earned in all"), "", p.lifetime, "bold"),
        line(look.told("redeemed"), p.redeemed_words, _less(p.redeemed)),
        line(look.told("expired"), look.told("points expire: {when}", when=look.sentence(p.expire)), _less(p.expired)),
        line(look.told("balance of points"), "", p.balance, "bold"),
    ]
    owed = [styled(look.told("up to {owed:,} were owed at a time", owed=p.overdrawn), "yellow")] if p.overdrawn else []
    return section(look.told("statement of points"), grid([Column(""), Column("", folds=True), Column("", right=True)], rows, look), *owed)


def _less(count: int | None) -> int | None:
    return None if count is None else -count
