"""However many parts a run is done in, and however its ids are held on the way: the same bytes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest

from custier.pipeline import Request, classify_files
from custier.pipeline.gather import Gathered

GATHER, POPULATION = (import_module(f"custier.pipeline.{name}") for name in ("gather", "population"))
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ANSWERS = ("labels.parquet", "labels.csv", "changes.csv", "evidence.parquet", "rejected.csv")
MONTHS = (date(2025, 11, 30), date(2025, 12, 31))
PURCHASES, CUSTOMERS, AGAIN = 2_600, 240, 60
LOOKED_AT = 2_000
"""How many rows say what form the ids have; an odd one comes only after them."""

EVERYTHING = """
rubric: everything
sources: {transactions: {category: {optional: true}, quantity: {optional: true}}}
window: last 12 months
metrics:
  part: {share_of_total: spend}
  first_order: {first: amount}
  last_order: {last: amount}
  since: {sum: amount, window: since joining}
  food: {count_distinct: order, where: category = '甲'}
  refunds: {count: order, where: amount < 0}
  at_top: {years_at_tier: key}
eligible: recency_days < 700
tiers:
  - {name: key, top: 5%, by: spend}
  - {name: strong, cumulative_share: 80%, by: spend}
  - {name: fair, top: 50 customers, by: since}
  - {name: rest}
rules:
  - {name: one-sided, when: part >= 0.05, up: 1}
  - {name: sleeping, when: recency_days > 200, down: 1}
flags: {often: orders > 8, refunding: refunds >= 1, wide: categories >= 3 and food > 2, long: active_months > 6}
segments: {life: {new: tenure_months < 6, old: otherwise}}
"""


@dataclass(frozen=True)
class Parts:
    """How a run is done: rows kept or not, in how many buckets, how many customers are graded at a time."""

    most_rows_kept: int = 10**9
    buckets: int = 1
    customers: int = 10**6


WHOLE = Parts()
ALL_PARTS = [Parts(0, 1, 150), Parts(0, 3), Parts(0, 16, 97)]


def classify(
    files: dict[str, Path], store: Path, rubric: str, as_of: date, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> dict[str, bytes]:
    monkeypatch.setattr(GATHER, "bucket_count", lambda tables, memory: parts.buckets)
    for name in ("CUSTOMERS_PER_PART",):
        monkeypatch.setattr(POPULATION, name, parts.customers)
    sources = tuple((name, str(path)) for name, path in files.items() if name != "transactions")
    inputs = (str(files["transactions"]),)
    request = Request(inputs, rubric, sources, store, NOW.date(), NOW, as_of=as_of, most_rows_kept=parts.most_rows_kept)
    told = classify_files(request)
    assert told.directory is not None and not list((store / told.rubric / ".staging").iterdir())
    assert (Path(told.directory) / "rows").is_dir() == (parts is WHOLE)
    stores = {name: (Path(told.directory) / name).read_bytes() for name in ANSWERS}
    return stores | {"summary": str((told.tiers, told.changes, told.cuts, told.accounts, told.orphans, told.without_rows)).encode()}


def two_months(
    files: Sequence[dict[str, Path]], store: Path, rubric: str, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> list[dict[str, bytes]]:
    return [classify(month, store, rubric, as_of, parts, monkeypatch) for month, as_of in zip(files, MONTHS, strict=True)]


def numbered(n: int, row: int) -> str:
    return f"C{n:06}"


def plain(n: int, row: int) -> str:
    return str(10_000 + n)


def odd(n: int, row: int) -> str:
    return ["A-7", "张三", "a", "A-70", " "[:0] + "é", "01", "001"][n % 7] + (str(n // 7) if n >= 7 else "")


def mixed_late(n: int, row: int) -> str:
    """A number alone until the first rows have been looked at; then also ids that hold the same number in another form."""
    return f"C{n:06}" if row < LOOKED_AT or n % 5 else ["C-00007", f"X{n:06}", f"C{n}", f"C{n:07}", "张三"][n // 5 % 5]


IDS: dict[str, Callable[[int, int], str]] = {"numbered": numbered, "plain": plain, "odd": odd, "mixed late": mixed_late}


def purchases(seed: int, id_of: Callable[[int, int], str], customers: range, until: date, orders: str = "text") -> pl.DataFrame:
    rng = random.Random(seed)
    days = (until - date(2024, 6, 1)).days
    cells = []
    for row in range(PURCHASES):
        n = customers[min(int(rng.paretovariate(0.6)) - 1, rng.randrange(len(customers)))]
        order = (
            row // 2 + 1
            if orders == "number"
            else f"O{row // 2:05}"
            if orders == "text"
            else rng.choice([f"o{row}", " 7 ", "7", "07", "", None])
        )
        day = pl.date_range(date(2024, 6, 1), date(2024, 6, 1), eager=True)[0].toordinal() + rng.randrange(days + 1)
        cells.append(
            (
                id_of(n, row),
                date.fromordinal(day),
                order,
                rng.choice([1000, 99, -2550, 5_000_000, 30_000]),
                rng.choice(["甲", " 甲 ", "乙", "丙", "", None]),
            )
        )
    schema = {
        "customer_id": pl.String,
        "date": pl.Date,
        "order": pl.Int64 if orders == "number" else pl.String,
        "cents": pl.Int64,
        "category": pl.String,
    }
    frame = pl.DataFrame(cells, schema=schema, orient="row")
    amount = (pl.col("cents").cast(pl.Decimal(18, 0)) / 100).cast(pl.Decimal(18, 2)).alias("amount")
    return frame.select("customer_id", "date", "order", amount, "category", cost=amount.alias("cost") - 5)


def invoices(frame: pl.DataFrame) -> pl.DataFrame:
    late = pl.col("date").dt.offset_by("40d")
    strangers = pl.DataFrame({"customer_id": ["nobody", "C-1"], "due date": [date(2025, 3, 1)] * 2, "paid": [None, date(2025, 4, 1)]})
    return pl.concat(
        [
            frame.gather_every(9).select("customer_id", pl.col("date").alias("due date"), paid=pl.when(pl.col("amount") > 0).then(late)),
            strangers,
        ]
    )


def surveys(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.gather_every(13).select("customer_id", "date", score=(pl.int_range(pl.len()) % 9 + 2) / 2)


def write(frame: pl.DataFrame, path: Path) -> Path:
    frame.write_parquet(path) if path.suffix == ".parquet" else frame.write_csv(path)
    return path


def months(
    folder: Path, id_of: Callable[[int, int], str], last_id_of: Callable[[int, int], str], orders: str, sources: bool
) -> list[dict[str, Path]]:
    """The exports of two months: of the first month's customers, some do not come again."""
    kind = "parquet" if orders == "number" else "csv"
    made = []
    for n, (as_of, ids, customers) in enumerate(
        zip(MONTHS, (last_id_of, id_of), (range(CUSTOMERS), range(AGAIN, 2 * CUSTOMERS)), strict=True)
    ):
        frame = purchases(n, ids, customers, as_of, orders)
        files = {"transactions": write(frame, folder / f"sales-{n}.{kind}")}
        if sources:
            files |= {
                "invoices": write(invoices(frame), folder / f"invoices-{n}.csv"),
                "surveys": write(surveys(frame), folder / f"surveys-{n}.csv"),
            }
        made.append(files)
    return made


