"""Encodings, line ends and packed files."""

import codecs
import errno
import gzip
import hashlib
import io
import re
import zipfile
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
import zstandard

from custier.errors import InputError, OutputError, Problem
from custier.read import encoding, read_source, scan, settled, unpack
from custier.rubric.model import Source

ROWS = "customer,date,amount\nA1,2025-01-31,10.50\nB2,2025-02-01,3\n"
CHINESE = "客户编号,下单日期,金额,品类\n张三,2025-01-31,10.50,食品\n李四,2025-02-01,3,饮料\n"
WESTERN = "customer,date,amount\nFrançoise Müller,2025-01-31,10.50\nZoë,2025-02-01,3\n"
TRADITIONAL = "customer,date,amount\n張美麗,2025-01-31,10.50\n臺北陳小姐,2025-02-01,3\n"
JAPANESE = "customer,date,amount\n山田たろう,2025-01-31,10.50\nコーヒー,2025-02-01,3\n"


def cure_of(problem: Problem) -> dict[str, Any]:
    """What the help of a problem says to write for the transactions, taken from its very text."""
    written = re.search(r"sources: \{transactions: \{.*?\}\}", problem.help)
    assert written
    return dict(yaml.safe_load(written[0])["sources"]["transactions"])


def packed(suffix: str, content: bytes | dict[str, Any]) -> bytes:
    """A packed file of one export, or of these members."""
    if suffix == ".zst":
        return zstandard.ZstdCompressor(write_checksum=True).compress(content)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in (content if isinstance(content, dict) else {"a.csv": content}).items():
            archive.writestr(name, member)
    return made.getvalue()


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_kinds_give_the_same_rows(read, ends: str):
    found = read(ROWS.replace("\n", ends).encode())
    assert found.column("customer_id") == ["A1", "B2"] and found.column("line") == [2, 3] and found.column("amount") == [1050, 300]


def test_the_last_line_needs_no_line_end(read):
    assert read(ROWS.rstrip("\n")).column("line") == [2, 3]


def test_a_utf8_mark_is_no_part_of_the_first_header(read):
    found = read(codecs.BOM_UTF8 + b'"customer"' + ROWS.encode()[8:])
    assert found.column("customer_id") == ["A1", "B2"] and found.table.files[0].encoding == "utf-8-sig"


@pytest.mark.parametrize("written", ["gbk", "gb18030", "utf-8"])
def test_chinese_exports_are_read_in_either_encoding(read, written: str):
    found = read(CHINESE.encode(written))
    assert found.column("customer_id") == ["张三", "李四"] and found.column("category") == ["食品", "饮料"]
    assert found.table.files[0].encoding == ("utf-8" if written == "utf-8" else "gb18030")


def test_a_character_that_only_gb18030_has_is_kept(read):
    assert read(CHINESE.replace("张三", "张㛃").encode("gb18030")).column("customer_id")[0] == "张㛃"


def test_a_character_split_between_two_chunks_is_read_whole(read, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scan, "CHUNK_BYTES", 5)
    assert read(CHINESE).column("customer_id") == ["张三", "李四"]
    assert read({"b.csv": CHINESE.encode("gbk")}).column("customer_id") == ["张三", "李四"]


def test_western_bytes_are_refused_with_line_and_byte_and_not_read_as_rare_chinese(problems):
    (problem,) = problems((ROWS + "Françoise,2025-02-01,3\n").encode("cp1252"))
    assert problem.code == "CT2101" and problem.where == "a.csv:4" and f"byte {len(ROWS) + 4}" in problem.what


def test_a_byte_that_fits_neither_encoding_is_refused(problems):
    (problem,) = problems(ROWS.encode() + b"A\xff1,2025-02-01,3\n")
    assert (problem.code, problem.where) == ("CT2101", "a.csv:4")


