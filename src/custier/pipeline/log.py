"""What happens in a run, as it happens, in lines of JSON: events and counts, never a customer's value."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from custier.store.json_text import plain


@dataclass(frozen=True)
class Log:
    """The events of one run so far. began: when it was asked for; later moments are reckoned from it."""

    began: datetime
    started: float = field(default_factory=time.monotonic)
    events: list[dict[str, Any]] = field(default_factory=list)

    def add(self, event: str, *, level: str = "info", code: str | None = None, step: str | None = None, msg: str = "", **data: Any) -> None:
        """Note an event; `data` holds counts, names of files and of columns."""
        said = {"level": level, "event": event, "code": code, "step": step, "msg": msg, "data": plain(data)}
        self.events.append({"ts": f"{self.now:%Y-%m-%dT%H:%M:%S}.{self.now.microsecond // 1000:03d}Z"} | said)

    @property
    def now(self) -> datetime:
        """The moment, in UTC."""
        return (self.began + timedelta(seconds=time.monotonic() - self.started)).astimezone(UTC)

    def lines(self, run_id: str | None) -> str:
        """One JSON object a line, in ASCII, each with the id of the run, None where it never got one."""
        return "".join(self._lines(run_id))

    def _lines(self, run_id: str | None) -> Iterator[str]:
        for event in self.events:
            yield json.dumps({**event, "run_id": run_id}, default=str) + "\n"
