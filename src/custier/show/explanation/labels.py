"""What else is known of the customer: flags and segments."""

from __future__ import annotations

from rich.console import RenderableType

from custier.show.explanation.parts import condition_parts
from custier.show.grid import named, section
from custier.show.look import Look, styled
from custier.values import Explanation


def labels(explanation: Explanation, look: Look) -> RenderableType | None:
    """Flags as yes or no, segments as name and value."""
    dot = f" {look.glyph('·')} "
    said = {
        "flags": dot.join(f"{name} {look.told('yes' if on else 'no')}" for name, on in explanation.flags.items()),
        "segments": dot.join(f"{name} {value}" for name, value in explanation.segments.items()),
    }
    lines = [(look.told(name), styled(text)) for name, text in said.items() if text]
    joined = [part for name, parts in explanation.label_parts.items() for part in condition_parts(name, parts, look)]
    return section(look.told("labels"), named(lines, 10), *joined) if lines else None
