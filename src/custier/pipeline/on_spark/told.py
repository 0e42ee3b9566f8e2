"""What goes wrong on a cluster, in custier's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from custier.errors import InputError, OutputError, Problem
from custier.pipeline.outgrown import too_large


@contextmanager
def told_by_spark() -> Iterator[None]:
    """InputError for what Spark raises in the block: CT6402 for a number that outgrows its column, else CT2406."""
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import ArithmeticException, PySparkException

    try:
        yield
    except ArithmeticException:
        raise too_large([]) from None
    except (PySparkException, Py4JJavaError) as error:
        cure = "look into Spark's log; every worker must reach the inputs and have room to work"
        raise InputError(Problem("CT2406", f"spark could not finish ({_condition(error)})", help=cure)) from error


@contextmanager
def saved_by_spark(directory: Path) -> Iterator[None]:
    """OutputError (CT5003) for what Spark raises while it writes there."""
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import ArithmeticException, PySparkException

    try:
        yield
    except ArithmeticException:
        raise
    except (PySparkException, Py4JJavaError) as error:
        cure = "every worker must be able to write there, as the same user; look into Spark's log, then run the same command again"
        raise OutputError(Problem("CT5003", f"writing failed on spark ({_condition(error)})", str(directory), cure)) from error


def _condition(error: Exception) -> str:
    told = getattr(error, "getCondition", lambda: None)()
    return str(told or type(error).__name__)
