"""Links from one id to the next, followed to their end without recursion: every join of a table of links with itself doubles the reach."""

from __future__ import annotations

from collections.abc import Callable

import narwhals as nw

from custier.errors import DataError, Problem, in_number, listed
from custier.frames import Frame, row_count

MOST_STEPS = 32
JUMPS = MOST_STEPS.bit_length() - 1
NAMED = 5
ID, UP = "customer_id", "up"

Hold = Callable[[Frame], Frame]


def jumped(links: Frame) -> Frame:
    """customer_id, up (texts, one row per customer that has a link) → the same, each reaching twice as far."""
    further = links.select(up=nw.col(ID), further=nw.col(UP))
    return links.join(further, on=UP, how="left").select(ID, up=nw.coalesce(nw.col("further"), nw.col(UP)))


def ends_of(links: Frame, hold: Hold, code: str, what: str, help: str) -> Frame:
    """Links → the same, each at the end of its chain; raises DataError with the code for those that do not end in 32 steps."""
    ends = links
    for _ in range(JUMPS):
        ends = hold(jumped(ends))
    endless = ends.join(links.select(up=nw.col(ID)), on=UP, how="semi").select(ID, UP)
    found = endless.sort(ID).head(NAMED).collect(backend="polars")
    if len(found):
        circles: dict[frozenset[str], str] = {}
        for start in dict.fromkeys(found[UP].to_list()):
            path = _path(str(start), links)
            circles.setdefault(frozenset(path), " → ".join(path))  # of a circle every customer is a start
        raise DataError(Problem(code, f"{what}: {listed([*circles.values()], NAMED)}", help=help))
    return ends


def refuse(found: Frame, code: str, one: str, many: str, help: str) -> None:
    """DataError for customers (customer_id, said): a few are named, all are counted. one, many: what is wrong, of one and of several."""
    count = row_count(found)
    if count:
        named = found.sort(ID).head(NAMED).collect(backend="polars")["said"].to_list()
        more = f" and {count - len(named)} more" if count > len(named) else ""
        raise DataError(
            Problem(code, f"{in_number(count, f'customer {one}', f'customers {many}')}: {', '.join(map(str, named))}{more}", help=help)
        )


def _path(start: str, links: Frame) -> list[str]:
    """From a customer up, until one comes again."""
    path = [start]
    while len(path) <= MOST_STEPS:
        ups = links.filter(nw.col(ID) == path[-1]).collect(backend="polars")[UP].to_list()
        if not ups:
            break
        path.append(str(ups[0]))
        if path[-1] in path[:-1]:
            break
    return path
