"""A rubric from a file or from those that ship with custier, checked in full before it is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from custier.errors import Problem
from custier.rubric.check import warn_of_rubric
from custier.rubric.extend import extended
from custier.rubric.model import Rubric, plain
from custier.rubric.shipped import content_of, path_of, shipped_rubrics, shipped_text
from custier.rubric.sound import findings, sound_part
from custier.rubric.yaml_file import YamlFile, plain_value, scan_yaml

__all__ = ["Loaded", "load_rubric", "parse_rubric", "resolved_text", "shipped_rubrics", "shipped_text"]


@dataclass(frozen=True)
class Loaded:
    """A rubric without problems, the text it was read from, and where that was."""

    rubric: Rubric
    text: str
    origin: str
    warnings: tuple[Problem, ...] = ()


def load_rubric(name_or_path: str | Path) -> Loaded:
    """The rubric of a file, or the shipped one of this name; raises RubricError with all its problems."""
    path = path_of(name_or_path)
    content = content_of(path, str(name_or_path))
    rubric, file = _parsed(content, str(name_or_path) if path == Path(name_or_path) else path.name, path)
    return Loaded(rubric, content.decode("utf-8-sig"), str(name_or_path), tuple(_warnings(rubric, file)))


def parse_rubric(content: bytes, name: str) -> Rubric:
    """The rubric that these bytes hold; `name` is what problems call the file. What it extends is looked for in the working directory."""
    return _parsed(content, name, Path(name))[0]


def _parsed(content: bytes, name: str, path: Path) -> tuple[Rubric, YamlFile]:
    file = extended(scan_yaml(content, name), path)
    sound = sound_part(file)
    for place, *said in findings(sound):
        file.report(sound.file.position(place), *said)
    file.raise_problems()
    assert sound.rubric is not None
    return sound.rubric, file


def _warnings(rubric: Rubric, file: YamlFile) -> Iterator[Problem]:
    """What the rubric says and probably does not mean, with its place."""
    for place, code, what, cure in sorted(warn_of_rubric(rubric), key=lambda found: file.position(found.place)):
        yield Problem(code, what, file.where(file.position(place)), cure)


def resolved_text(rubric: Rubric) -> str:
    """The rubric as YAML with every default written out; it loads back to an equal rubric."""
    data = rubric.model_dump(by_alias=True, exclude_none=True)
    return yaml.dump(_without_empty_lists(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


# --- writing ---------------------------------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Writes what `read_yaml` reads: exact decimals, and quotes round texts that would be read as something else."""


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain_value(text) == text else "'")


def _write_decimal(dumper: yaml.SafeDumper, number: Decimal) -> yaml.Node:
    text = plain(number)
    return dumper.represent_scalar("tag:yaml.org,2002:float" if "." in text else "tag:yaml.org,2002:int", text)


_Dumper.add_representer(str, _write_text)
_Dumper.add_representer(Decimal, _write_decimal)


def _without_empty_lists(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_empty_lists(value) for key, value in data.items() if value != []}
    return [_without_empty_lists(item) for item in data] if isinstance(data, list) else data
