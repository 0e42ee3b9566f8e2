"""Full-width signs that keep a text from being YAML: found by whether writing them plainly lets the reader get further."""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml

from custier.rubric.full_width import plainly, sign_cure, sign_in
from custier.rubric.yaml_file.file import YamlFile

_TEXT_OR_COMMENT = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?:^|(?<=\s))#.*)""")


class Mended(NamedTuple):
    """A text with plain signs, and the numbers of the lines that were changed, from 0."""

    text: str
    lines: list[int]


def mended(text: str, error: yaml.YAMLError) -> Mended | None:
    """The text with plain signs where full-width ones broke it; None where they are not to blame."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return None
    lines = text.split("\n")
    changed = {n: _line_plainly(lines[n]) for n in _suspects(lines, error) if sign_in(_code(lines[n]))}
    plain = "\n".join(changed.get(n, line) for n, line in enumerate(lines))
    return Mended(plain, sorted(changed)) if changed and _line_of_failure(plain) > _last_line(error) else None


def report_signs(text: str, lines: list[int], file: YamlFile) -> None:
    """Reports the sign to blame on each of these lines of the text as it was written."""
    for number in lines:
        line = text.split("\n")[number]
        sign = sign_in(_code(line)) or ""
        file.report((number + 1, _code(line).index(sign) + 1), "CT1101", "cannot be read as YAML", sign_cure(sign))


def _suspects(lines: list[str], error: yaml.MarkedYAMLError) -> range:
    """The lines of the construct that failed, and those before it that may belong to the same text."""
    last = min(_last_line(error), len(lines) - 1)
    first = min(last, error.context_mark.line if error.context_mark else last)
    while first > 0 and sign_in(_code(lines[first - 1])):
        first -= 1
    return range(first, last + 1)


def _last_line(error: yaml.MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return int(mark.line) if mark else 0


def _line_of_failure(text: str) -> float:
    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.MarkedYAMLError as error:
        return _last_line(error)
    return float("inf")


def _code(line: str) -> str:
    """The line with blanks in place of quoted texts and the comment."""
    return _TEXT_OR_COMMENT.sub(lambda found: " " * len(found[0]), line)


def _line_plainly(line: str) -> str:
    return "".join(part if n % 2 else plainly(part) for n, part in enumerate(_TEXT_OR_COMMENT.split(line)))
