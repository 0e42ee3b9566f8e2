"""custier from Python: every kind of table gives the labels that the command line writes, and the mistakes that it tells."""

from __future__ import annotations

import doctest
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

import custier
from custier.cli import run
from custier.errors import CustierError, DataError, HeldError
from custier.show.as_json import json_text

PAGE = (Path(__file__).parents[1] / "docs" / "python.md").read_text(encoding="utf-8")
TODAY = date(2025, 12, 31)
MONEY = pl.Decimal(20, 3)
SCHEMAS = {
    "transactions": {"客户编号": pl.String, "下单日期": pl.Datetime("us"), "金额": MONEY, "订单号": pl.Int64, "品类": pl.String, "成本": pl.Float64, "备注": pl.String},
    "invoices": {"customer_id": pl.String, "due_date": pl.Date, "paid_date": pl.Date},
    "surveys": {"customer_id": pl.String, "date": pl.String, "score": pl.Float64},
}  # fmt: skip
SOURCES = {"annual-spend": ["transactions"], "pyramid": ["transactions"], "weighted-grade": list(SCHEMAS)}


def generated(name: str, draw: random.Random) -> pl.DataFrame:
    """Two and a half years with ties, blanks, returns and some rows that no check passes; the dates of surveys prove their own form."""

    def day() -> date:
        return TODAY - timedelta(draw.randrange(900))

    def who() -> str | None:
        return draw.choice([None, "a\u200bb"]) if draw.random() < 0.003 else f" 客户{draw.randrange(120)}"

    def money() -> Decimal | None:
        return draw.choice(
            [Decimal("200000"), Decimal("-310.05"), Decimal(0), *(Decimal(draw.randrange(9_000_000)).scaleb(-2) for _ in range(9))]
        )

    make: dict[str, Callable[[], tuple[Any, ...]]] = {
        "transactions": lambda: (who(), datetime.combine(day(), datetime.min.time()), money(), draw.randrange(900), draw.choice(["a", " b", "", None]), draw.randrange(99) / 4, "x"),
        "invoices": lambda: (f"客户{draw.randrange(120)}", day(), draw.choice([None, day()])),
        "surveys": lambda: (f"客户{draw.randrange(120)}", day().strftime("%d/%m/%Y"), draw.choice([1.0, 3.5, 5.0, float("inf")]) if draw.random() < 0.005 else 4.5),
    }  # fmt: skip
    rows = [make[name]() for _ in range(2500)]
    rows += [("客户1", datetime.combine(TODAY, datetime.min.time()), Decimal("1.005"), 1, "a", 1.0, "x")] if name == "transactions" else []
    return pl.DataFrame(rows, schema=SCHEMAS[name], orient="row")


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return {name: generated(name, random.Random(11)) for name in SCHEMAS}


