"""How engines are opened, what they say when they cannot be, and what Spark writes."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from custier.engines import duckdb, spark
from custier.engines import spark_session as sessions
from custier.errors import CustierError


def code_of(make: Any) -> str:
    with pytest.raises(CustierError) as caught:
        make()
    (problem,) = caught.value.problems
    assert problem.help
    return problem.code


@pytest.mark.parametrize("library, opened", [("duckdb", duckdb.open_duckdb), ("pyspark.sql", spark.open_spark)])
def test_an_engine_that_is_not_installed_names_its_extra(library: str, opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    assert code_of(opened) == "CT1920"


@pytest.fixture
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process in which no Spark runs."""
    session = pytest.importorskip("pyspark.sql").SparkSession
    monkeypatch.setattr(session, "getActiveSession", lambda: None)


@pytest.mark.usefixtures("no_session")
def test_spark_without_java_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert code_of(lambda: spark.open_spark("local[1]")) == "CT1921"


@pytest.mark.usefixtures("no_session")
def test_a_master_that_does_not_answer_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "_require_java", lambda: None)
    assert code_of(lambda: spark.open_spark("spark://127.0.0.1:1")) == "CT2401"


def test_a_session_that_lets_numbers_overflow_is_refused() -> None:
    lenient: Any = SimpleNamespace(conf={"spark.sql.ansi.enabled": "false"})
    assert code_of(lambda: spark.usable(lenient)) == "CT1922"


def test_duckdb_names_a_file_that_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "torn.parquet").write_bytes(b"PAR1")
    with duckdb.open_duckdb(tmp_path, memory_bytes=200_000_000, threads=1) as connection:
        for path in (tmp_path / "torn.parquet", tmp_path / "none.parquet"):
            assert code_of(lambda path=path: duckdb.open_parquet(connection, [path])) == "CT2402"


def test_duckdb_reads_directories_and_writes_sorted_files(tmp_path: Path) -> None:
    (tmp_path / "in" / "year=2025").mkdir(parents=True)
    pl.DataFrame({"customer_id": ["b", "a"]}).write_parquet(tmp_path / "in" / "year=2025" / "1.parquet")
    pl.DataFrame({"customer_id": ["c"]}).write_parquet(tmp_path / "in" / "2.parquet")
    with duckdb.open_duckdb(threads=1) as connection:
        frame = duckdb.open_parquet(connection, [tmp_path / "in"])
        duckdb.write_parquet(frame.select("customer_id").sort("customer_id"), tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet")["customer_id"].to_list() == ["a", "b", "c"]


@pytest.mark.spark
def test_the_session_that_runs_is_used_and_no_other_master_is_mixed_in(spark_session: Any) -> None:
    assert spark.open_spark() is spark_session and spark.open_spark(spark_session.sparkContext.master) is spark_session
    assert code_of(lambda: spark.open_spark("local[1]")) == "CT1923"


@pytest.mark.spark
def test_spark_opens_paths_and_tables_and_names_what_is_not_there(spark_session: Any, tmp_path: Path) -> None:
    pl.DataFrame({"Unit.Price": [1]}).write_parquet(tmp_path / "1.parquet")
    spark_session.createDataFrame(pl.DataFrame({"n": [1, 2]}).to_arrow()).createOrReplaceTempView("pairs")
    assert spark.open_parquet(spark_session, [tmp_path]).select(nw.col("Unit.Price")).collect(backend="polars").item() == 1
    assert spark.open_table(spark_session, "pairs").select(n=nw.col("n").sum()).collect(backend="polars").item() == 3
    assert code_of(lambda: spark.open_parquet(spark_session, [tmp_path / "none"])) == "CT2402"
    assert code_of(lambda: spark.open_table(spark_session, "no_such_table")) == "CT2402"


@pytest.mark.spark
def test_spark_refuses_what_does_not_fit_and_divides_exactly(spark_session: Any) -> None:
    frame = spark.framed(spark_session.createDataFrame(pl.DataFrame({"n": [9_999_999, -9_999_999]}).to_arrow()))
    wide = nw.col("n").cast(nw.Int128())
    found = frame.select(q=wide * 10**18 // nw.lit(10**25, nw.Int128()), r=nw.col("n") // 10_000_000, m=nw.col("n") % 10_000_000)
    assert found.collect(backend="polars").rows() == [(0, 0, 9_999_999), (-1, -1, 1)]
    for too_large in (wide * 10**18 * nw.lit(10**16, nw.Int128()), (wide * 10**18).cast(nw.Int64()), nw.col("n") * 10**13):
        with pytest.raises(Exception, match=r"OVERFLOW|OUT_OF_RANGE"):
            frame.select(n=too_large).collect(backend="polars")


@pytest.mark.spark
@pytest.mark.parametrize("parts", [1, 3])
def test_spark_writes_parts_that_are_sorted_one_after_another(
    spark_session: Any, tmp_path: Path, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"客户{i:03}" for i in range(200)]
    monkeypatch.setattr(spark, "ROWS_PER_PART", -(-len(ids) // parts))
    frame = spark.hold(spark.framed(spark_session.createDataFrame(pl.DataFrame({"customer_id": ids[::-1]}).to_arrow())))
    paths = spark.write_parquet(frame, tmp_path / "labels.parquet", len(ids))
    spark.release(frame)
    assert (
        sorted((tmp_path / "labels.parquet").iterdir())
        == paths
        == [tmp_path / "labels.parquet" / f"part-{i:05}.parquet" for i in range(parts)]
    )
    assert [i for path in paths for i in pl.read_parquet(path)["customer_id"]] == ids
