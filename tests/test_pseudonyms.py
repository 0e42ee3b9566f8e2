"""Copies under pseudonyms: joinable with the key, useless without, and nothing in them names a customer otherwise."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from custier.cli import run
from custier.errors import UsageError
from custier.pseudonyms import Key, read_key
from custier.write import write_csv, write_parquet
from custier.write.shared import write_shared

CANARIES = ("CANARY-id-张三", "CANARY-name", "CANARY-phone", "CANARY-amount", "CANARY-date", "CANARY-region", "CANARY-parent")
RUBRIC = """\
rubric: mine
sources:
  transactions: {phone: {type: text}, region: {type: text}}
  customers: {name: {type: text}, parent: {type: text}}
metrics:
  phone: {last: phone, title: phone}
accounts: {parent: {source: customers, column: parent}}
segments: {size: {large: spend > 400_000, small: otherwise}}
guardrails: {rejected_at_most: 90%, moved_at_most: 100%, customers_drop_at_most: 100%}
tiers:
  - {name: VIP, top: 50%, by: spend, within: name}
  - {name: A, when: "phone = 'x' or orders > 1"}
  - {name: B}
actions:
  - {name: call, tier: VIP, do: call the customer}
"""
SALES = """\
customer_id,date,order,amount,phone,region
CANARY-id-张三,2025-03-28,S1,500000.01,CANARY-phone,CANARY-region
C2,2025-04-02,S2,{two},x,
C3,2025-04-02,S3,900.00,y,
C4,2025-04-02,S4,CANARY-amount,y,
C4,CANARY-date,S5,9,y,
C4,2025-04-03,S6,5,y,
"""
CUSTOMERS = """\
customer_id,name,parent
CANARY-id-张三,CANARY-name,
C2,CANARY-name,CANARY-id-张三
C3,b,
C4,b,
"""


@pytest.fixture
def exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("r.yaml").write_text(RUBRIC)
    Path("customers.csv").write_text(CUSTOMERS)
    make_key("a.key")
    return tmp_path


def make_key(name: str, content: bytes | None = None, mode: int = 0o600) -> Path:
    path = Path(name)
    path.write_bytes(hashlib.sha512(name.encode()).digest() if content is None else content)
    path.chmod(mode)
    return path


def share(out: str, *options: str, key: str = "a.key", two: str = "180000.00", as_of: str = "2025-04-30") -> int:
    Path("sales.csv").write_text(SALES.format(two=two))
    line = ["classify", "sales.csv", "--source", "customers=customers.csv", "--rubric", "r.yaml", "--as-of", as_of, "-q"]
    return run([*line, "--out", out, "--pseudonymise", "--key-file", key, *options])


def labels(out: str) -> pl.DataFrame:
    return pl.read_csv(Path(out) / "labels.csv", infer_schema=False)


def inside(path: Path) -> list[bytes]:
    """What a packed file holds."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as packed:
            return [packed.read(name) for name in packed.namelist()]
    return [repr(pl.read_parquet(path).rows()).encode()] if path.suffix == ".parquet" else []


def test_nothing_in_the_copies_names_a_customer(exports: Path) -> None:
    assert share("march", as_of="2025-04-15") == 0
    assert share("april", "--format", "csv,parquet,xlsx", two="1.00") == 0  # moves somebody, so that there is a cause
    for folder in (Path("march"), Path("april")):
        files = sorted(path.name for path in folder.iterdir())
        sheet = ["labels.xlsx"] * (folder.name == "april")
        assert files == ["actions.csv", "changes.csv", "labels.csv", "labels.parquet", *sheet, "rejected.csv", "summary.json"]
        for path in folder.iterdir():
            held = [path.read_bytes(), *inside(path)]
            assert not [canary for canary in (*CANARIES, str(exports)) for content in held if canary.encode() in content], path
            assert path.stat().st_mode & 0o777 == 0o600
    store = b"".join(path.read_bytes() for path in Path("custier-store").rglob("labels.csv"))
    assert b"CANARY-id" in store and b"CANARY-phone" in store


def test_what_is_left_out_is_told(exports: Path) -> None:
    assert share("out") == 0
    told = json.loads(Path("out/summary.json").read_text())
    assert told["pseudonyms"]["left_out"] == ["labels.phone", "labels.name", "changes.cause", "rejected.raw", "rejected.row"]
    assert (told["directory"], told["out"], told["warnings"]) == (None, None, []) and len(told["files"]) == 2
    assert all("/" not in file["path"] for file in told["files"])
    groups = {cut["group"] for cut in told["cuts"]}
    assert len(groups) == 2 and all(group.startswith("p") for group in groups)


def test_a_pseudonym_is_the_keyed_hash_of_the_id_and_nothing_else_changes(exports: Path) -> None:
    assert share("out") == 0
    key = Path("a.key").read_bytes()
    made = {"p" + hmac.new(key, name.encode(), "sha256").hexdigest()[:32]: name for name in ("CANARY-id-张三", "C2", "C3", "C4")}
    shared = labels("out")
    assert shared["customer_id"].to_list() == sorted(made)
    (stored,) = Path("custier-store/mine/runs").iterdir()
    whole = pl.read_csv(stored / "labels.csv", infer_schema=False).drop("phone", "name")
    back = shared.with_columns(pl.col("customer_id", "account").replace(made)).sort("customer_id")
    assert back.rows() == whole.sort("customer_id").rows() and back.columns == whole.columns
    assert pl.read_parquet("out/labels.parquet").schema["spend"] == pl.Decimal(38, 2)