def test_a_wrong_byte_in_a_chinese_export_is_told_where_gb18030_stops(problems, monkeypatch: pytest.MonkeyPatch):
    before = CHINESE.encode("gbk")
    for size in (1, 2, 3, 7, 1 << 20):
        monkeypatch.setattr(scan, "CHUNK_BYTES", size)
        (problem,) = problems(before + b"A\xff1,2025-02-01,3\n")
        first = next(i for i, byte in enumerate(before) if byte > 0x7F)
        assert problem.where == f"a.csv:{CHINESE.count(chr(10)) + 1}"
        assert problem.what == f"is no GB18030 from byte {len(before) + 1} (0xFF 0x31) on, nor UTF-8 from byte {first} on"


def test_the_wrong_byte_is_told_right_wherever_chunks_end(problems, monkeypatch: pytest.MonkeyPatch):
    content = ROWS.encode() + "é".encode()[:1] + b"\xff,2025-02-01,3\n"
    for size in range(1, 9):
        monkeypatch.setattr(scan, "CHUNK_BYTES", size)
        (problem,) = problems(content)
        assert problem.where == "a.csv:4" and f"byte {len(ROWS)} " in problem.what


@pytest.mark.parametrize("written", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [ROWS, CHINESE])
def test_utf16_without_its_mark_is_refused_and_read_once_it_is_declared(read, problems, written: str, text: str):
    (problem,) = problems(text.encode(written))
    assert problem.code == "CT2102" and "UTF-16" in problem.what
    assert read(text.encode(written), cure_of(problem)).column("line") == [2, 3]


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("spec", [{}, {"encoding": "utf-16"}])
def test_utf16_with_its_mark_is_decoded(read, mark: str, spec: dict[str, str]):
    found = read(("\ufeff" + CHINESE.replace("\n", "\r\n")).encode(mark), spec)
    assert found.column("customer_id") == ["张三", "李四"] and found.table.files[0].encoding == mark


@pytest.mark.parametrize(
    ("text", "written", "named"),
    [
        (WESTERN, "cp1252", "cp1252"),
        (WESTERN.replace("\n", "\r"), "mac-roman", "mac-roman"),
        (TRADITIONAL, "big5", "big5"),
        (JAPANESE, "shift-jis", "shift-jis"),
        ("customer,date,amount\nИванов Пётр,2025-01-31,10.50\nООО Вектор,2025-02-01,3\n", "cp1251", "cp1251"),
        ("customer,date,amount\nMałgorzata Żółć,2025-01-31,10.50\nŁódź,2025-02-01,3\n", "cp1250", "cp1250"),
    ],
)
def test_what_is_not_decided_by_itself_is_refused_with_the_encoding_to_declare(read, problems, text: str, written: str, named: str):
    (problem,) = problems(text.encode(written))
    assert problem.code == "CT2101" and cure_of(problem) == {"encoding": named}
    found = read(text.encode(written), cure_of(problem))
    assert found.column("customer_id") == [line.split(",")[0] for line in re.split("[\r\n]", text)[1:3]]


@pytest.mark.parametrize(
    ("names", "written"),
    [
        ("Москва", "cp1251"),
        ("Анна", "cp1251"),
        ("Иван Петров", "cp1251"),
        ("Москва", "koi8-r"),
        ("الرياض", "cp1256"),
        ("서울", "euc-kr"),
        ("김철수 이영희", "euc-kr"),
        ("서울특별시 강남구 박지성 대한민국 홍길동 부산", "euc-kr"),
        ("陳大文", "big5"),
        ("東京", "shift-jis"),
    ],
)
def test_a_few_foreign_letters_are_not_read_as_rare_chinese(read, problems, names: str, written: str):
    text = f"customer,date,amount\n{names},2025-01-31,1\n"
    (problem,) = problems(text.encode(written))
    assert problem.code == "CT2101" and written in problem.help
    assert read(text.encode(written), {"encoding": written}).column("customer_id") == [names]


@pytest.mark.parametrize(
    "name", ["张三", "王小明", "李婷", "金额", "欧阳娜娜", "翟玥彤", "诸葛亮", "雅诗兰黛", "張美麗", "散客", "上海分公司"]
)
def test_a_few_chinese_signs_in_gbk_are_read_as_they_are(read, name: str):
    content = f"customer,date,amount\n{name},2025-01-31,1\n".encode("gbk")
    assert read(content).column("customer_id") == [name]


