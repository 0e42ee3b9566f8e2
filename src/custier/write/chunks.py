"""A table that comes in chunks → several files at once, each written in a thread of its own, in bounded memory."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Thread

import polars as pl
from polars.io.plugins import register_io_source

from custier.store.disk import whole_path

ROWS_PER_GROUP = 50_000
CHUNKS_AHEAD = 1
LOOK_AGAIN_SECONDS = 0.2
_OS_ERROR = re.compile(r"\(os error (\d+)\)")


@dataclass(frozen=True)
class Output:
    """One file: its path, what it takes of the table, and how it is written."""

    path: Path
    columns: Callable[[pl.LazyFrame], pl.LazyFrame]

    def write(self, frame: pl.LazyFrame, to: Path) -> None:
        if self.path.suffix == ".csv":
            self.columns(frame).sink_csv(to, line_terminator="\n", include_bom=False)
        else:
            self.columns(frame).sink_parquet(to, compression="zstd", compression_level=1, statistics=True, row_group_size=ROWS_PER_GROUP)


class _Stopped(Exception):
    """Told to a writer whose table will not come to an end."""


class _Writer(Thread):
    """A thread that writes what is put into its queue; `None` is the end, an exception stops it."""

    def __init__(self, output: Output, schema: pl.Schema, to: Path) -> None:
        super().__init__(name=f"write {output.path.name}", daemon=True)
        self.queue: Queue[pl.DataFrame | _Stopped | None] = Queue(CHUNKS_AHEAD)
        self.error: Exception | None = None
        self._output, self._schema, self._to = output, schema, to

    def run(self) -> None:
        try:
            self._output.write(register_io_source(self._chunks, schema=self._schema, is_pure=False), self._to)
        except Exception as error:
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
            picked = chunk if columns is None else chunk.select(columns)
            yield picked if predicate is None else picked.filter(predicate)


def write_together(chunks: Iterable[pl.DataFrame], outputs: Sequence[Output]) -> None:
    """Writes every output from the same chunks, in their order; all files whole or none. Raises OutputError, and what chunks raise."""
    first, rest = _first(chunks)
    with ExitStack() as files:
        writers = [_Writer(output, first.schema, files.enter_context(whole_path(output.path))) for output in outputs]
        for writer in writers:
            writer.start()
        try:
            for chunk in chain([first], rest):
                _put(writers, chunk)
            _put(writers, None)
        except BaseException:
            _stop(writers)
            raise
        for writer in writers:
            writer.join()
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


@contextmanager
def told_by_polars() -> Iterator[None]:
    """Turn a polars error of the block that names an operating system's error into that: a full disk it tells only in words."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as error:
        told = _OS_ERROR.search(str(error))
        if told is None:
            raise
        raise OSError(int(told[1]), os.strerror(int(told[1]))) from error
