"""Which parts of a joined condition held."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from custier.show.look import Look, styled
from custier.show.words import edges_in_words
from custier.values import ConditionLine


def condition_parts(name: str, parts: Sequence[ConditionLine], look: Look) -> list[RenderableType]:
    """What the condition is of, then a line per part; nothing where it is one formula."""
    lines = [_part(part, look) for part in parts]
    return [Text.assemble(styled(name, "bold"), (look.told(" asks for:"), "dim")), *lines] if lines else []


def _part(part: ConditionLine, look: Look) -> RenderableType:
    style, said = ("", styled(look.told("  holds"), "green")) if part.held else ("dim", styled(look.told("  does not hold"), "dim"))
    return Padding(Text.assemble(styled(edges_in_words(part.words, look), style), said), (0, 0, 0, 2 + 2 * part.depth))
