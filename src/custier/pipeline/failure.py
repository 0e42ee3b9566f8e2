"""A run that ends before there is anything to keep leaves a manifest and its log in the store all the same."""

from __future__ import annotations

import platform
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any

from custier import __version__
from custier import store as stores
from custier.errors import BusyError, CustierError, Problem, UsageError
from custier.pipeline.log import Log
from custier.pipeline.request import Request
from custier.rubric.model import Rubric
from custier.store import Store


@dataclass(frozen=True)
class Ended:
    """How a run ended that did not get to its end. status: failed | interrupted."""

    status: str
    exit_code: int
    problems: tuple[Problem, ...]


@contextmanager
def noting_failures(request: Request, rubric: Rubric, log: Log) -> Iterator[None]:
    """Notes in the store how the block failed, where there is a store; whatever goes wrong with that hides no error.

    A wrong command line or rubric, and a store that is in use, are not noted: such a run has not begun.
    """
    try:
        yield
    except BaseException as error:
        if not request.dry_run and not isinstance(error, UsageError | BusyError) and request.store.is_dir():
            with suppress(Exception):
                _note(request, rubric, log, _ended(error))
        raise


def _ended(error: BaseException) -> Ended:
    if isinstance(error, CustierError):
        return Ended("failed", error.exit_code, error.problems)
    if isinstance(error, KeyboardInterrupt):
        number = next((int(n) for n in error.args), int(signal.SIGINT))
        return Ended("interrupted", 128 + number, (Problem("", f"stopped by {signal.Signals(number).name}"),))
    return Ended("failed", 70, (Problem("CT9900", f"this is a bug in custier ({type(error).__name__})"),))


def _note(request: Request, rubric: Rubric, log: Log, ended: Ended) -> None:
    for problem in ended.problems:
        log.add("problem", level="error", code=problem.code or None, msg=problem.what, where=problem.where)
    log.add("run.end", level="error", status=ended.status, exit_code=ended.exit_code)
    content = stores.manifest(_stable(request, rubric), _run_half(request, log, ended))
    stores.note_failure(Store(request.store, rubric.rubric), content, log.lines(None).encode(), request.now)


def _stable(request: Request, rubric: Rubric) -> dict[str, Any]:
    return {"custier": __version__, "rubric": {"name": rubric.rubric, "version": rubric.version}, "as_of": request.as_of}


def _run_half(request: Request, log: Log, ended: Ended) -> dict[str, Any]:
    return {
        "status": ended.status,
        "exit_code": ended.exit_code,
        "problems": [asdict(problem) for problem in ended.problems],
        "created": request.now.isoformat(),
        "ended": log.now.isoformat(),
        "host": socket.gethostname(),
        "python": platform.python_version(),
        "engine": request.engine,
        "command": request.command,
    }