CASES = [
    ("weighted-grade", "numbered", "numbered", "number", True),
    ("weighted-grade", "odd", "odd", "text", True),
    ("weighted-grade", "numbered", "numbered", "text", False),
    ("weighted-grade", "mixed late", "numbered", "messy", False),
    ("pyramid", "numbered", "numbered", "text", False),
    ("pyramid", "mixed late", "mixed late", "number", False),
    ("annual-spend", "numbered", "odd", "text", False),
    ("annual-spend", "odd", "numbered", "messy", False),
    ("everything", "numbered", "numbered", "number", False),
    ("everything", "numbered", "mixed late", "text", False),
    ("everything", "plain", "plain", "messy", False),
    ("everything", "plain", "numbered", "text", False),
    ("everything", "odd", "odd", "number", False),
]


@pytest.mark.parametrize(("rubric", "ids", "last_ids", "orders", "sources"), CASES, ids=lambda value: str(value))
def test_a_run_in_parts_gives_the_same_bytes_as_a_run_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rubric: str, ids: str, last_ids: str, orders: str, sources: bool
) -> None:
    if rubric == "everything":
        rubric = str(tmp_path / "everything.yaml")
        Path(rubric).write_text(EVERYTHING, encoding="utf-8")
    files = months(tmp_path, IDS[ids], IDS[last_ids], orders, sources)
    expected = two_months(files, tmp_path / "whole", rubric, WHOLE, monkeypatch)
    assert b"gone" not in expected[0]["summary"] and expected[1]["changes.csv"].count(b"\n") > 20
    for n, parts in enumerate(ALL_PARTS):
        assert two_months(files, tmp_path / f"parts-{n}", rubric, parts, monkeypatch) == expected, parts


@pytest.mark.parametrize("sources", [False, True])
def test_rows_in_files_go_once_all_are_written_unless_other_tables_are_asked_whom_they_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sources: bool
) -> None:
    went, publish = list[bool](), import_module("custier.pipeline.publish")
    drop = publish.drop_rows

    def dropping(gathered: Gathered) -> None:
        assert gathered.spread is not None and list(gathered.spread.directory.rglob("*.ipc"))
        gone = drop(gathered)
        for done in gone.values():
            done.result(10)
        went.append(not gathered.spread.directory.exists())

    monkeypatch.setattr(publish, "drop_rows", dropping)
    files = months(tmp_path, numbered, numbered, "number", sources)
    classify(files[0], tmp_path / "store", "weighted-grade", MONTHS[0], Parts(0, 3), monkeypatch)
    assert went == [not sources]