@pytest.mark.parametrize("name", ["貔貅", "螺蛳粉"])
def test_rare_chinese_alone_is_refused_and_can_be_declared(read, problems, name: str):
    content = f"customer,date,amount\n{name},2025-01-31,1\n".encode("gbk")
    (problem,) = problems(content)
    assert "gb18030" in problem.help and read(content, {"encoding": "gb18030"}).column("customer_id") == [name]


@pytest.mark.parametrize("declared", ["utf-8", "gbk", "utf-16", "utf-16-le", "big5", "cp1252"])
@pytest.mark.parametrize("written", ["utf-8", "gbk", "utf-16-le"])
def test_a_wrong_declaration_is_refused_with_the_right_one(read, problems, declared: str, written: str):
    if declared == written:
        return
    (problem,) = problems(CHINESE.encode(written), {"encoding": declared})
    assert problem.code in ("CT2101", "CT2102") and problem.where.startswith("a.csv:")
    assert read(CHINESE.encode(written), cure_of(problem)).column("customer_id") == ["张三", "李四"]


@pytest.mark.parametrize("declared", ["gb18030", "utf-16-le", "cp1252"])
def test_a_mark_and_a_declaration_that_differ_are_refused(problems, declared: str):
    (problem,) = problems(("\ufeff" + CHINESE).encode(), {"encoding": declared})
    assert problem.code == "CT2101" and cure_of(problem) == {"encoding": "utf-8"}


def test_a_declared_encoding_that_stops_tells_where_and_at_which_bytes(problems):
    (problem,) = problems(ROWS.encode() + "Zoë,2025-02-01,3\n".encode("cp1252"), {"encoding": "utf-8"})
    assert (
        problem.where == "a.csv:4" and f"is no UTF-8, as the rubric declares it, from byte {len(ROWS) + 2} (0xEB 0x2C) on" in problem.what
    )


def test_a_file_in_utf8_with_one_wrong_byte_has_no_other_encoding_to_declare(problems):
    (problem,) = problems(CHINESE.encode() * 3 + b"\xff,2025-02-01,3,x\n")
    assert (problem.code, problem.where) == ("CT2101", "a.csv:10") and "no usual encoding" in problem.help


def test_traditional_chinese_in_gbk_is_read_and_in_big5_not_taken_for_it(read):
    assert read(TRADITIONAL.encode("gbk")).column("customer_id") == ["張美麗", "臺北陳小姐"]


def test_a_declared_encoding_decodes_a_few_signs_though_they_may_be_utf8(read):
    assert read("customer,date,amount\n通,2025-01-31,1\n".encode("gbk"), {"encoding": "gbk"}).column("customer_id") == ["通"]


@pytest.mark.parametrize("written", ["utf-8", "gbk", "utf-16"])
def test_line_ends_of_several_kinds_in_one_file_give_the_same_rows(read, monkeypatch: pytest.MonkeyPatch, written: str):
    lines = [*CHINESE.splitlines(), '"王\n五",2025-02-02,1,"a,b"', "赵六,2025-02-03,1,x"]
    plain = read("\n".join([*lines, ""]).encode(written))
    for size in (3, 1 << 20):
        monkeypatch.setattr(scan, "CHUNK_BYTES", size)
        for ends in (["\r\n", "\r"], ["\r", "\n"], ["\n", "\r\n"], ["\r\n", "\n", "\r"]):
            text = "".join(line + ends[n % len(ends)] for n, line in enumerate(lines)).replace("王\n五", f"王{ends[0]}五")
            found = read({"b.csv": text.encode(written)})
            for name in ("line", "customer_id", "amount", "category"):
                assert found.column(name) == plain.column(name)


def test_a_binary_file_is_refused(problems):
    assert [p.code for p in problems(b"customer\0\1\2,date\n1,2\n")] == ["CT2102"]


def test_a_workbook_is_refused_with_the_cure(problems):
    (problem,) = problems(b"PK\x03\x04 whatever")
    assert problem.code == "CT2005" and "CSV" in problem.help


def test_a_gzip_file_is_unpacked(read):
    assert read({"a.csv.gz": gzip.compress(ROWS.encode())}).column("line") == [2, 3]


