"""One plan over tables that come one after another, and what is worked out for some customers only."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw
import polars as pl
from polars.io.plugins import register_io_source
from polars.testing import assert_frame_equal

from custier.engines.in_turn import in_memory, in_turn
from custier.frames import Frame, added_to_all, added_to_some

JUNE = pl.DataFrame({"customer_id": ["a", "b", "c"], "steps": [1, 0, None], "spend": [7, 8, 9]})
JULY = pl.DataFrame({"customer_id": ["d"], "steps": [-1], "spend": [5]})


def test_a_plan_made_once_is_worked_out_over_the_table_that_was_put_there_last() -> None:
    customers, put = in_turn(nw.from_native(JUNE.lazy()))
    doubled = customers.filter(nw.col("spend") > 7).with_columns(twice=nw.col("spend") * 2).select("customer_id", "twice")
    plan: pl.LazyFrame = customers.join(doubled, on="customer_id", how="left").sort("customer_id").head(2).to_native()
    for table, found in ((JUNE, [None, 16]), (JULY, [None]), (JUNE.clear(), []), (JUNE, [None, 16])):
        put(nw.from_native(table.lazy()))
        assert in_memory(plan)["twice"].to_list() == found


def test_a_table_that_is_looked_at_twice_is_read_once_and_only_in_the_columns_that_are_used() -> None:
    read: list[list[str] | None] = []

    def noted(columns: list[str] | None, *_: object) -> Iterator[pl.DataFrame]:
        read.append(columns)
        yield JUNE.select(columns or JUNE.columns)

    customers, put = in_turn(nw.from_native(JUNE.lazy()))
    moved = customers.filter(nw.col("steps") != 0).select("customer_id", "steps")
    put(nw.from_native(register_io_source(noted, schema=JUNE.schema)))
    in_memory(customers.select("customer_id").join(moved, on="customer_id", how="left").to_native())
    assert [sorted(columns or []) for columns in read] == [["customer_id", "steps"]]


def test_what_one_engine_refuses_the_other_works_out() -> None:
    nothing = pl.LazyFrame({"n": [1, 2], "text": [None, None]}, schema={"n": pl.Int64, "text": pl.String})
    compared = nothing.with_columns(alike=pl.lit("x") == pl.coalesce("text", pl.lit(None, pl.String)))
    assert in_memory(compared)["alike"].to_list() == [None, None]


def test_what_few_have_is_the_same_added_to_all_and_to_some() -> None:
    moved = nw.col("steps") != 0

    def add(customers: Frame) -> Frame:
        return customers.with_columns(cause=nw.when(moved).then(nw.concat_str(nw.lit("by "), nw.col("steps").cast(nw.String()))))

    for table in (JUNE, JULY, JUNE.clear()):
        frame = nw.from_native(table.lazy())
        to_all, to_some = (added(frame, moved, "cause", add).to_native().collect() for added in (added_to_all, added_to_some))
        assert_frame_equal(to_all, to_some, check_row_order=False)
