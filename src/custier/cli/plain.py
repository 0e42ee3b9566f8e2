"""The words of a command line as texts and paths, as they are.

Typer casts each with pydantic, whose import takes longer than all that `explain` does; parameters of other types it still does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MADE: tuple[tuple[Any, Callable[[Any], Any]], ...] = ((str, str), (list[str], str), (Path, Path), (bool, bool))


@dataclass(frozen=True)
class Plain:
    """Stands where typer keeps what casts a parameter."""

    made: Callable[[Any], Any]

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        if param.multiple or param.nargs == -1:
            return [self.made(word) for word in value or ()]
        return None if value is None else self.made(value)


def read_plainly(command: Any) -> None:
    """Lets a typer command, and those below it, take texts, paths and flags as they are."""
    given = command.get_params
    command.get_params = lambda ctx: [_plain(param) for param in given(ctx)]
    for below in getattr(command, "commands", {}).values():
        read_plainly(below)


def _plain(param: Any) -> Any:
    made = next((made for kind, made in MADE if kind == param.type_descriptor.annotation and not param.envvar), None)
    if made is not None:
        param.get_runtime_param = lambda: Plain(made)
    return param
