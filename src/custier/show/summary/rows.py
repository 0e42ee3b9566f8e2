"""What was read and what became of it: files, the account of every row, the rows that were rejected."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.text import Text

from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.show.words import share, size
from custier.values import Account, InputFile, RejectedCode, Summary

_MOST_FILES = 8
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "whitespace": "spaces"}
_PARTS = ("read", "= used", "+ rejected", "+ excluded", "+ outside")


def accounts(summary: Summary, look: Look) -> RenderableType:
    """Per source: read = used + rejected + excluded + outside, in rows and, where there are amounts, in money."""
    rows = [_account(a.source, _row_counts(a)) for a in summary.accounts]
    told = [line for tell in (_outside, _by_key, _merged) for line in tell(summary.accounts, look)] + _orphans(summary.orphans, look)
    return Group(section(look.told("rows"), grid(_columns(range(len(_PARTS)), look), rows, look), *told), *_amounts(summary, look))


def _amounts(summary: Summary, look: Look) -> list[RenderableType]:
    amounts = {a.source: _money(a) for a in summary.accounts if any(_money(a))}
    if not amounts:
        return []
    parts = [i for i in range(len(_PARTS)) if i < 2 or any(money[i] for money in amounts.values())]
    rows = [_account(source, tuple(money[i] for i in parts), summary.currency_decimals) for source, money in amounts.items()]
    unread = [styled(look.told("a rejected row counts with its amount where that could be read"), "dim")] if summary.rejected else []
    return [section(f"{look.told('amounts')} {summary.currency}".rstrip(), grid(_columns(parts, look), rows, look), *unread)]


def _columns(parts: Iterable[int], look: Look) -> list[Column]:
    return [Column(look.told("source")), *(Column(look.told(_PARTS[i]), right=True) for i in parts)]


def _row_counts(a: Account) -> tuple[int, ...]:
    return a.read, a.used, a.rejected, a.excluded, a.before_window + a.after_window


def _money(a: Account) -> tuple[int, ...]:
    return a.money_read, a.money_used, a.money_rejected, a.money_excluded, a.money_before_window + a.money_after_window


def _account(source: str, cells: tuple[int, ...], decimals: int = 0) -> Row:
    said = [f"{Decimal(n).scaleb(-decimals):,.{decimals}f}" if n else "0" for n in cells]
    return [styled(source, "bold"), *map(styled, said)]


def _outside(accounts: list[Account], look: Look) -> list[Text]:
    said = "{source}: {before:,} before every window, {after:,} after the as-of date"
    told = [look.told(said, source=a.source, before=a.before_window, after=a.after_window) for a in accounts if a.after_window]
    return [styled(outside, "dim") for outside in told]


def _by_key(accounts: list[Account], look: Look) -> list[Text]:
    """Which keys of a source leave out how many rows, and how many rows count that look suspicious."""
    told = []
    for a in accounts:
        reasons, odd = (", ".join(f"{key} {rows:,}" for key, rows in found.items()) for found in (a.excluded_for, a.noted))
        told += [look.told("{source}: excluded for {parts}", source=a.source, parts=reasons)] if set(a.excluded_for) - {"where"} else []
        told += [look.told("{source}: counted, though they look odd: {parts}", source=a.source, parts=odd)] if odd else []
    return [styled(text, "dim") for text in told]


def _merged(accounts: list[Account], look: Look) -> list[Text]:
    said = "{source}: {rows} counted under the id that their customer was merged into"
    told = [look.told(said, source=a.source, rows=look.counted(a.merged, "row")) for a in accounts if a.merged]
    return [styled(merged, "dim") for merged in told]


def _orphans(orphans: dict[str, int], look: Look) -> list[Text]:
    said = "{source}: {ids} of no customer, whose rows count for nobody"
    told = [look.told(said, source=source, ids=look.counted(n, "customer id")) for source, n in orphans.items() if n]
    return [styled(orphan, "dim") for orphan in told]


def files(summary: Summary, look: Look) -> RenderableType | None:
    """The files as they were read, with the encoding and separator that were found."""
    if not summary.files:
        return None
    columns = [
        Column(look.told("source")),
        Column(look.told("file"), folds=True),
        Column(look.told("rows"), right=True),
        Column(look.told("size"), right=True),
        Column(look.told("read as"), folds=True),
    ]
    more = len(summary.files) - _MOST_FILES
    note = [styled(look.told("and {files}, all in manifest.json", files=look.counted(more, "more file")), "dim")] if more > 0 else []
    return section(look.told("files"), grid(columns, [_file(file, look) for file in summary.files[:_MOST_FILES]], look), *note)


def _file(file: InputFile, look: Look) -> Row:
    separator = look.told(_SEPARATORS.get(file.separator or "", file.separator or ""))
    read_as = ", ".join(word for word in (file.format, file.sheet, file.encoding, separator) if word)
    return [
        styled(file.source),
        styled(file.name, "bold"),
        styled(f"{file.rows:,}"),
        styled(size(file.bytes, look)),
        styled(read_as, "dim"),
    ]


def rejected(summary: Summary, look: Look) -> RenderableType | None:
    """The rejected rows by code, the first place of each, as it was found."""
    if not summary.rejected:
        return None
    read, out = sum(a.read for a in summary.accounts), sum(a.rejected for a in summary.accounts)
    columns = [
        Column(look.told("code")),
        Column(look.told("rows"), right=True),
        Column(look.told("what"), folds=True),
        Column(look.told("first at"), folds=True),
        Column(look.told("column"), folds=True),
    ]
    rows = [_rejected(code, look) for code in sorted(summary.rejected, key=lambda code: (-code.rows, code.code))]
    heading = look.told("rejected: {out:,} of {rows} ({share})", out=out, rows=look.counted(read, "row"), share=share(out / max(read, 1)))
    said = "{touched} touched by rejected rows: partial_data in the labels"
    touched = [styled(look.told(said, touched=look.counted(summary.touched, "customer")), "dim")] if summary.touched else []
    return section(heading, grid(columns, rows, look), *touched)


def _rejected(code: RejectedCode, look: Look) -> Row:
    place = code.first_file if code.first_line is None else f"{code.first_file}:{code.first_line}"
    return [
        styled(code.code, "bold"),
        styled(f"{code.rows:,}", "yellow"),
        *(styled(cell) for cell in (look.sentence(code.message), place, code.column)),
    ]
