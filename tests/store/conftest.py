"""A store in a temporary folder, and a way to put small runs into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from custier.store import Store, current_run, manifest, open_store, publish, run_id, seal, staging, write_manifest
from custier.write import write_json, write_text

START = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
AddRun = Callable[..., str]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", "grade")


@pytest.fixture
def add_run(store: Store) -> AddRun:
    """Seals a run and, when its status says so, publishes it; returns its id."""
    made = iter(range(1000))

    def add(
        as_of: str, *, key: str = "a", status: str = "published", previous: str | None = None, base: str | None = None, **run: Any
    ) -> str:
        day = date.fromisoformat(as_of)
        name = run_id(day, sha256(key.encode()).hexdigest())
        half = {"status": status, "created": START + timedelta(hours=next(made)), "base": base or current_run(store)} | run
        with staging(store, name) as directory:
            write_text(f"customer_id,tier\nC1,{key}\n", directory / "labels.csv")
            (directory / "rows").mkdir()
            write_text(key, directory / "rows" / "transactions.csv")
            write_json({"customers": 7, "changes": {"new": 1, "up": 2, "down": 1, "same": 3}}, directory / "summary.json")
            write_manifest(directory, manifest({"as_of": day, "previous": previous and {"run": previous}}, half))
            seal(store, name)
        if status == "published":
            publish(store, name, base=current_run(store), reason="test", who="me", at=START)
        return name

    return add


@pytest.fixture
def swap_note() -> dict[str, Any]:
    """The who, why and when that every publication needs."""
    return {"reason": "checked by hand", "who": "li", "at": START}
