"""Which findings to hold back, because what was refused elsewhere may be their only cause."""

from __future__ import annotations

from collections.abc import Iterable

from custier.rubric.accounts import MEMBERS
from custier.rubric.check.finding import Finding
from custier.rubric.refused import meant
from custier.rubric.schema import known_keys
from custier.rubric.yaml_file import Place, YamlFile, value_at

SAME = "="
MAPPINGS = (
    "sources",
    "metrics",
    "score",
    "flags",
    "segments",
    "matrix",
    "benefits",
    "guardrails",
    "accounts",
    "cuts",
    "merge",
    "retention",
    "points",
)
LISTS = ("tiers", "rules", "actions", "changes")
_ASKED = tuple(("tiers", "*", key) for key in ("score", "when", "top", "next", "cumulative_share", "by", "within"))
_BANDS = (("score", SAME, "bands"), ("matrix", SAME, "bands"))
STAND_IN = "stand-in"
"""Where a lost metric is found whose name is kept."""

_KNOWN = ((STAND_IN,), ("metrics",), ("sources",), ("segments",), ("score",), ("accounts",), ("points",))
_DOUBTS: dict[str, tuple[Place, ...]] = {
    "CT1401": _BANDS,
    "CT1402": _BANDS,
    "CT1403": _BANDS,
    "CT1404": (("score", "*", "weight"),),
    "CT1406": (*_ASKED, ("matrix",)),
    "CT1407": (*_ASKED, *_KNOWN, ("matrix",)),
    "CT1408": (*_ASKED, ("score",)),
    "CT1409": (("score",),),
    "CT1411": _ASKED,
    "CT1412": _ASKED,
    "CT1413": (("tiers", "*", "name"),),
    "CT1415": (("metrics",), ("score", SAME, "missing"), ("score", SAME, "metric"), ("matrix", SAME, "missing")),
    "CT1416": (("sources", "*", "optional"),),
    "CT1417": (("segments", SAME),),
    "CT1418": (("metrics",), ("segments",)),
    "CT1420": (("segments",),),
    "CT1431": (("segments",), ("metrics",), ("sources",)),
    "CT1460": (("matrix",), ("segments",)),
    "CT1463": _KNOWN,
    "CT1464": (*_KNOWN, ("tiers",), ("rules_apply",)),
    "CT1465": (*_KNOWN, ("tiers",), ("rules_apply",)),
    "CT1466": _KNOWN,
    "CT1461": (("matrix",), ("segments",), ("tiers", "*", "name")),
    "CT1441": (("sources",),),
    "CT1470": (("score", SAME, "quantiles"),),
    "CT1481": (("benefits",),),
    "CT1483": (("tiers", "*", "name"),),
    "CT1484": (("version",),),
    "CT1442": (("accounts",),),
    "CT1443": (("sources",),),
}
"""Code → where a loss may have caused the finding. `*` is any name, `=` the name at this depth of the finding's place."""

_NAMES: dict[str, tuple[Place, ...]] = {
    "metrics": (("sources",), ("tiers", "*", "name"), ("accounts",)),
    "points": (("sources",),),
    "score": (("score", SAME, "metric"),),
    **dict.fromkeys(("eligible", "tiers", "rules", "flags", "segments"), (("sources", "customers"), ("sources", "estimates"))),
    "actions": (("sources",), ("flags",), ("segments",)),
}
"""Block → what the names in it may stand for, beside metrics."""


def certain(found: Iterable[Finding], lost: Iterable[Place]) -> list[Finding]:
    """The findings that stay true whatever stands at the lost places once they are mended."""
    lost = list(lost)
    return [finding for finding in found if not any(_meets(place, doubt, finding.place) for doubt in _doubts(finding) for place in lost)]


def may_be(place: Place, file: YamlFile) -> list[Place]:
    """What a lost place may have said: itself, and for an unknown key the known one it is like, or all that the block lacks."""
    known = known_keys(place[:-1])
    if not known or isinstance(place[-1], int) or place[-1] in known:
        return [place]
    absent = {key: (*place[:-1], key) for key in known if (*place[:-1], key) not in file.values}
    near = meant(place)
    if near in absent:
        return [place, absent[near]]
    return [place, *(there for key, there in absent.items() if _alike(key, place, file))]


def _alike(key: str, place: Place, file: YamlFile) -> bool:
    """Whether what stands at an unknown key could be the block of this name: a text is no list of tiers and no table of metrics."""
    value = value_at(place, file.data)
    if len(place) > 1:
        return True
    return isinstance(value, dict) == (key in MAPPINGS) and isinstance(value, list) == (key in LISTS)


def _doubts(finding: Finding) -> tuple[Place, ...]:
    names = _NAMES.get(str(finding.place[0]), ()) if finding.code == "CT1418" else ()
    points: tuple[Place, ...] = (("points",), ("score",)) if "`points_" in finding.what else ()
    members: tuple[Place, ...] = (("accounts",),) if f"`{MEMBERS}`" in finding.what else ()
    return (*_DOUBTS.get(finding.code, ()), *names, *points, *members)


def _meets(lost: Place, doubt: Place, place: Place) -> bool:
    """Whether one of the first two is the other or lies in it."""
    return all(
        wanted in ("*", part) or (wanted == SAME and place[depth : depth + 1] == (part,))
        for depth, (part, wanted) in enumerate(zip(lost, doubt, strict=False))
    )
