"""One encoder for every text that comes from data and goes to a terminal."""

from __future__ import annotations


def safe(text: str) -> str:
    r"""The text with everything that does not print as itself written as an escape.

    Controls, ESC, C1, bidi and zero-width characters, odd spaces and lone surrogates become `\x1b`, `\u202e`, …; the
    result is one line that cannot move the cursor, colour the screen or reorder what stands beside it.

    >>> safe("\x1b[2J张三")
    '\\x1b[2J张三'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
