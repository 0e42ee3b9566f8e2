"""Runs custier and the jobs written by hand on the same files, one after the other, and prints a table.

Run: python benchmarks/run.py --rows 1_000_000 10_000_000 --format parquet csv --repeat 3
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from machine import describe
from process import Whole, run_whole
from table import Line, markdown
from tools import HERE, LABELS, MOST_ROWS, TOOLS

CHUNK_BYTES = 1 << 20


def find_files(folder: Path, kind: str, rows: int, skip_generate: bool) -> list[Path]:
    """The files of one size, made where they are not there yet."""
    place = folder / f"{kind}-{rows}"
    if not place.exists() and not skip_generate:
        part = place.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        # A process of its own: what this one holds would count as the peak memory of those it measures.
        subprocess.run([sys.executable, HERE / "generate.py", str(rows), part, "--format", kind], check=True)
        part.rename(place)
    files = sorted(place.glob(f"*.{kind}"))
    if not files:
        raise SystemExit(f"{place}: no files, leave out --skip-generate to have them made")
    return files


def warm(files: Sequence[Path]) -> None:
    """Reads every byte once, so that no run waits longer for the disk than another."""
    for path in files:
        with path.open("rb", buffering=0) as opened:
            while opened.read(CHUNK_BYTES):
                pass


def run_once(tool: str, files: Sequence[Path], kept: Path, memory: str | None) -> Whole:
    """One run of one tool; its labels become KEPT/<tool>.parquet, all else is removed."""
    warm(files)
    with tempfile.TemporaryDirectory(dir=kept) as place:
        source = str(files[0].parent / f"*{files[0].suffix}")
        log = Path(place) / "log.txt"
        done = run_whole(TOOLS[tool](source, Path(place), memory), log)
        if done.failed:
            print(log.read_text(encoding="utf-8", errors="replace"), file=sys.stderr)
        else:
            (Path(place) / LABELS).replace(kept / f"{tool}.parquet")
    return done


def run_all(tools: Sequence[str], files: Sequence[Path], kept: Path, repeat: int, memory: str | None) -> dict[str, list[Whole]]:
    """Tool → its runs, alternating; a tool that fails is not run again."""
    runs: dict[str, list[Whole]] = {tool: [] for tool in tools}
    for number in range(1, repeat + 1):
        for tool in (t for t in tools if not any(r.failed for r in runs[t])):
            done = run_once(tool, files, kept, memory)
            runs[tool].append(done)
            print(f"  {number} of {repeat}  {tool:8} {done.seconds:8.2f} s {done.peak_bytes / 2**20:8,.0f} MiB", file=sys.stderr)
    return runs


def judge(tool: str, runs: Sequence[Whole], kept: Path, reference: str) -> str:
    """What became of a tool: how it failed, or whether its labels are those of the reference; nothing where that could not be told."""
    failed = next((r.failed for r in runs if r.failed), None)
    if failed:
        return f"failed: {failed}"
    if tool == reference:
        return "compared with"
    comparing = [sys.executable, HERE / "compare.py", kept / f"{reference}.parquet", kept / f"{tool}.parquet"]
    said = subprocess.run(comparing, stdout=subprocess.PIPE, encoding="utf-8").stdout.strip()
    return said if said in ("", "same") else f"differ: {said}"


def measure(kind: str, rows: int, given: argparse.Namespace) -> list[Line]:
    """One size of one format → a line per tool."""
    files = find_files(given.dir, kind, rows, given.skip_generate)
    print(f"{kind}, {rows:,} rows", file=sys.stderr)
    tools = [tool for tool in given.tools if rows <= MOST_ROWS.get(tool, rows)]
    with tempfile.TemporaryDirectory(dir=given.dir, prefix="run-") as kept:
        runs = run_all(tools, files, Path(kept), given.repeat, given.memory)
        reference = next((tool for tool in tools if not any(r.failed for r in runs[tool])), "")
        said = {tool: judge(tool, runs[tool], Path(kept), reference) for tool in tools}
    lines = [_line(kind, rows, tool, runs[tool], said[tool]) for tool in tools]
    left_out = [tool for tool in given.tools if tool not in tools]
    return lines + [Line(kind, rows, t, (), (), 0, f"not run above {MOST_ROWS[t]:,} rows") for t in left_out]


def _line(kind: str, rows: int, tool: str, runs: Sequence[Whole], said: str) -> Line:
    good = [] if any(r.failed for r in runs) else runs
    seconds, cpu_seconds = tuple(r.seconds for r in good), tuple(r.cpu_seconds for r in good)
    return Line(kind, rows, tool, seconds, cpu_seconds, max(r.peak_bytes for r in runs), said)


def main() -> int:
    """Prints the table; 1 where the labels of two tools differ."""
    given = arguments()
    given.dir.mkdir(parents=True, exist_ok=True)
    lines = [line for kind in given.format for rows in given.rows for line in measure(kind, rows, given)]
    budget = f", custier with `--memory {given.memory}`" if given.memory else ""
    print(f"Whole processes, medians of {given.repeat} alternating runs{budget}. {describe()}\n\n{markdown(lines)}", end="")
    return 1 if any(not line.labels or line.labels.startswith("differ") for line in lines) else 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Runs custier and the jobs written by hand on the same files, and prints a table.")
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000], metavar="N", help="sizes, such as 1_000_000 10_000_000")
    parser.add_argument("--format", nargs="+", choices=("parquet", "csv"), default=["parquet"])
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs of each tool")
    parser.add_argument("--memory", metavar="SIZE", help="what custier may use, such as 4GiB; else what it takes by itself")
    parser.add_argument("--dir", type=Path, default=Path(tempfile.gettempdir()) / "custier-benchmarks", help="where the files are kept")
    parser.add_argument("--skip-generate", action="store_true", help="use the files that are there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
