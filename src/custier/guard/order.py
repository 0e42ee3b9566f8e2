"""A run must not replace a newer one."""

from __future__ import annotations

from datetime import date

from custier.values import Guard

NOT_OLDER = "not_older_than_current"
"""The one check that depends on what is current when the run is made, not on what the run is."""


def check_newer(as_of: date, current: str | None) -> list[Guard]:
    """A run older than the current one must not replace it."""
    if current is None or as_of.isoformat() >= current:
        return []
    return [Guard(NOT_OLDER, current, as_of.isoformat(), 1, 1, held=True)]
