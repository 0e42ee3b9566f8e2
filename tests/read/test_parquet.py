"""Parquet exports: their types are used, and checked."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from custier.errors import InputError
from custier.read import read_source
from custier.rubric.model import Source


def export(**columns) -> pl.DataFrame:
    return pl.DataFrame({"customer": ["A1", "B2"], "date": [date(2025, 1, 31), date(2025, 2, 1)], "amount": [1, 2]} | columns)


def test_rows_are_numbered_from_one(read):
    found = read(export())
    assert found.column("line") == [1, 2] and found.column("amount") == [100, 200] and found.table.files[0].format == "parquet"


@pytest.mark.parametrize("ids", [[17850, 12], [17850.0, 12.0], ["17850", "12"], pl.Series(["17850", "12"], dtype=pl.Categorical)])
def test_whole_numbers_are_identifiers_without_a_point(read, ids):
    assert read(export(customer=ids)).column("customer_id") == ["17850", "12"]


def test_identifiers_that_are_no_whole_numbers_are_rejected(read):
    assert read(export(customer=[17850.5, 12.0])).rejects == [(1, "CT3005")]


@pytest.mark.parametrize("blank", [None, float("nan")])
def test_a_missing_float_identifier_is_blank_and_no_customer_zero(read, blank):
    assert read(export(customer=[blank, 12.0])).rejects == [(1, "CT3002")]


@pytest.mark.parametrize(
    "amounts",
    [[Decimal("10.50"), Decimal("-3.10")], [10.5, -3.1], ["10.50", " -3.1"], pl.Series([10.5, -3.1], dtype=pl.Float32)],
    ids=["decimal", "float", "text", "float32"],
)
def test_amounts_of_every_type_are_exact(read, amounts):
    assert read(export(amount=amounts)).column("amount") == [1050, -310]


def test_the_noise_of_a_float_is_no_further_decimal(read):
    assert read(export(amount=[731.9399999999999, 0.1 + 0.2])).column("amount") == [73194, 30]


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (0.125, "CT3104"),
        (12345678901.235, "CT3104"),
        (float("nan"), "CT3103"),
        (float("inf"), "CT3103"),
        (1e15, "CT3105"),
        (None, "CT3002"),
    ],
)
def test_floats_that_are_no_amounts_are_rejected(read, amount, code: str):
    found = read(export(amount=[amount, 2.0]))
    assert found.rejects == [(1, code)] and found.column("amount") == [200]


def test_times_keep_their_wall_clock(read):
    found = read(export(date=[datetime.fromisoformat("2025-01-31T23:30"), datetime.fromisoformat("2025-02-01")]))
    assert found.column("date") == [date(2025, 1, 31), date(2025, 2, 1)] and found.column("date_us")[0] == 1738366200000000
    zoned = pl.Series([datetime(2025, 1, 31, 23, 30, tzinfo=UTC)] * 2).dt.convert_time_zone("Asia/Shanghai")
    assert read({"b.parquet": export(date=zoned)}).column("date") == [date(2025, 2, 1)] * 2


def test_dates_may_be_texts_or_integers(read):
    assert read(export(date=["2025-01-31 08:26:00", "2025/2/1"])).column("date") == [date(2025, 1, 31), date(2025, 2, 1)]
    assert read({"b.parquet": export(date=[20250131, 20250201])}).column("date") == [date(2025, 1, 31), date(2025, 2, 1)]


@pytest.mark.parametrize(
    "columns",
    [{"amount": [[1], [2]]}, {"amount": [True, False]}, {"date": [1.5, 2.5]}, {"customer": [[1], [2]]}, {"amount": [date(2025, 1, 1)] * 2}],
)
def test_a_type_that_cannot_hold_the_column_is_an_error(problems, columns):
    assert [p.code for p in problems(export(**columns))] == ["CT2204"]


def test_a_parquet_and_a_text_export_make_one_table(read):
    found = read({"a.parquet": export(amount=[1.5, 2.0]), "b.csv": "金额,客户,日期\n3.25,C3,2025-02-02\n"})
    assert sorted(found.column("amount")) == [150, 200, 325]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (pl.Series([1, 2], dtype=pl.Int32), pl.Series([3, 4], dtype=pl.Int64)),
        (pl.Series([1, 2], dtype=pl.UInt64), pl.Series([3, 4], dtype=pl.Int8)),
        (pl.Series([1, 2]), pl.Series(["3", "x"])),
        (pl.Series([1.0, 2.0]), pl.Series([3, 4])),
        (pl.Series(["a", "b"], dtype=pl.Categorical), pl.Series(["a", "c"])),
    ],
    ids=["int32 int64", "uint64 int8", "int text", "float int", "categorical text"],
)
def test_files_whose_columns_have_other_types_make_one_table(read, first: pl.Series, second: pl.Series):
    wanted = {"customer": True, "date": True, "amount": True, "order": True}
    found = read({"a.parquet": export(order=first), "b.parquet": export(order=second)}, wanted=wanted)
    assert found.column("order") == [
        *first.cast(pl.Int64 if first.dtype.is_float() else first.dtype).cast(pl.String),
        *second.cast(pl.String),
    ]
    apart = read({"a.parquet": export(order=first), "b.parquet": export(order=second)}, wanted=wanted, counted=["order"]).column("order")
    assert [str(value) for value in apart] == found.column("order")
    times = [datetime.fromisoformat("2025-01-31T10:00"), datetime.fromisoformat("2025-02-01T11:00")]
    dated = read(
        {
            "a.parquet": export(date=pl.Series(times).dt.cast_time_unit("ms")),
            "b.parquet": export(),
            "c.parquet": export(date=["2025-01-31", "1.2.2025"]),
        }
    )
    assert dated.column("date") == [date(2025, 1, 31), date(2025, 2, 1)] * 3


def test_a_formula_over_floats_is_exact(read):
    found = read(export(Quantity=[3, -3], UnitPrice=[0.1, 19.99]), {"amount": {"formula": "Quantity * UnitPrice"}})
    assert found.column("amount") == [30, -5997]


def test_where_sees_what_is_null(read):
    found = read(export(customer=[None, 12.0]), {"where": "customer is not null"})
    assert found.excluded == 1 and found.rejects == []


def test_a_broken_file_is_refused_without_the_reader_s_own_words(problems):
    (problem,) = problems({"a.parquet": b"PAR1 nothing"})
    assert problem.code == "CT2007" and problem.what == "is not a whole Parquet file"


def test_a_file_that_is_broken_in_the_middle_is_refused(problems, tmp_path: Path):
    rows = 50_000
    frame = pl.DataFrame({"customer": [f"A{i * i}" for i in range(rows)], "date": [date(2025, 1, 31)] * rows, "amount": range(rows)})
    frame.write_parquet(tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    middle = len(whole) // 2
    for broken in (whole[:middle], whole[:middle] + whole[middle + 4_000 :], whole[:middle] + bytes(4_000) + whole[middle + 4_000 :]):
        (problem,) = problems({"a.parquet": broken})
        assert (problem.code, problem.where) == ("CT2007", "a.parquet")


def test_a_file_without_rows_is_an_error(problems):
    assert [p.code for p in problems(export().clear())] == ["CT2110"]


@pytest.mark.parametrize("made", [{"where": "flag = 'x'"}, {"amount": {"formula": "flag * 2"}}])
@pytest.mark.parametrize("values", [[["x"]], [timedelta(1)], [b"x"]])
def test_a_type_that_no_formula_can_use_is_refused(tmp_path: Path, made: dict[str, Any], values: list[Any]) -> None:
    pl.DataFrame({"customer_id": ["a"], "date": ["2025-01-05"], "amount": [1.0], "flag": values}).write_parquet(tmp_path / "x.parquet")
    with pytest.raises(InputError) as error:
        read_source(
            "transactions",
            Source.model_validate(made),
            [tmp_path / "x.parquet"],
            wanted={"date": True},
            currency_decimals=2,
            scratch=tmp_path,
        )
    assert {p.code for p in error.value.problems} == {"CT2204"}


def test_a_float_too_large_to_be_whole_is_no_identifier(tmp_path: Path) -> None:
    pl.DataFrame({"customer_id": [9007199254740993.0, 17850.0, 1e20], "date": ["2025-01-05"] * 3}).write_parquet(tmp_path / "x.parquet")
    table = read_source("transactions", Source(), [tmp_path / "x.parquet"], wanted={"date": True}, currency_decimals=2, scratch=tmp_path)
    assert table.frame.collect()["customer_id"].to_list() == [None, "17850", None]
