"""Whatever bytes an export holds: it is read to the last row, or refused with a code and a cure; the quick reading is the careful one."""

from __future__ import annotations

import gzip
import io
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from custier.errors import InputError
from custier.read import find_files

EXAMPLES = int(os.environ.get("CUSTIER_EXAMPLES", "25"))
SEARCH = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
WANTED = {"customer": True, "date": True, "amount": True}
HEADER = b"customer,date,amount"

PIECES = [
    *(b'"', b'""', b",", b";", b"\t", b"|", b" ", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1a"),
    *(b"A1", b"2025-01-31", b"1.50", b"-3", b"nan", b"A1,2025-01-31,1.50", b'"A,1",2025-01-31,2', b"\nB2,2025-02-28,3\n", HEADER),
    *(
        "合计,,3".encode(),
        b"Total",
        "中".encode(),
        "中国".encode("gbk"),
        "é".encode(),
        "é".encode("cp1252"),
        "\u3000\u00a0\u200b\u202e".encode(),
    ),
]
BYTES = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4)), max_size=25).map(b"".join)
SPEC = st.fixed_dictionaries(
    {},
    optional={
        "encoding": st.sampled_from(
            ["utf-8", "gb18030", "utf-16", "utf-16-le", "cp1252", "mac-roman", "big5", "shift-jis", "latin-1", "hz", "iso2022_jp", "cp037"]
        ),
        "separator": st.sampled_from([",", ";", "tab", "whitespace", "^"]),
        "header_line": st.integers(1, 4),
        "header": st.sampled_from([["customer", "date", "amount"], ["customer", "date", "amount", "more"], ["amount", "", "customer"]]),
        "total_lines": st.sampled_from([[], ["合计", "Total"], ["A"], ["(", "[", "\\"]]),
    },
)


def read(outcome_of: Any, directory: Path, name: str, content: bytes, spec: dict[str, Any]) -> Any:
    """The outcome, or None where the export is refused; a crash is neither."""
    scratch = directory / "scratch"
    scratch.mkdir(exist_ok=True)
    for old in (*scratch.iterdir(), *directory.glob("a.*")):
        old.unlink()
    (directory / name).write_bytes(content)
    try:
        return outcome_of(find_files([str(directory / name)]), scratch, "transactions", spec, WANTED, 2)
    except InputError as error:
        assert all(p.code and p.what and p.help for p in error.problems)
        return None


def assert_nothing_is_lost(found: Any, content: bytes) -> None:
    """`outcome_of` has held the rows read against those that are somewhere; here against the lines of the file."""
    lines = re.split(b"\r\n|\r|\n", content.removeprefix(b"\xef\xbb\xbf"))
    filled = [n for n, line in enumerate(lines, 1) if line.strip(b" ")]
    told = [*found.good["line"], *found.cells["line"].unique()]
    assert len(told) == len(set(told)) and set(told) <= set(filled)
    if b'"' not in content:
        assert found.table.read == len(filled) - 1


@SEARCH
@given(below=BYTES)
@example(below=b"Total")
@example(below=b"\nA1,2025-01-31,1\n\r\n\rB2,2025-01-31,2\r")
@example(below=b'\nA1,2025-01-31,"1\rA2,2025-01-31,2\n"\n')
def test_any_bytes_below_a_header_are_read_to_the_last_row_or_refused(outcome_of: Any, tmp_path: Path, below: bytes):
    content = HEADER + b"\n" + below
    found = read(outcome_of, tmp_path, "a.csv", content, {})
    if found is not None and found.table.files[0].encoding in ("utf-8", "utf-8-sig"):
        assert_nothing_is_lost(found, content)


@SEARCH
@given(content=BYTES, spec=SPEC)
def test_any_bytes_with_any_declaration_are_read_or_refused(outcome_of: Any, tmp_path: Path, content: bytes, spec: dict[str, Any]):
    read(outcome_of, tmp_path, "a.csv", content, spec)
    read(outcome_of, tmp_path, "a.csv", HEADER + b"\n" + b"A1,2025-01-31,1.50\n" * 3 + content, spec)


CELL = st.text(st.one_of(st.sampled_from('",;\n\r\t| 合计A1'), st.characters(exclude_categories=["Cs"])), max_size=8)


@SEARCH
@given(
    rows=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8),
    written=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    separator=st.sampled_from([",", ";", "\t"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_cells_that_are_written_with_care_are_read_as_they_are(
    outcome_of: Any, tmp_path: Path, rows: list[tuple[str, str]], written: str, separator: str, end: str
):
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    lines = [separator.join(map(cell, (f"C{n}", "2025-01-31", f"{n}.25", *row))) for n, row in enumerate(rows)]
    content = end.join([separator.join(["customer", "date", "amount", "remark", "note"]), *lines, ""]).encode(written)
    spec = {"remark": {}, "note": {}, "total_lines": [], **({"encoding": "gb18030"} if written == "gb18030" else {})}
    found = read(outcome_of, tmp_path, "a.csv", content, spec)
    if found is None:  # what looks surely like UTF-8 is refused under another name
        assert written == "gb18030"
        return
    assert found.column("customer_id") == [f"C{n}" for n in range(len(rows))]
    for name, told in zip(("remark", "note"), zip(*rows, strict=True), strict=True):
        same_ends = pl.Series([re.sub("\r\n|\r", "\n", text) for text in told]).str.strip_chars()
        assert [text or "" for text in found.column(name)] == same_ends.to_list()


PACK = {".gz": gzip.compress, ".zst": zstandard.compress}


def packed(suffix: str, content: bytes) -> bytes:
    if suffix in PACK:
        return PACK[suffix](content)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", content)
    return made.getvalue()


@SEARCH
@given(suffix=st.sampled_from([".gz", ".zst", ".zip"]), at=st.integers(0, 400), byte=st.integers(0, 255), cut=st.integers(0, 400))
def test_a_packed_export_that_is_harmed_is_refused_or_whole(outcome_of: Any, tmp_path: Path, suffix: str, at: int, byte: int, cut: int):
    whole = HEADER + b"\n" + b"".join(b"A%d,2025-01-31,1.50\n" % n for n in range(50))
    content = packed(suffix, whole)
    at %= len(content)
    harmed = content[:at] + bytes([byte]) + content[at + 1 :] if cut > 200 else content[: len(content) - cut % len(content)]
    found = read(outcome_of, tmp_path, "a.csv" + suffix, harmed, {})
    if found is not None and suffix != ".zst":  # which has no checksum here
        assert found.table.read == 50
