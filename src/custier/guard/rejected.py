"""Rows that were rejected, and whether any is left."""

from __future__ import annotations

from collections.abc import Sequence

from custier.guard.judge import judged
from custier.rubric.model import Guardrails
from custier.values import Account, Guard


def check_rejected(accounts: Sequence[Account], guardrails: Guardrails) -> list[Guard]:
    """Rows rejected of rows read, and amounts rejected of those read, as far as they could be, per source."""
    rows = [judged(f"rejected_at_most of {a.source}", guardrails.rejected_at_most, a.rejected, a.read, unit="rows") for a in accounts]
    limit = guardrails.rejected_amount_limit
    sizes = {a.source: (a.size_rejected, a.size_read) for a in accounts if a.size_rejected}
    return rows + [judged(f"rejected_amount_at_most of {source}", limit, *size, unit="money") for source, size in sizes.items()]


def check_usable(usable: bool) -> list[Guard]:
    """At least one good row up to the as-of date; without one there is nobody to grade."""
    return [] if usable else [Guard("usable_rows", "at least 1", "0", 0, 0, held=True)]
