"""Runs that ended before there was anything to keep: each leaves what it said and where it stopped."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from custier.store.disk import private_directory, read_bytes, whole_file
from custier.store.layout import Store
from custier.store.record import MANIFEST, write_manifest

LOG = "log.jsonl"
MOST_KEPT = 100
"""A job that fails every five minutes must not fill the disk with how it failed."""

_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


@dataclass(frozen=True)
class Failure:
    """One such run. status: failed | interrupted; code: of its first problem; directory: its manifest and its log."""

    id: str
    created: datetime
    status: str
    exit_code: int
    code: str
    what: str
    directory: Path


def note_failure(store: Store, content: dict[str, Any], log: bytes, at: datetime) -> Path:
    """Keep the manifest and the log of a run that ended early, and no more than the newest ones. Raises OSError or OutputError.

    Needs no lock, since each has a folder of its own; the manifest comes last, and without one a folder is no failure.
    """
    for folder in (store.home, store.failures):
        private_directory(folder)
    directory = store.failures / f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    private_directory(directory)
    with whole_file(directory / LOG) as file:
        file.write(log)
    write_manifest(directory, content)
    for old in sorted(_folders(store))[:-MOST_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return directory


def list_failures(store: Store) -> list[Failure]:
    """Every one that can be read, the newest first."""
    found = [failure for folder in _folders(store) if (failure := _failure(folder)) is not None]
    return sorted(found, key=lambda failure: (failure.created.timestamp(), failure.id), reverse=True)


def _folders(store: Store) -> list[Path]:
    with suppress(OSError):
        return [folder for folder in store.failures.iterdir() if _ID.fullmatch(folder.name) and not folder.is_symlink()]
    return []


def _failure(folder: Path) -> Failure | None:
    with suppress(OSError, ValueError, KeyError, TypeError, IndexError):
        run = json.loads(read_bytes(folder / MANIFEST))["run"]
        first = (run["problems"] or [{"code": "", "what": ""}])[0]
        created = datetime.fromisoformat(run["created"])
        return Failure(folder.name, created, str(run["status"]), int(run["exit_code"]), str(first["code"]), str(first["what"]), folder)
    return None