def test_a_gzip_file_of_several_members_is_read_whole(read):
    assert read({"a.csv.gz": gzip.compress(ROWS.encode()) + gzip.compress(b"C3,2025-02-02,1\n")}).column("line") == [2, 3, 4]


@pytest.mark.parametrize(
    "content",
    [gzip.compress(ROWS.encode())[:-9], gzip.compress(ROWS.encode()) + b"rubbish", ROWS.encode(), b""],
    ids=["truncated", "trailing bytes", "plain text", "empty"],
)
def test_a_broken_gzip_file_is_refused(problems, content: bytes):
    assert [p.code for p in problems({"a.csv.gz": content})] == ["CT2006"]


@pytest.mark.parametrize("suffix", [".zst", ".zip"])
def test_other_packed_files_are_unpacked_too(read, suffix: str):
    assert read({"a.csv" + suffix: packed(suffix, CHINESE.encode("gbk"))}).column("customer_id") == ["张三", "李四"]


def test_a_zstd_file_of_several_frames_is_read_whole(read):
    assert read({"a.csv.zst": packed(".zst", ROWS.encode()) + packed(".zst", b"C3,2025-02-02,1\n")}).column("line") == [2, 3, 4]


@pytest.mark.parametrize("suffix", [".zst", ".zip"])
@pytest.mark.parametrize("harm", ["truncated", "trailing bytes", "plain text", "empty", "a wrong byte"])
def test_a_broken_packed_file_is_refused(problems, suffix: str, harm: str):
    if (suffix, harm) == (".zip", "trailing bytes"):
        return  # an archive says itself where it ends
    whole = packed(suffix, (ROWS * 500).encode())
    wrong = whole[:40] + bytes([whole[40] ^ 255]) + whole[41:]
    contents = {
        "truncated": whole[:-9],
        "trailing bytes": whole + b"rubbish",
        "plain text": ROWS.encode(),
        "empty": b"",
        "a wrong byte": wrong,
    }
    assert [p.code for p in problems({"a.csv" + suffix: contents[harm]})] == ["CT2006"]


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"a.csv": ROWS, "b.csv": ROWS},
        {"../evil.csv": ROWS},
        {"/evil.csv": ROWS},
        {"in/a.csv": ROWS},
        {"..\\evil.csv": ROWS},
        {"a.zip": ROWS},
        {"a.csv.gz": ROWS},
    ],
    ids=str,
)
def test_an_archive_of_anything_but_one_plain_export_is_refused(problems, tmp_path: Path, members: dict[str, str]):
    before = {p for p in tmp_path.parent.rglob("*") if p.name != "a.zip"}
    assert [p.code for p in problems({"a.zip": packed(".zip", members)})] == ["CT6302"]
    made = {p for p in tmp_path.parent.rglob("*") if p.name != "a.zip"} - before
    assert all(p.parent == tmp_path / "scratch" for p in made) and not any("evil" in p.name for p in made)


def test_an_archive_that_holds_an_archive_under_another_name_is_refused(problems):
    inner = packed(".zip", ROWS.encode())
    assert [p.code for p in problems({"a.zip": packed(".zip", {"a.csv": inner})})] == ["CT2005"]


@pytest.mark.parametrize("suffix", [".zst", ".zip"])
def test_a_bomb_of_another_kind_is_stopped_early(problems, monkeypatch: pytest.MonkeyPatch, scratch: Path, suffix: str):
    monkeypatch.setattr(unpack, "RATIO_COUNTS_FROM_BYTES", 2 << 20)
    assert [p.code for p in problems({"a.csv" + suffix: packed(suffix, b"0" * (1 << 28))})] == ["CT6212"]
    assert sum(p.stat().st_size for p in scratch.iterdir()) < 130 << 20


def test_a_gzip_file_without_its_suffix_is_refused(problems):
    assert [p.code for p in problems(gzip.compress(ROWS.encode()))] == ["CT2005"]


