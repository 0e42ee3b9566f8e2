"""What this run needs of earlier runs, read from the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
from pydantic import TypeAdapter

from custier.compare import Last
from custier.errors import Problem, UsageError
from custier.frames import Frame
from custier.guard.volume import MOST_RUNS
from custier.history import past_of
from custier.measure import Before
from custier.merge import merged_history, merged_last, merged_seen
from custier.rubric.model import Rubric
from custier.rubric.plan import Kind
from custier.store import Store, chain, listed_parts, previous_of, published_before, read_manifest, require_files, resolve_run, stored_runs
from custier.values import Cut, Past

EVIDENCE = "evidence.parquet"

Scan = Callable[[list[Path]], Frame]
"""An engine's way to read the Parquet files of a run."""


def scan_parquet(paths: list[Path]) -> Frame:
    """Parquet files as a frame of Polars."""
    frame: Frame = nw.from_native(pl.scan_parquet(paths, glob=False))
    return frame


@dataclass(frozen=True)
class Earlier:
    """The run to compare with, if any, and what the steps take from it."""

    run: str | None = None
    content_id: str | None = None
    before: Before = field(default_factory=Before)
    last: Last | None = None
    past: tuple[Past, ...] = ()  # it and the published runs before it, the newest first
    sha256: str | None = None  # of its rubric


def find_earlier(
    store: Store | None,
    wanted: str | None,
    as_of: date,
    rubric: Rubric,
    rubric_sha: str,
    scan: Scan = scan_parquet,
    merges: Frame | None = None,
) -> Earlier:
    """The named run, none, or the last published run with an earlier as-of date."""
    if store is None or wanted == "none":
        return Earlier()
    run = published_before(store, as_of) if wanted is None else resolve_run(store, wanted)
    if run is None:
        return Earlier()
    manifest = read_manifest(store, run)
    if manifest["stable"]["as_of"] >= as_of.isoformat():
        what = f"the run {run} is not earlier than {as_of}"
        raise UsageError(Problem("CT1904", what, "--previous", "name a run with an earlier as-of date, or leave --previous out"))
    if manifest["run"]["status"] == "failed":
        what = f"the run {run} failed its checks and graded nobody"
        raise UsageError(Problem("CT1904", what, "--previous", "name another run, or leave --previous out"))
    evidence = _evidence(store, run, scan)
    before, last = _before(evidence, store, as_of, rubric, scan), _last(evidence, manifest["stable"], rubric_sha)
    if merges is not None:
        before, last = _merged(before, last, merges, rubric)
    return Earlier(run, manifest["content_id"], before, last, tuple(_past(store, run)), manifest["stable"]["rubric"]["sha256"])


def _past(store: Store, run: str) -> Iterator[Past]:
    """The run and those that it builds on, as far back as guardrails look; one that is not there any more ends it."""
    following: str | None = run
    for _ in range(MOST_RUNS):
        if following is None or following not in stored_runs(store):
            return
        manifest = read_manifest(store, following)
        yield past_of(following, manifest["stable"])
        following = previous_of(manifest)


def _merged(before: Before, last: Last, merges: Frame, rubric: Rubric) -> tuple[Before, Last]:
    """The same, with those who are one customer now as one: the better tier counts as the previous one."""
    assert before.customers is not None
    history = None if before.history is None else merged_history(before.history, merges, rubric.tier_names)
    rank = "previous_tier_rank" if "tier_rank" in last.columns else None
    seen = Before(merged_seen(before.customers, merges), history)
    return seen, replace(last, customers=merged_last(last.customers, merges, rank))


def _evidence(store: Store, run: str, scan: Scan) -> Frame:
    parts = listed_parts(store, run, EVIDENCE)
    directory = require_files(store, run, parts)
    return scan([directory / part for part in parts])


def _before(evidence: Frame, store: Store, as_of: date, rubric: Rubric, scan: Scan) -> Before:
    customers = evidence.select("customer_id", "first_date", "last_day")
    if not any(m.years_at_tier for m in rubric.metrics.values()):
        return Before(customers)
    earlier = [(r, read_manifest(store, r)["stable"]["as_of"]) for r in chain(store)]
    dated = [(r, date.fromisoformat(day)) for r, day in earlier if day < as_of.isoformat()]
    told = [_evidence(store, r, scan).select("customer_id", "tier", as_of=nw.lit(day)) for r, day in dated]
    return Before(customers, nw.concat(told) if told else None)


def _last(evidence: Frame, stable: dict[str, Any], rubric_sha: str) -> Last:
    columns = [n for n in evidence.collect_schema().names() if n != "customer_id" and not n.startswith("previous_")]
    customers = evidence.select("customer_id", **{f"previous_{n}": nw.col(n) for n in columns})
    kinds = {name: Kind(**kind) for name, kind in stable["metrics"].items()}
    cuts = TypeAdapter(list[Cut]).validate_python(stable["cuts"])
    return Last(customers, frozenset(columns), kinds, cuts, stable["rubric"]["sha256"] == rubric_sha, date.fromisoformat(stable["as_of"]))
