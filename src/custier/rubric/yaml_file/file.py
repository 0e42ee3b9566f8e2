"""What reading a YAML file leaves behind: data, positions, problems."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from custier.errors import Problem, RubricError

Place = tuple[str | int, ...]
Position = tuple[int, int]


class Elsewhere(tuple[int, int]):
    """A position in another file than the one that holds the rest."""

    file: str

    def __new__(cls, at: Position, file: str) -> Elsewhere:
        made = super().__new__(cls, at)
        made.file = at.file if isinstance(at, Elsewhere) else file
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Elsewhere) and (self.file, tuple(self)) == (other.file, tuple(other))

    def __hash__(self) -> int:
        return hash((self.file, tuple(self)))


@dataclass
class YamlFile:
    """What a file says (`data`), where each key and value stands, what is wrong with it, and which places are therefore in doubt."""

    name: str
    data: Any = None
    keys: dict[Place, Position] = field(default_factory=dict)
    values: dict[Place, Position] = field(default_factory=dict)
    problems: list[tuple[Position, Problem]] = field(default_factory=list)
    doubtful: list[Place] = field(default_factory=list)

    def report(self, at: Position, code: str, what: str, help: str) -> None:
        self.problems.append((at, Problem(code, what, self.where(at), help)))

    def where(self, at: Position) -> str:
        """`my.yaml:12:3`."""
        return f"{at.file if isinstance(at, Elsewhere) else self.name}:{at[0]}:{at[1]}"

    def unreadable(self, at: Position, code: str, what: str, help: str) -> RubricError:
        """Reports why reading on would be unsafe or useless, and is what to raise."""
        self.report(at, code, what, help)
        return self._error()

    def raise_problems(self) -> None:
        """Raises RubricError with all problems in the order of the file, if there are any."""
        if self.problems:
            raise self._error()

    def _error(self) -> RubricError:
        return RubricError(problem for _, problem in sorted(self.problems, key=_in_order))

    def position(self, place: Place) -> Position:
        """Where a key path stands: a block at its key, a plain value at the value, what is left out at the block around it."""
        while place and place not in self.values:
            place = place[:-1]
        block = isinstance(value_at(place, self.data), dict | list)
        return self.keys[place] if place in self.keys and block else self.values[place]


def _in_order(found: tuple[Position, Problem]) -> tuple[str, Position]:
    """The problems of the file itself first."""
    at, _ = found
    return (at.file if isinstance(at, Elsewhere) else "", at)


def value_at(place: Place, data: Any) -> Any:
    """The part of the data that stands at a place."""
    for part in place:
        data = data[part]
    return data
