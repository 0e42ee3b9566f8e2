"""Files that turn out to be unusual while they are read, in a whole run: the same answer however the run is done."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest

from custier.errors import InputError
from custier.pipeline import Request, classify_files

GATHER = import_module("custier.pipeline.gather")
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MANY = 3_000
HEADER = "customer_id,date,order,amount,category,remark\n"
RUBRIC = "rubric: mine\nguardrails: {rejected_at_most: 50%}\ntiers: [{name: A, when: spend >= 100 and orders > 2}, {name: B}]\n"


def row(n: int, day: str = "2025-03-04", amount: str = "1.50") -> str:
    return f"C{n % 90:04},{day},O{n // 2:05},{amount},food,none\n"


ROWS = [row(n) for n in range(MANY)]


@pytest.fixture(params=[(10**9, 1), (0, 1), (0, 3)], ids=["kept", "not kept", "in buckets"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many rows a run keeps; the buckets are set."""
    most_rows_kept, buckets = request.param
    monkeypatch.setattr(GATHER, "bucket_count", lambda tables, memory: buckets)
    return int(most_rows_kept)


def request(folder: Path, way: int, *files: Path, said: str = "") -> Request:
    (folder / "mine.yaml").write_text(RUBRIC + said)
    store = folder / f"store-{files[0].stem}"
    return Request(
        tuple(map(str, files)), str(folder / "mine.yaml"), (), store, NOW.date(), NOW, as_of=date(2025, 12, 31), most_rows_kept=way
    )


def classify(folder: Path, way: int, *files: Path, said: str = "") -> tuple[bytes, list[tuple[int, str]], list[int]]:
    """Labels, rejected lines, and how many rows were read, rejected and used."""
    asked = request(folder, way, *files, said=said)
    told = classify_files(asked)
    assert told.directory is not None and list((asked.store / "mine" / ".staging").iterdir()) == []
    rejected = pl.read_csv(Path(told.directory) / "rejected.csv", infer_schema=False)
    (account,) = told.accounts
    lines = sorted((int(line), code) for line, code in rejected.select("line", "code").rows())
    return (Path(told.directory) / "labels.csv").read_bytes(), lines, [account.read, account.rejected, account.used]


def written(path: Path, rows: list[str]) -> Path:
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


@pytest.fixture
def usual(tmp_path: Path, way: int) -> bytes:
    return classify(tmp_path, way, written(tmp_path / "usual.csv", ROWS))[0]


def test_a_long_and_a_short_line_that_add_up_are_both_rejected(tmp_path: Path, way: int, usual: bytes) -> None:
    short, long = "C9999,2025-03-04,O1,1000.00,food\n", "C9999,2025-03-04,O1,1000.00,food,none,more\n"
    for name, odd in (("first", [short, long]), ("last", [long, short])):
        file = written(tmp_path / f"{name}.csv", [*ROWS[:2_500], odd[0], *ROWS[2_500:], odd[1]])
        labels, rejected, counts = classify(tmp_path, way, file)
        assert labels == usual and rejected == [(2_502, "CT3001"), (MANY + 3, "CT3001")] and counts == [MANY + 2, 2, MANY]


def test_ids_that_all_have_a_space_before_them_are_the_same_without(tmp_path: Path, way: int, usual: bytes) -> None:
    labels, rejected, counts = classify(tmp_path, way, written(tmp_path / "padded.csv", [f" {text}" for text in ROWS]))
    assert labels == usual and rejected == [] and counts == [MANY, 0, MANY]


def test_ids_that_are_all_rounded_in_the_same_places_are_all_rejected(tmp_path: Path, way: int) -> None:
    file = written(tmp_path / "rounded.csv", [f"1.38001E+{10 + n % 80}{text[5:]}" for n, text in enumerate(ROWS)])
    told = classify_files(request(tmp_path, way, file))
    assert [(r.code, r.rows) for r in told.rejected] == [("CT3009", MANY)] and told.status == "failed"


def test_ids_that_all_have_an_invisible_beginning_are_all_rejected(tmp_path: Path, way: int) -> None:
    file = written(tmp_path / "unseen.csv", [f"\u200b{text}" for text in ROWS] + ROWS * 2)
    _, rejected, counts = classify(tmp_path, way, file)
    assert {code for _, code in rejected} == {"CT3006"} and counts == [3 * MANY, MANY, 2 * MANY]


