"""YAML read strictly and safely: plain data, exact numbers, and the line and column of everything."""

from __future__ import annotations

import yaml

from custier.rubric.yaml_file.data import plain_value, read_document
from custier.rubric.yaml_file.file import Elsewhere, Place, Position, YamlFile, value_at
from custier.rubric.yaml_file.mended import mended, report_signs
from custier.rubric.yaml_file.text import MOST_BYTES, decoded, not_yaml

__all__ = ["MOST_BYTES", "Elsewhere", "Place", "Position", "YamlFile", "plain_value", "read_yaml", "scan_yaml", "value_at"]

MOST_MENDED = 20


def read_yaml(content: bytes, name: str) -> YamlFile:
    """The data of a UTF-8 file that holds one plain YAML mapping; raises RubricError with every problem found."""
    file = scan_yaml(content, name)
    file.raise_problems()
    return file


def scan_yaml(content: bytes, name: str) -> YamlFile:
    """The same with the problems in it that leave the rest readable; raises RubricError where the text cannot be read to its end."""
    file = YamlFile(name)
    return _read(decoded(content, file), file, MOST_MENDED)


def _read(text: str, file: YamlFile, mends: int) -> YamlFile:
    """The file, read anew with plain signs as often as full-width ones break it."""
    again = YamlFile(file.name, problems=[*file.problems])
    try:
        read_document(text, file)
    except yaml.YAMLError as error:
        plain = mended(text, error) if mends else None
        if plain is None:
            raise not_yaml(error, text, file) from None
        report_signs(text, plain.lines, again)
        return _read(plain.text, again, mends - 1)
    return file
