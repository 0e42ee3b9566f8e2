"""Bytes → text, and what to say when the text is not YAML."""

from __future__ import annotations

from typing import Any

import yaml

from custier.errors import RubricError
from custier.rubric.yaml_file.file import Position, YamlFile

MOST_BYTES = 256 * 1024
FORMULA_CURE = "put a formula that holds a comma or a quote inside `{…}` in double quotes, such as \"region in ('a', 'b')\""
_CURES = {
    r"'\t'": "indent with spaces, never with tabs",
    "mapping values are not allowed": "put a text that holds a colon in quotes",
    "could not find expected ':'": "write `key: value`, with a space after the colon",
    "expected ',' or": "close the bracket, and put a comma between the items",
}


def decoded(content: bytes, file: YamlFile) -> str:
    """The text of UTF-8 bytes of a bearable size; raises RubricError."""
    if len(content) > MOST_BYTES:
        what = f"the file is larger than {MOST_BYTES // 1024} KiB"
        raise file.unreadable((1, 1), "CT6104", what, "a rubric is a few pages; split off what does not belong")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        raise file.unreadable((1, 1), "CT1104", "the file is not UTF-8; it holds zero bytes, as UTF-16 does", "save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = _position_in(content.decode("utf-8-sig", errors="replace"), len(content[: error.start].decode("utf-8-sig")))
        cure = "save it as UTF-8: iconv -f GB18030 -t UTF-8 old.yaml > new.yaml"
        raise file.unreadable(at, "CT1104", "the file is not UTF-8; it may be GBK", cure) from None


def not_yaml(error: yaml.YAMLError, text: str, file: YamlFile) -> RubricError:
    """Reports why the text cannot be read, and is what to raise."""
    if not isinstance(error, yaml.MarkedYAMLError):
        at = _position_in(text, getattr(error, "position", 0))
        return file.unreadable(at, "CT1101", "a character here is not allowed in YAML", "remove the control character")
    said = error.problem or error.context or "it is not YAML"
    line, column = position_of(error.problem_mark or error.context_mark)
    cure = next((c for part, c in _CURES.items() if part in said), "check indentation, quotes and brackets here and on the line above")
    if "expected ',' or" in said and "(" in text.split("\n")[line - 1][:column]:
        cure = f"{FORMULA_CURE}; or {cure}"
    return file.unreadable((line, column), "CT1101", f"cannot be read as YAML: {said}", cure)


def position_of(mark: Any) -> Position:
    """Line and column, from 1, of a mark of the YAML reader."""
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _position_in(text: str, index: int) -> Position:
    before = text[:index]
    return before.count("\n") + 1, index - before.rfind("\n")
