"""A run as it lies in the store: its files checked, its policy read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from custier.errors import NotFoundError, Problem
from custier.explain.policy import FORMAT, MERGES_FILE, POLICY_FILE, Policy
from custier.store import find_store, is_listed, listed_parts, read_manifest, require_files, resolve_run
from custier.values import Cut, Kind

HASHED_BYTES = 16 * 2**20
"""Larger files are trusted, so that an answer does not wait for a hash of all customers; `custier verify` reads them."""


@dataclass(frozen=True)
class Kept:
    """What `explain` needs of a run."""

    directory: Path
    evidence: list[Path]  # one file, or the parts of one, sorted by customer_id
    stable: dict[str, Any]  # of the manifest
    policy: Policy
    kinds: dict[str, Kind]
    cuts: list[Cut]
    merges: Path | None = None  # customer_id, into

    @property
    def as_of(self) -> date:
        return date.fromisoformat(self.stable["as_of"])


def open_run(root: Path, rubric: str | None, run: str | None, rows: bool) -> Kept:
    """A run of a store (CURRENT unless named); raises NotFoundError for one that graded nobody, StoreError for a damaged one."""
    store = find_store(root, rubric)
    run_id = resolve_run(store, run)
    stable = read_manifest(store, run_id)["stable"]
    if "metrics" not in stable:
        raise NotFoundError(Problem("CT5505", f"the run {run_id} failed its checks and graded nobody", help="see its rejected.csv"))
    prepared = [POLICY_FILE] if is_listed(store, run_id, POLICY_FILE) else []
    sources = [f"rows/{source}.parquet" for source in stable["columns"]] if rows else []
    if rows and not any(is_listed(store, run_id, name) for name in sources):
        raise NotFoundError(_kept_no_rows(run_id))
    evidence = listed_parts(store, run_id, "evidence.parquet")
    merges = [MERGES_FILE] if is_listed(store, run_id, MERGES_FILE) else []
    directory = require_files(store, run_id, [*evidence, "rubric.yaml", *prepared, *merges, *sources], at_most=HASHED_BYTES)
    policy = _read_policy(directory, stable["as_of"], bool(prepared))
    kinds = {name: Kind(**kind) for name, kind in stable["metrics"].items()}
    cuts = [Cut(**cut) for cut in stable["cuts"]]
    merged = directory / MERGES_FILE if merges else None
    return Kept(directory, [directory / name for name in evidence], stable, policy, kinds, cuts, merged)


def _kept_no_rows(run: str) -> Problem:
    what = f"the run {run} kept no rows, since it read more than 2,000,000"
    return Problem("CT5507", what, "--rows", "leave --rows out, or classify the same exports again: custier classify … --keep-rows")


def _read_policy(directory: Path, as_of: str, has_one: bool) -> Policy:
    """The policy that the run keeps; made from its rubric where an earlier custier kept none, or in another format."""
    kept: Policy | None = json.loads((directory / POLICY_FILE).read_bytes()) if has_one else None
    if kept is not None and kept["format"] == FORMAT:
        return kept
    from custier.explain.prepared import prepared
    from custier.rubric.load import load_rubric

    return prepared(load_rubric(directory / "rubric.yaml").rubric, date.fromisoformat(as_of))
