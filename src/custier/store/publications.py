"""The log of publications: who made which run current, when and why, one JSON object a line."""

from __future__ import annotations

import json
import os
from typing import Any

from custier.errors import Problem
from custier.store.disk import FILE_MODE, NO_FOLLOW, read_bytes, sync
from custier.store.layout import Store


def note(store: Store, event: dict[str, str | None]) -> list[Problem]:
    """Append one line; the swap is done by then, so a failure is a warning."""
    try:
        descriptor = os.open(store.publications, os.O_WRONLY | os.O_CREAT | os.O_APPEND | NO_FOLLOW, FILE_MODE)
        with os.fdopen(descriptor, "ab") as file:
            file.write((json.dumps(event) + "\n").encode())
            file.flush()
            sync(file.fileno())
    except OSError:
        cure = "check the disk; the run itself is published"
        return [Problem("CT5007", "the publication could not be noted in its log", str(store.publications), cure)]
    return []


def noted(store: Store) -> list[dict[str, Any]]:
    """The lines that can be read, oldest first; a log that cannot be read says nothing."""
    try:
        lines = read_bytes(store.publications).splitlines()
    except OSError:
        return []
    return [event for line in lines if isinstance(event := _parsed(line), dict)]


def published_by_note(store: Store) -> frozenset[str]:
    """The runs that have a line of their publication."""
    return frozenset(event["run"] for event in noted(store) if event.get("event") == "publish" and isinstance(event.get("run"), str))


def run_replaced_by(store: Store, run: str) -> str | None:
    """The run that `run` replaced, where the newest line tells of it; None where it tells of anything else."""
    newest = (noted(store) or [{}])[-1]
    before = newest.get("before") if (newest.get("event"), newest.get("run")) == ("publish", run) else None
    return before if isinstance(before, str) else None


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
