"""What the figures were measured on: the machine and the versions."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("polars", "narwhals", "duckdb", "pandas", "pyarrow")


def describe() -> str:
    """One sentence of Markdown."""
    gib = _first("/proc/meminfo", "MemTotal", "0").split()[0]
    cpu = _first("/proc/cpuinfo", "model name", platform.processor() or platform.machine())
    machine = f"{os.cpu_count()} cores ({cpu}), {int(gib) / 2**20:.1f} GiB of memory, {platform.system()} {platform.release()}"
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{machine}; Python {platform.python_version()}, {_custier()}, {libraries}."


def _custier() -> str:
    command = [sys.executable, "-m", "custier", "--version"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    return subprocess.run(command, env=env, capture_output=True, encoding="utf-8", check=True).stdout.strip()


def _first(path: str, key: str, otherwise: str) -> str:
    """The value of the first `key: value` line of a file, where there is such a file."""
    if not Path(path).exists():
        return otherwise
    lines = (line.partition(":") for line in Path(path).read_text(encoding="utf-8").splitlines())
    return next((value.strip() for name, _, value in lines if name.strip() == key), otherwise)
