"""What differs between two rubrics, a line per part."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from custier.rubric.differences import Difference
from custier.show.grid import INDENT
from custier.show.look import Look, render, styled

_STYLES = {"added": "green", "removed": "red", "changed": "", "order": ""}


def differences_text(was: str, now: str, found: Sequence[Difference], look: Look) -> str:
    """was, now: what the two are called. Nothing but their names where they say the same."""
    head = Text.assemble(styled(was, "bold"), f" {look.glyph('→')} ", styled(now, "bold"))
    lines = [styled(words(d, look), _STYLES[d.kind]) for d in found] or [styled(look.told("the same policy"), "dim")]
    return render(Group(head, *(Padding(line, (0, 0, 0, INDENT)) for line in lines)), look)


def words(d: Difference, look: Look) -> str:
    """`tier VIP, when: spend > 500_000 → spend > 600_000`."""
    part, was, now = _part(d, look), d.was or "", d.now or ""
    if d.kind == "added":
        return look.told("{part} is new: {now}", part=part, now=now) if now else look.told("{part} is new", part=part)
    if d.kind == "removed":
        return look.told("{part} is gone: {was}", part=part, was=was) if was else look.told("{part} is gone", part=part)
    changed = f"{was or look.glyph('–')} {look.glyph('→')} {now or look.glyph('–')}"
    return f"{look.told('order of {part}', part=part)}: {changed}" if d.kind == "order" else f"{part}: {changed}"


def _part(d: Difference, look: Look) -> str:
    """`tier VIP, benefits airport lounge`."""
    block, *rest = d.place
    if not rest:
        return look.key(block)
    nouns = {
        "tiers": look.told("tier"), "rules": look.told("rule"), "actions": look.told("action"), "metrics": look.told("metric"),
        "score": look.told("criterion"), "flags": look.told("flag"), "segments": look.told("segment"), "sources": look.told("source"),
        "benefits": look.told("benefit"),
    }  # fmt: skip
    if block not in nouns:
        return f"{look.key(block)} {' '.join([look.key(rest[0]), *rest[1:]])}"
    named = f"{nouns[block]} {rest[0]}"
    return ", ".join([named, " ".join([look.key(rest[1]), *rest[2:]])]) if rest[1:] else named
