"""Lines → records, each with its physical line; a line that is no record is handed back as it is, and reading goes on with the next."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from custier.read.dialect import Dialect

BATCH_LINES = 4096
MOST_JOINED_LINES = 50
MOST_JOINED_CHARACTERS = 64 << 10
Line = tuple[int, str]
OPEN = ["an open quote"]


@dataclass(frozen=True)
class Malformed:
    """A line that is not a row: its number, the code of what is wrong, the line as it stands."""

    line: int
    code: str  # CT3001 wrong number of fields, CT3003 stray quote
    text: str


@dataclass(frozen=True)
class Batch:
    """Some records: line numbers, the fields of each, and the lines between them that are no records."""

    lines: list[int]
    records: list[list[str]]
    malformed: list[Malformed]


def read_records(lines: Iterable[Line], dialect: Dialect) -> Iterator[Batch]:
    """All records of these lines, in batches; blank lines are no rows and are left out."""
    source = iter(lines)
    ahead: deque[Line] = deque()
    while taken := [*_emptied(ahead), *islice(source, BATCH_LINES)]:
        records = _all_regular([text for _, text in taken], dialect)
        if records is not None:
            yield Batch([n for n, _ in taken], records, [])
        else:
            ahead.extendleft(reversed(taken))
            yield _one_by_one(ahead, len(taken), source, dialect)


def _emptied(ahead: deque[Line]) -> list[Line]:
    taken = list(ahead)
    ahead.clear()
    return taken


def _all_regular(texts: list[str], dialect: Dialect) -> list[list[str]] | None:
    """The records when every line is one, which is nearly always; None when a line needs a closer look."""
    quoted = dialect.has_quotes and any('"' in t for t in texts)
    if quoted and any(t.count('"') % 2 for t in texts):
        return None
    try:
        records = list(csv.reader(texts, delimiter=dialect.separator, strict=True)) if quoted else list(map(dialect.split, texts))
    except csv.Error:
        return None
    regular = len(records) == len(texts) and all(len(r) == dialect.width for r in records)
    return records if regular else None


def _one_by_one(ahead: deque[Line], count: int, source: Iterator[Line], dialect: Dialect) -> Batch:
    batch = Batch([], [], [])
    end = ahead[0][0] + count
    while ahead and ahead[0][0] < end:
        number, text = ahead.popleft()
        if not text.strip(" "):
            continue
        quoted = dialect.has_quotes and '"' in text
        found = _quoted_record(text, ahead, source, dialect) if quoted else _plain_record(text, dialect)
        if isinstance(found, str):
            batch.malformed.append(Malformed(number, found, text))
        else:
            batch.lines.append(number)
            batch.records.append(found)
    return batch


def _plain_record(text: str, dialect: Dialect) -> list[str] | str:
    fields = dialect.split(text)
    return fields if len(fields) == dialect.width else "CT3001"


def _quoted_record(text: str, ahead: deque[Line], source: Iterator[Line], dialect: Dialect) -> list[str] | str:
    """The record that starts with this line, joined with the lines that its open quote takes in; else the code of what is wrong."""
    fields = _parsed(text, dialect)
    if fields is not None and fields != OPEN:
        return fields if len(fields) == dialect.width else "CT3001"
    joined, taken = text, list[Line]()
    while fields == OPEN and len(taken) < MOST_JOINED_LINES - 1 and len(joined) < MOST_JOINED_CHARACTERS:
        following = ahead.popleft() if ahead else next(source, None)
        if following is None:
            break
        taken.append(following)
        joined += "\n" + following[1]
        fields = _parsed(joined, dialect) if '"' in following[1] else OPEN
    if fields is not None and fields != OPEN and len(fields) == dialect.width and not _swallows(text, taken, dialect):
        return fields
    ahead.extendleft(reversed(taken))
    return "CT3003"


def _parsed(text: str, dialect: Dialect) -> list[str] | None:
    """The fields of one record; OPEN when a quote is still open, None when a quote stands where none may."""
    try:
        return next(csv.reader([text + "\n"], delimiter=dialect.separator, strict=True), [])
    except csv.Error as error:
        return OPEN if "unexpected end of data" in str(error) else None


def is_cut_off(text: str, dialect: Dialect) -> bool:
    """Whether a line stops before its record does: a quote is open, or fields are lacking."""
    fields = _parsed(text, dialect) if dialect.has_quotes and '"' in text else dialect.split(text)
    return fields is not None and (fields == OPEN or len(fields) < dialect.width)


def _swallows(text: str, taken: list[Line], dialect: Dialect) -> bool:
    """Whether the joined lines look like rows of their own, so that the quote is more likely stray than meant."""
    rows_of_their_own = [len(dialect.split(t)) == dialect.width for t in (text, *(t for _, t in taken))]
    return rows_of_their_own[0] and any(rows_of_their_own[1:])