def test_a_gzip_bomb_is_stopped_early(problems, monkeypatch: pytest.MonkeyPatch, scratch: Path):
    monkeypatch.setattr(unpack, "RATIO_COUNTS_FROM_BYTES", 2 << 20)
    assert [p.code for p in problems({"a.csv.gz": gzip.compress(b"0" * (32 << 20))})] == ["CT6212"]
    assert sum(p.stat().st_size for p in scratch.iterdir()) < 8 << 20


def test_an_unpacked_size_beyond_the_limit_is_refused(problems, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(unpack, "MOST_BYTES", 20)
    assert [p.code for p in problems({"a.csv.gz": gzip.compress(ROWS.encode())})] == ["CT6211"]


def test_an_endless_line_is_refused(problems, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(encoding, "LONGEST_LINE_BYTES", 100)
    monkeypatch.setattr(scan, "CHUNK_BYTES", 7)
    assert [(p.code, p.where) for p in problems(ROWS + "x" * 101 + "\n")] == [("CT6213", "a.csv:4")]
    assert [(p.code, p.where) for p in problems({"b.csv": ("x" * 101 + "\r" + ROWS).encode("utf-16")})] == [("CT6213", "b.csv:1")]


def test_a_line_at_the_limit_is_read(read, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(encoding, "LONGEST_LINE_BYTES", 100)
    monkeypatch.setattr(scan, "CHUNK_BYTES", 7)
    assert read(ROWS + "x" * 100 + "\n").rejects == [(4, "CT3001")]


@pytest.mark.parametrize("content", ["", "\ufeff", "\n\n\n", "customer,date,amount", "customer,date,amount\r\n\r\n"])
def test_an_export_without_rows_is_an_error(problems, content: str):
    assert [p.code for p in problems(content)] == ["CT2110"]


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv"], ids=["unpacked", "transcoded"])
def test_a_disk_that_fills_while_an_export_is_unpacked_is_no_fault_of_the_export(read, name: str, scratch: Path):
    resource = pytest.importorskip("resource")
    plain, before = (CHINESE * 400).encode("gbk"), resource.getrlimit(resource.RLIMIT_FSIZE)
    content, most = (gzip.compress(plain), len(plain) - 1) if name.endswith(".gz") else (plain, len(plain))
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        with pytest.raises(OutputError) as caught:
            read({name: content})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    (problem,) = caught.value.problems
    assert problem.code == "CT5001" and problem.where == str(scratch) and "free some space there" in problem.help


def test_a_disk_that_cannot_be_read_is_told_and_leaves_no_trace_of_python(problems, monkeypatch: pytest.MonkeyPatch):
    def broken(*args: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(unpack, "_inflate", broken)
    (problem,) = problems({"a.csv.gz": gzip.compress(ROWS.encode())})
    assert problem.code == "CT2003" and "input/output error" in problem.what


@pytest.mark.parametrize(("written", "lost"), [("utf-8", 1), ("utf-8", 2), ("gb18030", 1)])
def test_a_file_that_ends_within_a_character_is_cut_off(problems, written: str, lost: int):
    (problem,) = problems(CHINESE.rstrip("\n").encode(written)[:-lost])
    assert (problem.code, problem.where) == ("CT2008", "a.csv:3")


def test_all_broken_files_are_told_at_once(problems):
    assert [p.code for p in problems({"a.csv": b"", "b.csv": ROWS.encode("utf-16-le"), "c.csv": ROWS})] == ["CT2110", "CT2102"]


def test_a_file_that_changes_while_it_is_read_is_refused(problems, monkeypatch: pytest.MonkeyPatch):
    from custier.read import source

    seconds = count()
    monkeypatch.setattr(source, "stamp_of", lambda path: (1, next(seconds)))
    assert [p.code for p in problems(ROWS)] == ["CT2113"]


def test_a_file_is_hashed_beside_the_reading_and_refused_where_it_changed_since(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROWS)
    table = read_source("transactions", Source(), [path], wanted={"amount": True}, currency_decimals=2, scratch=scratch)
    assert [file.sha256 for file in settled(table).files] == [hashlib.sha256(ROWS.encode()).hexdigest()]
    path.write_text(ROWS + "C3,2025-02-02,4\n")
    with pytest.raises(InputError) as caught:
        settled(table)
    assert [p.code for p in caught.value.problems] == ["CT2113"]
