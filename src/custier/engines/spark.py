"""Spark: typed Parquet directories and tables on a cluster; labels leave it as a directory of sorted parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custier.engines.spark_session import open_spark, usable
from custier.errors import InputError, Problem
from custier.frames import Frame

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["framed", "given", "hold", "open_parquet", "open_spark", "open_table", "release", "usable", "write_parquet"]
ROWS_PER_PART = 5_000_000
FILE, ROW = "file of row ", "row in file "
PATTERN = re.compile(r"([\\\[\]{}*?])")
"""What Hadoop would take for a pattern of names."""


def open_parquet(session: SparkSession, paths: Sequence[Path | str]) -> Frame:
    """Parquet files, or directories of them, as one table; raises InputError (CT2402)."""
    return _opened(lambda: session.read.parquet(*map(_address, paths)), ", ".join(map(str, paths)))


def open_files(session: SparkSession, paths: Sequence[Path]) -> Frame:
    """Parquet files as one table, with the file and the number (from 0) of each row in FILE and ROW; raises InputError (CT2402)."""
    places = [f"_metadata.file_path AS `{FILE}`", f"_metadata.row_index AS `{ROW}`"]
    return _opened(lambda: session.read.parquet(*map(_address, paths)).selectExpr("*", *places), ", ".join(map(str, paths)))


def _address(path: Path | str) -> str:
    """A path of this machine as the cluster must read it, wherever its own files are; an address stays as it is."""
    return path if isinstance(path, str) and "://" in path else PATTERN.sub(r"\\\1", _local(Path(path)))


def _local(path: Path) -> str:
    return f"file://{path.resolve()}"


def open_table(session: SparkSession, name: str) -> Frame:
    """A table of the session's catalogue; raises InputError (CT2402)."""
    return _opened(lambda: session.table(name), name)


def table_digest(frame: Frame, columns: Sequence[str]) -> tuple[int, str]:
    """How many rows a table has, and a text that differs when the cells of these columns do, whatever the order of the rows."""
    from pyspark.sql import functions as f

    from custier.engines.exact_spark import quoted

    cells = [part for name in columns for part in (f.col(quoted(name)), f.col(quoted(name)).isNull())]
    native: DataFrame = frame.to_native()
    hashes = native.select(*(f.xxhash64(f.lit(seed), *cells).cast("decimal(38,0)").alias(f"hash{seed}") for seed in (1, 2)))
    rows, *sums = hashes.agg(f.count("*"), f.sum("hash1"), f.sum("hash2")).collect()[0]
    return int(rows), " ".join(map(str, [*columns, *sums]))


def _opened(read: Any, where: str) -> Frame:
    from pyspark.errors import PySparkException

    try:
        return framed(read())
    except PySparkException as error:
        cure = "check the name and its types, and that every worker can reach it"
        raise InputError(Problem("CT2402", f"cannot be read by spark ({error.getCondition()})", where, cure)) from None


def framed(native: DataFrame) -> Frame:
    """A Spark DataFrame as a frame for the middle; raises UsageError (CT1922)."""
    from custier.engines.exact_spark import exact_frame

    usable(native.sparkSession)
    return exact_frame(native)


def given(session: SparkSession, frame: Frame) -> Frame:
    """A small table of this machine, which every worker gets whole."""
    from pyspark.sql import functions as f

    return framed(f.broadcast(session.createDataFrame(frame.collect(backend="polars").to_arrow())))


def hold(frame: Frame) -> Frame:
    """The frame, worked out once and kept by the workers (in memory, else on their disks), and its plan forgotten.

    What is merely persisted carries its whole plan into every later step, and Spark analyses that anew in each: several times slower.
    """
    return framed(frame.to_native().localCheckpoint(eager=True))


def release(frame: Frame) -> None:
    """Give back what `hold` keeps; waits for it, since a session that stops meanwhile says so at length."""
    frame.to_native()._jdf.queryExecution().analyzed().rdd().unpersist(True)


def write_parquet(frame: Frame, directory: Path, customers: int) -> list[Path]:
    """Write a frame with a customer_id as sorted parts, part after part; → their paths, in order."""
    native: DataFrame = frame.to_native()
    parts = max(1, -(-customers // ROWS_PER_PART))
    spread = native.coalesce(1) if parts == 1 else native.repartitionByRange(parts, "customer_id")
    writer = spread.sortWithinPartitions("customer_id").write.option("compression", "zstd")
    writer.option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false").parquet(_local(directory))
    return _named(directory)


def _named(directory: Path) -> list[Path]:
    """The parts under names that do not change from run to run, without the checksums that Hadoop leaves beside local files."""
    for checksum in directory.glob(".*.crc"):
        checksum.unlink()
    parts = sorted(directory.glob("part-*"))
    return [part.rename(directory / f"part-{number:05}.parquet") for number, part in enumerate(parts)]
