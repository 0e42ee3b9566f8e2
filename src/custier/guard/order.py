"""A run must not replace a newer one, nor come back by itself once a person undid it."""

from __future__ import annotations

from datetime import date

from custier.values import Guard

NOT_OLDER = "not_older_than_current"
NOT_UNDONE = "not_undone"
"""The two checks that depend on what is in the store when the run is made, not on what the run is."""


def check_newer(as_of: date, current: str | None) -> list[Guard]:
    """A run older than the current one must not replace it."""
    if current is None or as_of.isoformat() >= current:
        return []
    return [Guard(NOT_OLDER, current, as_of.isoformat(), 1, 1, held=True)]


def check_undone(undone: tuple[str, str] | None) -> list[Guard]:
    """A run that a person rolled back is not published again by itself. undone: on which day and by whom, None where it is not."""
    return [] if undone is None else [Guard(NOT_UNDONE, "", f"{undone[0]} by {undone[1]}", 1, 1, held=True)]