def test_a_header_repeated_far_down_is_rejected_as_such(tmp_path: Path, way: int, usual: bytes) -> None:
    labels, rejected, counts = classify(tmp_path, way, written(tmp_path / "twice.csv", [*ROWS[:2_500], HEADER, *ROWS[2_500:]]))
    assert labels == usual and rejected == [(2_502, "CT3007")] and counts == [MANY + 1, 1, MANY]


@pytest.mark.parametrize("odd", ["04.03.2025", "4-Mar-2025", "20250304"])
def test_a_date_of_another_form_far_down_is_read_and_its_row_counts(tmp_path: Path, way: int, usual: bytes, odd: str) -> None:
    unequivocal = row(1, "2025-03-20"), row(1, "20.03.2025" if "." in odd else "2025-03-20")
    plain = classify(tmp_path, way, written(tmp_path / "plain.csv", [*ROWS, unequivocal[0]]))
    file = written(tmp_path / "odd.csv", [*ROWS[:2_500], row(2_500, odd), *ROWS[2_501:], unequivocal[1]])
    assert classify(tmp_path, way, file) == plain


def test_a_date_far_down_that_no_form_fits_is_rejected_alone(tmp_path: Path, way: int, usual: bytes) -> None:
    labels, rejected, counts = classify(tmp_path, way, written(tmp_path / "soon.csv", [*ROWS, row(1, "soon")]))
    touched = usual.replace(b",false\n", b",true\n", 2).replace(b",true\n", b",false\n", 1)  # C0001, the second
    assert labels == touched and rejected == [(MANY + 2, "CT3201")] and counts == [MANY + 1, 1, MANY]


def test_a_wholly_quoted_file_with_a_line_end_in_a_cell_is_the_same(tmp_path: Path, way: int, usual: bytes) -> None:
    quoted = ['"' + text.rstrip("\n").replace(",", '","') + '"\n' for text in ROWS]
    quoted[2_400] = quoted[2_400].replace("none", "one\ntwo, three")
    file = tmp_path / "quoted.csv"
    file.write_text('"' + HEADER.rstrip("\n").replace(",", '","') + '"\n' + "".join(quoted))
    assert classify(tmp_path, way, file) == (usual, [], [MANY, 0, MANY])


def test_parquet_files_whose_orders_have_other_types_are_the_same(tmp_path: Path, way: int) -> None:
    cells = [text.rstrip("\n").split(",") for text in ROWS]
    frame = pl.DataFrame(cells, schema=HEADER.strip().split(","), orient="row").with_columns(pl.col("order").str.slice(1).cast(pl.Int64))
    texts = frame.with_columns(pl.col("order").cast(pl.String))
    frame[:1_500].write_parquet(tmp_path / "a.parquet")
    frame[1_500:].with_columns(pl.col("order").cast(pl.Int32)).write_parquet(tmp_path / "b.parquet")
    texts.write_parquet(tmp_path / "texts.parquet")
    whole = classify(tmp_path, way, tmp_path / "texts.parquet")
    assert classify(tmp_path, way, tmp_path / "a.parquet", tmp_path / "b.parquet") == whole


def test_a_parquet_file_that_is_broken_in_the_middle_is_refused_and_nothing_is_published(tmp_path: Path, way: int) -> None:
    cells = [text.rstrip("\n").split(",") for text in ROWS]
    frame = pl.DataFrame(cells, schema=HEADER.strip().split(","), orient="row").with_columns(
        order=pl.int_range(pl.len()).hash().cast(pl.String)
    )
    frame.write_parquet(tmp_path / "sales.parquet")
    content = (tmp_path / "sales.parquet").read_bytes()
    middle = len(content) // 2
    (tmp_path / "sales.parquet").write_bytes(content[:middle] + bytes(2_000) + content[middle + 2_000 :])
    with pytest.raises(InputError) as caught:
        classify(tmp_path, way, tmp_path / "sales.parquet")
    assert [(p.code, p.where) for p in caught.value.problems] == [("CT2007", "sales.parquet")] and caught.value.exit_code == 4
    home = tmp_path / "store-sales" / "mine"
    assert {path.name for path in home.rglob("*") if path.is_file()} == {"manifest.json", "log.jsonl"}  # of the failure


