"""What the models refused, as problems that point into the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from custier.errors import listed, nearest
from custier.rubric.full_width import COLON, plainly, sign_cure
from custier.rubric.scalars import CURES
from custier.rubric.schema import known_keys
from custier.rubric.yaml_file import Place, YamlFile, value_at

Said = tuple[str, str, str]


class Refusal(NamedTuple):
    """One refusal of the models: the part of its location that stands in the file, and whether the key there was refused."""

    details: ErrorDetails
    place: Place
    of_key: bool

    @property
    def missing(self) -> str | None:
        """The required key that is missing from the block at `place`."""
        return str(self.details["loc"][-1]) if self.details["type"] == "missing" else None


def refusals(error: ValidationError, file: YamlFile) -> list[Refusal]:
    """What the models refused of a file, without the keys that are missing only because they are mistyped."""
    found = [_refusal(details, file) for details in error.errors(include_url=False)]
    mistyped = {(r.place[:-1], meant(r.place)) for r in found if r.of_key}
    return [r for r in found if r.missing is None or not {(r.place, r.missing), (r.place, _ALSO.get(r.missing))} & mistyped]


def report_refusals(refused: list[Refusal], file: YamlFile) -> None:
    """Reports each: unknown keys at the key, bad values at the value, missing keys at the block that lacks them."""
    reported = {at for at, _ in file.problems}
    for refusal in refused:
        place = refusal.place
        at_key = refusal.of_key or (refusal.missing is not None and place in file.keys)
        at = file.keys[place] if at_key else file.values[place]
        if at not in reported:
            file.report(at, *_said(refusal, file))


def in_block(place: Place) -> str:
    """` in tiers[1]` for a message; nothing at the top of the file."""
    return f" in {named(place)}" if place else ""


def named(place: Place) -> str:
    """`score.spend.bands[0]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".") or "the rubric"


def subject(place: Place) -> str:
    """`at_least` in score.spend.bands[0]; items of lists by their place alone."""
    return f"`{place[-1]}`{in_block(place[:-1])}" if place and isinstance(place[-1], str) else named(place)


def _refusal(details: ErrorDetails, file: YamlFile) -> Refusal:
    place: Place = ()
    for part in details["loc"]:
        if part == "points" and (*place, "otherwise") in file.values:
            part = "otherwise"
        if (*place, part) in file.values:
            place = (*place, part)
    return Refusal(details, place, details["type"] == "extra_forbidden" or details["loc"][-1:] == ("[key]",))


def _said(refusal: Refusal, file: YamlFile) -> Said:
    """Code, sentence and cure; a full-width sign is named first, because it is the likeliest cause."""
    code, what, cure = sentence(refusal.details, refusal.place)
    text = refusal.place[-1] if refusal.of_key else value_at(refusal.place, file.data)
    sign = sign_cure(text) if isinstance(text, str) and code != "CT6201" else ""
    return code, what, sign if COLON in sign else "; ".join(part for part in (sign, cure) if part)


def sentence(details: ErrorDetails, place: Place) -> Said:
    """Code, sentence and cure of what the models refuse, for the key at `place`."""
    special = _SPECIAL.get(details["type"])
    if special is not None:
        return special(details, place)
    what, cure = _PLAIN.get(details["type"], (details["msg"].lower(), ""))
    words = details.get("ctx", {})
    return "CT1205", f"{subject(place)} {what.format(**words)}", _nearest_key(place) or cure.format(**words)


_ALSO = {"points": "otherwise", "bands": "quantiles"}
"""A key that another one stands for."""

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
    known, key = known_keys(place[:-1]), str(place[-1])
    rest = "it is the rest of a formula: put the whole formula in quotes" if key.count(")") > key.count("(") else ""
    cure = rest or _nearest_key(place) or f"the known keys are {listed(known, 20)}"
    if details["input"] is None and not rest:
        cure += "; or, where it is the rest of a text after a comma, put the whole text in quotes"
    return "CT1203", f"unknown key `{key}`{in_block(place[:-1])}", cure


def _missing_key(details: ErrorDetails, place: Place) -> Said:
    key = details["loc"][-1]
    return "CT1204", f"required key `{key}` is missing{in_block(place)}", f"add it: `{key}: …`"


def _value_error(details: ErrorDetails, place: Place) -> Said:
    what, _, cure = str(details["ctx"]["error"]).partition("; ")
    return "CT1205", f"{subject(place)} {what}", cure or "see the reference of the rubric language"


def _pattern(details: ErrorDetails, place: Place) -> Said:
    text = str(place[-1])
    rest = "; if it is the rest of a formula, put the whole formula in quotes" if text.count(")") > text.count("(") else ""
    return "CT1206", f"{subject(place)} is not a name that can be used", CURES[details["ctx"]["pattern"]] + rest


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
    near = meant(place)
    return f"the nearest known key is `{near}`" if near else ""


def meant(place: Place) -> str | None:
    """The known key that the unknown last key of a place is most like, up to a full-width colon in it."""
    known = known_keys(place[:-1])
    if not place or not isinstance(place[-1], str) or place[-1] in known:
        return None
    return nearest(plainly(place[-1]).partition(":")[0], known)


_SPECIAL: dict[str, Callable[[ErrorDetails, Place], Said]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "value_error": _value_error,
    "string_pattern_mismatch": _pattern,
    "string_too_long": _too_long,
    "model_type": _not_a_block,
    "dict_type": _not_a_block,
}
