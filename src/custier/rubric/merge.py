"""One YAML file laid over another: mappings key by key, lists of named things by name, everything else replaced."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from custier.rubric.yaml_file import Elsewhere, Place, Position, YamlFile

BY_NAME = ("tiers", "rules", "actions")
"""Lists whose items are laid over those of the same name; others are replaced."""

WHOLE = ("segments",)
"""Blocks whose entries are replaced as a whole, because their order counts."""

Pair = tuple[int | None, int | None]
"""An item of the lower list, of the upper, or both."""


class Merge:
    """file: what comes out. nowhere: where something is taken away that is not there, what, and what there is.

    A key whose value is null is taken away; so is the item `NAME` of a list of named things by `- NAME: null`.
    """

    def __init__(self, base: YamlFile, own: YamlFile, apart: Collection[str]) -> None:
        self.file = YamlFile(own.name, problems=[*own.problems])
        self.nowhere: list[tuple[Position, str, list[str]]] = []
        self._base, self._own, self._apart = base, own, apart
        self._moved: dict[Place, Place] = {}
        self.file.data = self._mapping(base.data, own.data, (), (), ())
        self.file.values[()] = own.values[()]
        self.file.doubtful = [self._moved.get(place, place) for place in own.doubtful]

    def _mapping(self, base: dict[str, Any], own: dict[str, Any], lower: Place, upper: Place, to: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        kept = [key for key in base if to or key not in self._apart]
        for key in dict.fromkeys([*kept, *own]):
            place = (*to, key)
            if key not in own:
                found[key] = self._copied(base[key], self._base, (*lower, key), place)
            elif own[key] is None and (to or key not in self._apart):
                self._take_away(self._own.keys[(*upper, key)], key, kept)
            elif key not in kept:
                found[key] = self._copied(own[key], self._own, (*upper, key), place)
            else:
                found[key] = self._over(base[key], own[key], (*lower, key), (*upper, key), place)
        return found if to else {key: value for key, value in found.items() if key != "extends"}

    def _over(self, base: Any, own: Any, lower: Place, upper: Place, to: Place) -> Any:
        if isinstance(base, dict) and isinstance(own, dict) and to[:-1] != WHOLE:
            self._place(self._own, upper, to)
            return self._mapping(base, own, lower, upper, to)
        if to in [(key,) for key in BY_NAME] and _are_named(base) and _are_named(own):
            self._place(self._own, upper, to)
            return self._named_items(base, own, lower, upper, to)
        return self._copied(own, self._own, upper, to)

    def _named_items(self, base: list[Any], own: list[Any], lower: Place, upper: Place, to: Place) -> list[Any]:
        found: list[Any] = []
        for below, above in self._pairs(base, own, upper):
            place = (*to, len(found))
            if above is None:
                found.append(self._copied(base[below or 0], self._base, (*lower, below or 0), place))
            elif below is None:
                found.append(self._copied(own[above], self._own, (*upper, above), place))
            else:
                self._place(self._own, (*upper, above), place)
                found.append(self._mapping(base[below], own[above], (*lower, below), (*upper, above), place))
        return found

    def _pairs(self, base: list[Any], own: list[Any], upper: Place) -> list[Pair]:
        """The items in their order: that of the lower list; a new one stands after the one before it, or before the one after it."""
        names = [item["name"] for item in base]
        pairs: list[Pair] = [(n, None) for n in range(len(base))]
        waiting: list[Pair] = []
        last: int | None = None
        for n, item in enumerate(own):
            name = _taken_away(item) or item["name"]
            at = next((i for i, (below, above) in enumerate(pairs) if below is not None and above is None and names[below] == name), None)
            if _taken_away(item):
                self._take_away(self._own.keys[(*upper, n, name)], name, names)
                if at is not None:
                    pairs[at : at + 1], last = waiting, at + len(waiting) - 1
                    waiting = []
            elif at is not None:
                pairs[at] = (pairs[at][0], n)
                pairs[at:at], last = waiting, at + len(waiting)
                waiting = []
            elif last is None:
                waiting.append((None, n))
            else:
                last += 1
                pairs.insert(last, (None, n))
        return pairs + waiting

    def _take_away(self, at: Position, name: str, known: Collection[str]) -> None:
        if name not in known:
            self.nowhere.append((at, name, list(known)))

    def _copied(self, value: Any, file: YamlFile, old: Place, new: Place) -> Any:
        self._place(file, old, new)
        if isinstance(value, dict):
            return {key: self._copied(item, file, (*old, key), (*new, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._copied(item, file, (*old, n), (*new, n)) for n, item in enumerate(value)]
        return value

    def _place(self, file: YamlFile, old: Place, new: Place) -> None:
        """What stands at a new place is where it stood in its file."""
        if file is self._own:
            self._moved[old] = new
        for positions, placed in ((file.keys, self.file.keys), (file.values, self.file.values)):
            if old in positions:
                placed[new] = positions[old] if file is self._own else Elsewhere(positions[old], file.name)


def _are_named(items: Any) -> bool:
    return isinstance(items, list) and all(isinstance(i, dict) and (_taken_away(i) or isinstance(i.get("name"), str)) for i in items)


def _taken_away(item: dict[str, Any]) -> str | None:
    """The name in `- NAME: null`."""
    ((key, value),) = item.items() if len(item) == 1 else (("name", ""),)
    return key if value is None and key != "name" else None
