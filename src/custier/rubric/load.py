"""A rubric from a file or from those that ship with custier, checked in full before it is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from custier.errors import Problem, RubricError, listed, nearest
from custier.rubric.check import warn_of_rubric
from custier.rubric.model import Rubric, plain
from custier.rubric.sound import findings, sound_part
from custier.rubric.yaml_file import MOST_BYTES, YamlFile, plain_value, scan_yaml

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Loaded:
    """A rubric without problems, the text it was read from, and where that was."""

    rubric: Rubric
    text: str
    origin: str
    warnings: tuple[Problem, ...] = ()


def load_rubric(name_or_path: str | Path) -> Loaded:
    """The rubric of a file, or the shipped one of this name; raises RubricError with all its problems."""
    path = _path_of(name_or_path)
    try:
        with path.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        cure = "give a file that can be read, or the name of a shipped rubric: custier rubric list"
        raise RubricError(Problem("CT1002", f"the rubric cannot be read: {error.strerror}", str(name_or_path), cure)) from None
    rubric, file = _parsed(content, str(name_or_path) if path == Path(name_or_path) else path.name)
    return Loaded(rubric, content.decode("utf-8-sig"), str(name_or_path), tuple(_warnings(rubric, file)))


def parse_rubric(content: bytes, name: str) -> Rubric:
    """The rubric that these bytes hold; `name` is what problems call the file."""
    return _parsed(content, name)[0]


def _parsed(content: bytes, name: str) -> tuple[Rubric, YamlFile]:
    file = scan_yaml(content, name)
    sound = sound_part(file)
    for place, *said in findings(sound):
        file.report(sound.file.position(place), *said)
    file.raise_problems()
    assert sound.rubric is not None
    return sound.rubric, file


def _warnings(rubric: Rubric, file: YamlFile) -> Iterator[Problem]:
    """What the rubric says and probably does not mean, with its place."""
    for place, code, what, cure in sorted(warn_of_rubric(rubric), key=lambda found: file.position(found.place)):
        line, column = file.position(place)
        yield Problem(code, what, f"{file.name}:{line}:{column}", cure)


def shipped_rubrics() -> list[str]:
    """The names of the rubrics that ship with custier."""
    return sorted(path.stem for path in _shipped_directory().glob("*.yaml"))


def shipped_text(name: str) -> str:
    """The text of a shipped rubric; raises RubricError for an unknown name."""
    return _shipped_path(name).read_text(encoding="utf-8")


def resolved_text(rubric: Rubric) -> str:
    """The rubric as YAML with every default written out; it loads back to an equal rubric."""
    data = rubric.model_dump(by_alias=True, exclude_none=True)
    return yaml.dump(_without_empty_lists(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


# --- finding the file ------------------------------------------------------------------------------------------------


def _path_of(name_or_path: str | Path) -> Path:
    is_name = isinstance(name_or_path, str) and not name_or_path.endswith(SUFFIXES) and Path(name_or_path).name == name_or_path
    return _shipped_path(str(name_or_path)) if is_name else Path(name_or_path)


def _shipped_path(name: str) -> Path:
    known = shipped_rubrics()
    if name in known:
        return _shipped_directory() / f"{name}.yaml"
    near = nearest(name, known)
    cure = f"the nearest is `{near}`; " if near else ""
    raise RubricError(
        Problem(
            "CT1001",
            f"`{name}` is not a rubric that ships with custier",
            help=f"{cure}there are {listed(known, 60)}; or give a file: ./{name}.yaml",
        )
    )


def _shipped_directory() -> Path:
    """Beside the package in a wheel, at the top of a checkout."""
    package = Path(__file__).parents[1]
    return package / "configs" if (package / "configs").is_dir() else package.parents[1] / "configs"


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
