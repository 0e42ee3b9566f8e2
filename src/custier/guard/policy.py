"""The policy itself: whether the rubric is another than that of the last run, and whether its limits were loosened with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from custier.rubric.guardrails import Change
from custier.rubric.limits import Drift, Limit
from custier.rubric.model import Guardrails
from custier.values import Guard

MODES = ("hold", "warn", "off")
MEANT = {"rejected_amount_at_most": "rejected_amount_limit"}
"""Limits that depend on others where nothing is said of them."""


def check_rubric(differences: int, guardrails: Guardrails) -> list[Guard]:
    """How many parts of the rubric differ from that of the last run."""
    held = differences > 0 and guardrails.rubric_changed == "hold"
    observed = f"{differences} parts" if differences != 1 else "1 part"
    return [Guard("rubric_changed", guardrails.rubric_changed, observed if differences else "nothing", differences, 0, held)]


def loosened(was: Guardrails, now: Guardrails) -> Iterator[str]:
    """Each limit that lets more through than it did, as `moved_at_most 20% → 50%`."""
    for name in Guardrails.model_fields:
        old, new = (getattr(limits, MEANT.get(name, name)) for limits in (was, now))
        if _is_looser(old, new):
            yield f"{name} {old} → {new}"


def _is_looser(old: Any, new: Any) -> bool:
    if isinstance(old, Limit):
        return _allows_more(old.share, new.share) or _allows_more(old.count, new.count)
    if isinstance(old, Change):
        return _is_looser(old.down, new.down) or _is_looser(old.up, new.up)
    if isinstance(old, Drift):
        return _allows_more(old.psi, new.psi)
    return MODES.index(new) > MODES.index(old)


def _allows_more(old: Any, new: Any) -> bool:
    return old is not None and (new is None or new > old)
