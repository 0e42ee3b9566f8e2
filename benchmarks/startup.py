"""How long custier takes to start: `--help`, and `explain` on a stored run, against what they could cost at least.

Run: python benchmarks/startup.py --customers 10_000_000, or --store DIR --id ID for a run that is there.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from machine import describe
from process import run_whole
from tools import HERE, Command, custier

CUSTIER: Command = [sys.executable, "-m", "custier"]
PAIRS = {"custier --help": "an empty typer app's --help", "custier explain": 'python -c "import polars"'}


def make_store(customers: int, place: Path) -> Path:
    """Classifies customers of two rows each; the rows are then removed, so that `explain` cannot read them."""
    rows = place / "rows"
    generating = [sys.executable, HERE / "generate.py", str(2 * customers), rows, "--customers", str(customers)]
    subprocess.run(generating, check=True)
    done = run_whole(custier(str(rows / "*.parquet"), place), place / "log.txt")
    if done.failed:
        raise SystemExit((place / "log.txt").read_text(encoding="utf-8", errors="replace"))
    print(f"classified {customers:,} customers in {done.seconds:.1f} s, {done.peak_bytes / 2**20:,.0f} MiB", file=sys.stderr)
    shutil.rmtree(rows)
    return place / "store"


def time_all(commands: Mapping[str, Command], repeat: int, log: Path) -> dict[str, list[float]]:
    """Name → seconds of each run, alternating, after one run that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(repeat + 1):
        for name, command in commands.items():
            done = run_whole(command, log)
            if done.failed:
                raise SystemExit(f"{name}: {done.failed}\n{log.read_text(encoding='utf-8', errors='replace')}")
            seconds[name] += [done.seconds] if number else []
    return seconds


def markdown(seconds: Mapping[str, list[float]]) -> str:
    """A line per pair of commands: medians and their ratio."""
    lines = ["| command | ms | against | ms | ratio |", "| --- | ---: | --- | ---: | ---: |"]
    for ours, least in PAIRS.items():
        a, b = median(seconds[ours]), median(seconds[least])
        lines.append(f"| {ours} | {a * 1000:.0f} | {least} | {b * 1000:.0f} | {a / b:.2f} × |")
    return "".join(f"{line}\n" for line in lines)


def main() -> None:
    """Prints the table."""
    given = arguments()
    with tempfile.TemporaryDirectory(dir=given.dir) as temporary:
        place = Path(temporary)
        store = given.store or make_store(given.customers, place)
        customer = given.id or f"C{given.customers // 2:09d}"
        commands: dict[str, Command] = {
            "custier --help": [*CUSTIER, "--help"],
            "an empty typer app's --help": [sys.executable, HERE / "empty_app.py", "--help"],
            "custier explain": [*CUSTIER, "explain", customer, "--store", store],
            'python -c "import polars"': [sys.executable, "-c", "import polars"],
        }
        seconds = time_all(commands, given.repeat, place / "log.txt")
    print(f"Whole processes, medians of {given.repeat} alternating runs. {describe()}\n\n{markdown(seconds)}", end="")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="How long custier takes to start.")
    parser.add_argument("--customers", type=int, default=10_000, metavar="N", help="how many the run to explain has; it is made first")
    parser.add_argument("--store", type=Path, help="explain from this store instead")
    parser.add_argument("--id", help="the customer to explain; needed with --store")
    parser.add_argument("--repeat", type=int, default=11, metavar="N", help="runs of each command")
    parser.add_argument("--dir", type=Path, help="where the run is made; it is removed afterwards")
    given = parser.parse_args()
    if given.store and not given.id:
        parser.error("--store needs --id")
    return given


if __name__ == "__main__":
    main()