@pytest.mark.parametrize(("nobody", "said"), [("00000", ""), ("07777", "sources: {transactions: {no_customer: ['07777']}}\n")])
@pytest.mark.parametrize("leaves_out", [False, True])
def test_numbers_that_stand_for_nobody_are_rejected(tmp_path: Path, way: int, nobody: str, said: str, leaves_out: bool) -> None:
    rows = [line.replace("C", "1") for line in ROWS]
    if leaves_out:
        said = said.replace("]}}", "], refunds: exclude}}") or "sources: {transactions: {refunds: exclude}}\n"
    odd = [row(1, amount=amount).replace("C0001", nobody) for amount in ("2.00", "-2.00")]
    labels, rejected, counts = classify(tmp_path, way, written(tmp_path / "file.csv", [*rows, *odd]), said=said)
    assert rejected == [(MANY + 2 + n, "CT3031") for n in range(1 if leaves_out else 2)] and f"\n{nobody},".encode() not in labels
    assert counts == [MANY + 2, len(rejected), MANY]


def test_categories_that_differ_by_spaces_only_from_some_row_on_are_one(tmp_path: Path, way: int) -> None:
    rubric = "metrics: {kinds: {count_distinct: category}}\nflags: {several: kinds > 1}\n"
    late = row(5).replace("food", "  food\u3000")
    told = {}
    for name, more in {"usual": [row(5)], "spaced": [late], "other": [row(5).replace("food", "foot")]}.items():
        told[name] = classify(tmp_path, way, written(tmp_path / f"{name}.csv", [*ROWS, *more]), said=rubric)[0]
    assert told["usual"] == told["spaced"] != told["other"]


@pytest.mark.parametrize("column", ["C0001", "O00000"])
@pytest.mark.parametrize("odd", ["12345678901", "9" * 20, "+1", "-1", "x", "1 "])
def test_a_text_of_another_form_far_down_is_one_of_its_own(tmp_path: Path, way: int, column: str, odd: str) -> None:
    file = written(tmp_path / "file.csv", [*ROWS, row(1).replace(column, column[0] + odd)])
    labels, rejected, counts = classify(tmp_path, way, file)
    assert rejected == [] and counts == [MANY + 1, 0, MANY + 1]
    assert (column[0] == "C") == (f"\n{column[0]}{odd.strip()},".encode() in labels)


@pytest.mark.parametrize("column", ["order", "category"])
def test_a_float_that_is_no_number_is_no_thing_to_count(tmp_path: Path, way: int, column: str) -> None:
    said = "metrics: {kinds: {count_distinct: category}}\nflags: {several: kinds > 1}\n"
    frame = pl.read_csv(written(tmp_path / "rows.csv", ROWS)).with_columns(pl.lit(1.0).alias(column))
    late = pl.when(pl.int_range(pl.len()) % 7 < 6).then(pl.col(column))
    labels = {}
    for name, missing in {"nan": float("nan"), "null": None}.items():
        frame.with_columns(late.fill_null(missing) if missing is not None else late).write_parquet(tmp_path / f"{name}.parquet")
        labels[name] = classify(tmp_path, way, tmp_path / f"{name}.parquet", said=said)[0]
    assert labels["nan"] == labels["null"]


def test_a_number_too_large_is_told_with_its_metric(tmp_path: Path, way: int) -> None:
    said = "metrics: {huge: {formula: spend * spend}}\nflags: {big: huge >= 100}\n"
    with pytest.raises(InputError, match="`huge`"):
        classify(tmp_path, way, written(tmp_path / "file.csv", [*ROWS, row(1, amount="90000000000.00")]), said=said)


@pytest.mark.parametrize("odd", ["0205-03-04", "0999-12-31"])
def test_a_year_before_1000_is_no_year(tmp_path: Path, way: int, odd: str) -> None:
    _, rejected, counts = classify(tmp_path, way, written(tmp_path / "file.csv", [*ROWS, row(1, odd)]))
    assert rejected == [(MANY + 2, "CT3201")] and counts == [MANY + 1, 1, MANY]


def test_days_beyond_the_calendar_are_rejected(tmp_path: Path, way: int) -> None:
    frame = pl.read_csv(written(tmp_path / "rows.csv", ROWS), try_parse_dates=True)
    odd = frame.head(2).with_columns(date=pl.Series([2**31 - 1, -(2**31)], dtype=pl.Int32).cast(pl.Date))
    pl.concat([frame, odd]).write_parquet(tmp_path / "odd.parquet")
    _, rejected, counts = classify(tmp_path, way, tmp_path / "odd.parquet")
    assert [code for _, code in rejected] == ["CT3201"] * 2 and counts == [MANY + 2, 2, MANY]
