"""What a run says about itself: `manifest.json`, a stable half with a content id and a half about this execution."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from custier.errors import Problem, StoreError
from custier.store.disk import read_bytes, reading, whole_file
from custier.store.json_text import json_bytes, plain
from custier.store.layout import Store, run_directory

SCHEMA = 1
MANIFEST = "manifest.json"
STATUSES = ("published", "held", "failed", "unpublished")


def manifest(stable: dict[str, Any], run: dict[str, Any]) -> dict[str, Any]:
    """The manifest of a run.

    `stable` is what the same inputs give again: at least `as_of` (a date) and `previous` (None, or `{"run": id, …}`).
    `run` is about this execution: at least `status` (published, held, failed or unpublished), `created` (a datetime)
    and `base` (the run that was current when this one began, or None).
    """
    settled = _settled({"schema": SCHEMA, **stable})
    return {"content_id": content_id(settled), "stable": settled, "run": _settled(run)}


def content_id(stable: dict[str, Any]) -> str:
    """The SHA-256 of the stable half as canonical JSON: keys sorted, no spaces, ASCII."""
    text = json.dumps(stable, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _settled(value: Any) -> Any:
    """Plain values that read back from JSON as they are; decimals as text, since a JSON reader may round them."""
    value = plain(value)
    if isinstance(value, dict):
        return {key: _settled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_settled(item) for item in value]
    return f"{value:f}" if isinstance(value, Decimal) else value


def write_manifest(directory: Path, content: dict[str, Any]) -> None:
    """Write `manifest.json` into a staged run. Raises OutputError."""
    with whole_file(directory / MANIFEST) as file:
        file.write(json_bytes(content))


def read_manifest(store: Store, run: str) -> dict[str, Any]:
    """The manifest of a run. Raises NotFoundError, or StoreError when it is damaged or from a newer custier."""
    path = run_directory(store, run) / MANIFEST
    with reading(path):
        content = read_bytes(path)
    try:
        found: dict[str, Any] = json.loads(content)
        schema = int(found["stable"]["schema"])
        if schema <= SCHEMA:
            as_of_of(found), previous_of(found), status_of(found)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = "the manifest is not one that custier wrote"
        raise StoreError(Problem("CT5306", what, str(path), "restore the run from a backup, or `custier rollback` to another")) from error
    if schema > SCHEMA:
        what = f"the run was made by a newer custier (manifest schema {schema}, this one reads up to {SCHEMA})"
        raise StoreError(Problem("CT5305", what, str(path), "upgrade custier"))
    return found


def as_of_of(content: dict[str, Any]) -> date:
    """The as-of date of the run."""
    return date.fromisoformat(content["stable"]["as_of"])


def previous_of(content: dict[str, Any]) -> str | None:
    """The run this one was compared with, None at the start."""
    previous = content["stable"]["previous"]
    run = None if previous is None else previous["run"]
    if run is not None and not isinstance(run, str):
        raise TypeError("the previous run is not a run id")
    return run


def status_of(content: dict[str, Any]) -> str:
    """How the run ended when it was made: published, held, failed or unpublished."""
    status = content["run"]["status"]
    if status not in STATUSES:
        raise ValueError("the status is not one of the four")
    return str(status)


def base_of(content: dict[str, Any]) -> str | None:
    """The run that was current when this one began: what `publish` must still find there."""
    run = content["run"]
    return run["base"] if "base" in run else previous_of(content)
