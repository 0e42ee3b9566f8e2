"""Makes transactions of any size, always the same ones. Run: python benchmarks/generate.py ROWS OUT [--format csv] [--customers N]"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

ROWS_PER_FILE = 10_000_000
OPTIONS = {"parquet": "format parquet, compression zstd, row_group_size 250000", "csv": "format csv, header"}

# Two rows are an order. One order in `stride` goes round all customers, so that each has one; the others favour low numbers,
# the most frequent customer having some hundred times the orders of the rarest. Multiplying by a prime scatters the round.
ROWS = """
with rows as (
  select i, i // 2 as o, hash(i // 2) as h, hash(i // 2 + 7919000000007) as h2, hash(i + 104729000000003) as g
  from range({first}, {last}) t(i)
), priced as (
  select *, g % 2000000 + 100 as cents, 40 + (g >> 27) % 50 as cost_percent, (h2 >> 11) % 10 as lateness
  from rows
)
select
  printf('C%09d', case when o % {stride} = 0 and o // {stride} < {customers} then (o // {stride} * 982451653) % {customers}
                       else cast(floor({customers} * pow((h % 1000000007) / 1000000007.0, 1.5)) as bigint) end) as customer_id,
  1000000000 + o as order_id,
  date '2024-01-01' + cast(h2 % 731 as integer) as order_date,
  cast(cents / 100.0 as decimal(12, 2)) as amount,
  'category-' || (g >> 21) % 24 as category,
  cast((cents * cost_percent // 100) / 100.0 as decimal(12, 2)) as cost,
  case when lateness < 8 then cast((h2 >> 15) % 30 as smallint) when lateness < 9 then cast((h2 >> 15) % 120 as smallint) end as days_late,
  case when (g >> 33) % 10 < 3 then cast(1 + (g >> 37) % 5 as smallint) end as rating
from priced
"""


def generate(rows: int, out: Path, kind: str = "parquet", customers: int | None = None) -> None:
    """Writes OUT/transactions-0000.parquet and so on, 10 million rows each; a file is there when it is whole.

    Raises FileExistsError where OUT exists: files of two sizes in one folder would be read as one table.
    """
    out.mkdir(parents=True)
    customers = customers or max(rows // 10, 1)
    stride = max(rows // 2 // customers, 1)
    with duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(out)}) as connection:
        for number, first in enumerate(range(0, rows, ROWS_PER_FILE)):
            last = min(first + ROWS_PER_FILE, rows)
            part = out / f"transactions-{number:04d}.part"
            select = ROWS.format(first=first, last=last, customers=customers, stride=stride)
            connection.execute(f"copy ({select}) to '{part}' ({OPTIONS[kind]})")
            part.rename(part.with_suffix(f".{kind}"))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Makes transactions of any size, always the same ones.")
    parser.add_argument("rows", type=int, help="how many, such as 10_000_000")
    parser.add_argument("out", type=Path, help="the folder that gets the files")
    parser.add_argument("--format", choices=OPTIONS, default="parquet")
    parser.add_argument("--customers", type=int, help="how many; else a tenth of the rows")
    given = parser.parse_args()
    generate(given.rows, given.out, given.format, given.customers)


if __name__ == "__main__":
    main()