def test_the_same_key_gives_the_same_names_over_months_and_another_none_of_them(exports: Path) -> None:
    make_key("b.key")
    assert share("march", as_of="2025-04-15") == share("april") == share("other", key="b.key") == 0
    march, april, other = (set(labels(out)["customer_id"]) for out in ("march", "april", "other"))
    assert march == april and not march & other
    ids = [json.loads(Path(out, "summary.json").read_text())["pseudonyms"]["key_id"] for out in ("march", "april", "other")]
    assert ids[0] == ids[1] == hashlib.sha256(Path("a.key").read_bytes()).hexdigest()[:8] != ids[2]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--out", "o", "--pseudonymise"], "CT1961"),
        (["--pseudonymise", "--key-file", "a.key"], "CT1961"),
        (["--out", "o", "--key-file", "a.key"], "CT1961"),
        (["--out", "o", "--pseudonymise", "--key-file", "none.key"], "CT1962"),
        (["--out", "o", "--pseudonymise", "--key-file", "."], "CT1962"),
        (["--out", "o", "--pseudonymise", "--key-file", "open.key"], "CT1963"),
        (["--out", "o", "--pseudonymise", "--key-file", "short.key"], "CT1964"),
        (["--out", "o", "--pseudonymise", "--key-file", "dull.key"], "CT1964"),
    ],
)
def test_without_a_good_key_nothing_is_read_or_written(options: list[str], code: str, exports: Path, capsys: Any) -> None:
    make_key("open.key", mode=0o640)
    make_key("short.key", os.urandom(31))
    make_key("dull.key", b"\n" * 64)
    before = sorted(Path().iterdir())
    assert run(["classify", "nosuch.csv", "--rubric", "r.yaml", *options]) == 2
    said = capsys.readouterr().err
    assert f"error[{code}]" in said and "help: " in said and sorted(Path().iterdir()) == before


def test_a_plain_hash_is_not_offered(exports: Path, capsys: Any) -> None:
    assert run(["classify", "sales.csv", "--pseudonymise", "sha256", "--out", "o"]) == 2
    assert "pseudonyms need a key" in capsys.readouterr().err


def test_real_ids_and_pseudonyms_never_share_a_folder(exports: Path, capsys: Any) -> None:
    make_key("b.key")
    assert share("names") == 0
    plain = ["classify", "sales.csv", "--source", "customers=customers.csv", "--rubric", "r.yaml", "--as-of", "2025-04-30", "-q", "--out"]
    assert run([*plain, "real"]) == 0
    before = {path: path.read_bytes() for folder in ("names", "real") for path in Path(folder).iterdir()}
    assert [run([*plain, "names"]), share("real"), share("names", key="b.key")] == [2, 2, 2]
    assert capsys.readouterr().err.count("error[CT1965]") == 3
    assert {path: path.read_bytes() for path in before} == before
    assert share("names") == 0


def test_the_key_is_in_no_repr_and_no_file(exports: Path) -> None:
    key = make_key("text.key", b"the quick brown fox jumps over the lazy dog")
    assert "quick" not in repr(read_key(key)) + repr(Key(b"quick"))
    assert share("out", key="text.key") == 0
    for path in (path for folder in ("out", "custier-store") for path in Path(folder).rglob("*") if path.is_file()):
        assert b"quick brown" not in path.read_bytes()


def test_a_key_file_that_is_a_device_is_refused() -> None:
    with pytest.raises(UsageError, match="CT1962"):
        read_key(Path("/dev/zero"))


def test_a_table_that_is_kept_in_parts_is_shared_too(tmp_path: Path) -> None:
    key, run_directory = Key(b"0123456789abcdefghijklmnopqrstuvwxyz"), tmp_path / "run"
    (run_directory / "labels.parquet").mkdir(parents=True)
    (tmp_path / "shared").mkdir()
    for n, customer in enumerate(("a", "b")):
        write_parquet(
            pl.DataFrame({"customer_id": [customer], "tier": ["A"], "name": ["x"]}), run_directory / f"labels.parquet/part-{n}.parquet"
        )
    write_csv(pl.DataFrame({"customer_id": ["b", "b", "a"], "action": ["2", "1", "3"]}), run_directory / "actions.csv")
    assert write_shared(run_directory, tmp_path / "shared", key, (), ()) == ["labels.name"]
    made = pl.read_parquet(tmp_path / "shared/labels.parquet")
    assert made["customer_id"].to_list() == sorted(map(key.pseudonym, "ab")) and made.columns == ["customer_id", "tier"]
    actions = pl.read_parquet(tmp_path / "shared/actions.parquet")
    assert actions.filter(customer_id=key.pseudonym("b"))["action"].to_list() == ["2", "1"]
