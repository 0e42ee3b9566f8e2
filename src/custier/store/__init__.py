"""Runs on disk: built aside, checked, renamed into place, published by one atomic swap of CURRENT."""

from custier.store.checksums import sha256_of
from custier.store.disk import saving
from custier.store.failures import Failure, list_failures, note_failure
from custier.store.history import RunRow, chain, current_run, list_runs, published_before, published_run, resolve_run, undone
from custier.store.layout import Store, command, find_store, open_store, run_directory, run_id, stored_rubrics, stored_runs
from custier.store.lock import locked
from custier.store.pointer import publish, readable_current, rollback, user_name
from custier.store.pruning import Keep, Pruning, plan_prune, prune
from custier.store.record import SCHEMA, base_of, manifest, previous_of, read_manifest, status_of, write_manifest
from custier.store.stage import scratch, seal, staging, sweep
from custier.store.verify import is_listed, listed_parts, require_files, require_whole, verify_chain, verify_run

__all__ = [
    "SCHEMA",
    "Failure",
    "Keep",
    "Pruning",
    "RunRow",
    "Store",
    "base_of",
    "chain",
    "command",
    "current_run",
    "find_store",
    "is_listed",
    "list_failures",
    "list_runs",
    "listed_parts",
    "locked",
    "manifest",
    "note_failure",
    "open_store",
    "plan_prune",
    "previous_of",
    "prune",
    "publish",
    "published_before",
    "published_run",
    "read_manifest",
    "readable_current",
    "require_files",
    "require_whole",
    "resolve_run",
    "rollback",
    "run_directory",
    "run_id",
    "saving",
    "scratch",
    "seal",
    "sha256_of",
    "staging",
    "status_of",
    "stored_rubrics",
    "stored_runs",
    "sweep",
    "undone",
    "user_name",
    "verify_chain",
    "verify_run",
    "write_manifest",
]
