"""Publishes one run after another until it is killed; every file of a run carries the run's generation."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from custier.store import (
    Store,
    current_run,
    locked,
    manifest,
    open_store,
    publish,
    read_manifest,
    run_id,
    seal,
    staging,
    sweep,
    write_manifest,
)
from custier.store.disk import whole_file

NAMES = ("labels.csv", "changes.csv", "rejected.csv", "rows/transactions.csv")
LINES = 10_000


def generation_of(store: Store) -> int:
    current = current_run(store)
    return 0 if current is None else int(read_manifest(store, current)["stable"]["generation"])


def publish_next(store: Store) -> int:
    """Build, seal and publish the next generation on top of the current one."""
    now = datetime(2026, 1, 5, tzinfo=UTC)
    with locked(store, "publisher"):
        sweep(store)
        base, generation = current_run(store), generation_of(store) + 1
        run = run_id(date(2025, 12, 31), sha256(str(generation).encode()).hexdigest())
        stable = {"as_of": "2025-12-31", "previous": base and {"run": base}, "generation": generation}
        with staging(store, run) as directory:
            (directory / "rows").mkdir()
            for name in NAMES:
                with whole_file(directory / name) as file:
                    file.write(f"{generation}\n".encode() * LINES)
            write_manifest(directory, manifest(stable, {"status": "published", "created": now, "base": base}))
            seal(store, run)
        publish(store, run, base=base, reason="loop", who="loop", at=now)
    return generation


if __name__ == "__main__":
    store = open_store(Path(sys.argv[1]), "grade")
    while True:
        print(publish_next(store), flush=True)
