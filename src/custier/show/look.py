"""How text is drawn where it goes: its width, whether it has colour, whether it can hold more than ASCII."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.segment import Segment, Segments
from rich.text import Text

from custier.lang import Lang, counted, key, sentence, titled, told, warned
from custier.show.safe import safe, safe_lines

WIDEST = 120
WITHOUT_TERMINAL = 100
NARROW = 60

GLYPHS = {"·": "|", "–": "-", "→": "->", "×": "x", "─": "-"}


@dataclass(frozen=True)
class Look:
    width: int = WITHOUT_TERMINAL
    colour: bool = False
    unicode: bool = True
    lang: Lang = "en"

    @property
    def narrow(self) -> bool:
        return self.width < NARROW

    def glyph(self, glyph: str) -> str:
        """The glyph, or its ASCII stand-in."""
        return glyph if self.unicode else GLYPHS[glyph]

    def told(self, text: str, **values: Any) -> str:
        """The text in the page's language."""
        return told(self.lang, text, **values)

    def sentence(self, text: str) -> str:
        """What a run keeps in English words, in the page's language."""
        return sentence(self.lang, text)

    def key(self, name: str) -> str:
        """What a key of a rubric is called, in the page's language."""
        return key(self.lang, name)

    def warned(self, text: str) -> str:
        """A warning that a run keeps, in the page's language."""
        return warned(self.lang, text)

    def titled(self, en: str | None, zh: str | None) -> str | None:
        """A title in the page's language."""
        return titled(self.lang, en, zh)

    def counted(self, number: int, noun: str) -> str:
        """`1,204 rows` in the page's language."""
        return counted(self.lang, number, noun)


def look_of(stream: TextIO, environ: Mapping[str, str] = os.environ, lang: Lang = "en") -> Look:
    """The look that fits a stream: NO_COLOR, TERM=dumb, COLUMNS and the stream's encoding are respected."""
    terminal = stream.isatty()
    encoding = (getattr(stream, "encoding", None) or "").lower()
    return Look(
        width=_width(terminal, environ),
        colour=terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb",
        unicode=encoding.startswith("utf"),
        lang=lang,
    )


def _width(terminal: bool, environ: Mapping[str, str]) -> int:
    if environ.get("COLUMNS", "").isdecimal() and int(environ["COLUMNS"]) > 0:
        wanted = int(environ["COLUMNS"])
    else:
        wanted = shutil.get_terminal_size((WITHOUT_TERMINAL, 24)).columns if terminal else WITHOUT_TERMINAL
    return max(10, min(wanted, WIDEST))


def unbroken(look: Look) -> Look:
    """The same look without an edge: for paths and commands, which must stay whole to be copied."""
    return replace(look, width=100_000)


def styled(text: str, style: str = "") -> Text:
    """Text made safe; a markup in it is not interpreted."""
    return Text(safe(text), style=style)


def render(body: RenderableType, look: Look) -> str:
    """The body as text, with escapes only where the look has colour; lines hold no trailing blanks."""
    page = io.StringIO()
    console = Console(
        file=page,
        width=look.width,
        force_terminal=look.colour,
        force_jupyter=False,
        color_system="standard" if look.colour else None,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    drawn = [Segment(safe_lines(part.text), part.style) for part in console.render(body)]  # whoever made the text
    console.print(Segments(drawn), end="")
    return "".join(f"{line.rstrip(' ')}\n" for line in page.getvalue().split("\n")[:-1])
