"""Names with what people call them, one a line."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len

from custier.show.safe import safe

GAP = 2


def names_and_titles(titles: Mapping[str, tuple[str, str]]) -> str:
    """`name  English title  中文`, the columns aligned and the name first, so that the first word of each line is the name."""
    rows = [(safe(name), safe(en), safe(zh)) for name, (en, zh) in titles.items()]
    first, second = (max((cell_len(row[i]) for row in rows), default=0) + GAP for i in (0, 1))
    return "".join(f"{_padded(name, first)}{_padded(en, second)}{zh}".rstrip() + "\n" for name, en, zh in rows)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
