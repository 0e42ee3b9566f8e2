"""A run on a Spark cluster: rows stay there, labels and evidence leave it as directories of Parquet, the rest is as on Polars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from custier.engines.spark_session import require_pyspark, spark_session
from custier.pipeline.engine import Engine, Graded
from custier.pipeline.gather import Gathered
from custier.pipeline.keep import Run
from custier.pipeline.on_spark.gather import gather
from custier.pipeline.on_spark.grading import grade_run
from custier.pipeline.on_spark.inputs import Named, find_inputs
from custier.pipeline.on_spark.tables import Opened, open_table
from custier.pipeline.on_spark.told import told_by_spark
from custier.pipeline.one_source import Reading
from custier.pipeline.request import Request
from custier.read import refuse_changed


@contextmanager
def open_engine(request: Request) -> Iterator[Engine]:
    """Spark, started when there is something to read; raises UsageError (CT1920)."""
    require_pyspark()
    tables: dict[str, Opened] = {}
    with ExitStack() as sessions:

        def read(inputs: Mapping[str, Named], reading: Reading) -> Gathered:
            session = sessions.enter_context(spark_session(request.spark_master))
            with told_by_spark():
                tables.update({name: open_table(session, name, named, reading) for name, named in inputs.items()})
                return gather(session, tables, reading)

        yield Engine(find_inputs, read, partial(_grade, tables))


@contextmanager
def _grade(tables: Mapping[str, Opened], run: Run, scratch: Path) -> Iterator[Graded]:
    with told_by_spark(), grade_run(run, partial(_refuse_changed, tables)) as graded:
        yield graded


def _refuse_changed(tables: Mapping[str, Opened]) -> None:
    for table in tables.values():
        refuse_changed(table.files, table.stamps)
