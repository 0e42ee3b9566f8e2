"""Texts as exports come, in whole runs: the same bytes whatever way they are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from custier.errors import InputError
from custier.pipeline import Request, classify_files
from custier.values import Summary

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
HEADER = "客户编号,下单日期,金额,品类\n"
ROWS = "".join(f"客户{n % 7},2025-0{n % 9 + 1}-1{n % 10},{n}.50,食品\n" for n in range(60))
TEXT = HEADER + ROWS
RUBRIC = "rubric: mine\nguardrails: {{rejected_at_most: 50%}}\nsources: {{transactions: {{{said}}}}}\ntiers: [{{name: A, when: spend >= 300}}, {{name: B}}]\n"


def classify(folder: Path, files: Mapping[str, bytes], *names: str, said: str = "") -> Summary:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "mine.yaml").write_text(RUBRIC.format(said=said), encoding="utf-8")
    given = tuple(str(folder / name) for name in names or files)
    return classify_files(Request(given, str(folder / "mine.yaml"), (), folder / "store", NOW.date(), NOW, as_of=date(2025, 12, 31)))


def results(told: Summary) -> dict[str, bytes]:
    assert told.directory is not None and told.status == "published"
    return {name: (Path(told.directory) / name).read_bytes() for name in ("labels.csv", "changes.csv")}


WAYS = {
    "crlf": (TEXT.replace("\n", "\r\n").encode(), ""),
    "returns": (TEXT.replace("\n", "\r").encode(), ""),
    "mixed ends": (TEXT.replace("食品\n", "食品\r\n", 20).replace("食品\r\n", "食品\r", 10).encode(), ""),
    "utf-8 with its mark": (("\ufeff" + TEXT).encode(), ""),
    "gbk": (TEXT.encode("gbk"), ""),
    "utf-16": (TEXT.encode("utf-16"), ""),
    "utf-16-be declared": (TEXT.encode("utf-16-be"), "encoding: utf-16-be"),
    "semicolons": (TEXT.replace(",", ";").encode(), ""),
    "tabs": (TEXT.replace(",", "\t").encode(), "separator: tab"),
    "a title": (b"2025\n\n" + TEXT.encode(), "header_line: 3"),
    "no header": (ROWS.encode(), "header: [customer, date, amount, category]"),
    "a total": (TEXT.encode() + "合计,,1800.00,\n".encode(), "total_lines: 合计"),
    "quoted": (HEADER.encode() + "".join('"' + row.replace(",", '","') + '"\n' for row in ROWS.splitlines()).encode(), ""),
    "trailing commas": ((HEADER + ROWS.replace("\n", ",\n")).encode(), ""),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_export_gives_the_same_results_however_it_is_written(tmp_path: Path, way: str) -> None:
    content, said = WAYS[way]
    plain = results(classify(tmp_path / "plain", {"a.csv": TEXT.encode()}))
    assert results(classify(tmp_path / "other", {"a.csv": content}, said=said)) == plain


def test_totals_that_are_left_out_are_in_the_account_and_the_others_among_the_rejected(tmp_path: Path) -> None:
    text = TEXT.encode() + "小计,,100.00,\n总计,,1800.00,\n".encode()
    (account,) = classify(tmp_path, {"a.csv": text}, said="total_lines: [小计]").accounts
    assert (account.read, account.excluded, account.rejected, account.used) == (62, 1, 1, 60)
    (account,) = classify(tmp_path, {"a.csv": text}, said="total_lines: [小计, 总计]").accounts
    assert (account.read, account.excluded, account.rejected, account.used) == (62, 2, 0, 60)
    (account,) = classify(tmp_path, {"a.csv": text}).accounts
    assert (account.read, account.excluded, account.rejected, account.used) == (62, 0, 2, 60)


def test_twelve_files_in_any_order_give_the_same_results(tmp_path: Path) -> None:
    lines = ROWS.splitlines(keepends=True)
    files = {f"{n:02}.csv": (HEADER + "".join(lines[n::12])).encode() for n in range(12)}
    forward = results(classify(tmp_path / "forward", files, *sorted(files)))
    assert results(classify(tmp_path / "backward", files, *sorted(files, reverse=True))) == forward


@pytest.mark.parametrize("content", ["", "\ufeff", HEADER, "\n\n \r\n", HEADER + "\n\n"])
def test_an_export_without_rows_leaves_the_published_month_as_it_is(tmp_path: Path, content: str) -> None:
    current = classify(tmp_path, {"a.csv": TEXT.encode()})
    pointer = tmp_path / "store" / "mine" / "CURRENT"
    with pytest.raises(InputError) as caught:
        classify(tmp_path, {"b.csv": content.encode()})
    assert [p.code for p in caught.value.problems] == ["CT2110"] and caught.value.exit_code == 4
    assert pointer.read_text().strip() == current.run_id
