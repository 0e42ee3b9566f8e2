"""custier.classify on DataFrames of a real cluster."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import custier
from custier.errors import CustierError

MONEY = pl.Decimal(20, 2)
SCHEMAS = {
    "transactions": {"客户编号": pl.String, "下单日期": pl.Date, "金额": MONEY, "订单号": pl.Int64, "品类": pl.String, "成本": MONEY},
    "invoices": {"customer_id": pl.String, "due_date": pl.Date, "paid_date": pl.Date},
    "surveys": {"customer_id": pl.String, "date": pl.String, "score": pl.Float64},
}  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    """Two and a half years, with an amount that is not there."""
    draw = random.Random(3)

    def day() -> date:
        return date(2025, 12, 31) - timedelta(draw.randrange(900))

    def who() -> str:
        return f" 客户{draw.randrange(60)}"

    def money() -> Decimal:
        return draw.choice([Decimal("200000"), Decimal("-310.05"), Decimal(draw.randrange(9_000_000)).scaleb(-2)])

    make: dict[str, Callable[[], tuple[Any, ...]]] = {
        "transactions": lambda: (who(), day(), money(), draw.randrange(900), draw.choice(["a", " b", "", None]), money()),
        "invoices": lambda: (who(), day(), draw.choice([None, day()])),
        "surveys": lambda: (who(), str(day()), draw.choice([1.0, 3.5, 5.0])),
    }
    rows = {name: [make[name]() for _ in range(400)] for name in SCHEMAS}
    rows["transactions"].append(("客户1", date(2025, 12, 31), None, 1, None, Decimal(1)))
    return {name: pl.DataFrame(rows[name], schema=SCHEMAS[name], orient="row") for name in SCHEMAS}


@pytest.mark.spark
@pytest.mark.parametrize("rubric", ["annual-spend", "pyramid", "weighted-grade"])
def test_a_spark_frame_gives_the_labels_of_a_polars_frame(rubric: str, tables: dict[str, pl.DataFrame], spark_session: Any) -> None:
    sources = list(SCHEMAS)[1:] if rubric == "weighted-grade" else []
    native = {name: spark_session.createDataFrame(table.to_arrow()) for name, table in tables.items()}
    cells: list[Any] = []
    labels = custier.classify(native["transactions"], rubric, sources={name: native[name] for name in sources}, on_rejected=cells.append)
    expected: list[pl.DataFrame] = []
    found = custier.classify(tables["transactions"], rubric, sources={name: tables[name] for name in sources}, on_rejected=expected.append)
    assert type(labels) is type(cells[0]) is type(native["transactions"])
    assert_frame_equal(pl.from_arrow(labels.toArrow()), found, check_exact=True)
    without_line = pl.from_arrow(cells[0].toArrow()).with_columns(line=pl.lit(401, pl.Int64))
    assert_frame_equal(without_line, expected[0], check_exact=True)


@pytest.mark.spark
def test_a_mistake_has_the_code_that_it_has_in_a_file(tables: dict[str, pl.DataFrame], spark_session: Any, tmp_path: Path) -> None:
    odd = tables["transactions"].with_columns(金额=pl.lit(None, MONEY))
    native = spark_session.createDataFrame(odd.to_arrow())
    priced = spark_session.createDataFrame(tables["transactions"].to_arrow())
    formula = tmp_path / "formula.yaml"
    formula.write_text("rubric: f\nsources: {transactions: {amount: {formula: '金额 * 2'}}}\ntiers: [{name: A}]\n", encoding="utf-8")
    mistakes = {
        "CT2201": lambda: custier.classify(native.drop("金额"), "annual-spend"),
        "CT2204": lambda: custier.classify(native.selectExpr("*", "array(1) AS date").drop("下单日期"), "annual-spend"),
        "CT2205": lambda: custier.classify(native, formula),
        "CT2110": lambda: custier.classify(native.filter("1 = 0"), "annual-spend"),
        "CT4101": lambda: custier.classify(native, "annual-spend"),
        "CT3401": lambda: custier.classify(priced.selectExpr("*", "IF(`金额` > 1000, 'USD', 'CNY') AS currency"), "annual-spend"),
        "CT1931": lambda: custier.classify(native, "weighted-grade", sources={"invoices": tables["invoices"]}),
        "CT1930": lambda: custier.classify(native, "weighted-grade", sources={"invoices": native.groupBy("客户编号")}),
    }
    for code, make in mistakes.items():
        with pytest.raises(CustierError) as caught:
            make()
        assert code in [problem.code for problem in caught.value.problems]
