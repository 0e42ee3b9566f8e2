"""What reading a YAML file leaves behind: data, positions, problems."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from custier.errors import Problem, RubricError

Place = tuple[str | int, ...]
Position = tuple[int, int]


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
        self.problems.append((at, Problem(code, what, f"{self.name}:{at[0]}:{at[1]}", help)))

    def unreadable(self, at: Position, code: str, what: str, help: str) -> RubricError:
        """Reports why reading on would be unsafe or useless, and is what to raise."""
        self.report(at, code, what, help)
        return self._error()

    def raise_problems(self) -> None:
        """Raises RubricError with all problems in the order of the file, if there are any."""
        if self.problems:
            raise self._error()

    def _error(self) -> RubricError:
        return RubricError(problem for _, problem in sorted(self.problems, key=lambda found: found[0]))

    def position(self, place: Place) -> Position:
        """Where a key path stands: a block at its key, a plain value at the value, what is left out at the block around it."""
        while place and place not in self.values:
            place = place[:-1]
        block = isinstance(value_at(place, self.data), dict | list)
        return self.keys[place] if place in self.keys and block else self.values[place]


def value_at(place: Place, data: Any) -> Any:
    """The part of the data that stands at a place."""
    for part in place:
        data = data[part]
    return data
