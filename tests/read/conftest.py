"""Small exports written, read and validated in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from custier.errors import InputError
from custier.read import Table, find_files, read_source
from custier.rubric.model import Source
from custier.validate import validate_rows

TODAY = date(2026, 1, 31)
WANTED = {"customer": True, "date": True, "amount": True, "category": False}


@dataclass(frozen=True)
class Outcome:
    """A table and what validation made of it."""

    table: Table
    good: pl.DataFrame
    cells: pl.DataFrame  # rejected cells and rejected lines

    @property
    def rejects(self) -> list[tuple[int, str]]:
        return sorted(self.cells.select("line", "code").rows())

    def column(self, name: str) -> list[Any]:
        return self.good[name].to_list()


def outcome(paths: list[Path], scratch: Path, source: str, spec: Mapping[str, Any], wanted: Mapping[str, bool], decimals: int) -> Outcome:
    table = read_source(source, Source.model_validate(spec), paths, wanted=wanted, currency_decimals=decimals, scratch=scratch)
    good, cells = validate_rows(nw.from_native(table.frame), source, table.columns, today=TODAY)
    rejected_rows = cells.to_native().select("file", "line").unique().height
    assert table.read == len(good) + rejected_rows + len(table.malformed) + table.excluded
    return Outcome(table, good.to_native(), pl.concat([table.malformed, cells.to_native()]))


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    made = tmp_path / "scratch"
    made.mkdir(exist_ok=True)
    return made


@pytest.fixture
def read(tmp_path: Path, scratch: Path) -> Callable[..., Outcome]:
    """read(content or {name: content}, spec, source=…, wanted=…) → Outcome; a content is text, bytes or a frame (→ Parquet)."""

    def read_exports(
        contents: Any, spec: Mapping[str, Any] | None = None, *, source: str = "transactions", wanted: Any = WANTED, decimals: int = 2
    ) -> Outcome:
        named = contents if isinstance(contents, dict) else {"a.parquet" if isinstance(contents, pl.DataFrame) else "a.csv": contents}
        for name, content in named.items():
            if isinstance(content, pl.DataFrame):
                content.write_parquet(tmp_path / name)
            else:
                (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        paths = find_files([str(tmp_path / name) for name in named])
        return outcome(paths, scratch, source, spec or {}, wanted, decimals)

    return read_exports


@pytest.fixture
def problems(read: Callable[..., Outcome]) -> Callable[..., list[Any]]:
    """The problems that reading these exports raises."""

    def raised(*args: Any, **kwargs: Any) -> list[Any]:
        with pytest.raises(InputError) as caught:
            read(*args, **kwargs)
        assert all(p.help for p in caught.value.problems)
        return list(caught.value.problems)

    return raised
