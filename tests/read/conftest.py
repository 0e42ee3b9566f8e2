"""Small exports written, read and validated in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from custier.errors import InputError
from custier.read import Table, find_files, read_source, refuse_changed
from custier.read.cells import UNREAD
from custier.rubric.columns import frame_name
from custier.rubric.model import Source
from custier.validate import is_sound, validate_rows

TODAY = date(2026, 1, 31)
WANTED = {"customer": True, "date": True, "amount": True, "category": False}


@dataclass(frozen=True)
class Outcome:
    """A table and what validation made of it."""

    table: Table
    good: pl.DataFrame
    cells: pl.DataFrame  # rejected cells and rejected lines
    excluded: int
    money_excluded: int

    @property
    def rejects(self) -> list[tuple[int, str]]:
        return sorted(self.cells.select("line", "code").rows())

    def column(self, name: str) -> list[Any]:
        return self.good[name].to_list()


def as_a_run_reads(read: Callable[[bool], Table]) -> tuple[Table, pl.DataFrame]:
    """The table and its rows: quickly where the files turn out to be usual, else carefully."""
    table = read(False)
    try:
        rows = table.frame.collect()
        usual = not any(rows.filter("kept")[frame_name(name) + UNREAD].any() for name in table.taken)
    except pl.exceptions.PolarsError:
        usual = False
    table = table if usual else read(True)
    return table, rows if usual else table.frame.collect()


def outcome(
    paths: list[Path],
    scratch: Path,
    source: str,
    spec: Mapping[str, Any],
    wanted: Mapping[str, bool],
    decimals: int,
    counted: Sequence[str] = (),
) -> Outcome:
    made, said = Source.model_validate(spec), {"wanted": wanted, "currency_decimals": decimals, "scratch": scratch, "counted": counted}

    def read(carefully: bool) -> Table:
        return read_source(source, made, paths, carefully=carefully, **said)

    table, rows = as_a_run_reads(read)
    refuse_changed(table.files, table.stamps)
    _same(table, rows, read(True))
    marked = rows.select(nw.to_native(nw.from_native(rows).select(sound=is_sound(source, table.columns, TODAY, marked=True)))["sound"])
    left_out, kept = rows.filter(~pl.col("kept")), rows.filter(pl.col("kept"))
    plain = kept.drop("kept", "whole ", pl.selectors.ends_with(UNREAD, "__cell"))
    good, cells = validate_rows(nw.from_native(plain), source, table.columns, today=TODAY)
    assert marked.filter(rows["kept"])["sound"].sum() == len(good)
    rejected_rows = cells.to_native().select("file", "line").unique().height
    assert table.read == len(good) + rejected_rows + len(table.malformed) + len(left_out) + table.totals
    money = int(left_out["amount"].sum()) if "amount" in left_out.columns else 0
    return Outcome(table, good.to_native(), pl.concat([table.malformed, cells.to_native()]), len(left_out), money)


def _same(table: Table, rows: pl.DataFrame, careful: Table) -> None:
    """A quick reading that found nothing unusual has read what a careful one reads."""
    told = pl.exclude("^whole $|^.*__cell$")
    assert rows.select(told).equals(careful.frame.collect().select(told))
    assert (table.read, table.malformed.rows(), table.formats, table.warnings) == (
        careful.read,
        careful.malformed.rows(),
        careful.formats,
        careful.warnings,
    )


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    made = tmp_path / "scratch"
    made.mkdir(exist_ok=True)
    return made


@pytest.fixture
def read(tmp_path: Path, scratch: Path) -> Callable[..., Outcome]:
    """read(content or {name: content}, spec, source=…, wanted=…) → Outcome; a content is text, bytes or a frame (→ Parquet)."""

    def read_exports(
        contents: Any,
        spec: Mapping[str, Any] | None = None,
        *,
        source: str = "transactions",
        wanted: Any = WANTED,
        decimals: int = 2,
        counted: Sequence[str] = (),
    ) -> Outcome:
        named = contents if isinstance(contents, dict) else {"a.parquet" if isinstance(contents, pl.DataFrame) else "a.csv": contents}
        for name, content in named.items():
            if isinstance(content, pl.DataFrame):
                content.write_parquet(tmp_path / name)
            else:
                (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        paths = find_files([str(tmp_path / name) for name in named])
        return outcome(paths, scratch, source, spec or {}, wanted, decimals, counted)

    return read_exports


@pytest.fixture(scope="session")
def outcome_of() -> Callable[..., Outcome]:
    """outcome_of(paths, scratch, source, spec, wanted, decimals) → Outcome, for a test that writes its own files."""
    return outcome


@pytest.fixture
def problems(read: Callable[..., Outcome]) -> Callable[..., list[Any]]:
    """The problems that reading these exports raises."""

    def raised(*args: Any, **kwargs: Any) -> list[Any]:
        with pytest.raises(InputError) as caught:
            read(*args, **kwargs)
        assert all(p.help for p in caught.value.problems)
        return list(caught.value.problems)

    return raised
