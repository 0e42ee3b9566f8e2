"""An empty folder, exports made for it, and the command line in it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from custier.cli import run

CUSTOMERS, ROWS = 12, 60


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    exit_code: int
    out: str
    err: str

    @property
    def commands(self) -> list[str]:
        """The lines of a page, or of a `help:`, that can be pasted."""
        lines = [line.strip() for line in self.out.splitlines()]
        cures = [line.partition(": custier ")[2] for line in self.err.splitlines() if line.startswith("help:")]
        return [line for line in lines if line.startswith("custier ")] + [f"custier {cure}" for cure in cures if cure]


@pytest.fixture
def custier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Said]:
    """custier("init sales.csv") → Said, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def said(line: str) -> Said:
        words = shlex.split(line)
        code = run(words[1:] if words[0] == "custier" else words)
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return said


@pytest.fixture
def export(tmp_path: Path) -> Callable[..., Path]:
    """export("sales.csv", [["id", "date", …], …], encoding=…, above=[…], below=[…]) → the file."""

    def written(
        name: str,
        rows: Sequence[Sequence[str]],
        *,
        encoding: str = "utf-8",
        separator: str = ",",
        above: Sequence[str] = (),
        below: Sequence[str] = (),
    ) -> Path:
        lines = [separator.join(f'"{cell}"' if separator in cell else cell for cell in row) for row in rows]
        path = tmp_path / name
        path.write_bytes(("\r\n".join([*above, *lines, *below]) + "\r\n").encode(encoding))
        return path

    return written


def sales(
    headers: Sequence[str] = ("customer_id", "date", "order", "amount"),
    *,
    date: str = "{y}-{m:02}-{d:02}",
    amount: str = "{:.2f}",
    customer: str = "C{:04}",
) -> list[list[str]]:
    """Rows of customers who buy every month, the first of them the most."""
    rows = [list(headers)]
    for n in range(ROWS):
        day = date.format(y=2025, m=n % 12 + 1, d=n % 27 + 2)
        rows.append([customer.format(n % CUSTOMERS), day, f"S{n:05}", amount.format(1_200_000 / (n % CUSTOMERS + 1) ** 2 / 5)])
    return rows


@pytest.fixture(scope="session")
def rows() -> Callable[..., list[list[str]]]:
    """rows(headers, date=…, amount=…) → header and rows of sixty sales."""
    return sales
