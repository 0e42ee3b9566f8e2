"""Work beside the work: results and errors are there when they are asked for, in the order of the items."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Event, active_count

import pytest

from custier.beside import beside


def test_what_is_done_beside_is_waited_for_only_where_it_is_asked_for() -> None:
    may_begin, done = Event(), list[int]()

    def work(item: int) -> int:
        may_begin.wait(10)
        done.append(item)
        return 6 // item

    results: dict[int, Future[int]] = beside(work, [3, 0, 2])
    assert not done and not any(result.done() for result in results.values())
    may_begin.set()
    assert results[2].result(10) == 3 and done == [3, 0, 2]
    assert results[3].result() == 2
    with pytest.raises(ZeroDivisionError):
        results[0].result()


def test_for_nothing_no_thread_is_begun() -> None:
    before = active_count()
    assert beside(str, []) == {} and active_count() == before
