"""Work that leaves the interpreter to others, done in a thread of its own while they go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")


def beside(work: Callable[[Item], Done], items: Iterable[Item]) -> dict[Item, Future[Done]]:
    """Item → what work makes of it, or what it raised: one after another, waited for only where a result is asked for.

    The thread ends with the process, so that nobody waits for it after an error.
    """
    results: dict[Item, Future[Done]] = {item: Future() for item in items}

    def run() -> None:
        for item, result in results.items():
            try:
                result.set_result(work(item))
            except BaseException as error:
                result.set_exception(error)

    if results:
        Thread(target=run, name="beside", daemon=True).start()
    return results
