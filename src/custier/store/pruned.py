"""Which runs were removed on purpose, so that the chain of published runs ends there and is not broken."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from custier.store.disk import FILE_MODE, NO_FOLLOW, read_bytes, saving, sync, sync_directory
from custier.store.layout import Store


def note_pruned(store: Store, runs: Mapping[str, str], who: str, at: datetime) -> None:
    """Append a line per run and its content id, durable before anything is removed. Raises OutputError."""
    lines = [json.dumps({"run": run, "content_id": content, "by": who, "at": at.isoformat()}) + "\n" for run, content in runs.items()]
    with saving(store.pruned):
        descriptor = os.open(store.pruned, os.O_WRONLY | os.O_CREAT | os.O_APPEND | NO_FOLLOW, FILE_MODE)
        with os.fdopen(descriptor, "ab") as file:
            file.write("".join(lines).encode())
            file.flush()
            sync(file.fileno())
        sync_directory(store.home)


def pruned_runs(store: Store) -> dict[str, str]:
    """Run → its content id; what cannot be read says nothing, so that the chain is told to be broken."""
    found: dict[str, str] = {}
    with suppress(OSError):
        for line in read_bytes(store.pruned).splitlines():
            with suppress(ValueError, TypeError, KeyError):
                event = json.loads(line)
                found[str(event["run"])] = str(event["content_id"])
    return found
