"""What differs between two rubrics, part by part: a policy's changes in its own words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from custier.rubric.condition import Conditions, condition_words
from custier.rubric.merge import BY_NAME
from custier.rubric.model import Rubric, plain

APART = ("rubric", "version", "changes")
"""What says which policy it is, not what it asks for."""

_CONDITION = {"all", "any", "n_of", "conditions"}
Part = tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """One part that is not the same. was and now are None where the rubric does not have the part."""

    place: Part  # ("tiers", "VIP", "when")
    kind: Literal["added", "removed", "changed", "order"]
    was: str | None
    now: str | None


def differences(was: Rubric, now: Rubric) -> list[Difference]:
    """Every part that differs, in the order of the language; short forms and defaults that are written out are no difference."""
    pairs = [(_parts(rubric, False), _parts(rubric, True)) for rubric in (was, now)]
    return list(_compared(pairs[0][0], pairs[1][0], pairs[0][1], pairs[1][1], ()))


def _compared(was: Any, now: Any, short_was: Any, short_now: Any, place: Part) -> Iterator[Difference]:
    """was, now: with all defaults, to compare; short: without, to tell."""
    if not (isinstance(was, dict) and isinstance(now, dict)):
        if was != now:
            yield Difference(place, "changed", said(was), said(now))
        return
    for key in dict.fromkeys([*was, *now]):
        here, old, new = (*place, key), _part(short_was, key, was), _part(short_now, key, now)
        if key not in now:
            yield Difference(here, "removed", said(old), None)
        elif key not in was:
            yield Difference(here, "added", None, said(new))
        else:
            yield from _compared(was[key], now[key], old, new, here)
    if _order_counts(place) and list(was) != list(now) and was and now:
        yield Difference(place, "order", ", ".join(was), ", ".join(now))


def _part(short: Any, key: str, full: dict[str, Any]) -> Any:
    """The part as it is told: without defaults; all of it where it is nothing but defaults."""
    return short[key] if isinstance(short, dict) and key in short else full.get(key)


def _order_counts(place: Part) -> bool:
    return (len(place) == 1 and place[0] in BY_NAME) or (len(place) == 2 and place[0] == "segments")


def _parts(rubric: Rubric, short: bool) -> dict[str, Any]:
    data = rubric.model_dump(by_alias=True, exclude_none=True, exclude_defaults=short)
    parts = {key: value for key, value in data.items() if key not in APART}
    for block in BY_NAME:
        parts[block] = {item["name"]: {k: v for k, v in item.items() if k != "name"} for item in parts.get(block, [])}
    for tier in parts["tiers"].values():
        if "benefits" in tier:
            tier["benefits"] = {granted["name"]: granted.get("quota", "") for granted in tier["benefits"]}
    told: dict[str, Any] = _with_conditions(parts)
    return told


def _with_conditions(value: Any) -> Any:
    """Conditions that are joined of others as one text."""
    if isinstance(value, dict) and value and set(value) <= _CONDITION:
        return condition_words(Conditions.model_validate(value))
    return {key: _with_conditions(part) for key, part in value.items()} if isinstance(value, dict) else value


def said(value: Any) -> str:
    """`when spend > 5, benefits own manager`; a title as `VIP customer / VIP客户`, a list with `; ` between its items."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dict) and value and set(value) <= {"en", "zh"}:
        return " / ".join(value.values())
    if isinstance(value, dict):
        parts = ((key, said(part)) for key, part in value.items() if part not in ({}, []))
        return ", ".join(f"{key} {words}".rstrip() for key, words in parts)
    if isinstance(value, list):
        return "; ".join(said(part) for part in value)
    return str(value)
