"""A Spark session in which a number that does not fit is an error."""

from __future__ import annotations

import os
import re
import shutil
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custier.errors import InputError, Problem, UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

REACHED_WITHIN_SECONDS = 5
MASTER = re.compile(r"spark://\S+|yarn|k8s://\S+|local(\[(\*|[0-9]+)(, ?[0-9]+)?\])?|local-cluster\[[0-9, ]+\]")
CONFIG = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
"""Of a session that custier starts: what does not fit is an error, names differ by case, and stderr is custier's."""


def open_spark(master: str | None = None) -> SparkSession:
    """The session that runs already when no master is named, else one of its own.

    Raises UsageError (CT1920 not installed, CT1921 no Java, CT1922 a session that lets numbers overflow, CT1923 a session with another
    master), InputError (CT2401).
    """
    sessions = require_pyspark()
    running: SparkSession | None = sessions.getActiveSession()
    if running is None:
        return _started(sessions.builder, master)
    if master not in (None, running.sparkContext.master):
        what = f"a Spark session with the master {running.sparkContext.master} runs already in this process"
        raise UsageError(Problem("CT1923", what, "--spark-master", "stop that session first, or leave --spark-master out"))
    return usable(running)


def require_pyspark() -> Any:
    """The class of Spark's sessions; raises UsageError (CT1920) where Spark is not installed."""
    try:
        import pyarrow  # noqa: F401 — frames go through Arrow
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError(Problem("CT1920", "the engine spark is not installed", "--engine", "pip install 'custier[spark]'")) from None
    return SparkSession


@contextmanager
def spark_session(master: str | None = None) -> Iterator[SparkSession]:
    """The session of `open_spark` for a block; one that ran before goes on running."""
    running = require_pyspark().getActiveSession()
    session = open_spark(master)
    try:
        yield session
    finally:
        if running is None:
            with suppress(Exception):  # an interrupted session may be gone already, and what interrupted it is what counts
                session.stop()


def usable(session: SparkSession) -> SparkSession:
    """The session, when it refuses numbers that do not fit; raises UsageError (CT1922)."""
    if session.conf.get("spark.sql.ansi.enabled") != "true":
        cure = "spark.conf.set('spark.sql.ansi.enabled', 'true')"
        raise UsageError(Problem("CT1922", "the Spark session turns numbers that do not fit into nulls", help=cure))
    return session


def _started(builder: Any, master: str | None) -> SparkSession:
    _require_java()
    _require_master(master)
    for name, value in CONFIG.items():
        builder = builder.config(name, value)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)  # which custier does not use
        session: SparkSession = (builder if master is None else builder.master(master)).appName("custier").getOrCreate()
    return session


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not (shutil.which(str(Path(home) / "bin" / "java")) if home else shutil.which("java")):
        raise UsageError(
            Problem("CT1921", "the engine spark needs Java, and there is none", help="install Java 17 or newer, or set JAVA_HOME")
        )


def _require_master(master: str | None) -> None:
    """Whether a master is named as Spark names them and a standalone one answers: Spark itself would say little, and late."""
    if master is not None and not MASTER.fullmatch(master):
        cure = "write it as spark://HOST:PORT, yarn, k8s://…, local[*] or local[2]"
        raise UsageError(Problem("CT1900", f"`{master}` is no Spark master", "--spark-master", cure))
    if master is None or not master.startswith("spark://"):
        return
    if not any(_answers(address) for address in master.removeprefix("spark://").split(",")):
        raise InputError(Problem("CT2401", "the Spark master does not answer", master, "check the address, and that the master runs"))


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), REACHED_WITHIN_SECONDS).close()
    except (OSError, ValueError):
        return False
    return True
