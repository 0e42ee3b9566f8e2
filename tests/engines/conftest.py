"""A real Spark: a standalone master and two workers on loopback, from the package that pip installed."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

WORKERS = 2
UP_WITHIN_SECONDS = 180
HERE = Path(__file__).parent
LOOPBACK = "127.0.0.1"
MISSING = "there is no Java" if shutil.which("java") is None else "" if importlib.util.find_spec("pyspark") else "pyspark is not installed"
SOON_UP = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
DEFAULTS = f"""
spark.sql.shuffle.partitions 2
spark.sql.adaptive.enabled false
spark.default.parallelism 2
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.locality.wait 0
spark.driver.extraJavaOptions {SOON_UP}
spark.executor.extraJavaOptions {SOON_UP}
spark.driver.memory 1g
spark.executor.memory 1g
spark.executor.cores 1
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
"""
"""Small tables on a short-lived cluster: code that is generated, or compiled to the last, would not pay back, and plans that adapt would join
the parts of a table to one."""
ONE_TASK = "No Partition Defined for Window operation"

LOGGING = """
appenders = file
appender.file.type = File
appender.file.name = file
appender.file.fileName = {log}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %p %c{{1}}: %m%n
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a Spark is skipped where there is none."""
    for item in items:
        if MISSING and HERE in item.path.parents and item.get_closest_marker("spark"):
            item.add_marker(pytest.mark.skip(reason=MISSING))


def free_port() -> int:
    with socket.socket() as found:
        found.bind((LOOPBACK, 0))
        port: int = found.getsockname()[1]
    return port


def configure(directory: Path, log: Path) -> dict[str, str]:
    """An environment whose Spark reads its settings from this directory and logs into this file only."""
    directory.mkdir()
    (directory / "spark-defaults.conf").write_text(DEFAULTS)
    (directory / "log4j2.properties").write_text(LOGGING.format(log=log))
    return {"SPARK_CONF_DIR": str(directory), "SPARK_LOCAL_IP": LOOPBACK, "PYSPARK_PYTHON": sys.executable}


def start(name: str, arguments: list[str], home: Path) -> subprocess.Popen[bytes]:
    import pyspark

    command = [str(Path(pyspark.__file__).parent / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *arguments]
    settings = configure(home, home.with_suffix(".log"))
    limits = {"SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": SOON_UP, "SPARK_WORKER_DIR": str(home / "work")}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=os.environ | settings | limits, **quiet)  # type: ignore[call-overload,no-any-return]


def wait_for(log: Path, pattern: str, times: int) -> None:
    deadline = time.monotonic() + UP_WITHIN_SECONDS
    while len(re.findall(pattern, log.read_text() if log.exists() else "")) < times:
        assert time.monotonic() < deadline, f"Spark did not come up:\n{log.read_text() if log.exists() else 'no log'}"
        time.sleep(0.2)


@pytest.fixture(scope="session")
def spark_master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`spark://127.0.0.1:PORT` of a master with two workers of one core each."""
    home = tmp_path_factory.mktemp("spark")
    address = f"spark://{LOOPBACK}:{free_port()}"
    host, port = ["--host", LOOPBACK], address.rpartition(":")[2]
    running = [start("master.Master", [*host, "--port", port, "--webui-port", str(free_port())], home / "master")]
    try:
        wait_for(home / "master.log", "I have been elected leader", 1)
        for number in range(WORKERS):
            one = ["--cores", "1", "--memory", "1g", "--webui-port", str(free_port()), address]
            running.append(start("worker.Worker", [*host, *one], home / f"worker{number}"))
        wait_for(home / "master.log", "Registering worker", WORKERS)
        yield address
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            process.wait(20)


@pytest.fixture(scope="session")
def driver_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("driver") / "driver.log"


@pytest.fixture(scope="session")
def spark_session(spark_master: str, driver_log: Path) -> Iterator[Any]:
    """A session on the cluster, as `--engine spark --spark-master` opens it; its warnings are in `driver_log`."""
    from custier.engines.spark import open_spark

    with pytest.MonkeyPatch.context() as patch:
        for name, value in configure(driver_log.parent / "conf", driver_log).items():
            patch.setenv(name, value)
        session = open_spark(spark_master)
    session.sparkContext.setLogLevel("WARN")
    yield session
    session.stop()


@pytest.fixture
def on_duckdb() -> dict[str, Any]:
    return {"engine": "duckdb"}


@pytest.fixture
def through_one_task(driver_log: Path) -> Callable[[], int]:
    """How often Spark has warned so far that a step pulls everyone through one task."""
    return lambda: driver_log.read_text().count(ONE_TASK)


@pytest.fixture
def on_spark(spark_master: str, spark_session: Any, through_one_task: Callable[[], int]) -> Iterator[dict[str, Any]]:
    before = through_one_task()
    yield {"engine": "spark", "spark_master": spark_master}
    assert through_one_task() == before
