"""What was read and what became of it: files, the account of every row, the rows that were rejected."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.show.words import counted, share, size
from custier.values import Account, InputFile, RejectedCode, Summary

_MOST_FILES = 8
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "whitespace": "spaces"}


def accounts(summary: Summary, look: Look) -> RenderableType:
    """Per source: read = used + rejected + excluded + outside."""
    columns = [Column("source")]
    for sign, name in (("", "read"), ("=", "used"), ("+", "rejected"), ("+", "excluded"), ("+", "outside")):
        columns.append(Column(f"{sign} {name}".strip(), right=True))
    rows = [_account(account) for account in summary.accounts]
    return section("rows", grid(columns, rows, look), *_outside(summary.accounts), *_orphans(summary.orphans))


def _account(account: Account) -> Row:
    outside = account.before_window + account.after_window
    cells = (account.read, account.used, account.rejected, account.excluded, outside)
    return [styled(account.source, "bold"), *(styled(f"{n:,}", "yellow" if i == 2 and n else "") for i, n in enumerate(cells))]


def _outside(accounts: list[Account]) -> list[Text]:
    told = [(a, f"{a.before_window:,} before every window, {a.after_window:,} after the as-of date") for a in accounts if a.after_window]
    return [styled(f"{a.source}: {outside}", "dim") for a, outside in told]


def _orphans(orphans: dict[str, int]) -> list[Text]:
    return [styled(f"{source}: {counted(n, 'customer id')} without any transaction", "dim") for source, n in orphans.items() if n]


def files(summary: Summary, look: Look) -> RenderableType | None:
    """The files as they were read, with the encoding and separator that were found."""
    if not summary.files:
        return None
    columns = [
        Column("source"),
        Column("file", folds=True),
        Column("rows", right=True),
        Column("size", right=True),
        Column("read as", folds=True),
    ]
    more = len(summary.files) - _MOST_FILES
    note = [styled(f"and {counted(more, 'more file')}, all in manifest.json", "dim")] if more > 0 else []
    return section("files", grid(columns, [_file(file) for file in summary.files[:_MOST_FILES]], look), *note)


def _file(file: InputFile) -> Row:
    separator = _SEPARATORS.get(file.separator or "", file.separator or "")
    read_as = ", ".join(word for word in (file.format, file.encoding, separator) if word)
    return [styled(file.source), styled(file.name, "bold"), styled(f"{file.rows:,}"), styled(size(file.bytes)), styled(read_as, "dim")]


def rejected(summary: Summary, look: Look) -> RenderableType | None:
    """The rejected rows by code, the first place of each, as it was found."""
    if not summary.rejected:
        return None
    read, out = sum(a.read for a in summary.accounts), sum(a.rejected for a in summary.accounts)
    columns = [
        Column("code"),
        Column("rows", right=True),
        Column("what", folds=True),
        Column("first at", folds=True),
        Column("column", folds=True),
    ]
    rows = [_rejected(code) for code in sorted(summary.rejected, key=lambda code: (-code.rows, code.code))]
    return section(f"rejected: {out:,} of {counted(read, 'row')} ({share(out / max(read, 1))})", grid(columns, rows, look))


def _rejected(code: RejectedCode) -> Row:
    place = f"{code.first_file}:{code.first_line}"
    return [styled(code.code, "bold"), styled(f"{code.rows:,}", "yellow"), *(styled(cell) for cell in (code.message, place, code.column))]
