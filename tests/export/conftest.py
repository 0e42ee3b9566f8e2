"""Typed tables as a warehouse has them, graded by `custier classify` and by the exported statement."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from custier.cli import run
from custier.export import Asked, export_sql
from custier.rubric.limits import Limit
from custier.rubric.load import load_rubric, resolved_text

AS_OF = date(2025, 12, 31)
MONEY = pl.Decimal(20, 4)
TABLES = {
    "transactions": {"customer": pl.String(), "date": pl.Datetime("us"), "amount": MONEY, "order": pl.String(), "category": pl.String(), "cost": MONEY, "quantity": pl.Int64()},
    "invoices": {"customer": pl.String(), "due date": pl.Date(), "paid": pl.Date(), "amount": MONEY},
    "surveys": {"customer": pl.String(), "date": pl.Date(), "score": pl.Decimal(4, 1)},
    "events": {"customer": pl.String(), "date": pl.Date(), "event": pl.String(), "value": pl.Decimal(12, 1)},
    "balances": {"customer": pl.String(), "date": pl.Date(), "balance": MONEY},
    "members": {"customer": pl.String(), "date": pl.Date(), "parent": pl.String()},
    "customers": {"customer": pl.String(), "region": pl.String(), "joined": pl.Date(), "Staff": pl.Int64(), "product need": pl.String(), "service need": pl.String(), "decision style": pl.String()},
    "estimates": {"customer": pl.String(), "date": pl.Date(), "estimate": pl.Int64(), "estimated_until": pl.Date(), "estimated_by": pl.String(), "reason": pl.String()},
    "lines": {"customer": pl.String(), "date": pl.Datetime("us"), "Unit": MONEY, "qty": pl.Int64(), "disc": pl.Decimal(9, 2), "order": pl.String(), "category": pl.String(), "Kind": pl.String()},
}  # fmt: skip


def rows_of(name: str, number: int, draw: random.Random) -> list[tuple[Any, ...]]:
    """Rows as they come: blanks round and inside ids, amounts on the edges, nulls, decimals that a column does not hold."""

    def day() -> date:
        return date(2023, 6, 1) + timedelta(draw.randrange(960))

    def moment() -> datetime | None:
        return draw.choice([None, *[datetime.combine(day(), time(draw.randrange(24), draw.randrange(60)))] * 40])

    def who() -> str | None:
        return draw.choice(
            [f"客户{draw.randrange(90)}"] * 29
            + ["1.38001E+10", f" C{draw.randrange(90)}\t", f"C{draw.randrange(90)}\u2003", "a\u200bb", " ", None]
        )

    def money() -> Decimal | None:
        odd = [Decimal("200000"), Decimal("50000"), Decimal("-310.05"), Decimal(0), Decimal("1.0001"), None]
        return draw.choice([*odd, *(Decimal(draw.randrange(1, 9_000_000)).scaleb(-2) for _ in range(12))])

    make: dict[str, Callable[[], tuple[Any, ...]]] = {
        "transactions": lambda: (who(), moment(), money(), str(draw.randrange(900)), draw.choice(["a", " a", "b", "c", "", None]), money(), draw.choice([1, 2, 3, 10, -2])),
        "invoices": lambda: (who(), day(), draw.choice([None, day()]), money()),
        "customers": lambda: (
            who(), draw.choice(["North", "华东", "", None]), draw.choice([None, day()]), draw.choice([None, 5, 500]),
            draw.choice([" 附加", "basic", None]), draw.choice(["value-added", "", None]), draw.choice(["opposed", "推荐", None]),
        ),
        "estimates": lambda: (who(), day(), draw.randrange(100), draw.choice([None, day()]), draw.choice(["Li", "王 "]), draw.choice(["met", None])),
        "surveys": lambda: (who(), day(), Decimal(draw.choice(["1", "3.5", "4.5", "5"]))),
        "events": lambda: (
            who(), day(), draw.choice(["referral", "推荐", " 培训", "visit", None, "review", "首评", "profile", "late delivery", "redeem", "freight"]),
            Decimal(draw.choice(["0", "300", "20000.5", "70000", "-50"])),
        ),
        "balances": lambda: (who(), day(), draw.choice([money(), Decimal(draw.randrange(900_000_000)).scaleb(-2)])),
        "members": lambda: (f"客户{(n := draw.randrange(90))}", day(), draw.choice([f" 客户{n % 20}", f"客户{n % 20}", None])),
        "lines": lambda: (
            who(), moment(), draw.choice([Decimal(draw.randrange(-200, 90_000)).scaleb(-2), money()]), draw.choice([1, 2, 3, 10, -2, None]),
            draw.choice([None, Decimal("0.5")]), str(draw.randrange(400)), draw.choice(["a", "b", "c", None]), draw.choice([None, "x", "y z", "q"]),
        ),
    }  # fmt: skip
    return [make[name]() for _ in range(number)]


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Path]:
    """`exports("transactions", 3000)`: such a table as a Parquet file."""
    folder = tmp_path_factory.mktemp("tables")

    def export(name: str, number: int) -> Path:
        path = folder / f"{name}-{number}.parquet"
        if not path.exists():
            pl.DataFrame(rows_of(name, number, random.Random(7)), schema=TABLES[name], orient="row").write_parquet(path)
        return path

    return export


def by_sql(rubric: str, tables: dict[str, str], without: Sequence[str], as_of: date) -> pl.DataFrame:
    """The labels that the statement selects; tables: source → what DuckDB reads."""
    named = {source: f"{source} of the warehouse" for source in tables}
    asked = Asked("duckdb", as_of, {source: f'"{name}"' for source, name in named.items()}, without)
    connection = duckdb.connect()
    for source, name in named.items():
        connection.execute(f'CREATE TABLE "{name}" AS {tables[source]}')
    found: pl.DataFrame = connection.sql(export_sql(load_rubric(rubric).rubric, asked)).pl()
    return found


@pytest.fixture
def classified(tmp_path: Path) -> Callable[..., pl.DataFrame]:
    """The labels that `custier classify` writes, however many rows it rejects."""

    def labels(rubric: str, files: dict[str, Path], as_of: date = AS_OF) -> pl.DataFrame:
        loaded = load_rubric(rubric).rubric
        lenient = loaded.model_copy(update={"guardrails": loaded.guardrails.model_copy(update={"rejected_at_most": Limit()})})
        (tmp_path / "rubric.yaml").write_text(resolved_text(lenient), encoding="utf-8")
        sources = [word for source, path in files.items() for word in ("--source", f"{source}={path}")]
        options = ["--rubric", str(tmp_path / "rubric.yaml"), "--as-of", str(as_of), "--store", str(tmp_path / "store")]
        assert run(["classify", *sources, *options, "--out", str(tmp_path / "out"), "--quiet"]) == 0
        return pl.read_parquet(tmp_path / "out" / "labels.parquet").drop("partial_data")

    return labels


@pytest.fixture
def selected() -> Callable[..., pl.DataFrame]:
    """The labels that the exported statement selects in DuckDB."""
    return lambda rubric, tables, without=(), as_of=AS_OF: by_sql(rubric, tables, without, as_of)
