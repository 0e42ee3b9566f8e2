"""What is left of a refused rubric once the refused parts are out, so that the rest can be checked in the same go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from custier.rubric.check import check_rubric
from custier.rubric.check.finding import Finding
from custier.rubric.doubt import STAND_IN, certain, may_be
from custier.rubric.model import Rubric
from custier.rubric.refused import Refusal, meant, refusals, report_refusals
from custier.rubric.yaml_file import Place, YamlFile, value_at

MOST_ROUNDS = 12
GONE: Final = object()
_STAND_INS: dict[str, Any] = {"rubric": "unnamed", "tiers": [{"name": "unnamed"}]}
"""For keys without which there is no rubric."""

CONSTANT: Final = {"formula": "0"}
"""For a metric: no check objects to it, but for those that ask which values it can have."""

_HARMLESS = ("title", "window", "where")
"""Keys of a metric that can go without making another metric of it."""


@dataclass(frozen=True)
class Sound:
    """The part of a rubric that is well-formed, the file as if it held only that, and what was lost."""

    file: YamlFile
    rubric: Rubric | None
    lost: frozenset[Place] = frozenset()


def sound_part(file: YamlFile) -> Sound:
    """The rubric of a file; what the models refuse is reported to the file, and left out."""
    left, lost = file, {place for doubtful in file.doubtful for place in _lost(doubtful, None, file)}
    for attempt in range(MOST_ROUNDS):
        try:
            return Sound(left, Rubric.model_validate(left.data), frozenset(lost))
        except ValidationError as error:
            refused = refusals(error, left)
        if attempt == 0:
            report_refusals(refused, file)
        changes = dict(_change(refusal) for refusal in refused)
        lost |= {place for changed, instead in changes.items() for place in _lost(changed, instead, left)}
        left = _changed(left, changes)
    return Sound(left, None)


def findings(sound: Sound) -> list[Finding]:
    """What is wrong between the sound parts, but for what the lost ones may have caused."""
    return [] if sound.rubric is None else certain(check_rubric(sound.rubric), sound.lost)


def _change(refusal: Refusal) -> tuple[Place, Any]:
    """The smallest part around a refusal that can go, and what stands in for it.

    Metrics and sources keep their names, which other parts use; a constant is a metric that no check objects to. The rules of points
    are made for each other, and go together.
    """
    place = refusal.place
    if place[:1] == ("points",):
        return place[:1], GONE
    if not place:
        return (str(refusal.missing),), _STAND_INS[str(refusal.missing)]
    if refusal.of_key and len(place) == 2:
        return place, GONE
    if place[0] == "metrics" and len(place) > 1 and not _harmless(place):
        return place[:2], CONSTANT
    return place, {} if place[0] == "sources" and len(place) == 2 else GONE


def _harmless(place: Place) -> bool:
    return len(place) > 2 and (meant(place[:3]) or place[2]) in _HARMLESS


def _lost(place: Place, instead: Any, file: YamlFile) -> list[Place]:
    """What can no longer be relied on once a place is changed; with a name of a metric or source goes what others call it."""
    if instead is GONE and len(place) == 2 and place[0] in ("metrics", "sources"):
        return [place, ("metrics",)]
    if instead == CONSTANT:
        return [(STAND_IN, place[1])]
    return [] if place[0] == "metrics" and len(place) > 1 else may_be(place, file)


# --- the file as if it held only what is left ------------------------------------------------------------------------


def _changed(file: YamlFile, changes: dict[Place, Any]) -> YamlFile:
    left = YamlFile(file.name)
    left.data = _copied(file, (), (), changes, left)
    left.data |= {place[0]: instead for place, instead in changes.items() if len(place) == 1 and instead is not GONE}
    return left


def _copied(file: YamlFile, old: Place, new: Place, changes: dict[Place, Any], left: YamlFile) -> Any:
    """The data at a place without what is gone; keys and values stay where they stood in the file."""
    for positions, kept_positions in ((file.keys, left.keys), (file.values, left.values)):
        if old in positions:
            kept_positions[new] = positions[old]
    if old in changes:
        return changes[old]
    value = value_at(old, file.data)
    if isinstance(value, dict):
        kept = [key for key in value if changes.get((*old, key)) is not GONE]
        return {key: _copied(file, (*old, key), (*new, key), changes, left) for key in kept}
    if isinstance(value, list):
        items = [n for n in range(len(value)) if changes.get((*old, n)) is not GONE]
        return [_copied(file, (*old, n), (*new, index), changes, left) for index, n in enumerate(items)]
    return value
