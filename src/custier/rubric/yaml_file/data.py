"""From the events of the YAML reader to plain data with positions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sized
from decimal import Decimal
from typing import Any

import yaml

from custier.rubric.full_width import sign_cure
from custier.rubric.yaml_file.file import Place, Position, YamlFile
from custier.rubric.yaml_file.text import position_of

MOST_DEPTH = 20
MOST_NUMERALS = 40
MOST_ITEMS = 200
MOST_VALUES = 3000

Events = Iterator[yaml.Event]

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_DECIMAL = re.compile(r"[-+]?(?:(?:0|[1-9][0-9_]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:nan|inf)", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


def _events(text: str) -> Events:
    return (event for event in yaml.parse(text, Loader=yaml.SafeLoader) if not isinstance(event, yaml.StreamStartEvent))


def read_document(text: str, file: YamlFile) -> None:
    """Fills in the data and positions of one document; raises RubricError, and YAMLError where the text is not YAML."""
    events = _events(text)
    event = next(events)
    if isinstance(event, yaml.StreamEndEvent):
        raise file.unreadable((1, 1), "CT1105", "the file is empty", "write at least `rubric: name` and `tiers:`")
    file.data = _read_value(next(events), events, (), file)
    next(events)
    if isinstance(extra := next(events), yaml.DocumentStartEvent):
        raise file.unreadable(_at(extra), "CT1103", "the file holds more than one document", "keep one; a line of only --- starts another")
    if not isinstance(file.data, dict):
        cure = sign_cure(file.data if isinstance(file.data, str) else "") or "write at least `rubric: name` and `tiers:`"
        raise file.unreadable(file.values[()], "CT1105", "the file does not hold keys and values", cure)


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
            raise file.unreadable(_at(event), "CT1107", "a key is not plain text", "write `key: value`")
        here = (*place, event.value)
        if event.value in found:
            first = file.keys[here][0]
            file.report(_at(event), "CT1102", f"the key `{event.value}` stands twice; first on line {first}", "keep one of the two")
            file.doubtful.append(here)
            here = (*place, f"{event.value} (line {_at(event)[0]})")
        file.keys[here] = _at(event)
        value = _read_value(next(events), events, here, file)
        found.setdefault(event.value, value)
        _refuse_too_many(found, here, file)
    return found


def _read_sequence(events: Events, place: Place, file: YamlFile) -> list[Any]:
    found: list[Any] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        here = (*place, len(found))
        found.append(_read_value(event, events, here, file))
        _refuse_too_many(found, here, file)
    return found


def _refuse_too_many(found: Sized, place: Place, file: YamlFile) -> None:
    """Parts are checked against each other, so what many of them take grows with their square."""
    cure = "a rubric is a few pages; say with ranges, bands or a column of the data what so many parts say one by one"
    if len(found) > MOST_ITEMS:
        raise file.unreadable(file.values[place], "CT6202", f"a block holds more than {MOST_ITEMS} parts", cure)
    if len(file.values) > MOST_VALUES:
        raise file.unreadable(file.values[place], "CT6202", f"the file holds more than {MOST_VALUES:,} values", cure)


def _refuse_unsafe(event: yaml.Event, place: Place, file: YamlFile) -> None:
    refused = None
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        refused = "CT6101", "an anchor (&) or alias (*) is not allowed", "write the value out; put a text that starts with & or * in quotes"
    elif getattr(event, "tag", None) is not None:
        refused = "CT6103", "a tag (!) is not allowed", "remove it; put a text that starts with ! in quotes"
    elif isinstance(event, yaml.ScalarEvent) and _SURROGATE.search(event.value):
        refused = "CT1101", "half of a character is not allowed in YAML", "write the character itself instead of its escape"
    elif len(place) > MOST_DEPTH:
        refused = "CT6102", f"the file is nested more than {MOST_DEPTH} levels deep", "a rubric needs six levels; check the brackets"
    if refused:
        raise file.unreadable(_at(event), *refused)


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
    return position_of(event.start_mark)
