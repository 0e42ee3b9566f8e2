"""The last run, as far as a comparison needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from custier.frames import Frame
from custier.rubric.plan import Kind
from custier.values import Cut


@dataclass(frozen=True)
class Last:
    """customers: customer_id, then the last run's columns as `previous_<name>`; kinds: how its metrics are held."""

    customers: Frame
    columns: frozenset[str]
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    cuts: Sequence[Cut] = ()
    same_rubric: bool = True
    as_of: date | None = None
