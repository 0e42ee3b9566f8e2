"""How far it is to a better tier, and what would lose this one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from custier.show.grid import section
from custier.show.look import Look, styled
from custier.show.words import worded
from custier.values import Distance, Explanation


def distances(explanation: Explanation, look: Look) -> RenderableType | None:
    """Per tier, each change of one metric alone that would lead there."""
    better = _by_tier(explanation.to_next, "to reach", "green")
    worse = _by_tier(explanation.to_lose, "would fall to", "red")
    nearest = [] if better or not explanation.next_tier else [styled(f"no metric alone would reach {explanation.next_tier}", "dim")]
    lines = [*better, *nearest, *worse]
    return section("what would change it, one metric at a time", *lines) if lines else None


def _by_tier(found: Sequence[Distance], said: str, style: str) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for tier in dict.fromkeys(d.tier for d in found):
        head = Text.assemble((f"{said} ", "dim"), styled(tier, f"bold {style}"), ("" if said == "to reach" else " if", "dim"), ":")
        lines.append(head)
        lines += [
            Text.assemble("  ", ("or ", "dim") if i else "   ", _distance(d)) for i, d in enumerate(d for d in found if d.tier == tier)
        ]
    return lines


def _distance(d: Distance) -> Text:
    needed = Text.assemble(styled(d.metric, "bold"), f" {d.side} " if d.side else " ", styled(worded(d.needed)))
    if d.change is None:
        return needed.append("  (missing now)", style="dim")
    away = f"{'over ' if d.side else ''}{worded(abs(d.change))} {'more' if d.change > 0 else 'less'}"
    return needed.append_text(styled(f"  (now {worded(d.value)}, {away})" if d.change else f"  (now {worded(d.value)})", "dim"))
