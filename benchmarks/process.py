"""One command as a whole process: how long it took, on how much of the processor, and how much memory it held at most."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

SOURCE = Path(__file__).parents[1] / "src"


@dataclass(frozen=True)
class Whole:
    """A finished process; failed says how it ended where it did not succeed."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    failed: str | None = None


def run_whole(command: Sequence[str | Path], log: Path) -> Whole:
    """Runs a command with this checkout's custier; what it says goes to `log`.

    Linux counts what the parent held at the start as the child's peak, so whoever calls this must not load a frame or an engine.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env = {**kept, "PYTHONPATH": str(SOURCE)}  # compiled once, as an installed custier is
    with log.open("wb") as said:
        start = perf_counter()
        child = subprocess.Popen(command, env=env, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    peak_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Whole(seconds, usage.ru_utime + usage.ru_stime, peak_bytes, _failure(child.returncode))


def _failure(code: int) -> str | None:
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit {code}" if code else None
