"""YAML read strictly and safely: plain data, exact numbers, and the line and column of everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from custier.errors import Problem, RubricError

MOST_BYTES = 256 * 1024
MOST_DEPTH = 20
MOST_NUMERALS = 40

Place = tuple[str | int, ...]
Position = tuple[int, int]
Events = Iterator[yaml.Event]

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_DECIMAL = re.compile(r"[-+]?(?:(?:0|[1-9][0-9_]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:nan|inf)", re.IGNORECASE)
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_CURES = {
    r"'\t'": "indent with spaces, never with tabs",
    "mapping values are not allowed": "put a text that holds a colon in quotes",
    "could not find expected ':'": "write `key: value`, with a space after the colon",
    "expected ',' or": "close the bracket, and put a comma between the items",
}


@dataclass
class YamlFile:
    """What a file says (`data`), where each key and value stands, and what is wrong with it."""

    name: str
    data: Any = None
    keys: dict[Place, Position] = field(default_factory=dict)
    values: dict[Place, Position] = field(default_factory=dict)
    problems: list[tuple[Position, Problem]] = field(default_factory=list)

    def report(self, at: Position, code: str, what: str, help: str) -> None:
        self.problems.append((at, Problem(code, what, f"{self.name}:{at[0]}:{at[1]}", help)))

    def raise_problems(self) -> None:
        """Raises RubricError with all problems in the order of the file, if there are any."""
        if self.problems:
            raise RubricError(problem for _, problem in sorted(self.problems, key=lambda found: found[0]))


def read_yaml(content: bytes, name: str) -> YamlFile:
    """The data of a UTF-8 file that holds one plain YAML mapping; raises RubricError with every problem found."""
    file = YamlFile(name)
    try:
        _read_document(_events(_decoded(content, file)), file)
    except yaml.MarkedYAMLError as error:
        _report_syntax(error, file)
    except yaml.reader.ReaderError as error:
        file.report(
            _position_in(content, error.position), "CT1101", "a character here is not allowed in YAML", "remove the control character"
        )
    except _UnreadableError:
        pass
    file.raise_problems()
    return file


class _UnreadableError(Exception):
    """Reading on would be unsafe or useless; the reason has been reported."""


def _unreadable(file: YamlFile, *said: Any) -> _UnreadableError:
    file.report(*said)
    return _UnreadableError()


def _decoded(content: bytes, file: YamlFile) -> str:
    if len(content) > MOST_BYTES:
        what = f"the file is larger than {MOST_BYTES // 1024} KiB"
        raise _unreadable(file, (1, 1), "CT6104", what, "a rubric is a few pages; split off what does not belong")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        raise _unreadable(file, (1, 1), "CT1104", "the file is not UTF-8; it holds zero bytes, as UTF-16 does", "save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = _position_in(content, len(content[: error.start].decode("utf-8-sig")))
        cure = "save it as UTF-8: iconv -f GB18030 -t UTF-8 old.yaml > new.yaml"
        raise _unreadable(file, at, "CT1104", "the file is not UTF-8; it may be GBK", cure) from None


def _position_in(content: bytes, index: int) -> Position:
    before = content.decode("utf-8-sig", errors="replace")[:index]
    return before.count("\n") + 1, index - before.rfind("\n")


def _report_syntax(error: yaml.MarkedYAMLError, file: YamlFile) -> None:
    mark = error.problem_mark or error.context_mark
    said = error.problem or error.context or "it is not YAML"
    cure = next((c for part, c in _CURES.items() if part in said), "check indentation, quotes and brackets here and on the line above")
    file.report(_position(mark), "CT1101", f"cannot be read as YAML: {said}", cure)


# --- from events to data --------------------------------------------------------------------------------------------


def _events(text: str) -> Events:
    return (event for event in yaml.parse(text, Loader=yaml.SafeLoader) if not isinstance(event, yaml.StreamStartEvent))


def _read_document(events: Events, file: YamlFile) -> None:
    event = next(events)
    if isinstance(event, yaml.StreamEndEvent):
        file.report((1, 1), "CT1105", "the file is empty", "write at least `rubric: name` and `tiers:`")
        return
    file.data = _read_value(next(events), events, (), file)
    next(events)
    if isinstance(extra := next(events), yaml.DocumentStartEvent):
        file.report(_at(extra), "CT1103", "the file holds more than one document", "keep one; a line of only --- starts another")
    if not isinstance(file.data, dict):
        file.report(file.values[()], "CT1105", "the file does not hold keys and values", "write at least `rubric: name` and `tiers:`")


def _read_value(event: yaml.Event, events: Events, place: Place, file: YamlFile) -> Any:
    _refuse_unsafe(event, place, file)
    file.values[place] = _at(event)
    if isinstance(event, yaml.MappingStartEvent):
        return _read_mapping(events, place, file)
    if isinstance(event, yaml.SequenceStartEvent):
        return _read_sequence(events, place, file)
    return _read_scalar(event, file)


def _read_mapping(events: Events, place: Place, file: YamlFile) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        _refuse_unsafe(event, place, file)
        if not isinstance(event, yaml.ScalarEvent):
            raise _unreadable(file, _at(event), "CT1107", "a key is not plain text", "write `key: value`")
        here = (*place, event.value)
        if event.value in found:
            first = file.keys[here][0]
            file.report(_at(event), "CT1102", f"the key `{event.value}` stands twice; first on line {first}", "keep one of the two")
            here = (*place, f"{event.value} (line {_at(event)[0]})")
        file.keys[here] = _at(event)
        value = _read_value(next(events), events, here, file)
        found.setdefault(event.value, value)
    return found


def _read_sequence(events: Events, place: Place, file: YamlFile) -> list[Any]:
    found: list[Any] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        found.append(_read_value(event, events, (*place, len(found)), file))
    return found


def _refuse_unsafe(event: yaml.Event, place: Place, file: YamlFile) -> None:
    refused = None
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        refused = "CT6101", "an anchor (&) or alias (*) is not allowed", "write the value out; put a text that starts with & or * in quotes"
    elif getattr(event, "tag", None) is not None:
        refused = "CT6103", "a tag (!) is not allowed", "remove it; put a text that starts with ! in quotes"
    elif len(place) > MOST_DEPTH:
        refused = "CT6102", f"the file is nested more than {MOST_DEPTH} levels deep", "a rubric needs six levels; check the brackets"
    if refused:
        raise _unreadable(file, _at(event), *refused)


def _read_scalar(event: yaml.Event, file: YamlFile) -> Any:
    assert isinstance(event, yaml.ScalarEvent)
    if not event.implicit[0] or event.style:
        return event.value
    if _NOT_FINITE.fullmatch(event.value):
        file.report(_at(event), "CT1106", f"`{event.value}` is not a finite number", "write a plain number, such as 500_000 or 4.5")
    return plain_value(event.value)


def plain_value(text: str) -> Any:
    """What a text without quotes means: null, true, false, an exact number, or itself (`no`, `010`, `12:30:45`, `50万`)."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > MOST_NUMERALS or not _DECIMAL.fullmatch(text):
        return text
    return int(text.replace("_", "")) if _INTEGER.fullmatch(text) else Decimal(text.replace("_", ""))


def _at(event: yaml.Event) -> Position:
    return _position(event.start_mark)


def _position(mark: Any) -> Position:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
