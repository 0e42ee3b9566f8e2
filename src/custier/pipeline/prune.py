"""Freeing a store: what goes depends on the rubric, where a metric counts back through all runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from custier import store as stores
from custier.rubric.load import load_rubric
from custier.store import Keep, Pruning, Store


@dataclass(frozen=True)
class Pruned:
    """What went, or would go, and the metrics for which all published runs stay."""

    plan: Pruning
    counted_back: Sequence[str]


def prune_store(store: Store, keep: Keep, *, dry_run: bool, now: datetime) -> Pruned:
    """Plans and, unless it is a dry run, removes; raises BusyError, StoreError and OutputError."""
    if dry_run:
        return _planned(store, keep)
    with stores.locked(store, "prune"):
        pruned = _planned(store, keep)
        stores.prune(store, pruned.plan, who=stores.user_name(), at=now)
        return pruned


def _planned(store: Store, keep: Keep) -> Pruned:
    metrics = _counted_back(store)
    return Pruned(stores.plan_prune(store, replace(keep, all_published=bool(metrics))), metrics)


def _counted_back(store: Store) -> list[str]:
    """The metrics of the current rubric that count in how many runs a customer had a tier: without the runs they would count less."""
    current = stores.current_run(store)
    if current is None:
        return []
    rubric = load_rubric(stores.require_files(store, current, ["rubric.yaml"]) / "rubric.yaml").rubric
    return [name for name, metric in rubric.metrics.items() if metric.years_at_tier]
