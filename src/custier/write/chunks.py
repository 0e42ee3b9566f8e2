"""A table that comes in chunks → several files at once, each written in a thread of its own, in bounded memory."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Thread

import polars as pl
from polars.io.plugins import register_io_source

from custier.store.disk import whole_path
from custier.write.few import few_in, told_as_texts, with_few
from custier.write.sheet import write_sheet

ROWS_PER_GROUP = 50_000
CHUNKS_AHEAD = 1
LOOK_AGAIN_SECONDS = 0.2
EACH_BY_ITSELF = pl.QueryOptFlags(comm_subexpr_elim=False)
"""Labels share little: to look for what they share takes longer than it saves."""

_OS_ERROR = re.compile(r"\(os error (\d+)\)")
_UNTOLD = "thrift: transport error"
"""The end of a Parquet file could not be written, for a reason that Polars does not hand on."""


@dataclass(frozen=True)
class Output:
    """One file: its path, what it takes of the table, and how it is written."""

    path: Path
    columns: Callable[[pl.LazyFrame], pl.LazyFrame]

    def write(self, frame: pl.LazyFrame, to: Path) -> None:
        if self.path.suffix == ".xlsx":
            write_sheet(frame.collect_schema(), frame.collect_batches(maintain_order=True), to, self.path)
        elif self.path.suffix == ".csv":
            frame.sink_csv(to, line_terminator="\n", include_bom=False)
        else:
            texts = told_as_texts(frame.collect_schema())
            frame.sink_parquet(to, compression="zstd", compression_level=1, statistics=True, row_group_size=ROWS_PER_GROUP, metadata=texts)

    def taken(self, chunk: pl.DataFrame) -> pl.DataFrame:
        """The output's columns of a chunk."""
        return worked_out(chunk, self.columns)


def worked_out(chunk: pl.DataFrame, columns: Callable[[pl.LazyFrame], pl.LazyFrame]) -> pl.DataFrame:
    """Columns of a chunk, worked out over the whole chunk.

    Polars divides by a column of one row, or by one that it holds as one value for all rows, through its reciprocal, one ulp off, and a
    streaming engine may cut a chunk into such; so a single row is worked out beside itself, and every column is written out in full.
    """
    several = pl.concat([chunk, chunk]) if len(chunk) == 1 else chunk
    made = columns(pl.DataFrame(several.get_columns()).lazy()).collect(engine="in-memory", optimizations=EACH_BY_ITSELF)
    return made.head(len(made) // 2) if len(chunk) == 1 else made


class _Stopped(Exception):
    """Told to a writer whose table will not come to an end."""


class _Writer(Thread):
    """A thread that writes what is put into its queue; `None` is the end, an exception stops it."""

    def __init__(self, output: Output, schema: pl.Schema, to: Path) -> None:
        super().__init__(name=f"write {output.path.name}", daemon=True)
        self.queue: Queue[pl.DataFrame | _Stopped | None] = Queue(CHUNKS_AHEAD)
        self.error: BaseException | None = None
        self.is_whole = False
        self._output, self._schema, self._to = output, schema, to

    def run(self) -> None:
        try:
            if self._output.path.suffix == ".xlsx":
                write_sheet(self._schema, self._chunks(None, None, None, None), self._to, self._output.path)
            else:
                self._output.write(register_io_source(self._chunks, schema=self._schema, is_pure=False), self._to)
            self.is_whole = True
        except BaseException as error:  # a panic of the engine is no Exception
            self.error = error

    def put(self, chunk: pl.DataFrame | _Stopped | None) -> None:
        """Hands a chunk over, unless the writer has given up."""
        while self.is_alive():
            try:
                return self.queue.put(chunk, timeout=LOOK_AGAIN_SECONDS)
            except Full:
                continue

    def _chunks(self, columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, size: int | None) -> Iterator[pl.DataFrame]:
        while (chunk := self.queue.get()) is not None:
            if isinstance(chunk, _Stopped):
                raise chunk
            made = self._output.taken(chunk)
            picked = made if columns is None else made.select(columns)
            yield picked if predicate is None else picked.filter(predicate)


def write_together(chunks: Iterable[pl.DataFrame], outputs: Sequence[Output]) -> None:
    """Writes every output from the same chunks, in their order; all files whole or none. Raises OutputError, and what chunks raise."""
    first, rest = _first(chunks)
    few = few_in(first.lazy())
    first = with_few(first.lazy(), few).collect()
    with ExitStack() as files:
        schemas = [output.taken(first.head(0)).schema for output in outputs]
        paths = [files.enter_context(whole_path(output.path)) for output in outputs]
        writers = [_Writer(output, schema, path) for output, schema, path in zip(outputs, schemas, paths, strict=True)]
        for writer in writers:
            writer.start()
        try:
            _put(writers, first)
            for chunk in rest:
                _put(writers, with_few(chunk.lazy(), few).collect())
            _put(writers, None)
            for writer in writers:
                writer.join()
        except BaseException:
            _stop(writers)
            raise
        _raise_first(writers)


def _first(chunks: Iterable[pl.DataFrame]) -> tuple[pl.DataFrame, Iterator[pl.DataFrame]]:
    rest = iter(chunks)
    return next(rest), rest


def _put(writers: Sequence[_Writer], chunk: pl.DataFrame | None) -> None:
    for writer in writers:
        writer.put(chunk)
        if writer.error is not None:
            _stop(writers)
            _raise_first(writers)


def _stop(writers: Sequence[_Writer]) -> None:
    for writer in writers:
        while writer.is_alive():
            _drain(writer.queue)
            writer.put(_Stopped())
            writer.join(LOOK_AGAIN_SECONDS)


def _drain(queue: Queue[pl.DataFrame | _Stopped | None]) -> None:
    try:
        while True:
            queue.get_nowait()
    except Empty:
        return


def _raise_first(writers: Sequence[_Writer]) -> None:
    """The error of the first writer that failed by itself."""
    for writer in writers:
        if writer.error is not None and not isinstance(writer.error, _Stopped) and _Stopped.__name__ not in str(writer.error):
            with told_by_polars():
                raise writer.error
    if unfinished := [writer.name for writer in writers if not writer.is_whole and writer.error is None and not writer.is_alive()]:
        raise RuntimeError(f"stopped without an error: {unfinished}")


@contextmanager
def told_by_polars() -> Iterator[None]:
    """Turn a polars error of the block that names an operating system's error into that: a full disk it tells only in words."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as error:
        told = _OS_ERROR.search(str(error))
        if told is None and _UNTOLD not in str(error):
            raise
        number = int(told[1]) if told else errno.EIO
        raise OSError(number, os.strerror(number)) from error
