"""Whom the customer belongs to, what each member brings, and what they have together."""

from __future__ import annotations

from rich.console import RenderableType

from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.show.words import worded
from custier.values import Explanation


def account(explanation: Explanation, look: Look) -> RenderableType | None:
    """One line per member, the first of many, and one for what the account has."""
    a = explanation.account
    if a is None:
        return None
    names = list(a.shown[0].values)
    columns = [Column(look.told(head), folds=True) for head in ("members", "tier")]
    columns += [Column(name, right=True) for name in names]
    rows: list[Row] = [
        [styled(m.customer_id, "bold" if m.customer_id == explanation.customer_id else ""), styled(m.tier)]
        + [styled(worded(m.values[name], look)) for name in names]
        for m in a.shown
    ]
    more = a.members - len(a.shown)
    told = [styled(look.told("and {members} more", members=look.counted(more, "member")), "dim")] if more else []
    together = [styled(f"{name} {worded(value, look)}") for name, value in a.together.items()]
    title = look.told("account {account}: {members}", account=a.account, members=look.counted(a.members, "member"))
    return section(title, grid(columns, rows, look), *told, *together)
