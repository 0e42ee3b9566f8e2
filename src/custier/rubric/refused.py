"""What the models refused, as problems that point into the file."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from custier.errors import listed, nearest
from custier.rubric.scalars import CURES
from custier.rubric.schema import known_keys
from custier.rubric.yaml_file import Place, YamlFile

Said = tuple[str, str, str]


def report_refused(error: ValidationError, file: YamlFile) -> None:
    """Reports each refusal: unknown keys at the key, bad values at the value, missing keys at the block that lacks them."""
    for details in error.errors(include_url=False):
        place, key_refused = _place(details, file)
        at = file.keys[place] if key_refused or (details["type"] == "missing" and place in file.keys) else file.values[place]
        file.report(at, *_said(details, place))


def in_block(place: Place) -> str:
    """` in tiers[1]` for a message; nothing at the top of the file."""
    return f" in {named(place)}" if place else ""


def named(place: Place) -> str:
    """`score.spend.bands[0]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".") or "the rubric"


def subject(place: Place) -> str:
    """`at_least` in score.spend.bands[0]; items of lists by their place alone."""
    return f"`{place[-1]}`{in_block(place[:-1])}" if place and isinstance(place[-1], str) else named(place)


def _place(details: ErrorDetails, file: YamlFile) -> tuple[Place, bool]:
    """The part of the error's location that stands in the file, and whether its key is what was refused."""
    place: Place = ()
    for part in details["loc"]:
        if part == "points" and (*place, "otherwise") in file.values:
            part = "otherwise"
        if (*place, part) in file.values:
            place = (*place, part)
    return place, details["type"] == "extra_forbidden" or details["loc"][-1:] == ("[key]",)


def _said(details: ErrorDetails, place: Place) -> Said:
    """Code, sentence and cure."""
    special = _SPECIAL.get(details["type"])
    if special is not None:
        return special(details, place)
    what, cure = _PLAIN.get(details["type"], (details["msg"].lower(), ""))
    words = details.get("ctx", {})
    return "CT1205", f"{subject(place)} {what.format(**words)}", _nearest_key(place) or cure.format(**words)


_PLAIN = {
    "string_type": ("is not a text", "put it in quotes"),
    "string_too_short": ("is empty", "write a text"),
    "int_type": ("is not a whole number", "write it without quotes and without a point, such as 100"),
    "bool_type": ("is neither true nor false", "write true or false; yes, no, on and off are plain texts"),
    "list_type": ("is not a list", "write each item on its own line after `- `, or all in brackets: [a, b]"),
    "too_short": ("is empty", "write at least one item"),
    "literal_error": ("is not one of {expected}", "write one of {expected}"),
    "greater_than_equal": ("is less than {ge}", "write {ge} or more"),
    "less_than_equal": ("is more than {le}", "write {le} or less"),
}


def _unknown_key(details: ErrorDetails, place: Place) -> Said:
    known = known_keys(place[:-1])
    return "CT1203", f"unknown key `{place[-1]}`{in_block(place[:-1])}", _nearest_key(place) or f"the known keys are {listed(known, 20)}"


def _missing_key(details: ErrorDetails, place: Place) -> Said:
    key = details["loc"][-1]
    return "CT1204", f"required key `{key}` is missing{in_block(place)}", f"add it: `{key}: …`"


def _value_error(details: ErrorDetails, place: Place) -> Said:
    what, _, cure = str(details["ctx"]["error"]).partition("; ")
    return "CT1205", f"{subject(place)} {what}", cure or "see the reference of the rubric language"


def _pattern(details: ErrorDetails, place: Place) -> Said:
    return "CT1206", f"{subject(place)} is not a name that can be used", CURES[details["ctx"]["pattern"]]


def _too_long(details: ErrorDetails, place: Place) -> Said:
    most = details["ctx"]["max_length"]
    if most > 1000:
        return "CT6201", f"{subject(place)} is a formula of more than {most} characters", "split it into several metrics"
    return "CT1206", f"{named(place[:-1])} holds a name of more than {most} characters", "shorten it; a title may be longer"


def _not_a_block(details: ErrorDetails, place: Place) -> Said:
    known = known_keys(place)
    cure = f"write keys and values; the known keys are {listed(known, 20)}" if known else "write `name: value` pairs"
    return "CT1205", f"{subject(place)} does not hold keys and values", _nearest_key(place) or cure


def _nearest_key(place: Place) -> str:
    """The cure for a key that looks mistyped, also where any name would be allowed."""
    known = known_keys(place[:-1])
    if not place or not isinstance(place[-1], str) or place[-1] in known:
        return ""
    near = nearest(place[-1], known)
    return f"the nearest known key is `{near}`" if near else ""


_SPECIAL: dict[str, Callable[[ErrorDetails, Place], Said]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "value_error": _value_error,
    "string_pattern_mismatch": _pattern,
    "string_too_long": _too_long,
    "model_type": _not_a_block,
    "dict_type": _not_a_block,
}
