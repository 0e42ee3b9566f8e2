"""Small tables written as text, graded as a run would grade them."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import settings

from custier.compare import Last
from custier.grade import Graded, grade
from custier.measure import Before
from custier.rubric.columns import ColumnKind, frame_name, kind_of
from custier.rubric.model import Rubric, Source
from custier.rubric.plan import PER, Plan, plan_metrics
from custier.rubric.yaml_file import read_yaml
from custier.tally import Alike, tally

settings.register_profile("repeatable", derandomize=True, deadline=None)  # a busy machine is no mistake
settings.register_profile("searching", deadline=None)  # pytest --hypothesis-profile searching: other examples every time
settings.load_profile("repeatable")

SCHEMA = {"text": pl.String(), "date": pl.Date(), "money": pl.Int64(), "number": pl.Int64()}
ONE_TIER = {"rubric": "test", "sources": {"transactions": {}}, "tiers": [{"name": "C"}]}


@dataclass(frozen=True)
class Export:
    """The good rows of one source, as validation hands them on."""

    source: str
    frame: pl.DataFrame
    kinds: dict[str, ColumnKind]


@dataclass(frozen=True)
class Run:
    """A graded population that can be asked about one customer, and compared with."""

    graded: Graded
    rubric: Rubric
    plan: Plan
    as_of: date

    @property
    def frame(self) -> pl.DataFrame:
        return self.graded.customers.collect(backend="polars").to_native().sort("customer_id")

    def __getitem__(self, customer: str) -> dict[str, Any]:
        return self.frame.row(by_predicate=pl.col("customer_id") == customer, named=True)

    def column(self, name: str) -> dict[str, Any]:
        return dict(self.frame.select("customer_id", name).iter_rows())

    def value(self, customer: str, metric: str) -> Decimal | None:
        """A metric as an exact amount (a quotient to 12 digits)."""
        row, kind = self[customer], self.plan.metrics[metric].kind
        if row[metric] is None or (kind.quotient and row[metric + PER] is None):
            return None
        held = Decimal(row[metric]).scaleb(-kind.scale)
        return round(held / row[metric + PER], 12) if kind.quotient else held

    @property
    def alike(self) -> list[Alike]:
        """The customers counted, as if no row of any had been rejected."""
        return tally(self.graded.customers.with_columns(rejected_rows=nw.lit(0)), self.rubric, self.plan)

    @property
    def before(self) -> Before:
        return Before(nw.from_native(self.frame.lazy().select("customer_id", "first_date", "last_day")))

    def last(self, same_rubric: bool = True) -> Last:
        names = [n for n in self.frame.columns if n != "customer_id" and not n.startswith("previous_")]
        customers = self.frame.lazy().select("customer_id", *(pl.col(n).alias(f"previous_{n}") for n in names))
        kinds = {name: planned.kind for name, planned in self.plan.metrics.items()}
        return Last(nw.from_native(customers), frozenset(names), kinds, self.graded.cuts, same_rubric, self.as_of)


def read_cells(
    source: str, header: str, *rows: Sequence[Any], decimals: int = 2, frame: pl.DataFrame | None = None, declared: Any = None
) -> Export:
    """`read_cells("transactions", "customer date amount", ("a", "2025-01-05", "9.50"))`, or a frame whose amounts are integers already."""
    declared = Source.model_validate(declared or {}).columns
    kinds = {name: kind_of(source, name, declared.get(name), decimals) for name in header.split()}
    if frame is not None:
        return Export(source, with_days(frame), kinds)
    cells = [[_cell(cell, kind) for cell, kind in zip(row, kinds.values(), strict=True)] for row in rows]
    frame = pl.DataFrame(cells, schema={frame_name(n): SCHEMA[k.type] for n, k in kinds.items()}, orient="row")
    return Export(source, with_days(frame), kinds)


def with_days(frame: pl.DataFrame) -> pl.DataFrame:
    dates = [name for name, kind in frame.schema.items() if kind == pl.Date]
    days = [pl.col(name).cast(pl.Int32).cast(pl.Int64).alias(f"{name}_day") for name in dates]
    moment = {"date_us": pl.col("date").cast(pl.Datetime("us")).cast(pl.Int64)} if "date" in dates else {}
    return frame.with_columns(*days, **moment)


def _cell(cell: Any, kind: ColumnKind) -> Any:
    if cell is None or kind.type == "text":
        return cell
    return date.fromisoformat(cell) if kind.type == "date" else int(Decimal(str(cell)).scaleb(kind.scale))


def grade_exports(
    rubric: Rubric | str, *exports: Export, as_of: str = "2025-12-31", previous: Run | None = None, last: Last | None = None
) -> Run:
    """Rows → graded customers; a rubric as text needs only what the test is about."""
    if isinstance(rubric, str):
        rubric = Rubric.model_validate({**ONE_TIER, **(read_yaml(rubric.encode(), "test.yaml").data if rubric != "{}" else {})})
    columns = {e.source: e.kinds for e in exports}
    tables = {e.source: nw.from_native(e.frame.lazy()) for e in exports}
    plan = plan_metrics(rubric, columns)
    before = previous.before if previous else Before()
    last = last or (previous.last() if previous else None)
    day = date.fromisoformat(as_of)
    return Run(grade(tables, rubric, plan, columns, day, before, last, in_memory), rubric, plan, day)


def in_memory(frame: Any) -> Any:
    return frame.collect().lazy()


@pytest.fixture(scope="session")
def graded() -> Callable[..., Run]:
    return grade_exports


@pytest.fixture(scope="session")
def table() -> Callable[..., Export]:
    """Any source: `table("invoices", "customer date paid", …)`."""
    return read_cells


@pytest.fixture(scope="session")
def bought() -> Callable[..., Export]:
    """Transactions of customer, date and amount."""
    return lambda *rows: read_cells("transactions", "customer date amount", *rows)


@pytest.fixture(scope="session")
def spent() -> Callable[..., Export]:
    """One purchase per customer, in the year up to 2025-12-31: `spent(a="10.00", b="20.00")`."""
    return lambda **amounts: read_cells("transactions", "customer date amount", *((c, "2025-06-01", a) for c, a in amounts.items()))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file's tests share its fixtures, and the tests of the engines a Spark cluster, so each of these goes to one process."""
    from xdist.scheduler import LoadScopeScheduling

    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = lambda nodeid: "engines" if nodeid.startswith("tests/engines/") else nodeid.partition("::")[0]  # type: ignore[method-assign]
    return scheduling


@contextmanager
def limited_disk(size_bytes: int) -> Iterator[None]:
    """No file can grow beyond the size: the kernel refuses the write, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def a_disk_of() -> Callable[[int], AbstractContextManager[None]]:
    """`with a_disk_of(10_000):` has room for so many bytes a file."""
    return limited_disk
