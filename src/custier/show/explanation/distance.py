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
    better = _by_tier(explanation.to_next, "would reach", "green", look)
    worse = _by_tier(explanation.to_lose, "would fall to", "red", look)
    nearest = (
        []
        if better or not explanation.next_tier
        else [styled(look.told("no metric alone would reach {tier}", tier=explanation.next_tier), "dim")]
    )
    lines = [*better, *nearest, *worse]
    return section(look.told("what would change it, one metric at a time"), *lines) if lines else None


def _by_tier(found: Sequence[Distance], said: str, style: str, look: Look) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for tier in dict.fromkeys(d.tier for d in found):
        lines.append(Text.assemble((f"{look.told(said)} ", "dim"), styled(tier, f"bold {style}"), (look.told(" if:"), "dim")))
        here = [_distance(d, look) for d in found if d.tier == tier]
        lines.append(named([(look.told("  or") if i else "", text) for i, text in enumerate(here)], 6))
    return lines


def _distance(d: Distance, look: Look) -> Text:
    needed = (f"{look.told(d.side)} " if d.side else "") + worded(d.needed, look)
    if d.change is None:
        return Text.assemble(styled(d.metric, "bold"), look.told(" is "), styled(needed), (look.told("  (missing now)"), "dim"))
    more = d.change > 0 or (not d.change and d.side == "above")
    to = look.told(" rises " if more else " falls ") + ("" if d.side else look.told("to "))
    return Text.assemble(styled(d.metric, "bold"), to, styled(needed), styled(_now(d, look, more), "dim"))


def _now(d: Distance, look: Look, more: bool) -> str:
    now, away = worded(d.value, look), _amount(d, look) if d.change else ""
    if not away:
        return look.told("  (now {now})", now=now)
    if d.side:
        return look.told("  (now {now}, over {away} more)" if more else "  (now {now}, over {away} less)", now=now, away=away)
    return look.told("  (now {now}, {away} more)" if more else "  (now {now}, {away} less)", now=now, away=away)


def _amount(d: Distance, look: Look) -> str:
    """The change with as many decimals as the value has: money keeps its cents."""
    change = abs(d.change)
    if isinstance(d.value, Decimal) and isinstance(change, Decimal):
        return worded(change + 0 * d.value, look)
    return worded(change, look)