@pytest.fixture(scope="module")
def files(tables: dict[str, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same tables as Parquet files."""
    folder = tmp_path_factory.mktemp("files")
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    return {name: folder / f"{name}.parquet" for name in tables}


@pytest.fixture(scope="module", params=list(SOURCES))
def graded(request: pytest.FixtureRequest, files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A shipped rubric, and where the command line put its labels and rejected rows."""
    rubric, out = request.param, tmp_path_factory.mktemp("graded")
    others = [word for name in SOURCES[rubric][1:] for word in ("--source", f"{name}={files[name]}")]
    options = ["--rubric", rubric, *others, "--store", str(out / "store"), "--out", str(out), "--format", "parquet", "--quiet"]
    assert run(["classify", str(files["transactions"]), *options]) == 0
    return rubric, out


READ_AS = "ignore:`date` of surveys is read as %d/%m/%Y"
KINDS: dict[str, tuple[type, Callable[[pl.DataFrame], Any], Callable[[Any], pl.DataFrame]]] = {
    "polars": (pl.DataFrame, lambda frame: frame, lambda frame: frame),
    "lazy": (pl.LazyFrame, lambda frame: frame.lazy(), lambda frame: frame.collect()),
    "pandas": (pd.DataFrame, lambda frame: frame.to_pandas(), pl.from_pandas),
    "pandas with Arrow types": (pd.DataFrame, lambda frame: frame.to_pandas(use_pyarrow_extension_array=True), pl.from_pandas),
    "pyarrow": (pa.Table, lambda frame: frame.to_arrow(), pl.from_arrow),
    "duckdb": (duckdb.DuckDBPyRelation, lambda frame: duckdb.connect().from_arrow(frame.to_arrow()), lambda relation: relation.pl()),
}


@pytest.mark.filterwarnings(READ_AS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_frame_gives_what_the_command_line_writes(
    kind: str, graded: tuple[str, Path], tables: dict[str, pl.DataFrame]
) -> None:
    rubric, out = graded
    own, made, back = KINDS[kind]
    first, *others = [made(tables[name]) for name in SOURCES[rubric]]
    rejected: list[Any] = []
    labels = custier.classify(first, rubric, sources=dict(zip(SOURCES[rubric][1:], others, strict=True)), on_rejected=rejected.append)
    assert isinstance(labels, own) and [type(frame) for frame in rejected] == [type(labels)]
    expected = pl.read_parquet(out / "labels.parquet")
    assert_frame_equal(back(labels), expected, check_exact=True)
    assert expected["tier"].n_unique() >= 3
    cells = pl.read_csv(out / "rejected.csv").drop("file", "row")
    assert_frame_equal(back(rejected[0]).drop("file"), cells.with_columns(pl.col("raw").cast(pl.String)), check_exact=True)
    assert {"CT3002", "CT3006", "CT3104"} <= set(cells["code"])
    assert_frame_equal(back(first).select(pl.all().cast(pl.String)), tables["transactions"].select(pl.all().cast(pl.String)))


@pytest.mark.filterwarnings(READ_AS)
@pytest.mark.filterwarnings("ignore:.* like an earlier row in every column")
def test_paths_give_a_polars_frame_and_frames_of_all_kinds_go_together(files: dict[str, Path], tables: dict[str, pl.DataFrame]) -> None:
    mixed = {"invoices": tables["invoices"].to_pandas(), "surveys": duckdb.from_arrow(tables["surveys"].to_arrow())}
    found = custier.classify(files["transactions"], "weighted-grade", sources=mixed, on_rejected=print)
    paths = {name: [str(files[name])] for name in mixed}
    expected = custier.classify(tables["transactions"].lazy(), "weighted-grade", sources=paths, on_rejected=print)
    assert_frame_equal(found, expected.collect(), check_exact=True)


SALES = pl.DataFrame(
    {"customer": ["a", "a", "b"], "date": ["2025-03-28", "2025-04-02", "2025-05-16"], "amount": ["1.00", "2.50", "60000.00"]}
)


def spend(labels: pl.DataFrame) -> dict[str, str]:
    return dict(labels.select("customer_id", pl.col("spend").cast(pl.String)).rows())


def codes(make: Callable[[], Any]) -> list[str]:
    with pytest.raises(CustierError) as caught:
        make()
    assert all(problem.help for problem in caught.value.problems)
    return sorted(problem.code for problem in caught.value.problems)


MISTAKES = {
    "a column is not there": (SALES.drop("amount"), ["CT2201"]),
    "a column cannot hold it": (SALES.with_columns(amount=pl.lit([1])), ["CT2204"]),
    "two columns fit": (SALES.with_columns(total=pl.col("amount")), ["CT2202"]),
    "dates fit two readings": (SALES.with_columns(date=pl.Series(["01/02/2025"] * 3)), ["CT2211"]),
    "amounts that add up to too much": (pl.concat([SALES] * 50).with_columns(amount=pl.lit("999999999999999.00")), ["CT6401"]),
    "too many rows are rejected": (SALES.with_columns(amount=pl.Series(["1.00", "2.50", "1,5"])), ["CT4101"]),
    "nothing is in the window": (SALES, ["CT3302"]),
    "there are no rows": (SALES.clear(), ["CT2110"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_has_the_same_code_in_a_frame_as_in_a_file(mistake: str, tmp_path: Path) -> None:
    frame, expected = MISTAKES[mistake]
    frame.write_parquet(tmp_path / "sales.parquet")
    as_of = "2019-12-31" if expected == ["CT3302"] else None
    for given in (frame, frame.lazy(), tmp_path / "sales.parquet"):
        assert codes(lambda given=given: custier.classify(given, "annual-spend", as_of=as_of)) == expected


def test_arguments_that_are_wrong_say_so() -> None:
    assert codes(lambda: custier.classify({"a": [1]}, "annual-spend")) == ["CT1930"]
    assert codes(lambda: custier.classify(SALES, "annual-spend", sources={"transactions": SALES})) == ["CT1900"]
    assert codes(lambda: custier.classify(SALES, "annual-spend", as_of="31.12.2025")) == ["CT1900"]
    assert codes(lambda: custier.classify(SALES, "annual-spend", sources={"surveys": SALES})) == ["CT1902"]
    assert codes(lambda: custier.classify(None, "annual-spend")) == ["CT1900"]
    assert codes(lambda: custier.classify(None, "weighted-grade", sources={"surveys": SALES})) == ["CT1903"]
    assert codes(lambda: custier.classify(SALES, "annual")) == ["CT1001"]


def test_the_as_of_date_is_a_date_a_moment_a_text_or_the_newest_good_row() -> None:
    given = [date(2025, 5, 16), datetime(2025, 5, 16, 23, tzinfo=UTC), pd.Timestamp("2025-05-16"), "2025-05-16"]
    newest = custier.classify(SALES, "annual-spend")
    assert all(custier.classify(SALES, "annual-spend", as_of=day).equals(newest) for day in given)
    assert spend(custier.classify(SALES, "annual-spend", as_of="2025-03-31")) == {"a": "1.00"}


def test_rejected_rows_are_told_in_a_warning_unless_somebody_takes_them() -> None:
    odd = pl.concat([SALES] * 40 + [SALES.head(1).with_columns(amount=pl.lit("x"))])
    with pytest.warns(UserWarning, match="1 of 121 rows of transactions was rejected"):
        custier.classify(odd, "annual-spend")
    taken: list[pl.DataFrame] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        custier.classify(odd, "annual-spend", on_rejected=taken.append)
        custier.classify(SALES, "annual-spend", on_rejected=taken.append)
    assert [frame.select("file", "line", "raw").rows() for frame in taken] == [[("transactions", 121, "x")]]


def test_other_warnings_of_a_run_are_python_warnings_too() -> None:
    with pytest.warns(UserWarning, match="table `invoices` was not given"):
        custier.classify(SALES, "weighted-grade", sources={"surveys": SALES.with_columns(score=pl.lit(5))})


def test_a_lazy_frame_is_worked_out_once_and_only_where_the_rubric_looks() -> None:
    times: list[str] = []

    def counting(name: str) -> pl.Expr:
        return pl.col(name).map_batches(lambda cells: (times.append(name), cells)[1], return_dtype=pl.String)  # type: ignore[func-returns-value]

    unusual = SALES.with_columns(date=pl.Series(["28/03/2025", "02/04/2025", "16/05/2025"]), note=pl.lit("n")).lazy()
    lazy = unusual.with_columns(counting(name) for name in ("date", "note"))
    with pytest.warns(UserWarning, match="is read as %d/%m/%Y"):
        assert spend(custier.classify(lazy, "annual-spend").collect()) == {"a": "3.50", "b": "60000.00"}
    assert times == ["date"]


def test_a_pandas_column_of_several_types_matters_only_where_it_is_needed() -> None:
    frame = SALES.to_pandas().assign(note=[1, "x", None], order=[1.0, float("nan"), 2.0])
    assert spend(pl.from_pandas(custier.classify(frame, "annual-spend"))) == {"a": "3.50", "b": "60000.00"}
    assert codes(lambda: custier.classify(frame.assign(amount=[1, "x", None]), "annual-spend")) == ["CT2204"]
    twice = pd.concat([frame, frame[["amount"]]], axis=1)
    assert codes(lambda: custier.classify(twice, "annual-spend")) == ["CT2104"]


def test_a_relation_keeps_exact_sums_and_gets_its_labels_where_it_came_from() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE labels AS SELECT 'a' AS customer_id, 'kept' AS note")
        lines = "(VALUES ('a', DATE '2025-05-01', 90071992547409.93), ('a', DATE '2025-05-01', 0.02)) AS t(customer, date, amount)"
        made = 'sum(amount) AS amount, sum(20251231) AS "order", INTERVAL 1 DAY AS d'
        query = f"SELECT customer, date, {made} FROM {lines} GROUP BY ALL"
        labels = custier.classify(connection.sql(query), "annual-spend")
        assert connection.sql("SHOW ALL TABLES").fetchall()[0][2] == "labels" and len(connection.sql("SHOW ALL TABLES").fetchall()) == 1
        joined = labels.join(connection.table("labels"), "customer_id").select("note, spend, orders").fetchall()
    assert joined == [("kept", Decimal("90071992547409.95"), 1)]


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    custier.classify(SALES.lazy(), "annual-spend")
    codes(lambda: custier.classify(SALES.lazy(), "annual-spend", as_of="2019-12-31"))
    assert list(tmp_path.iterdir()) == []


# --- the store -------------------------------------------------------------------------------------------------------


@pytest.fixture
def sales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    SALES.write_csv(tmp_path / "sales.csv")
    return tmp_path


def test_a_run_from_python_is_the_run_of_the_command_line(sales: Path, capsys: pytest.CaptureFixture[str]) -> None:
    summary = custier.classify_to_store("sales.csv", rubric="annual-spend", as_of=date(2025, 5, 31), out="copies", formats=["parquet"])
    assert (summary.status, summary.exit_code, sorted(p.name for p in Path("copies").glob("labels.*"))) == (
        "published",
        0,
        ["labels.parquet"],
    )
    assert run(["classify", "sales.csv", "--rubric", "annual-spend", "--as-of", "2025-05-31", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["run_id"]) == ("already current", summary.run_id)
    assert run(["explain", "a", "--rows", "--json"]) == 0
    explained = {key: value for key, value in json.loads(capsys.readouterr().out).items() if key not in ("ok", "schema")}
    why = json.loads(json_text(custier.explain_customer("a", rows=True)))
    assert {key: explained.get(key) for key in why} == why and len(why["rows"]) == 2


def test_a_run_that_is_not_published_raises(sales: Path) -> None:
    custier.classify_to_store("sales.csv", rubric="annual-spend", as_of="2025-05-31")
    with pytest.raises(HeldError) as held:
        custier.classify_to_store("sales.csv", rubric="annual-spend", as_of="2025-04-30")
    assert [problem.code for problem in held.value.problems] == ["CT4003"]
    SALES.with_columns(amount=pl.lit("x")).write_csv("odd.csv")
    with pytest.raises(DataError):
        custier.classify_to_store(["odd.csv"], rubric="annual-spend")
    assert custier.classify_to_store("sales.csv", as_of="2025-06-30", publish=False).status == "unpublished"


def test_wrong_arguments_of_a_run_are_told_as_on_the_command_line(sales: Path) -> None:
    assert codes(custier.classify_to_store) == ["CT1900"]
    assert codes(lambda: custier.classify_to_store("sales.csv", rubric="annual-spend", formats=["cvs"])) == ["CT1900"]
    assert codes(lambda: custier.classify_to_store("sales.csv", rubric="annual-spend", engine="pandas")) == ["CT1900"]
    assert codes(lambda: custier.classify_to_store("none.csv", rubric="annual-spend")) == ["CT2001"]
    assert codes(lambda: custier.explain_customer("a")) == ["CT5502"]
    assert not Path("custier-store").exists()


# --- the package and its page ----------------------------------------------------------------------------------------


def test_importing_custier_loads_nothing_else() -> None:
    assert loaded("import custier") == {"custier"}


def test_explaining_loads_as_little_as_the_command() -> None:
    assert not loaded("from custier import explain_customer") & {"narwhals", "pydantic", "sqlglot", "yaml", "typer", "rich", "filelock"}


def loaded(code: str) -> set[str]:
    """What a line of Python loads beside the standard library; of custier itself, its modules."""
    line = f"import sys; before = set(sys.modules); {code}; print(*(set(sys.modules) - before))"
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    found = subprocess.run([sys.executable, "-c", line], env=environment, capture_output=True, text=True, check=True).stdout.split()
    others = {name for name in found if name.split(".")[0] not in sys.stdlib_module_names}
    return {name if name.startswith("custier") else name.split(".")[0] for name in others}


def test_every_name_of_the_package_is_there_and_no_other() -> None:
    assert all(getattr(custier, name) is not None and name in dir(custier) for name in custier.__all__)
    with pytest.raises(AttributeError, match="clasify"):
        custier.clasify  # noqa: B018


def test_the_examples_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["demo"]) == 0
    capsys.readouterr()
    examples = "".join(re.findall(r"^```pycon\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE))
    found = doctest.DocTestRunner().run(doctest.DocTestParser().get_doctest(examples, {}, "python.md", None, 0))
    assert found.failed == 0 and found.attempted >= 15, capsys.readouterr().out


def test_the_examples_that_need_a_scheduler_or_a_cluster_are_python() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) == 4 and all(compile(block, "python.md", "exec") for block in blocks)
