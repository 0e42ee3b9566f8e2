"""How far it is to a better tier, and what would lose this one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.console import RenderableType
from rich.text import Text

from custier.show.grid import named, section
from custier.show.look import Look, styled
from custier.show.words import worded
from custier.values import Distance, Explanation


def distances(explanation: Explanation, look: Look) -> RenderableType | None:
    """Per tier, each change of one metric alone that would lead there."""
    better = _by_tier(explanation.to_next, "would reach", "green")
    worse = _by_tier(explanation.to_lose, "would fall to", "red")
    nearest = [] if better or not explanation.next_tier else [styled(f"no metric alone would reach {explanation.next_tier}", "dim")]
    lines = [*better, *nearest, *worse]
    return section("what would change it, one metric at a time", *lines) if lines else None


def _by_tier(found: Sequence[Distance], said: str, style: str) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for tier in dict.fromkeys(d.tier for d in found):
        lines.append(Text.assemble((f"{said} ", "dim"), styled(tier, f"bold {style}"), (" if:", "dim")))
        here = [_distance(d) for d in found if d.tier == tier]
        lines.append(named([("  or" if i else "", text) for i, text in enumerate(here)], 6))
    return lines


def _distance(d: Distance) -> Text:
    if d.change is None:
        to = f" is {d.side} " if d.side else " is "
        return Text.assemble(styled(d.metric, "bold"), to, styled(worded(d.needed)), ("  (missing now)", "dim"))
    more = d.change > 0 or (not d.change and d.side == "above")
    to = f" {'rises' if more else 'falls'} {d.side or 'to'} "
    away = f", {'over ' if d.side else ''}{_amount(d)} {'more' if more else 'less'}" if d.change else ""
    return Text.assemble(styled(d.metric, "bold"), to, styled(worded(d.needed)), styled(f"  (now {worded(d.value)}{away})", "dim"))


def _amount(d: Distance) -> str:
    """The change with as many decimals as the value has: money keeps its cents."""
    change = abs(d.change)
    if isinstance(d.value, Decimal) and isinstance(change, Decimal):
        return worded(change + 0 * d.value)
    return worded(change)
