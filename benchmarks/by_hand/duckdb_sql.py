"""The benchmark's job as DuckDB SQL: one group-by with filtered aggregates, then the points. Run: duckdb_sql.py GLOB OUT.parquet"""

from __future__ import annotations

import sys

import duckdb

TYPES = """{'customer_id': 'VARCHAR', 'order_id': 'BIGINT', 'order_date': 'DATE', 'amount': 'DECIMAL(12,2)', 'category': 'VARCHAR',
            'cost': 'DECIMAL(12,2)', 'days_late': 'SMALLINT', 'rating': 'SMALLINT'}"""

# Growth and margin are compared as products: a division is a double, and may fall on the wrong side of an edge.
JOB = """
copy (
with rows as (
  select *, order_date >= date '2025-01-01' as recent
  from {reader}
  where order_date <= date '2025-12-31'
), measured as (
  select
    customer_id,
    coalesce(sum(amount) filter (recent), 0) as spend,
    coalesce(sum(amount) filter (not recent and order_date >= date '2024-01-01'), 0) as spend_before,
    coalesce(sum(amount - cost) filter (recent), 0) as profit,
    count(distinct order_id) filter (recent) as orders,
    count(distinct category) filter (recent) as categories,
    avg(days_late) filter (recent) as days_late,
    max(days_late) filter (recent) as longest_delay,
    avg(rating) filter (recent) as satisfaction,
    date '2025-12-31' - max(order_date) as recency_days
  from rows
  group by customer_id
), pointed as (
  select
    *,
    spend / nullif(spend_before, 0) - 1 as growth,
    profit / nullif(spend, 0) as margin,
    case when spend >= 100_000 then 100 when spend >= 40_000 then 80 when spend >= 10_000 then 60 else 30 end as points_spend,
    case when spend_before = 0 then 50
         when spend >= 1.25 * spend_before then 100 when spend >= spend_before then 70 when spend >= 0.5 * spend_before then 40
         else 10 end as points_growth,
    case when spend = 0 then 0 when profit >= 0.4 * spend then 100 when profit >= 0.3 * spend then 70 else 30 end as points_margin,
    case when orders > 4 then 100 when orders >= 2 then 70 else 30 end as points_orders,
    case when categories >= 5 then 100 when categories >= 2 then 60 else 20 end as points_categories,
    case when days_late <= 10 then 100 when days_late <= 20 then 60 when days_late > 20 then 0 end as points_days_late,
    case when satisfaction >= 4.5 then 100 when satisfaction >= 3.5 then 70 when satisfaction is null then 50 else 20 end
      as points_satisfaction
  from measured
), scored as (
  select
    *,
    round((30 * points_spend + 15 * points_growth + 15 * points_margin + 15 * points_orders + 10 * points_categories
           + 10 * coalesce(points_days_late, 0) + 5 * points_satisfaction)
          / if(points_days_late is null, 90, 100), 6) as score
  from pointed
), ranked as (
  select *, case when score >= 85 then 1 when score >= 70 then 2 when score >= 50 then 3 else 4 end as rank_by_score
  from scored
), ruled as (
  select *, if(spend_before > 0 and spend >= 2 * spend_before, greatest(rank_by_score - 1, 1), rank_by_score) as rank_if_doubled
  from ranked
)
select
  customer_id,
  ['VIP', 'A', 'B', 'C'][if(longest_delay > 90, greatest(rank_if_doubled, 3), rank_if_doubled)] as tier,
  score,
  if(recency_days > 180, 'lapsing', '') as flags,
  columns('points_.*'),
  spend, spend_before, growth, profit, margin, orders, categories, days_late, longest_delay, satisfaction, recency_days
from ruled
) to '{out}' (format parquet)
"""


def main(source: str, out: str) -> None:
    """Transactions as Parquet or CSV files → one labels file."""
    reader = f"read_csv('{source}', types = {TYPES})" if source.endswith(".csv") else f"read_parquet('{source}')"
    duckdb.sql(JOB.format(reader=reader, out=out))


if __name__ == "__main__":
    main(*sys.argv[1:])
