"""One encoder for every text that comes from data and goes to a terminal."""

from __future__ import annotations

import re

_DRAWN = re.compile(r"(\n|\x1b\[[0-9;]*m)")
"""What custier itself puts on a page beside what prints: line ends and colours."""


def safe(text: str) -> str:
    r"""The text with everything that does not print as itself written as an escape.

    Controls, ESC, C1, bidi and zero-width characters, odd spaces and lone surrogates become `\x1b`, `\u202e`, …; the
    result is one line that cannot move the cursor, colour the screen or reorder what stands beside it.

    >>> safe("\x1b[2J张三")
    '\\x1b[2J张三'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def safe_page(text: str) -> str:
    """The same of a page that is drawn already: the last net, whoever drew it; line ends and colours stay."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(part if n % 2 else safe(part) for n, part in enumerate(_DRAWN.split(text)))


def safe_lines(text: str) -> str:
    """The same of plain text, whose colours are not custier's: only line ends stay."""
    return "\n".join(map(safe, text.split("\n")))


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
