"""How many rows of how many customers, from when to when."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from custier.profile.values import Profile
from custier.show.grid import named
from custier.show.look import Look, styled

MOST_FILES = 3


def head(profile: Profile, look: Look) -> RenderableType:
    """Files, rows and where they went, customers, span."""
    dot = f" {look.glyph('·')} "
    names = ", ".join(f.name for f in profile.files[:MOST_FILES])
    more = len(profile.files) - MOST_FILES
    lines = {"files": styled(names + (look.told(" and {more} more", more=more) if more > 0 else ""), "bold")}
    out = {
        look.told("{rows:,} rejected", rows=profile.rejected): profile.rejected,
        look.told("{rows:,} excluded", rows=profile.excluded): profile.excluded,
    }
    lines["rows"] = Text.assemble((f"{profile.rows:,}", "bold"), *(f"{dot}{text}" for text, rows in out.items() if rows))
    lines["customers"] = styled(f"{profile.customers:,}", "bold")
    if profile.first_day is not None:
        gap = dot + look.told("{months} of {of} months have no row", months=profile.months_without_rows, of=profile.months)
        span = look.told("{first} to {last}", first=profile.first_day, last=profile.last_day)
        lines["span"] = styled(span + (gap if profile.months_without_rows else ""))
    return named([(look.told(_KEYS[key]), text) for key, text in lines.items()], 12)


_KEYS = {"files": "files", "rows": "rows", "customers": "customers", "span": "span"}
